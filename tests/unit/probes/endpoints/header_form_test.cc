#include "probes/endpoints/header_form.h"

#include <catch2/catch.hpp>

namespace seamwatch::probes {
namespace {

TEST_CASE("the form of a header, and what makes it strict") {
  struct Case {
    const char* name;
    std::string bytes;
    std::size_t size;
    bool strict;
    std::string rewritten;
  };

  const Case cases[] = {
      {"strict", "HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", 25, true, ""},
      {"strict, without a reason", "HTTP/1.1 200 \r\n\r\n", 17, true, ""},
      {"not all there", "HTTP/1.1 200 OK\r\nA: b\r\n", 0, true, ""},
      {"nothing", "", 0, true, ""},
      {"no blank", "HTTP/1.1 200\r\nA: b\r\n\r\n", 22, false, "HTTP/1.1 200 \r\nA: b\r\n\r\n"},
      {"LF", "HTTP/1.1 200 OK\nA: b\n\n\n", 22, false, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"},
      {"LF, not all there", "HTTP/1.1 200 OK\nA: b\n", 0, false, ""},
      {"mixed", "HTTP/1.1 200 OK\r\nA: b\n\r\n", 24, false, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const HeaderForm form = header_form(c.bytes);
      CHECK(form.bytes == c.size);
      CHECK(form.strict == c.strict);
      if (!c.rewritten.empty()) {
        CHECK(strict_header(std::string_view(c.bytes).substr(0, form.bytes)) == c.rewritten);
      }
    }
  }
}

}  // namespace
}  // namespace seamwatch::probes
