// Secrets that are known by the name before them.
#include "agent/privacy/match_checks.h"
#include "agent/privacy/patterns.h"
#include "agent/privacy/person_checks.h"

namespace seamwatch::agent {
namespace {

// Every pattern that replaces a value leaves one alone that begins with `<`: it is redacted
// already.

constexpr std::string_view kElementHits[] = {
    "<password>hunter2</password>",
    "<wsse:Password Type=\"x#PasswordText\">a b</wsse:Password>",
    "<client_secret>31d4</client_secret>",
    "<ApiKey><![CDATA[31d4]]></ApiKey>",
    "<secret>31d4</secret>",
    "<Pwd>cut off"};
constexpr std::string_view kElementMisses[] = {"<password/><user>x</user>",
                                               "<password></password>",
                                               "<passwordless>yes</passwordless>",
                                               "usage: login <token> [FILE]",
                                               "a=<secret>&b=2",
                                               "<password />x",
                                               "<key>orders</key>"};

constexpr std::string_view kSettingHits[] = {R"(<add key="ApiKey" value="31d4" />)",
                                             R"({"name": "DB_PASSWORD", "value": "x y"})",
                                             R"({\"name\":\"client-secret\",\"value\":\"x\"})",
                                             "- name: 'smtp.password', value: 'x'",
                                             R"(<entry key='db.passwd' value='x'/>)"};
constexpr std::string_view kSettingMisses[] = {R"(<add key="Pages" value="5" />)",
                                               R"({"name": "tokens", "value": "5"})",
                                               R"({"name": "token", "values": "5"})",
                                               R"(<add key="ApiKey" value="<secret>" />)",
                                               R"(<add key="ApiKey" value="" />)"};

constexpr std::string_view kCurlHits[] = {"curl -u app:pw https://h/",
                                          "curl -sS --user 'app:p w' h",
                                          "run: curl -uapp:pw -x http://proxy:3128"};
constexpr std::string_view kCurlMisses[] = {"curl -u app https://h:8080/",
                                            "docker run -u 1000:1000 x",
                                            "curl -u <secret> https://h/",
                                            "curl --unix-socket a:b"};

constexpr std::string_view kOptionHits[] = {"psql --password hunter",
                                            "--api-key abcdef1234567890 --x",
                                            "login --db-password 'a b'",
                                            "run --token abc"};
constexpr std::string_view kOptionMisses[] = {"use --password to be asked for it",
                                              "--token is missing",
                                              "--password --user app",
                                              "--password-file /run/secrets/x",
                                              "--password <secret>",
                                              "--token [TOKEN]",
                                              "--secret $SECRET",
                                              "--password"};

constexpr std::string_view kToolHits[] = {"mysql -phunter2",
                                          "mysql -u x -phunter2 db",
                                          "mysqldump -P 3307 -uroot -p'hunter 2' --all",
                                          "mariadb-admin -phunter2 ping",
                                          "sshpass -p secret ssh -p 22 host",
                                          "sshpass -v -psecret ssh host",
                                          "redis-cli -h host -p 6379 -a secret ping",
                                          "mongodump -u a -p hunter2 --gzip",
                                          "sqlcmd -S host -U sa -P hunter2",
                                          "bcp x out y -Usa -Phunter2",
                                          "ldapsearch -x -D cn=admin -w hunter2",
                                          "rabbitmqadmin -u guest -p hunter2 list queues",
                                          "mosquitto_pub -p 8883 -u x -P hunter2 -t a",
                                          "docker login -u x -p hunter2 registry",
                                          "az login -u x -p hunter2",
                                          "smbclient //h/s -U user%hunter2",
                                          "lftp -u app,hunter2 sftp://h",
                                          "snmpget -v2c -c hunter2 host"};
constexpr std::string_view kToolMisses[] = {"mysql -p",
                                            "mysql -u root -p db",
                                            "mysql -u root -p -h x > dump.sql",
                                            "mysql -P3306 -h x --protocol tcp",
                                            "mysql -p<secret> db",
                                            "mysql -e x | ssh -p22 host",
                                            "sshpass -f file ssh -p 22 host",
                                            "sshpass -e ssh -p22 host",
                                            "Using a password with '-a' on the command line",
                                            "redis-cli -p 6379 -n 2",
                                            "redis-cli -a is deprecated",
                                            "mongodump -u a -p --gzip",
                                            "docker run -p 8080:80 x",
                                            "docker run -p80:80 x; docker login -u x",
                                            "ssh -p 22 host",
                                            "mkdir -p dir",
                                            "cp -p a b",
                                            "rabbitmqctl -p vhost list_queues",
                                            "nmap -p 80,443 x"};

constexpr std::string_view kPassHits[] = {"openssl rsa -passin pass:hunter2", "pass:aBcD"};
constexpr std::string_view kPassMisses[] = {
    "pass:3 fail:0", "pass: hunter2", "bypass:on1", "pass:all", "pass:3/5", "pass:100%"};

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

constexpr std::string_view kConnectionHits[] = {
    "Server=db1;User Id=sa;Password=my pass;Timeout=5",
    "Driver={ODBC};PWD={a;b};Server=x",
    "Data Source=x; password = \"a;b\"",
    "cannot connect with Pwd={a;b c};Server=x",
    "PWD={p}}w;x};DRIVER={ODBC}",
    "login failed: password={noop}x, user=sa",
    "Password=\"a\"\"b;c\" ;Server=y",
    "Data Source=x;Database Password=my pass",
    R"({"dsn":"Server=x;Password=\"ab\"\"cd\";Database=y"})",
    R"({"dsn":"Server=x;Password=\"ab\\\"cd\";Database=y"})",
    R"({"dsn":"Password=\"ab\"\"cd\";Database=y"})"};
