#include "agent/core/http_url.h"

#include <catch2/catch.hpp>

using namespace seamwatch;

// As amtool says of the same addresses.
TEST_CASE("is_http_url: what Go reads as an address of http or https") {
  struct Case {
    std::string text;
    bool good;
  };

  const auto c = GENERATE(values<Case>({{"http://x", true},
                                        {"HTTPS://x:443/a/b?c=d#e", true},
                                        {"http://x:", true},
                                        {"http://[::1]:80/", true},
                                        {"http://u:p@x/", true},
                                        {"http://u@v@x/", true},
                                        {"http://\xc3\xa4/", true},
                                        {"http://x<\"y\">/", true},
                                        {"http://x/a b", true},
                                        {"http://x/a ", true},
                                        {"http://x/\xc3\xa4\"<>{}|^`\\", true},
                                        {"http://x/?a b", true},
                                        {"http://x/?%zz", true},
                                        {"http://x/#a b", true},
                                        {"", false},
                                        {"x", false},
                                        {"ftp://x", false},
                                        {"http:/x", false},
                                        {"http://", false},
                                        {"http:///x", false},
                                        {" http://x/", false},
                                        {"http://x y/", false},
                                        {"http://x:80 /", false},
                                        {"http://x:a/", false},
                                        {"http://x^y/", false},
                                        {"http://x%20y/", false},
                                        {"http://[::1", false},
                                        {"http://[x/", false},
                                        {"http://[::1]a/", false},
                                        {"http://u:p w@x/", false},
                                        {"http://u<@x/", false},
                                        {"http://u%zz@x/", false},
                                        {"http://a:b@/", false},
                                        {"http://x/%", false},
                                        {"http://x/%4", false},
                                        {"http://x/%zz", false},
                                        {"http://x/#%zz", false},
                                        {"http://x/a\tb", false},
                                        {"http://x/a\n", false},
                                        {"http://x/\x7f", false}}));
  DYNAMIC_SECTION(c.text) {
    CHECK(is_http_url(c.text) == c.good);
  }
}

// Source: Go, URL.EscapedPath.
TEST_CASE("escaped_url: as an address is sent") {
  struct Case {
    const char* name;
    std::string text;
    std::string want;
  };

  const auto c = GENERATE(values<Case>({
      {"nothing to escape", "http://x/a/b;c=d,e:f@g+h&i$j?k#l", ""},
      {"no path", "http://x", ""},
      {"escaped already", "http://x/a%20b%2fc", ""},
      {"what need not be escaped", "http://x/a!b'(c)*[d]", ""},
      {"a blank", "http://x/a b", "http://x/a%20b"},
      {"at its end", "http://x/a ", "http://x/a%20"},
      {"quotes and brackets", "http://x/\"<a>\"", "http://x/%22%3Ca%3E%22"},
      {"other marks", "http://x/{a}|^`\\", "http://x/%7Ba%7D%7C%5E%60%5C"},
      {"not ASCII", "http://x/\xc3\xa4", "http://x/%C3%A4"},
      {"the whole path anew", "http://x/a!b %2f%3f%25", "http://x/a%21b%20/%3F%25"},
      {"a query", "http://x/?a b=\xc3\xa4%zz\"", "http://x/?a%20b=\xc3\xa4%zz\""},
      {"a path behind the query", "http://x?a/b c", "http://x?a/b%20c"},
      {"a query and a fragment", "http://x/a b?c d#e f", "http://x/a%20b?c%20d#e%20f"},
      {"a fragment alone", "http://x/a b#c?d e", "http://x/a%20b#c?d%20e"},
      {"user and port", "http://u:p@x:80/a b", "http://u:p@x:80/a%20b"},
      {"a bad escape", "http://x/%zz b", ""},
      {"no address", "a b", ""},
  }));
  DYNAMIC_SECTION(c.name) {
    const std::string once = escaped_url(c.text);
    CHECK(once == (c.want.empty() ? c.text : c.want));
    CHECK(escaped_url(once) == once);
  }
}
