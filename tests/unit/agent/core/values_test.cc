#include <sstream>

#include <catch2/catch.hpp>

#include "agent/core/diagnostics.h"
#include "agent/core/http_client.h"
#include "agent/core/json_text.h"
#include "agent/core/labels.h"
#include "agent/core/notification.h"
#include "agent/core/secret.h"
#include "agent/core/taxonomy.h"
#include "agent/core/utf8.h"

using namespace seamwatch;

TEST_CASE("labels sort, drop empty values and keep the last of equal names") {
  Labels labels{{"b", "2"}, {"a", "1"}, {"c", ""}, {"a", "3"}};
  CHECK(labels.to_string() == "{a=\"3\", b=\"2\"}");
  labels.set("aa", "x");
  labels.set("b", "");
  labels.erase("nothing");
  CHECK(labels.to_string() == "{a=\"3\", aa=\"x\"}");
  CHECK(labels.get("zz").empty());
  CHECK(Labels{{"a b", "q\"\n"}}.to_string() == "{\"a b\"=\"q\\\"\\n\"}");
}

TEST_CASE("the fingerprint is Alertmanager's") {
  // FNV-1a 64 of nothing is its offset basis.
  CHECK(fingerprint_hex(Labels{}.fingerprint()) == "cbf29ce484222325");
  CHECK(Labels{{"a", "b"}}.fingerprint() != Labels{{"ab", ""}, {"a", "bb"}}.fingerprint());
}

TEST_CASE("copies of labels share what they hold, and one that changes leaves the others") {
  const Labels one{{"a", "1"}, {"b", "2"}};
  Labels other = one;
  CHECK(one.get("a").data() == other.get("a").data());
  other.set("a", other.get("b"));
  other.set("c", "3");
  other.erase("b");
  CHECK(one == Labels{{"a", "1"}, {"b", "2"}});
  CHECK(other == Labels{{"a", "2"}, {"c", "3"}});
  CHECK(one.fingerprint() != other.fingerprint());
  other.erase("a");
  other.erase("c");
  CHECK(other == Labels());
  CHECK(Labels::of({{"b", "x"}, {"a", "1"}, {"b", "2"}, {"c", ""}}) == one);
  CHECK(one < Labels{{"a", "1"}, {"b", "2"}, {"c", "0"}});
  CHECK(one < Labels{{"a", "2"}});
  CHECK(Labels() < one);
}

TEST_CASE("labels find a value among few and among many") {
  for (const int count : {1, 5, 16, 17, 40}) {
    std::vector<Labels::Pair> pairs;
    for (int i = 0; i < count; ++i) {
      pairs.emplace_back("n" + std::to_string(i), std::to_string(i));
    }
    const Labels labels(pairs);
    for (const auto& [name, value] : pairs) {
      CHECK(labels.get(name) == value);
    }
    CHECK(labels.get("n").empty());
    CHECK(labels.get("o0").empty());
    CHECK_FALSE(labels.has("n40"));
  }
  CHECK(Labels().get("n").empty());
}

TEST_CASE("plain texts end at the first byte that JSON escapes or that is not ASCII") {
  for (std::size_t size = 0; size < 20; ++size) {
    const std::string text(size, 'x');
    CHECK(is_plain_json(text));
    CHECK(is_ascii(text));
    for (std::size_t at = 0; at < size; ++at) {
      for (const char letter : {'"', '\\', '\n', '\0', '\x1f', '\xc3', '\xff'}) {
        std::string other = text;
        other[at] = letter;
        CHECK(plain_json_size(other) == at);
        CHECK_FALSE(is_plain_json(other));
        CHECK(is_ascii(other) == (static_cast<unsigned char>(letter) < 0x80));
        CHECK_FALSE(Labels{{"a", other}}.is_plain());
      }
      for (const char letter : {' ', '!', '#', '[', ']', '~', '\x7f'}) {
        std::string other = text;
        other[at] = letter;
        CHECK(plain_json_size(other) == size);
        CHECK(Labels{{"a", other}}.is_plain());
      }
    }
  }
  CHECK(Labels().is_plain());
}

TEST_CASE("labels hold texts of any length") {
  const std::size_t frame = std::string_view("{\"a\":\"\",\"b\":\"y\"}").size();
  for (const std::size_t all : {65'534, 65'535, 65'536, 200'000}) {
    const std::string text(all - frame, 'x');
    const Labels labels{{"b", "y"}, {"a", text}};
    CHECK(labels.get("a") == text);
    CHECK(labels.get("b") == "y");
    CHECK(labels == Labels{{"a", text}, {"b", "y"}});
    CHECK_FALSE(labels == Labels{{"a", text}, {"b", "z"}});
    std::string json;
    append_json_labels(json, labels);
    CHECK(json.size() == all);
  }
}

TEST_CASE("labels as JSON leave out those of others") {
  const auto json = [](const Labels& labels, const Labels& but) {
    std::string out;
    append_json_labels(out, labels, but);
    return out;
  };
  const Labels plain{{"a", "1"}, {"b", "2"}, {"c", "3"}};
  CHECK(json(plain, {}) == R"({"a":"1","b":"2","c":"3"})");
  CHECK(json(plain, {{"b", "2"}, {"d", "4"}}) == R"({"a":"1","c":"3"})");
  CHECK(json(plain, {{"a", "1"}, {"c", "3"}}) == R"({"b":"2"})");
  CHECK(json(plain, plain) == "{}");
  CHECK(json({}, plain) == "{}");
  CHECK(json({{"a", "\n"}, {"b", "2"}, {"c", "\""}}, {{"b", "2"}}) == R"({"a":"\n","c":"\""})");
}

