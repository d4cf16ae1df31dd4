#include "agent/privacy/redactor.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <catch2/catch.hpp>

#include "agent/privacy/seen_texts.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

bool hit(const Redactor& redactor, std::string_view text, std::string_view pattern) {
  std::vector<RedactHit> hits;
  redactor.redact(text, RedactScope::all, hits);
  return std::any_of(
      hits.begin(), hits.end(), [&](const RedactHit& each) { return each.pattern == pattern; });
}

std::string message_of(const Status& status) {
  return status ? "" : status.error().message;
}

}  // namespace

TEST_CASE("a text that was clean once is known, and others are still looked at") {
  const Redactor redactor;
  for (int round = 0; round < 2; ++round) {
    CHECK_FALSE(redactor.redacted("orders are late", RedactScope::all));
    CHECK_FALSE(redactor.redacted("", RedactScope::all));
    CHECK(redactor.redacted("password=hunter2", RedactScope::all) ==
          redactor.redact("password=hunter2"));
    CHECK(redactor.redact("password=hunter2") != "password=hunter2");
  }
  // Each takes the place of another now and then.
  for (int number = 0; number < 5000; ++number) {
    CHECK_FALSE(redactor.redacted("node-" + std::to_string(number), RedactScope::all));
  }
  SeenTexts seen;
  seen.add(std::string(SeenTexts::kBytesMax, 'x'));
  seen.add(std::string(SeenTexts::kBytesMax + 1, 'x'));
  CHECK(seen.has(std::string(SeenTexts::kBytesMax, 'x')));
  CHECK_FALSE(seen.has(std::string(SeenTexts::kBytesMax + 1, 'x')));
  CHECK_FALSE(seen.has(""));
  // What one redactor lets pass another may not, in turns on one thread and on several.
  const Redactor stricter({{"node", "node-[0-9]+", "<node>"}}, {});
  std::atomic<int> wrong = 0;
  const auto in_turns = [&] {
    for (int round = 0; round < 100; ++round) {
      wrong += redactor.redacted("node-1", RedactScope::all) ? 1 : 0;
      wrong += stricter.redacted("node-1", RedactScope::all) == "<node>" ? 0 : 1;
      wrong += stricter.redacted("orders", RedactScope::all) ? 1 : 0;
    }
  };
  std::thread other(in_turns);
  in_turns();
  other.join();
  CHECK(wrong == 0);
}

TEST_CASE("every built-in pattern matches what it says and nothing else") {
  const Redactor redactor;
  for (const BuiltinPattern& pattern : builtin_patterns()) {
    DYNAMIC_SECTION(pattern.name) {
      CHECK_FALSE(pattern.help.empty());
      CHECK(pattern.hits.size() >= 2);
      CHECK_FALSE(pattern.misses.empty());
      for (const std::string_view text : pattern.hits) {
        INFO(text);
        CHECK(hit(redactor, text, pattern.name));
        const std::string once = redactor.redact(text);
        INFO(once);
        CHECK(redactor.redact(once) == once);
      }
      for (const std::string_view text : pattern.misses) {
        INFO(text);
        INFO(redactor.redact(text));
        CHECK_FALSE(hit(redactor, text, pattern.name));
      }
    }
  }
}

