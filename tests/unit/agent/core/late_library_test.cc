#include "agent/core/late_library.h"

#include <stdexcept>

#include <catch2/catch.hpp>
#include <zlib.h>

namespace {

using seamwatch::LateLibrary;

TEST_CASE("a library is found by the name that the dynamic linker knows") {
  const LateLibrary library("libz.so.1");
  const auto crc = library.find(&crc32, "crc32");
  CHECK(crc(0, reinterpret_cast<const unsigned char*>("seam"), 4) ==
        crc32(0, reinterpret_cast<const unsigned char*>("seam"), 4));
}

TEST_CASE("a library or function that is not there is said, with what to do") {
  CHECK_THROWS_WITH(LateLibrary("libnowhere.so.7"),
                    Catch::StartsWith("cannot use libnowhere.so.7: ") &&
                        Catch::EndsWith("; install the package that holds it"));
  const LateLibrary library("libz.so.1");
  CHECK_THROWS_WITH(
      library.find(&crc32, "no_such_function"),
      Catch::StartsWith("cannot use libz.so.1: ") && Catch::Contains("no_such_function"));
}

}  // namespace
