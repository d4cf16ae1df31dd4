#include "agent/core/html_escape.h"

#include <catch2/catch.hpp>

using namespace seamwatch;

TEST_CASE("html_escape") {
  struct Case {
    const char* name;
    std::string text;
    std::string want;
  };

  const Case cases[] = {
      {"nothing", "", ""},
      {"plain", "a b=c/d", "a b=c/d"},
      {"markup",
       "<a href=\"x\" t='y'>&amp;",
       "&lt;a href=&quot;x&quot; t=&#39;y&#39;&gt;&amp;amp;"},
      {"blanks stay", "a\tb\r\nc", "a\tb\r\nc"},
      {"controls", std::string("a\0\x1f\x7f", 4), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"no UTF-8", "a\xff", "a\xef\xbf\xbd"},
      {"UTF-8", "\xc3\xa4", "\xc3\xa4"}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(html_escape(c.text) == c.want);
    }
  }
}
