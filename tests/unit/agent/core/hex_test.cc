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

}  // namespace seamwatch
