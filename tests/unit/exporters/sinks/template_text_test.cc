#include "exporters/sinks/template_text.h"

#include "exporters/sinks/digest.h"
#include "tests/unit/exporters/sinks/vendor_world.h"

using namespace seamwatch;
using namespace seamwatch::exporters;
namespace json = boost::json;

TEST_CASE("template_text: trees become JSON") {
  struct Case {
    const char* name;
    const char* text;
    bool quoted;
    const char* want;
  };

  const Renderer render_it = render;
  const Notification notification = orders_notice();
  const std::vector<Case> cases = {
      {"a word", "abc", false, R"("abc")"},
      {"a number", "5", false, "5"},
      {"a number in quotes", "5", true, R"("5")"},
      {"true", "true", false, "true"},
      {"nothing", "", true, R"("")"},
      {"a template that gives a number", "{{number}}", true, "42"},
      {"a template that gives a text", "{{text}}", true, R"("all of it")"},
      {"JSON in quotes", "[1]", true, R"("[1]")"},
      {"bytes that are no text", "\xff", true, "\"\xef\xbf\xbd\""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      TemplateText texts(render_it, notification);
      Node node = text_node(c.text);
      node.quoted = c.quoted;
      CHECK(json::serialize(texts.tree(node)) == c.want);
      CHECK(texts.failure().empty());
    }
  }
}

TEST_CASE("plain_text: no alert is lost") {
  Notification notice = orders_notice();
  notice.alerts.assign(130, orders_alert());
  notice.alerts.back().labels = Labels{{"alertname", "TheLastOne"}};
  CHECK(plain_text(notice, kNow, "why").find("- {alertname=\"TheLastOne\"}\n") !=
        std::string::npos);
}

TEST_CASE("template_text: the first failure is kept") {
  const Renderer none;
  const Notification notification = orders_notice();
  TemplateText texts(none, notification);
  CHECK(texts.expand("plain") == "plain");
  CHECK(texts.expand("{{x}}") == "");
  CHECK(texts.failure() == "there is nothing to expand templates with");
}

TEST_CASE("cut_runes: the bound, one before and one after") {
  CHECK(cut_runes("abc", 4) == "abc");
  CHECK(cut_runes("abcd", 4) == "abcd");
  CHECK(cut_runes("abcde", 4) == "abc\xe2\x80\xa6");
  CHECK(cut_runes("\xc3\xa4\xc3\xa4\xc3\xa4", 2) == "\xc3\xa4\xe2\x80\xa6");
  CHECK(cut_runes("", 1) == "");
  CHECK(cut_runes("ab", 1) == "\xe2\x80\xa6");
}

// Source: FIPS 180-4 examples; RFC 4231 test case 2.
TEST_CASE("digests: published examples") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hmac_sha256_hex("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
