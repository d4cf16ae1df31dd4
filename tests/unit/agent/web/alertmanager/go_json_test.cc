#include "agent/web/alertmanager/go_json.h"

#include <catch2/catch.hpp>

namespace seamwatch::agent {

TEST_CASE("a broken character becomes U+FFFD, and nothing else changes") {
  struct Case {
    const char* name;
    std::string text;
    std::string want;
  };

  const Case cases[] = {
      {"nothing", "", ""},
      {"plain", R"({"a":"b\n\u00e4\\u"})", R"({"a":"b\n\u00e4\\u"})"},
      {"a byte", "\"caf\xe9\"", "\"caf\xef\xbf\xbd\""},
      {"a whole pair", R"("\ud83d\ude00\u0041")", R"("\ud83d\ude00\u0041")"},
      {"the second half", R"("\udce9x")", R"("\ufffdx")"},
      {"the first half", R"("\uD83D")", R"("\ufffd")"},
      {"the first half twice", R"("\ud83d\ud83d\ude00")", R"("\ufffd\ud83d\ude00")"},
      {"the first half before another letter", R"("\ud83d\u0041")", R"("\ufffd\u0041")"},
      {"a backslash before it", R"("\\ud83d")", R"("\\ud83d")"},
      {"no escape", R"("\ud83)", R"("\ud83)"},
      {"no number", R"("\uzzzz")", R"("\uzzzz")"},
      {"a backslash at the end", "\"\\", "\"\\"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(as_go_reads(c.text) == c.want);
    }
  }
}

}  // namespace seamwatch::agent
