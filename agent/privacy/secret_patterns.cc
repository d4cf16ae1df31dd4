// Secrets that are known by the name before them.
#include "agent/privacy/match_checks.h"
#include "agent/privacy/patterns.h"
#include "agent/privacy/person_checks.h"

namespace seamwatch::agent {
namespace {

// Every pattern that replaces a value leaves one alone that begins with `<`: it is redacted
// already.

constexpr std::string_view kQueryHits[] = {"https://b.blob.example.org/f?sv=2022&sig=Ab%2Fc%3D",
                                           "https://maps.example.org/?key=31d4",
                                           "GET /callback?code=4%2F0Ab&state=x",
                                           "/x?a=1&AUTH=y"};
constexpr std::string_view kQueryMisses[] = {"https://h/x?page=2&sort=key",
                                             "https://h/x?keyword=shoes",
                                             "https://h/x?key=<redacted>",
                                             "exit code=3"};

constexpr std::string_view kSignatureHits[] = {"sv=2022-11-02&sr=b;sig=Ab%2Fc%3Dx1",
                                               "refused sig=Zm9vYmFyYmF6"};
constexpr std::string_view kSignatureMisses[] = {
    "killed, sig=11", "sig=SIGTERM", "sig=SIGRTMIN+1", "config=Ab3fffff", "sig=<secret>"};

constexpr std::string_view kConnectionHits[] = {"Server=db1;User Id=sa;Password=my pass;Timeout=5",
                                                "Driver={ODBC};PWD={a;b};Server=x",
                                                "Data Source=x; password = \"a;b\""};
constexpr std::string_view kConnectionMisses[] = {
    "Server=db1;Database=orders;Timeout=5", "a;b;c", "retry;Password policy=strict"};

constexpr std::string_view kPasswordHits[] = {"password=hunter2",
                                              "passwort=geheim",
                                              "Kennwort: geheim",
                                              "password: swordfish",
                                              R"({"user": "x", "passwd" : "a b c"})",
                                              R"({\"password\":\"a b\"})",
                                              "db_password='x y'",
                                              "/login?user=x&PASSWORD=y"};
constexpr std::string_view kPasswordMisses[] = {"the password is wrong",
                                                "password=<secret>",
                                                "FATAL: password authentication failed for \"app\"",
                                                "password="};

constexpr std::string_view kToldPasswordHits[] = {
    "the password is hunter2.", "Passwort lautet: geheim1", "password was 'geheim'"};
constexpr std::string_view kToldPasswordMisses[] = {"the password is wrong",
                                                    "password is too short: 8 characters at least",
                                                    "password is 90 days old",
                                                    "password is 2026-11-24 at the latest",
                                                    "the password is <secret>"};

constexpr std::string_view kToldTokenHits[] = {"token abcdef123456 has expired",
                                               "API key 31d4c9aa77b0 is not known",
                                               "access token \"ab12cd34ef\""};
constexpr std::string_view kToldTokenMisses[] = {"token bucket is empty",
                                                 "Unexpected token function1 in line 12",
                                                 "token 2026-11-24T01 is in the past",
                                                 "token 12345678",
                                                 "token login1234.example.org does not resolve",
                                                 "token <secret>"};

constexpr std::string_view kSecretHits[] = {"token=abcdef",
                                            "https://h/x?access_token=abc&page=2",
                                            "GET /v1?api_key=31d4 failed",
                                            "--client-secret=31d4",
                                            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG",
                                            "Endpoint=sb://b/;SharedAccessKey=Ab+/c=;EntityPath=q",
                                            "AccountName=x;AccountKey=Zm9v==",
                                            R"("refresh_token":"31d4")",
                                            "X-Amz-Signature=0f1e",
                                            "pass=x",
                                            "DB_PASS='x y'"};
constexpr std::string_view kSecretMisses[] = {"invalid token: expired",
                                              "unexpected token: }",
                                              "https://h/x?token=<redacted>",
                                              "tokens=5",
                                              "pass: 12 fail: 3",
                                              "bypass=on",
                                              "monkey=banana"};

constexpr std::string_view kSecretFieldHits[] = {
    "X-Api-Key: 31d4c9", "client_secret: aB3", "token: 0f1e2d"};
constexpr std::string_view kSecretFieldMisses[] = {
    "invalid token: expired", "signature: does not fit", "secret: <secret>"};

constexpr BuiltinPattern kSecretPatterns[] = {
    {.name = "query_secret",
     .help = "a URL's query parameter key, sig, auth, code or sid",
     .regexp = R"re((?i)([?&](?:key|sig|auth|code|sid)=)[^\s&#"'<>]+)re",
     .replace = R"(\1<secret>)",
     .hits = kQueryHits,
     .misses = kQueryMisses},
    {.name = "signature_value",
     .help = "what follows sig=, where it looks like a signature",
     .regexp = R"re((?i)(\bsig=)([^\s&#,;"'<>]{8,}))re",
     .replace = R"(\1<secret>)",
     .check = check_signature,
     .checked_group = 2,
     .hits = kSignatureHits,
     .misses = kSignatureMisses},
    {.name = "connection_string",
     .help = "the password in a connection string, up to the next semicolon",
     .regexp = R"re((?i)(?:(;[ \t]*(?:password|pwd|passphrase)[ \t]*=[ \t]*))re"
               R"re((?:\{[^}\r\n]*\}?|"[^"\r\n]*"?|'[^'\r\n]*'?|[^<{"'\s;][^;\r\n]*)|)re"
               R"re(^((?:password|pwd|passphrase)[ \t]*=[ \t]*)[^<\s;][^;\r\n]*(;)))re",
     .replace = R"(\1\2<secret>\3)",
     .hits = kConnectionHits,
     .misses = kConnectionMisses},
    {.name = "password_value",
     .help =
         "what follows password= or password: (also passwd, passphrase, pwd, Passwort, Kennwort)",
     .regexp =
         R"re((?i)((?:password|passwd|passphrase|pwd|passwort|kennwort)\\?["']?[ \t]*[:=][ \t]*))re"
         R"re((?:\\?"[^"<\r\n][^"\r\n]*"?|'[^'<\r\n][^'\r\n]*'?|[^\s,;&"'<>\\][^\s,;&"'<>]*))re",
     .replace = R"(\1<secret>)",
     .hits = kPasswordHits,
     .misses = kPasswordMisses},
    {.name = "told_password",
     .help = "what follows \"password is\", where it looks like one or stands in quotes",
     .regexp = R"re((?i)\b((?:password|passwd|passphrase|passwort|kennwort)[ \t]+)re"
               R"re((?:is|was|ist|war|lautet):?[ \t]+["']?)([^\s,;"'<>]+))re",
     .replace = R"(\1<secret>)",
     .check = check_told_secret,
     .checked_group = 2,
     .hits = kToldPasswordHits,
     .misses = kToldPasswordMisses},
    {.name = "told_token",
     .help = "what follows the words token, API key or access key, where it looks like one",
     .regexp = R"re((?i)\b((?:token|api[ _-]?key|access[ _-]?key)[ \t]+["']?))re"
               R"re(([A-Za-z0-9_+=~-]{8,}))re",
     .replace = R"(\1<secret>)",
     .check = check_word_token,
     .checked_group = 2,
     .hits = kToldTokenHits,
     .misses = kToldTokenMisses},
    {.name = "secret_value",
     .help = "what follows token=, secret=, pass= and the like, or in quotes behind a colon",
     .regexp =
         R"re((?i)((?:secret|token|credentials?|signature|api[_-]?key|account[_-]?key|)re"
         R"re((?:\b|_)pass|access[_-]?key|private[_-]?key|encryption[_-]?key|session[_-]?id))re"
         R"re(\\?["']?[ \t]*)(?:([=:][ \t]*\\?["'])[^"'<\r\n][^"'\r\n]*|)re"
         R"re((=[ \t]*)[^\s,;&"'<>\\)}\]][^\s,;&"'<>]*))re",
     .replace = R"(\1\2\3<secret>)",
     .hits = kSecretHits,
     .misses = kSecretMisses},
    {.name = "secret_field",
     .help = "the same behind a colon without quotes, where it looks like a token",
     .regexp = R"re((?i)((?:secret|token|credentials?|signature|api[_-]?key|account[_-]?key|)re"
               R"re(access[_-]?key|private[_-]?key|session[_-]?id)[ \t]*:[ \t]*))re"
               R"re(([^\s,;&"'<>\\)}\]]+))re",
     .replace = R"(\1<secret>)",
     .check = check_token,
     .checked_group = 2,
     .hits = kSecretFieldHits,
     .misses = kSecretFieldMisses},
};

}  // namespace

std::span<const BuiltinPattern> secret_patterns() {
  return kSecretPatterns;
}

}  // namespace seamwatch::agent