TEST_CASE("what is left of a text") {
  struct Case {
    std::string name;
    std::string text;
    std::string want;
  };

  const auto c = GENERATE(values<Case>({
      {"empty", "", ""},
      {"plain", "HTTP 503: no healthy upstream", "HTTP 503: no healthy upstream"},
      {"database URL", "postgres://app:s3@db1:5432/o", "postgres://<secret>@db1:5432/o"},
      {"database URL, password with a slash",
       "postgres://user:pa/ss@host/db, jdbc:postgresql://user:pa#ss@host/db",
       "postgres://<secret>@host/db, jdbc:postgresql://<secret>@host/db"},
      {"database URL, password with an @ too",
       "amqp://u:p@a/ss@host/vhost?x=a@b",
       "amqp://<secret>@host/vhost?x=a@b"},
      {"database URLs in a list",
       "kafka://a:9092,kafka://u:p/w@b:9092",
       "kafka://a:9092,kafka://<secret>@b:9092"},
      {"URL, user and token",
       "GET https://u:p@h.example/x?token=abc&page=2 failed",
       "GET https://<secret>@h.example/x?token=<secret>&page=2 failed"},
      {"connection string",
       "Server=db1;User Id=sa;Password=my pass;Timeout=5",
       "Server=db1;User Id=sa;Password=<secret>;Timeout=5"},
      {"connection string that begins with it", "Pwd=my pass;Server=x", "Pwd=<secret>;Server=x"},
      {"connection string in a sentence",
       "cannot connect with Pwd={a;b c};Server=x, then Password=two words;Server=x",
       "cannot connect with Pwd=<secret>;Server=x, then Password=<secret>;Server=x"},
      {"an escaped brace", "PWD={p}}w;x};DRIVER={ODBC}", "PWD=<secret>;DRIVER={ODBC}"},
      {"an escaped brace behind another setting",
       "Driver={ODBC 18};PWD={p}}w;x};Server=y",
       "Driver={ODBC 18};PWD=<secret>;Server=y"},
      {"quotes, then a blank", "Password=\"a;b c\" ;Server=y", "Password=<secret> ;Server=y"},
      {"quotes in quotes", "Pwd='it''s;x';Server=y", "Pwd=<secret>;Server=y"},
      {"quotes in JSON",
       R"({"cs":"Server=x;Password=\"a;b c\" ;Server=y"})",
       R"({"cs":"Server=x;Password=<secret> ;Server=y"})"},
      {"several passwords",
       "Password=a b;Pwd=c d;New Password=e f;Server=x",
       "Password=<secret>;Pwd=<secret>;New Password=<secret>;Server=x"},
      {"an encoder in braces",
       "params={password={bcrypt}$2a$10$abc, user=x}",
       "params={password=<secret>, user=x}"},
      {"a password in a sentence",
       "login with password=x failed; see code=5",
       "login with password=<secret> failed; see code=5"},
      {"a password with commas",
       "login with password=x, that failed;code=5; Pwd=a, b; Server=y",
       "login with password=<secret>, that failed;code=5; Pwd=<secret>; Server=y"},
      {"password at the end", "login failed, pwd=x", "login failed, pwd=<secret>"},
      {"names in a URL",
       "GET /users/jane.doe/orders?user=jane.doe&name=Jane+Doe&login=jdoe&page=2: 404",
       "GET /users/<name>/orders?user=<name>&name=<name>&login=<name>&page=2: 404"},
      {"a name in a path", "https://h/people/Jane%20Doe", "https://h/people/<name>"},
      {"account numbers",
       "Kontonummer 0532013000 BLZ 37040044, account=12345678",
       "Kontonummer <account> BLZ <account>, account=<account>"},
      {"accounts in URLs",
       "GET /accounts/0532013000/balance /konto/0532013000 /accounts('0532013000')",
       "GET /accounts/<account>/balance /konto/<account> /accounts('<account>')"},
      {"accounts in fields",
       "<AccountNumber>0532013000</AccountNumber> debtorAccount=0532013000 "
       R"("customerAccountNumber":"0532013000")",
       "<AccountNumber><account></AccountNumber> debtorAccount=<account> "
       R"("customerAccountNumber":"<account>")"},
      {"ids of accounts",
       "/accounts/12345 /accounts/12345678-1234-4e5d-abff-90865d1e13b1 "
       "accountId=12345678-1234-4e5d-abff-90865d1e13b1 userAccountControl=66048000",
       ""},
      {"customers in a URL",
       "?customer=Jane%20Doe&client=Jane+Doe&holder=Jane.Doe&patient=Doe,Jane&page=2",
       "?customer=<name>&client=<name>&holder=<name>&patient=<name>&page=2"},
      {"things in a URL", "?customer=42&client=Billing-Gateway&customer=acme-gmbh&holder=ops", ""},
      {"Oracle", "jdbc:oracle:thin:scott/tiger@//db", "jdbc:oracle:thin:<secret>@//db"},
      {"told secrets",
       "the password is hunter2, the token abcdef123456",
       "the password is <secret>, the token <secret>"},
      {"a signature", "sr=b;sig=Ab%2Fc%3Dx1;se=1", "sr=b;sig=<secret>;se=1"},
      {"ordinary paths",
       "/users/search /users/4711 /api/people/list.json?user=root&name=orders",
       ""},
      {"ordinary words", "the token bucket of account 12345 is empty, the password is wrong", ""},
      {"two keys",
       "AccountKey=Zm9v==;SharedAccessKey=YmFy=",
       "AccountKey=<secret>;SharedAccessKey=<secret>"},
      {"JSON",
       R"({"user":"x","password":"a \"b","refresh_token":"31d4","n":1})",
       R"({"user":"x","password":<secret>b","refresh_token":"<secret>","n":1})"},
      {"header and more lines",
       "Authorization: Bearer abc\r\nHost: h",
       "Authorization: <secret>\r\nHost: h"},
      {"proxy header", "Proxy-Authorization: Basic dXNlcg==", "Proxy-Authorization: <secret>"},
      {"email", "no mailbox for jane.doe@example.org.", "no mailbox for <email>."},
      {"emails", "a@b.de,c@d.de", "<email>,<email>"},
      {"email, then a fragment", "mailto:a@b.example#top", "mailto:<email>#top"},
      {"email, then a digest", "a@b.example#x7", "<email>#x7"},
      {"no domain has a #", "a@b#c.example", "a@b#c.example"},
      {"a name may have one", "a#b@c.example", "<email>"},
      {"card with spaces", "card 4111 1111 1111 1111 refused", "card <card> refused"},
      {"card with dashes", "5500-0000-0000-0004", "<card>"},
      {"card, then digits", "4111 1111 1111 1111 12", "<card> 12"},
      {"card with a bad check digit", "4111 1111 1111 1112", "4111 1111 1111 1112"},
      {"IBAN, then words", "DE89 3704 0044 0532 0130 00 FROM ACME", "<iban> FROM ACME"},
      {"IBAN with bad check digits", "DE88 3704 0044 0532 0130 00", "DE88 3704 0044 0532 0130 00"},
      {"IBAN and card", "DE89370400440532013000 4111111111111111", "<iban> <card>"},
      {"XML",
       "<soap:Password Type=\"x/y\">hunter2</soap:Password><user>app</user><secret>a</secret>",
       "<soap:Password Type=\"x/y\"><secret></soap:Password><user>app</user>"
       "<secret><secret></secret>"},
      {"a setting in XML",
       R"(<add key="ApiKey" value="31d4" /><add key="Pages" value="5" />)",
       R"(<add key="ApiKey" value="<secret>" /><add key="Pages" value="5" />)"},
      {"a setting in JSON",
       R"([{"name": "DB_PASSWORD", "value": "x y"}, {"name": "TZ", "value": "UTC"}])",
       R"([{"name": "DB_PASSWORD", "value": "<secret>"}, {"name": "TZ", "value": "UTC"}])"},
      {"keys of Azure",
       "Ocp-Apim-Subscription-Key: 0123456789abcdef x-functions-key: abGH1234==",
       "Ocp-Apim-Subscription-Key: <secret> x-functions-key: <secret>"},
      {"an assertion", "?client_assertion=abc&page=2", "?client_assertion=<secret>&page=2"},
      {"commands",
       "curl -s -u app:pw https://h/; psql --password pw; openssl rsa -passin pass:hunter2",
       "curl -s -u <secret> https://h/; psql --password <secret>; openssl rsa -passin "
       "pass:<secret>"},
      {"passwords by short options",
       "mysql -u x -phunter2 db; sshpass -p 's p' ssh -p 22 h && redis-cli -p 6379 -a pw ping; "
       "PGPASSWORD=pw psql -p 5432; MYSQL_PWD=pw mysql; curl -u u:pw h",
       "mysql -u x -p<secret> db; sshpass -p <secret> ssh -p 22 h && redis-cli -p 6379 -a <secret> "
       "ping; PGPASSWORD=<secret> psql -p 5432; MYSQL_PWD=<secret> mysql; curl -u <secret> h"},
      {"other short options",
       "docker run -p 8080 -p80:80 x; ssh -p 22 h; mkdir -p dir; mysql -u x -p db",
       ""},
      {"webhooks",
       "https://api.telegram.org/bot123456:AAHdqTcvCH1/sendMessage "
       "https://outlook.office.com/webhook/a@b/c https://hooks.zapier.com/hooks/catch/1/a/",
       "https://api.telegram.org/bot123456:<secret>/sendMessage "
       "https://outlook.office.com/webhook/<secret> https://hooks.zapier.com/<secret>"},
      {"tokens",
       "hvs.CAESIJabcdefghijklmnopqrstuv sk-proj-abcdefghijklmnopqrstuv "
       "sk-ant-api03-abcdefghijklmnop "
       "dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
       "<api token> <api token> <api token> <api token>"},
      {"IBAN as people write it",
       "de89370400440532013000, DE89.3704.0044.0532.0130.00; de89 3704 0044 0532 0130 00",
       "<iban>, <iban>; <iban>"},
      {"card as people write it",
       "4111.1111.1111.1111, 4111\u20131111\u20131111\u20131111",
       "<card>, <card>"},
      {"addresses of other kinds",
       R"("john doe"@corp.example, jane%2Edoe%40corp%2Eexample)",
       "<email>, <email>"},
      {"a name in a German path", "/kunden/Max.Mustermann/x", "/kunden/<name>/x"},
      {"account ids", "account_id=99887766, a/c 12345678", "account_id=<account>, a/c <account>"},
      {"Oracle's tools",
       "sqlplus -s scott/tiger@db: ORA-01017: logon denied for scott/tiger@//db:1521/x",
       "sqlplus -s <secret>@db: ORA-01017: logon denied for <secret>@//db:1521/x"},
      {"other elements",
       "<key>a</key><passwordless>yes</passwordless><token/>x <token> [FILE]",
       ""},
      {"other settings", R"({"name": "tokens", "value": "5"} key="page" value="2")", ""},
      {"other options", "use --password or --password-file; --token is missing, -u root", ""},
      {"counts", "pass:3 fail:0, pass: 12, bypass:on, pass:all", ""},
      {"versions",
       "sk-module-1.2 hvs.1.4 actions/checkout@v4 library/nginx@1.25 @types/node@18.1.0",
       ""},
      {"digits with dots", "1.22.333.4444 4111.1111.1111.1112 10.20.30.40 2026.11.24.01.45", ""},
      {"lower case words",
       "be12345678901234567 ad12 eu21 is the place where we are de88370400440532013000",
       ""},
      {"hex", "be12ab34cd56ef78 de89ab04-40ac-4053-8013-0001020304aa", ""},
      {"quotes and a host", R"(user "app"@"10.0.0.1" of "x" @ home)", ""},
      {"German paths", "/kunden/suche /kunden/4711 /benutzer/export /mitarbeiter/liste", ""},
      {"paths", "/srv/a/c/12345678 scott/tiger src/lib@v2", ""},
      {"no UTF-8", "password=a\xff\xfe b", "password=<secret> b"},
      {"timestamp", "2026-11-24T01:45:14.123456Z 1700000000000", ""},
      {"UUID", "550e8400-e29b-41d4-a716-446655440000", ""},
      {"trace", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", ""},
      {"order numbers", "order 4500012345, PO-2026-000123, 00340123450000000018", ""},
      {"addresses", "10.0.0.1:5432 [2001:db8::1]:443 fe80::1%eth0", ""},
      {"ports",
       "http://host:8080/path@v2 http://example.org/a:b@c postgres://db:5432/orders@v2",
       ""},
      {"host and port", "https://shop.example.org:8443/orders?page=2&sort=key", ""},
      {"signal", "amqp0-9-1:NOT_FOUND(404) X509_V_ERR_CERT_HAS_EXPIRED(10)", ""},
      {"SQL state", "SQLSTATE 28P01: password authentication failed for user", ""},
      {"version", "nginx/1.22.1 OpenSSL/3.0.15 node_exporter@1.8", ""},
      {"go template", "{{ $labels.integration }} fails", ""},
  }));
  DYNAMIC_SECTION(c.name) {
    const std::string want = c.want.empty() ? c.text : c.want;
    CHECK(Redactor().redact(c.text) == want);
    CHECK(Redactor().redact(want) == want);
  }
}

