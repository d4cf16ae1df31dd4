#include "probes/endpoints/url.h"

#include <catch2/catch.hpp>

namespace seamwatch::probes {
namespace {

TEST_CASE("parse_url") {
  const auto text = [](std::string_view from) {
    const auto url = parse_url(from);
    return url ? url->text() : "error";
  };
  CHECK(text("a.example") == "http://a.example/");
  CHECK(text("A.example/X Y?q=\xc3\xbc#f") == "http://a.example/X%20Y?q=%C3%BC");
  CHECK(text("http://a:80/") == "http://a/");
  CHECK(text("https://a:443/") == "https://a/");
  CHECK(text("https://a:80") == "https://a:80/");
  CHECK(text("http://[2001:DB8::1]:81/x") == "http://[2001:db8::1]:81/x");
  CHECK(text("http://u:p@a/") == "http://a/");
  CHECK(text("http://u@b@a/") == "http://a/");
  CHECK(text("a/b://c") == "http://a/b://c");
  CHECK(text("http://a?x") == "http://a/?x");
  CHECK(text("gopher://a") == "error");
  CHECK(parse_url("http://u%3A:p%40@a/")->user == "u:");
  CHECK(parse_url("http://u%3A:p%40@a/")->password == "p@");
}

TEST_CASE("resolve_reference, with the examples of RFC 3986 section 5.4") {
  const Url base = *parse_url("http://a/b/c/d;p?q");
  const auto text = [&](std::string_view reference) {
    const auto url = resolve_reference(base, reference);
    return url ? url->text() : "error";
  };
  CHECK(text("g") == "http://a/b/c/g");
  CHECK(text("./g") == "http://a/b/c/g");
  CHECK(text("g/") == "http://a/b/c/g/");
  CHECK(text("/g") == "http://a/g");
  CHECK(text("//g") == "http://g/");
  CHECK(text("?y") == "http://a/b/c/d;p?y");
  CHECK(text("g?y") == "http://a/b/c/g?y");
  CHECK(text("#s") == "http://a/b/c/d;p?q");
  CHECK(text("g#s") == "http://a/b/c/g");
  CHECK(text("") == "http://a/b/c/d;p?q");
  CHECK(text(".") == "http://a/b/c/");
  CHECK(text("./") == "http://a/b/c/");
  CHECK(text("..") == "http://a/b/");
  CHECK(text("../g") == "http://a/b/g");
  CHECK(text("../../g") == "http://a/g");
  CHECK(text("../../../g") == "http://a/g");
  CHECK(text("/./g") == "http://a/g");
  CHECK(text("g;x=1/../y") == "http://a/b/c/y");
  CHECK(text("g?y/../x") == "http://a/b/c/g?y/../x");
  CHECK(text(" https://b:8443/x y ") == "https://b:8443/x%20y");
  CHECK(text("mailto:x@y") == "error");
}

TEST_CASE("parse_host_port") {
  CHECK(parse_host_port("Mail.example:25")->host == "mail.example");
  CHECK(parse_host_port("[::1]:25")->port == 25);
  CHECK(parse_host_port("http://mail:25").error().message ==
        "\"http://mail:25\" is a URL; write host:port, without what stands before and after that");
  for (const char* bad : {"a", "a:", ":25", "a:0", "::1:25", "[::1]", "a b:1", "a:25x"}) {
    CAPTURE(bad);
    CHECK(!parse_host_port(bad));
  }
}

}  // namespace
}  // namespace seamwatch::probes
