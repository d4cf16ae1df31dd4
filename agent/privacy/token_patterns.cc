// Secrets that are known by their form.
#include "agent/privacy/match_checks.h"
#include "agent/privacy/patterns.h"

namespace seamwatch::agent {
namespace {

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

constexpr std::string_view kUrlPasswordHits[] = {"postgres://user:pa/ss@host/db",
                                                 "jdbc:postgresql://user:pa#ss@host/db",
                                                 "mongodb+srv://user:pa?ss@host/db?w=1",
                                                 "mysql+pymysql://user:12a/b@host",
                                                 "redis://:123456/x@cache:6379/0",
                                                 "nats://user:/ab@host",
                                                 "amqp://user:p@/ss@rabbit/vhost"};
constexpr std::string_view kUrlPasswordMisses[] = {"http://host:8080/path@v2",
                                                   "http://example.org/a:b@c",
                                                   "postgres://db:5432/orders@v2",
                                                   "postgres://db/a:b@c",
                                                   "kafka://k1:9092,k2:9092/topic@v2",
                                                   "redis://cache:6379#x@y",
                                                   "postgres://[::1]:5432/orders@v2",
                                                   "jdbc:sqlserver://db:1433;user=a@b",
                                                   "mongodb://m1:27017,m2:27017/?authSource=a@b",
                                                   "mysql://<secret>@db:3306/orders@v2",
                                                   "amqp://<secret>@rabbit/vhost?x=a@b",
                                                   "docker://registry:latest/x@sha256",
                                                   "postgres://db:x/y mailto:a@b"};

constexpr std::string_view kOracleHits[] = {"jdbc:oracle:thin:scott/tiger@//db:1521/orders",
                                            "jdbc:oracle:oci:scott/ti ger@db"};
constexpr std::string_view kOracleMisses[] = {"jdbc:oracle:thin:@//db:1521/orders",
                                              "jdbc:oracle:thin:<secret>@//db",
                                              "jdbc:postgresql://db/orders"};

constexpr std::string_view kOracleToolHits[] = {"sqlplus -s scott/tiger@db",
                                                "sqlplus scott/tiger@//db:1521/orders",
                                                "expdp scott/tiger@db tables=x",
                                                "ORA-01017: logon denied for scott/tiger@db"};
constexpr std::string_view kOracleToolMisses[] = {"sqlplus /nolog",
                                                  "sqlplus /@db",
                                                  "connect to library/nginx@1.25",
                                                  "actions/checkout@v4",
                                                  "HTTP/web-1@REALM",
                                                  "ORA-01017: invalid username/password"};

constexpr std::string_view kWebhookHits[] = {
    "https://outlook.office.com/webhook/1a2b@3c4d/IncomingWebhook/5e6f",
    "https://hooks.zapier.com/hooks/catch/12345/abcde/",
    "https://hooks.slack.com/services/T012/B034/x5Yz6",
    "https://corp.webhook.office.com/webhookb2/1a2b/IncomingWebhook"};
constexpr std::string_view kWebhookMisses[] = {"https://hooks.slack.com/",
                                               "https://slack.com/services/status",
                                               "https://outlook.office.com/mail/",
                                               "https://zapier.com/apps"};

constexpr std::string_view kBotHits[] = {
    "https://api.telegram.org/bot123456:AAHdqTcvCH1/sendMessage", "POST /bot1:AAHdqT_c-v: 401"};
constexpr std::string_view kBotMisses[] = {
    "/bots/123:AAHdqTcvCH1", "/bot12:8080", "/bot1:<secret>/getMe", "/robots.txt"};

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
    "hvs.CAESIJabcdefghijklmnopqrstuv",
    "sk-proj-abcdefghijklmnopqrstuv0123",
    "sk-ant-api03-abcdefghijklmnopqrstuv",
    "dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf09kqeF8tAm"};
constexpr std::string_view kApiTokenMisses[] = {"ghp_short",
                                                "xoxo-hugs",
                                                "sk_live_",
                                                "AIza",
                                                "glpat-",
                                                "hvs.1.4",
                                                "sk-module-1.2",
                                                "sk-project-x",
                                                "dop_v1_x"};

constexpr BuiltinPattern kTokenPatterns[] = {
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
    {.name = "url_password",
     .help = "the same in the URL of a database or a broker where the password has a / or # or ?",
     .regexp =
         R"re((?i)(\b(?:postgres(?:ql)?|cockroachdb|mysql|mariadb|mssql|sqlserver|clickhouse|)re"
         R"re(mongodb|rediss?|valkeys?|amqps?|mqtts?|stomp|nats|kafka|pulsar)(?:\+[a-z0-9]+)?://)re"
         R"re()(?:[^\s/?#"'<>:@\[]*:(?:[0-9]{6}|[/#]|[0-9]*[^\s/?#"'<>@,;0-9])re"
         R"re()(?:[^\s"'<>?]*|[^\s"'<>?@]*\?[^\s"'<>?=]*)|<secret>@[^\s"'<>?:,]*)@)re",
     .replace = R"(\1<secret>@)",
     .hits = kUrlPasswordHits,
     .misses = kUrlPasswordMisses},
    {.name = "oracle_login",
     .help = "user and password in a JDBC address of Oracle",
     .regexp = R"re((?i)(jdbc:oracle:[a-z0-9]+:)[^/@"'<>\r\n]+/[^@"'<>\r\n]+@)re",
     .replace = R"(\1<secret>@)",
     .hits = kOracleHits,
     .misses = kOracleMisses},
    {.name = "oracle_tool_login",
     .help = "user and password of Oracle behind the name of a tool (sqlplus, rman ...) or an "
             "error ORA-...",
     .regexp = R"re((?i)(\b(?:(?:sqlplus|sqlldr|expdp|impdp|rman|connect|conn)[ \t]+)re"
               R"re((?:-[a-z]+[ \t]+)*|ora-[0-9]{5}:[^\r\n]*?[\s'"(])))re"
               R"re([A-Za-z][A-Za-z0-9_$#]*/[^\s/@"'<>]+@)re",
     .replace = R"(\1<secret>@)",
     .hits = kOracleToolHits,
     .misses = kOracleToolMisses},
    {.name = "webhook_url",
     .help = "the secret part of a webhook's URL (Slack, Teams, Discord, Zapier)",
     .regexp = R"re((https?://(?:hooks\.slack\.com/(?:services|workflows|triggers)|)re"
               R"re(discord(?:app)?\.com/api/webhooks|)re"
               R"re(hooks\.zapier\.com|outlook\.office(?:365)?\.com/webhook|)re"
               R"re([A-Za-z0-9.-]+\.webhook\.office\.com/webhookb2)/)[^\s"'<>]+)re",
     .replace = R"(\1<secret>)",
     .hits = kWebhookHits,
     .misses = kWebhookMisses},
    {.name = "bot_token",
     .help = "the token in a URL of Telegram's bots",
     .regexp = R"((/bot[0-9]+:)[A-Za-z0-9_-]{8,})",
     .replace = R"(\1<secret>)",
     .hits = kBotHits,
     .misses = kBotMisses},
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
     .help = "tokens with a known beginning (GitHub, GitLab, Slack, Stripe, Google, SendGrid, npm, "
             "Vault, OpenAI, Anthropic, DigitalOcean)",
     .regexp = R"(\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|)"
               R"(glpat-[A-Za-z0-9_-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|)"
               R"([rs]k_(?:live|test)_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{35}|)"
               R"(ya29\.[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|)"
               R"(npm_[A-Za-z0-9]{36}|hv[sbr]\.[A-Za-z0-9_-]{20,}|)"
               R"(sk-(?:proj|ant|svcacct|admin)-[A-Za-z0-9_-]{16,}|do[opr]_v1_[a-f0-9]{64}))",
     .replace = "<api token>",
     .hits = kApiTokenHits,
     .misses = kApiTokenMisses},
};

}  // namespace

std::span<const BuiltinPattern> token_patterns() {
  return kTokenPatterns;
}

}  // namespace seamwatch::agent
