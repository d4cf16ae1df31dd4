#include "agent/web/alertmanager/request_uri.h"

#include <catch2/catch.hpp>

namespace seamwatch::agent {
namespace {

TEST_CASE("takes for a URI what Go does") {
  for (const char* good : {"/x",
                           "*",
                           "http://p/graph?g0.expr=up%3D1",
                           "http://p/graph?g0=%zz",  // nobody looks at a query
                           "mailto:x",
                           "a:%zz",
                           "HTTP://x",
                           "http://x:/",
                           "http://x:80",
                           "http://u:p%40@x/a b",
                           "http://[::1]:80/",
                           "http://[fe80::1%25en%201]/",
                           "http://\xc3\xa4/\xc3\xa4",
                           "http://%c3%a4/",
                           "//x"}) {
    INFO(good);
    CHECK(is_request_uri(good));
  }
  for (const char* bad : {"",
                          "x",
                          ":x",
                          "1http://x",
                          "no address",
                          "http://x/%zz",
                          "http://x/%4",
                          "http://x/\n",
                          "http://x:abc/",
                          "http://[::1",
                          "http://[::1]80/",
                          "http://a b/",
                          "http://a%20b/",
                          "http://a#b/",
                          "http://u{@x/",
                          "/%zz",
                          "http://[::1%25en 0]/",
                          "http://[::1%25%2F]/",
                          "http://[::1%25{]",
                          "http://[::1%25%e4]",
                          "http://[::1%25\\]"}) {
    INFO(bad);
    CHECK_FALSE(is_request_uri(bad));
  }
}

}  // namespace
}  // namespace seamwatch::agent
