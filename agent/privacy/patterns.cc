#include "agent/privacy/patterns.h"

#include "agent/privacy/match_checks.h"
#include "agent/privacy/person_checks.h"

namespace seamwatch::agent {
namespace {

using enum PatternKind;

// Every pattern that replaces a value leaves one alone that begins with `<`: it is redacted
// already.

constexpr std::string_view kPrivateKeyHits[] = {
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    "cannot parse -----BEGIN PRIVATE KEY-----MIIE and no more"};
constexpr std::string_view kPrivateKeyMisses[] = {
    "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----"};

constexpr std::string_view kUrlUserHits[] = {"postgres://app:s3cret@db1:5432/orders",
                                             "amqp://guest:p@ss@rabbit",
                                             "https://deploy-token@git.example.org/x.git",
                                             "redis://:pa%20ss@cache:6379"};
constexpr std::string_view kUrlUserMisses[] = {"https://shop.example.org/a@b",
                                               "https://shop.example.org:8443/orders?at=1",
                                               "https://<redacted>@shop.example.org/"};

constexpr std::string_view kOracleHits[] = {"jdbc:oracle:thin:scott/tiger@//db:1521/orders",
                                            "jdbc:oracle:oci:scott/ti ger@db"};
constexpr std::string_view kOracleMisses[] = {"jdbc:oracle:thin:@//db:1521/orders",
                                              "jdbc:oracle:thin:<secret>@//db",
                                              "jdbc:postgresql://db/orders"};

constexpr std::string_view kWebhookHits[] = {
    "https://hooks.slack.com/services/T012/B034/x5Yz6",
    "https://corp.webhook.office.com/webhookb2/1a2b/IncomingWebhook"};
constexpr std::string_view kWebhookMisses[] = {"https://hooks.slack.com/",
                                               "https://slack.com/services/status"};

constexpr std::string_view kAuthorizationHits[] = {
    "Authorization: Basic dXNlcjpwYXNz",
    "authorization: AWS4-HMAC-SHA256 Credential=a/b, Signature=0f",
    R"({"Authorization": "Digest username=\"u\""})",
    "Proxy-Authorization: Bearer abc",
    "Authorization: 0123456789abcdef0123"};
constexpr std::string_view kAuthorizationMisses[] = {"HTTP 403 authorization: the role is missing",
                                                     "category=authorization",
                                                     "Authorization: <secret>"};

constexpr std::string_view kCookieHits[] = {"Set-Cookie: sid=31d4; HttpOnly", "cookie: a=b"};
constexpr std::string_view kCookieMisses[] = {"cookies are off", "Cookie: <secret>"};

constexpr std::string_view kSchemeHits[] = {
    "sent Bearer abcdef123456", "Basic dXNlcjpwYXNz refused", "bearer mF_9.B5f-4.1JqM"};
constexpr std::string_view kSchemeMisses[] = {
    "Basic authentication failed", "a bearer instrument", "Bearer <secret>"};

constexpr std::string_view kJwtHits[] = {
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
    "refused eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."};
constexpr std::string_view kJwtMisses[] = {"eyJhbGci", "keyJoint.eyJack.txt"};

constexpr std::string_view kAwsHits[] = {"AKIAIOSFODNN7EXAMPLE",
                                         "denied for ASIAY34FZKBOKMUTVV7A in eu-1"};
constexpr std::string_view kAwsMisses[] = {
    "AKIA", "AKIAIOSFODNN7EXAMPLEX1", "akiaiosfodnn7example"};