TEST_CASE("the lesser scope leaves personal data in, never a secret") {
  const std::string text = "jane@example.org pays with 4111111111111111, password=x";
  CHECK(Redactor().redact(text, RedactScope::secrets) ==
        "jane@example.org pays with 4111111111111111, password=<secret>");
  std::vector<RedactHit> hits;
  Redactor().redact(text, RedactScope::all, hits);
  CHECK(hits == std::vector<RedactHit>{{"password_value", PatternKind::secret, 1},
                                       {"email", PatternKind::personal, 1},
                                       {"card", PatternKind::personal, 1}});
}

TEST_CASE("own patterns come first, and allowed personal data stays") {
  const OwnPattern customer{"customer", R"(\bK-([0-9]{2})[0-9]{4}\b)", R"(K-\1****)"};
  const Redactor redactor({customer}, {"Ops@Example.org", "password=x"});
  CHECK(redactor.pattern_names().front() == "customer");
  CHECK(redactor.pattern_names().size() == builtin_patterns().size() + 1);
  CHECK(redactor.redact("K-123456 K-1234567 x@example.org") == "K-12**** K-1234567 <email>");
  CHECK(redactor.redact("ask ops@example.org or OPS@EXAMPLE.ORG") ==
        "ask ops@example.org or OPS@EXAMPLE.ORG");
  CHECK(redactor.redact("dev.ops@example.org") == "<email>");
  CHECK(redactor.redact("password=x") == "password=<secret>");
  const Redactor with_name({}, {"Jane.Doe"});
  CHECK(with_name.redact("/users/jane.doe /users/joe.doe") == "/users/jane.doe /users/<name>");
}