TEST_CASE("shared texts are equal by what they say") {
  const SharedText one("http://x");
  const SharedText same(std::string("http://") + "x");
  CHECK(one == same);
  CHECK_FALSE(one == SharedText());
  CHECK(SharedText("").empty());
  CHECK(std::string_view(SharedText()).empty());
  CHECK(one == "http://x");
  CHECK(one != std::string("http://y"));
  const std::string with_zero("a\0b", 3);
  CHECK(SharedText(with_zero).str() == with_zero);
  SharedText copy = one;
  copy = SharedText("other");
  CHECK(one.str() == "http://x");
  CHECK(copy == "other");
}

TEST_CASE("a secret never prints") {
  std::ostringstream out;
  out << Secret("hunter2");
  CHECK(out.str() == "<redacted>");
}

TEST_CASE("urls lose what may be secret") {
  struct Case {
    std::string url;
    std::string want;
  };

  const auto c =
      GENERATE(values<Case>({{"https://h/x", "https://h/x"},
                             {"https://u:p@h:1/x?token=1&flag&b=2#f",
                              "https://<redacted>@h:1/x?token=<redacted>&flag&b=<redacted>"},
                             {"https://u:p@ss@h", "https://<redacted>@h"},
                             {"no url", "<redacted>"}}));
  DYNAMIC_SECTION(c.url) {
    CHECK(redact_url(c.url) == c.want);
  }
}

TEST_CASE("taxonomy words go both ways") {
  for (int i = 0; i <= static_cast<int>(Category::not_found); ++i) {
    const auto category = static_cast<Category>(i);
    CHECK(parse_category(to_string(category)) == category);
  }
  CHECK(to_string(Criticality::non_critical) == "non-critical");
  CHECK_FALSE(parse_category("Timeout"));
}

TEST_CASE("UTF-8 is checked strictly") {
  CHECK(is_valid_utf8("h\xc3\xa9"));
  CHECK_FALSE(is_valid_utf8("\xc0\xaf"));          // overlong
  CHECK_FALSE(is_valid_utf8("\xed\xa0\x80"));      // surrogate
  CHECK_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));  // past U+10FFFF
  CHECK_FALSE(is_valid_utf8("\xe2\x82"));          // cut off
  CHECK(to_valid_utf8("a\xff"
                      "b") ==
        "a\xef\xbf\xbd"
        "b");
}

TEST_CASE("Retry-After is seconds or a date") {
  const WallTime now = *parse_rfc3339("1994-11-06T08:49:00Z");
  CHECK(retry_after("120", now) == Millis(120000));
  CHECK(retry_after("0", now) == Millis(0));
  CHECK(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == Millis(37000));
  CHECK(retry_after("Sun, 06 Nov 1994 08:48:37 GMT", now) == Millis(0));
  CHECK_FALSE(retry_after("-1", now));
  CHECK_FALSE(retry_after("-99999999999999999999", now));
  CHECK(retry_after("99999999999999999999", now) == Millis(366LL * 24 * 3'600'000));
  CHECK_FALSE(retry_after("soon", now));
  CHECK_FALSE(retry_after("", now));
  CHECK(retry_after("99999999999", now) == Millis(366LL * 24 * 3600 * 1000));
}

TEST_CASE("a notification survives its JSON") {
  Notification before;
  before.id = "k1";
  before.receiver = "team";
  before.sink = "webhook[0]";
  before.group_key = "{}:{alertname=\"X\"}";
  before.group_labels = Labels{{"alertname", "X"}};
  before.created_at = wall_from_unix_millis(5);
  before.reason = "first";
  before.late = true;
  before.instead_of = "team";
  before.escalation = "told to team";
  Alert alert;
  alert.labels = Labels{{"alertname", "X"}, {"text", "a \"quoted\"\n\xc3\xa9"}};
  alert.starts_at = wall_from_unix_millis(1);
  before.alerts.push_back(alert);
  alert.ends_at = wall_from_unix_millis(2);
  before.alerts.push_back(alert);
  alert.labels.set("of one", "1");
  alert.annotations.set("summary", "x");
  alert.starts_at = wall_from_unix_millis(3);
  alert.updated_at = wall_from_unix_millis(4);
  alert.generator_url = "/x";
  before.alerts.push_back(alert);
  REQUIRE(notification_from_json(to_json(before)).has_value());
  CHECK(*notification_from_json(to_json(before)) == before);
  before.alerts.resize(1);
  CHECK(*notification_from_json(to_json(before)) == before);
  before.alerts.clear();
  CHECK(*notification_from_json(to_json(before)) == before);
  CHECK_FALSE(notification_from_json("{}").has_value());
  CHECK_FALSE(notification_from_json("[1").has_value());
}

TEST_CASE("a notification of an earlier version is read, where each alert says all") {
  const auto read = notification_from_json(
      R"({"id":"k","receiver":"r","sink":"webhook[0]","group_key":"{}","group_labels":{},"alerts":)"
      R"([{"labels":{"a":"1"},"annotations":{},"starts_at":1,"updated_at":2,"generator_url":"/x"}],)"
      R"("created_at":5,"reason":"first","late":false,"external_url":""})");
  REQUIRE(read.has_value());
  REQUIRE(read->alerts.size() == 1);
  CHECK(read->alerts[0].labels == Labels{{"a", "1"}});
  CHECK(read->alerts[0].generator_url == "/x");
}

TEST_CASE("the nearest word is near") {
  CHECK(nearest("intervall", {"interval", "timeout"}) == "interval");
  CHECK(nearest("xyz", {"interval", "timeout"}).empty());
  CHECK(nearest("epr", {"shop", "erp"}) == "erp");  // two letters changed places
  CHECK(nearest("chekc", {"check", "query"}) == "check");
  CHECK(nearest("kchec", {"check", "query"}).empty());
}