constexpr std::string_view kApiTokenHits[] = {
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "glpat-Zk3x9-Ab12_cdEF34567",
    "xoxb-12345678-abcdefgh",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAm"};
constexpr std::string_view kApiTokenMisses[] = {
    "ghp_short", "xoxo-hugs", "sk_live_", "AIza", "glpat-"};

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

constexpr std::string_view kEmailHits[] = {"jane.doe+x@mail.example.org",
                                           "to=<j@ex.de>: refused",
                                           "user%40example.org",
                                           "m\u00fcller@b\u00fccher.example"};
constexpr std::string_view kEmailMisses[] = {
    "guest@rabbit-1", "getty@tty1.service", "a @ b.example", "@example.org", "npm@9.8.1"};

constexpr std::string_view kUrlPersonHits[] = {"/users/jane.doe/orders",
                                               "https://h/people/Jane%20Doe",
                                               "GET /api/v2/customers/J%C3%BCrgen+Doe?page=2",
                                               "/users/jdoe42: 404",
                                               "/Users('jane_doe')/messages",
                                               "https://h/x?user=jane.doe&page=2",
                                               "/x?a=1&login=jdoe",
                                               "/x?lastName=Doe",
                                               "/x?username=jane-doe"};
constexpr std::string_view kUrlPersonMisses[] = {"/users/123/orders",
                                                 "/users/me/orders",
                                                 "/users/search?q=x",
                                                 "/users/bulk-import",
                                                 "/users/{id}/orders",
                                                 "/users/:id",
                                                 "/users/7f9c2ba4e88f827d616045507605853e",
                                                 "/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301",
                                                 "/users/a81bc81b-dead-4e5d-abff-90865d1e13b1",
                                                 "/usr/people.txt",
                                                 "https://h/x?user=4711",
                                                 "https://h/x?user=admin&login=true",
                                                 "/users/<name>/orders"};

constexpr std::string_view kUrlNameHits[] = {
    "/x?user=1&name=Jane+Doe", "https://h/x?name=Jane%20van%20Doe", "/x?name=Jane.Doe"};
constexpr std::string_view kUrlNameMisses[] = {"/api/queues?name=orders",
                                               "/dns-query?name=www.example.org&type=A",
                                               "/x?name=orders-to-erp",
                                               "/x?name=my+queue",
                                               "filename=Jane Doe",
                                               "/x?name=<name>"};

constexpr std::string_view kAccountHits[] = {"account number 1234567890",
                                             "account=12345678",
                                             "Kontonummer 0532013000 BLZ 37040044",
                                             R"({"accountNumber": "12-345-678"})",
                                             "bank account no. 12345678 refused",
                                             "sort code 20-00-00",
                                             "Kto.-Nr. 532 013 000"};
constexpr std::string_view kAccountMisses[] = {"accounts: 1234567 synchronized",
                                               "account 12345",
                                               "account-1234567.internal",
                                               "the account is locked since 20261124",
                                               "accounting 1234567",
                                               "account 7f9c2ba4e88f",
                                               "order number 1234567890",
                                               "account number <account>"};

constexpr std::string_view kIbanHits[] = {"DE89370400440532013000",
                                          "DE89 3704 0044 0532 0130 00 FROM ACME",
                                          "GB29-NWBK-6016-1331-9268-19",
                                          "iban=NO9386011117947.",
                                          "XX12 DE89 3704 0044 0532 0130 00"};
constexpr std::string_view kIbanMisses[] = {"DE88370400440532013000",
                                            "DE8937040044053201300",
                                            "DE893704004405320130001",
                                            "de89370400440532013000",
                                            "ORDER DE12 3456"};

constexpr std::string_view kCardHits[] = {"4111111111111111",
                                          "card 4111 1111 1111 1111 refused",
                                          "5500-0000-0000-0004",
                                          "3782 822463 10005",
                                          "6011000990139424,",
                                          "30569309025904",
                                          "4111 1111 1111 1111 12"};
constexpr std::string_view kCardMisses[] = {"4111111111111112",
                                            "EAN 4222222222222",
                                            "1700000000000",
                                            "1700000000000000",
                                            "20261124014514",
                                            "2026-11-24 01:45:14.123456",
                                            "0.4111111111111111",
                                            "a4111111111111111",
                                            "41111111-1111-4111-8111-111111111111",
                                            "411 111 111 111 1111 1",
                                            "192.168.100.200 10.0.0.1"};

constexpr BuiltinPattern kPatterns[] = {
    {.name = "private_key",
     .help = "a private key in PEM, also one that is cut off",
     .regexp = R"((?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*KEY-----|\z))",
     .replace = "<private key>",
     .hits = kPrivateKeyHits,
     .misses = kPrivateKeyMisses},
    {.name = "url_user",
     .help = "user and password in a URL",
     .regexp = R"re(([A-Za-z][A-Za-z0-9+.-]*://)[^\s/?#"'<>]+@)re",
     .replace = R"(\1<secret>@)",
     .hits = kUrlUserHits,
     .misses = kUrlUserMisses},
    {.name = "oracle_login",
     .help = "user and password in a JDBC address of Oracle",
     .regexp = R"re((?i)(jdbc:oracle:[a-z0-9]+:)[^/@"'<>\r\n]+/[^@"'<>\r\n]+@)re",
     .replace = R"(\1<secret>@)",
     .hits = kOracleHits,
     .misses = kOracleMisses},
    {.name = "webhook_url",
     .help = "the secret part of a webhook's URL (Slack, Teams, Discord)",
     .regexp = R"re((https?://(?:hooks\.slack\.com/(?:services|workflows|triggers)|)re"
               R"re(discord(?:app)?\.com/api/webhooks|)re"
               R"re([A-Za-z0-9.-]+\.webhook\.office\.com/webhookb2)/)[^\s"'<>]+)re",
     .replace = R"(\1<secret>)",
     .hits = kWebhookHits,
     .misses = kWebhookMisses},
    {.name = "authorization",
     .help = "an Authorization header, to the end of its line",
     .regexp = R"re((?i)(\bauthorization\\?["']?[ \t]*[:=][ \t]*)\\?["']?(?:)re"
               R"re((?:basic|bearer|digest|negotiate|ntlm|token|apikey|aws4-hmac-sha256|)re"
               R"re(sharedkey|sharedaccesssignature|hawk|oauth)[ \t]|)re"
               R"re([A-Za-z0-9+/=._~-]{16})[^\r\n]*)re",
     .replace = R"(\1<secret>)",
     .hits = kAuthorizationHits,
     .misses = kAuthorizationMisses},
    {.name = "cookie",
     .help = "a Cookie or Set-Cookie header, to the end of its line",
     .regexp = R"re((?i)(\b(?:set-)?cookie\\?["']?[ \t]*:[ \t]*)[^\s<][^\r\n]*)re",
     .replace = R"(\1<secret>)",
     .hits = kCookieHits,
     .misses = kCookieMisses},
    {.name = "auth_scheme",
     .help = "credentials behind the word Bearer, Basic, Negotiate or NTLM",
     .regexp = R"((?i)\b(bearer|basic|negotiate|ntlm)[ \t]+([A-Za-z0-9._~+/-]{8,}=*))",
     .replace = R"(\1 <secret>)",
     .check = check_token,
     .checked_group = 2,
     .hits = kSchemeHits,
     .misses = kSchemeMisses},
    {.name = "jwt",
     .help = "a JSON Web Token",
     .regexp = R"(\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?)",
     .replace = "<jwt>",
     .hits = kJwtHits,
     .misses = kJwtMisses},
    {.name = "aws_key",
     .help = "an access key id of AWS",
     .regexp = R"(\b(?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[A-Z0-9]{16}\b)",
     .replace = "<aws key>",
     .hits = kAwsHits,
     .misses = kAwsMisses},
    {.name = "api_token",
     .help = "tokens with a known beginning (GitHub, GitLab, Slack, Stripe, Google, SendGrid, npm)",
     .regexp = R"(\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|)"
               R"(glpat-[A-Za-z0-9_-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|)"
               R"([rs]k_(?:live|test)_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{35}|)"
               R"(ya29\.[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|)"
               R"(npm_[A-Za-z0-9]{36}))",
     .replace = "<api token>",
     .hits = kApiTokenHits,
     .misses = kApiTokenMisses},
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
    {.name = "email",
     .kind = personal,
     .help = "an email address",
     .regexp = R"re([^\s@<>()\[\],;:"'=/?&|%]+(?:@|%40)(?:[^\s@<>()\[\],;:"'=/?&|.%#]+\.)+)re"
               R"re([^\s@<>()\[\],;:"'=/?&|.%#0-9-]{2,})re",
     .replace = "<email>",
     .check = check_email,
     .hits = kEmailHits,
     .misses = kEmailMisses},
    {.name = "url_person",
     .kind = personal,
     .help = "a person's name or login in a URL: behind /users/, /people/, ?user=, &login= and the "
             "like",
     .regexp = R"re((?i)((?:/(?:users?|people|persons?|employees?|customers?|members?|patients?|)re"
               R"re(contacts?|profiles?)(?:/|\((?:'|%27))|)re"
               R"re([?&](?:user|user[_-]?(?:name|id)|login|login[_-]?name|first[_-]?name|)re"
               R"re(last[_-]?name|surname|given[_-]?name|family[_-]?name|full[_-]?name|vorname|)re"
               R"re(nachname|benutzer)=))([^\s/?&#"'<>(),;:]+))re",
     .replace = R"(\1<name>)",
     .check = check_person,
     .checked_group = 2,
     .hits = kUrlPersonHits,
     .misses = kUrlPersonMisses},
    {.name = "url_name",
     .kind = personal,
     .help = "a full name behind ?name= or &name= in a URL",
     .regexp = R"re((?i)([?&]name=)([^\s&#"'<>/,;:]+))re",
     .replace = R"(\1<name>)",
     .check = check_full_name,
     .checked_group = 2,
     .hits = kUrlNameHits,
     .misses = kUrlNameMisses},
    {.name = "iban",
     .kind = personal,
     .help = "an account number (IBAN) whose check digits are right",
     .regexp = R"(\b[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30})",
     .replace = "<iban>",
     .check = check_iban,
     .hits = kIbanHits,
     .misses = kIbanMisses},
    {.name = "account_number",
     .kind = personal,
     .help = "digits behind the words account (number), Konto(nummer), BLZ, sort code",
     .regexp =
         R"re((?i)((?:\b|_)(?:(?:account|acct|konto|kto)\.?(?:[ _-]?(?:number|num|nummer|no|nr)re"
         R"re()\b\.?)?|blz|bankleitzahl|sort[ _-]?code|routing[ _-]?(?:number|no))re"
         R"re()\\?["']?(?:[ \t]*[:=#][ \t]*|[ \t]+)\\?["']?)[0-9](?:[ -]?[0-9]){5,16}\b)re",
     .replace = R"(\1<account>)",
     .hits = kAccountHits,
     .misses = kAccountMisses},
    {.name = "card",
     .kind = personal,
     .help = "a payment card number whose check digit is right",
     .regexp = R"([0-9](?:[ -]?[0-9]){13,18})",
     .replace = "<card>",
     .check = check_card,
     .hits = kCardHits,
     .misses = kCardMisses},
};

}  // namespace

std::string_view to_string(PatternKind kind) {
  return kind == secret ? "secret" : "personal";
}

std::span<const BuiltinPattern> builtin_patterns() {
  return kPatterns;
}

}  // namespace seamwatch::agent