TEST_CASE("patterns that cannot be used say why") {
  struct Case {
    std::string name;
    OwnPattern pattern;
    std::string want;
  };

  const auto c = GENERATE(values<Case>({
      {"circle", {"a", "x+", "<x-less>"}, "replace is matched by the regexp itself"},
      {"fine", {"a", "K[0-9]+", "<k>"}, ""},
      {"empty", {"a", "", "<k>"}, "regexp must have 1 to 1000 bytes"},
      {"1000 bytes", {"a", std::string(1000, 'k'), "<x>"}, ""},
      {"1001 bytes", {"a", std::string(1001, 'k'), "<x>"}, "regexp must have 1 to 1000 bytes"},
      {"syntax", {"a", "(", "<k>"}, "regexp: missing ): ("},
      {"look-ahead", {"a", "(?=x)", "<k>"}, "regexp: invalid perl operator: (?="},
      {"empty match", {"a", "x*", "<k>"}, "regexp matches the empty text"},
      {"long replacement",
       {"a", "K", std::string(201, 'x')},
       "replace must have at most 200 bytes"},
      {"no such group", {"a", "(K)", R"(\2)"}, "replace: the regexp has no group 2"},
      {"group", {"a", "(K)[0-9]", R"(\1*)"}, ""},
      {"bad escape",
       {"a", "K", R"(\x)"},
       "replace: Rewrite schema error: '\\' must be followed by a digit or '\\'."},
  }));
  DYNAMIC_SECTION(c.name) {
    CHECK(message_of(check_pattern(c.pattern)) == c.want);
  }
}

