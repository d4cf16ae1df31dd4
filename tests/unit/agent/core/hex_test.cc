#include "agent/core/hex.h"

#include <array>

#include <catch2/catch.hpp>

namespace seamwatch {

TEST_CASE("bytes become two digits each") {
  const std::array<unsigned char, 4> bytes{0, 9, 0xa0, 0xff};
  CHECK(hex(bytes) == "0009a0ff");
  CHECK(hex({}).empty());
}

TEST_CASE("what could end a part of a URL is percent-encoded") {
  CHECK(percent_encoded("azAZ09-._~") == "azAZ09-._~");
  CHECK(percent_encoded("/orders a&b=c%") == "%2Forders%20a%26b%3Dc%25");
  CHECK(percent_encoded("\xc3\xa4\n+") == "%C3%A4%0A%2B");
  CHECK(percent_encoded("").empty());
}

TEST_CASE("hex: percent-encoded text is read, and what is none stays") {
  struct Case {
    const char* text;
    const char* want;
    const char* of_query;
  };

  for (const Case& c : {Case{"%2Forders%20a%26b%3Dc%25", "/orders a&b=c%", "/orders a&b=c%"},
                        {"/a+b%20c", "/a+b c", "/a b c"},
                        {"%c3%A4+b", "\xc3\xa4+b", "\xc3\xa4 b"},
                        {"%2G%", "%2G%", "%2G%"},
                        {"%4", "%4", "%4"},
                        {"%%41", "%A", "%A"},
                        {"", "", ""}}) {
    CAPTURE(c.text);
    CHECK(percent_decoded(c.text) == c.want);
    CHECK(percent_decoded(c.text, true) == c.of_query);
  }
}

}  // namespace seamwatch