constexpr std::string_view kConnectionMisses[] = {"Server=db1;Database=orders;Timeout=5",
                                                  "a;b;c",
                                                  "retry;Password policy=strict",
                                                  "PWD={<secret>};Server=x",
                                                  "password=\"\" user=x",
                                                  "password={{ db_password }}",
                                                  "Password: {a;b}"};

constexpr std::string_view kConnectionValueHits[] = {
    "cannot connect: Password=two words;Server=x",
    "cannot connect: Pwd=two words; Data Source=x",
    "cannot connect: Pwd=a, b;Server=x",
    "cannot connect with 'Password=two words;'",
    "(pwd = correct horse battery;Initial Catalog=x)"};
constexpr std::string_view kConnectionValueMisses[] = {
    "Password: wrong, try again; code=5",
    "login with password=x, that failed;code=5",
    "login with password=x failed; see code=5",
    "login with password=x failed; try again",
    "with \"password=x\" and \"y;z=1\"",
    "PGPASSWORD=x psql -p 5432;DB=x",
    "Password=<secret> and more;Server=x",
    "password=;Server=x",
    "after pwd=x retries=3 error=timeout;trace=abc",
    "PWD=/srv/app LANG=C HOSTNAME=web-1;USER=app",
    "password=*** user=jane ip=10.0.0.1;next=1"};

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
                                            "/token?client_assertion=abcdef&grant=1",
                                            "/v1?subscription-key=31d4",
                                            R"("refresh_token":"31d4")",
                                            "X-Amz-Signature=0f1e",
                                            "pass=x",
                                            "SSHPASS=hunter2 sshpass -e ssh host",
                                            "REDISCLI_AUTH=hunter2 redis-cli",
                                            "DB_PASS='x y'"};
constexpr std::string_view kSecretMisses[] = {"invalid token: expired",
                                              "unexpected token: }",
                                              "https://h/x?token=<redacted>",
                                              "tokens=5",
                                              "pass: 12 fail: 3",
                                              "bypass=on",
                                              "monkey=banana"};

constexpr std::string_view kSecretFieldHits[] = {"X-Api-Key: 31d4c9",
                                                 "client_secret: aB3",
                                                 "token: 0f1e2d",
                                                 "Ocp-Apim-Subscription-Key: 0123456789abcdef",
                                                 "x-functions-key: abGH1234=="};
constexpr std::string_view kSecretFieldMisses[] = {
    "invalid token: expired", "signature: does not fit", "secret: <secret>"};

