#include "agent/core/go_regexp.h"

#include <catch2/catch.hpp>

namespace seamwatch {

TEST_CASE("what RE2 takes and Go does not is said in Go's words") {
  const std::string escape = "invalid escape sequence: `\\C`";
  CHECK(go_regexp_fault("\\C") == escape);
  CHECK(go_regexp_fault("a\\\\\\C") == escape);
  CHECK(go_regexp_fault("\\Qx\\E\\C") == escape);
  CHECK(go_regexp_fault("(?P<a>x)(?P<\xc3\xa4>x)") == "invalid named capture: `(?P<\xc3\xa4>`");
  CHECK(go_regexp_fault("[a](?P<\xc3\xa4>x)") == "invalid named capture: `(?P<\xc3\xa4>`");
  CHECK(go_regexp_fault("[]\\]](?P<\xc3\xa4>x)") == "invalid named capture: `(?P<\xc3\xa4>`");
  CHECK(go_regexp_fault("x(?P<\xc3\xa4)") == "invalid named capture: `(?P<\xc3\xa4)`");
  CHECK(go_regexp_fault("[[:alpha:]]\\C") == escape);
  for (const char* good : {"",
                           "\\",
                           "\\\\C",
                           "\\Q\\C\\E",
                           "\\Q\\C",
                           "(?P<a_1>\xc3\xa4)",
                           "C",
                           "\xc3\xa4",
                           "[(?P<\xc3\xa4]",
                           "[(?P<\xc3\xa4>]",
                           "[](?P<\xc3\xa4>]",
                           "[^](?P<\xc3\xa4>]",
                           "[\\](?P<\xc3\xa4>]",
                           "[[:alpha:](?P<\xc3\xa4>]",
                           "[[:](?P<a>x)",
                           "[",
                           "[^",
                           "[a\\"}) {
    CHECK(go_regexp_fault(good).empty());
  }
}

TEST_CASE("a text is quoted as Go quotes it") {
  CHECK(quote_meta("") == "");
  CHECK(quote_meta("team-a_1/b ops") == "team-a_1/b ops");
  CHECK(quote_meta("team.a") == "team\\.a");
  for (const char* text : {"", "team.a", "a\\b", "\\.+*?()|[]{}^$", "\\"}) {
    CHECK(unquote_meta(quote_meta(text)) == text);
  }
  CHECK(unquote_meta("team.a-b") == "team.a-b");
  CHECK(quote_meta("\\.+*?()|[]{}^$") == "\\\\\\.\\+\\*\\?\\(\\)\\|\\[\\]\\{\\}\\^\\$");
}

}  // namespace seamwatch