TEST_CASE("large texts are taken in linear time, and what is too large is cut") {
  const std::vector<std::string> hard = {"token:",
                                         "a@",
                                         "4111 ",
                                         "DE89 ",
                                         "1",
                                         "password=",
                                         "eyJ",
                                         "bearer x",
                                         "://",
                                         "a.b@c.",
                                         "Pwd={a}} ",
                                         ";pwd=\"\"",
                                         "pwd=a b;c=",
                                         "pwd=a b;c ",
                                         "nats://a:b/c",
                                         "nats://a:b/@c?",
                                         "<account a",
                                         "/accounts/",
                                         "/accounts/A-b/",
                                         "?client=A-b"};
  for (const std::string& piece : hard) {
    DYNAMIC_SECTION(piece) {
      std::string text;
      while (text.size() < (64 << 10)) {
        text += piece;
      }
      text += " password=hunter2 jane@example.org";
      const std::string out = Redactor().redact(text);
      CHECK(out.find("hunter2") == std::string::npos);
      CHECK(out.find("jane@example") == std::string::npos);
    }
  }
  const std::string exact(Redactor::kTextBytesMax, 'x');
  CHECK(Redactor().redact(exact) == exact);
  CHECK(Redactor().redact(exact + "yz") == exact + " <2 bytes cut>");
  const std::string split = std::string(Redactor::kTextBytesMax - 5, 'x') + " password=x";
  CHECK(Redactor().redact(split) ==
        std::string(Redactor::kTextBytesMax - 5, 'x') + " <11 bytes cut>");
}