constexpr BuiltinPattern kSecretPatterns[] = {
    {.name = "xml_secret",
     .help = "the text of an XML element with the name of a secret (<password>, <client_secret>)",
     .regexp = R"re((?i)(?:(<(?:[a-z0-9_.:-]*(?:password|passwd|passphrase|pwd|token|passwort|)re"
               R"re(api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|credentials?)|)re"
               R"re([a-z0-9_.:-]+secret)(?:\s(?:[^<>]*[^<>/])?)?>(?:<!\[CDATA\[)?)[^<\s][^<]*|)re"
               R"re((<secret>(?:<!\[CDATA\[)?)[^<\s][^<]*(</secret)))re",
     .replace = R"(\1\2<secret>\3)",
     .hits = kElementHits,
     .misses = kElementMisses},
    {.name = "setting_secret",
     .help =
         "the value of a setting whose key or name is a secret's (key=\"ApiKey\" value=\"...\")",
     .regexp = R"re((?i)(\b(?:key|name)\\?["']?\s*[:=]\s*\\?["'][a-z0-9_.:/-]*(?:password|)re"
               R"re(passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|)re"
               R"re(account[_-]?key|private[_-]?key|credentials?|passwort)\\?["']\s*,?\s*)re"
               R"re(\\?["']?value\\?["']?\s*[:=]\s*\\?["'])[^"'<\\\r\n][^"'\\\r\n]*)re",
     .replace = R"(\1<secret>)",
     .hits = kSettingHits,
     .misses = kSettingMisses},
    {.name = "curl_user",
     .help = "user and password of a curl command",
     .regexp = R"re((\bcurl\b[^\r\n]*?\s(?:-[A-Za-z]*[uU][ \t]*|--(?:proxy-)?user[ \t=]+))re"
               R"re()(?:"[^"\r\n:]+:[^"\r\n]*"?|'[^'\r\n:]+:[^'\r\n]*'?|)re"
               R"re([^\s"'<>:-][^\s"'<>:]*:[^\s"'<>]+))re",
     .replace = R"(\1<secret>)",
     .hits = kCurlHits,
     .misses = kCurlMisses},
    {.name = "option_secret",
     .help = "what follows the option --password, --token, --api-key or the like of a command",
     .regexp = R"re((?i)((?:^|[\s"'=(])--(?:[a-z0-9]+-)*(?:password|passwd|passphrase|pwd|pass|)re"
               R"re(token|secret|api-?key|access-?key|secret-key)[ \t]+)re"
               R"re()("[^"\r\n]+"|'[^'\r\n]+'|[^\s"'<>;|)]+))re",
     .replace = R"(\1<secret>)",
     .check = check_option_value,
     .checked_group = 2,
     .hits = kOptionHits,
     .misses = kOptionMisses},
    {.name = "tool_password",
     .help =
         "the password that a tool takes by a short option (mysql -p, sshpass -p, redis-cli -a, "
         "mongo -p, sqlcmd -P, ldapsearch -w, docker login -p, smbclient -U ...)",
     .regexp =
         R"re((\b(?:(?:mysql(?:dump|admin|import|show|check|slap|binlog|pump|_upgrade)?|)re"
         R"re(mariadb(?:-[a-z]+)?|mariabackup|xtrabackup)\b[^\r\n;|&]*?\s-p|)re"
         R"re(sshpass[ \t]+(?:-(?:v|P[ \t]*\S+)[ \t]+)*-p[ \t]*|)re"
         R"re((?:redis|valkey|keydb)-cli\b[^\r\n;|&]*?\s-a[ \t]+|)re"
         R"re((?:mongo(?:sh|dump|restore|export|import|stat|top|files)?|rabbitmqadmin|)re"
         R"re((?:docker|podman|buildah|skopeo|nerdctl|az|oc|helm[ \t]+registry)[ \t]+login)\b)re"
         R"re([^\r\n;|&]*?\s-p[ \t]+|)re"
         R"re((?:sqlcmd|bcp|osql|tsql|mosquitto_(?:pub|sub|rr))\b[^\r\n;|&]*?\s-P[ \t]*|)re"
         R"re(ldap(?:search|modify|add|delete|compare|whoami|passwd)\b[^\r\n;|&]*?\s-w[ \t]*|)re"
         R"re((?:smbclient|rpcclient)\b[^\r\n;|&]*?\s-U[ \t]*[^\s%"'<>]+%|)re"
         R"re(lftp\b[^\r\n;|&]*?\s-u[ \t]*[^\s,"'<>]+,|)re"
         R"re(snmp(?:get|getnext|walk|set|bulkget|bulkwalk|table|trap)\b)re"
         R"re([^\r\n;|&]*?\s-[cAX][ \t]+)))re"
         R"re(("[^"<\r\n][^"\r\n]*"?|'[^'<\r\n][^'\r\n]*'?|[^\s"'<>;|)&-][^\s"'<>;|)]*))re",
     .replace = R"(\1<secret>)",
     .check = check_option_value,
     .checked_group = 2,
     .hits = kToolHits,
     .misses = kToolMisses},
    {.name = "pass_value",
     .help =
         "what follows pass: without a space, as openssl takes it, where it looks like a password",
     .regexp = R"re((?i)(\bpass:)([^\s,;&"'<>]+))re",
     .replace = R"(\1<secret>)",
     .check = check_pass_value,
     .checked_group = 2,
     .hits = kPassHits,
     .misses = kPassMisses},
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
     .help =
         "the password in a connection string: in braces or quotes, or up to the next semicolon",
     .regexp =
         R"re((?i)(?:(\b(?:password|passwd|pwd|passphrase)[ \t]*=[ \t]*))re"
         R"re((?:\{[^{}<\r\n](?:[^}\r\n]|\}\})*\}[^\s,;&"'<>]*|)re"
         R"re("(?:[^"<\\\r\n]|"")(?:[^"\r\n]|"")*"|'(?:[^'<\r\n]|'')(?:[^'\r\n]|'')*'|)re"
         R"re(\\"[^"<\\\r\n](?:[^"\\\r\n]|\\"\\"|\\\\\\"|\\[^"\r\n])*\\")|)re"
         R"re((;(?:[ \t]*|[a-z][a-z0-9 _:]*[ :])(?:password|passwd|pwd|passphrase)[ \t]*=[ \t]*))re"
         R"re((?:\{(?:[^<}\r\n]|\}\})(?:[^}\r\n]|\}\})*\}?[^\s;"'<>]*|)re"
         R"re("(?:[^"\r\n]|"")*"?|\\"(?:[^"\\\r\n]|\\"\\"|\\\\\\"|\\[^"\r\n])*(?:\\"(?:[^;\s][^;\r\n]*)?)?|)re"
         R"re('(?:[^'\r\n]|'')*'?|[^<{"'\s;][^;\r\n]*)|)re"
         R"re(^((?:password|passwd|pwd|passphrase)[ \t]*=[ \t]*)[^<{"'\s;][^;\r\n]*(;)))re",
     .replace = R"(\1\2\3<secret>\4)",
     .hits = kConnectionHits,
     .misses = kConnectionMisses},
    {.name = "connection_value",
     .help = "words behind password= where another setting follows their semicolon",
     .regexp =
         R"re((?i)(\b(?:password|passwd|pwd|passphrase)[ \t]*=[ \t]*)(?:)re"
         R"re([^\s;"'<>{](?:[^\s;"'<>]*[^\s;"'<>,:.])?)re"
         R"re((?:[ \t]+[^\s;"'<>=]*[^\s;"'<>=,:.])*[,:.]*[ \t]*)re"
         R"re((;(?:$|[\r\n"')]|[a-z][a-z0-9_.: -]*=))|)re"
         R"re([^\s;"'<>{][^\s;"'<>]*(?:[ \t]+[^\s;"'<>=]+)*[ \t]*(;[ \t]*(?:server|data source|host|port|address|database|)re"
         R"re(initial catalog|user(?:[ _]?(?:id|name))?|uid|dsn|driver|provider|encrypt|timeout)re"
         R"re()[ \t]*=)))re",
     .replace = R"(\1<secret>\2\3)",
     .hits = kConnectionValueHits,
     .misses = kConnectionValueMisses},
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
         R"re(client[_-]?assertion|(?:subscription|functions)[_-]?key|)re"
         R"re((?:\b|_|ssh)pass|rediscli_auth|access[_-]?key|private[_-]?key|encryption[_-]?key|session[_-]?id))re"
         R"re(\\?["']?[ \t]*)(?:([=:][ \t]*\\?["'])[^"'<\r\n][^"'\r\n]*|)re"
         R"re((=[ \t]*)[^\s,;&"'<>\\)}\]][^\s,;&"'<>]*))re",
     .replace = R"(\1\2\3<secret>)",
     .hits = kSecretHits,
     .misses = kSecretMisses},
    {.name = "secret_field",
     .help = "the same behind a colon without quotes, where it looks like a token",
     .regexp = R"re((?i)((?:secret|token|credentials?|signature|api[_-]?key|account[_-]?key|)re"
               R"re(client[_-]?assertion|(?:subscription|functions)[_-]?key|)re"
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
