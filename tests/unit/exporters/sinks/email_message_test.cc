#include "exporters/sinks/email_message.h"

#include <catch2/catch.hpp>

#include "exporters/sinks/email_address.h"

using namespace seamwatch;
using namespace seamwatch::exporters;

namespace {

// Every line of `message` but its CRLF; fails on a bare CR or LF.
std::vector<std::string> lines(const std::string& message) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (message.compare(i, 2, "\r\n") == 0) {
      out.emplace_back();
      ++i;
    } else {
      CHECK(message[i] != '\r');
      CHECK(message[i] != '\n');
      out.back() += message[i];
    }
  }
  return out;
}

}  // namespace

TEST_CASE("email_message: encode_header") {
  struct Case {
    const char* name;
    std::string text, want;
  };

  const auto c = GENERATE(values<Case>({
      {"plain", "Orders are late", "Orders are late"},
      {"empty", "", ""},
      {"not ASCII", "J\xc3\xbcrgen, hi", "=?utf-8?q?J=C3=BCrgen=2C_hi?="},
      {"line ends become spaces", "a\r\nBcc: x@y", "a  Bcc: x@y"},
      {"looks like an encoded word", "=?utf-8?q?x?=", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?="},
      {"bytes that are no text", "a\xff", "=?utf-8?q?a=EF=BF=BD?="},
  }));
  DYNAMIC_SECTION(c.name) {
    CHECK(encode_header(c.text) == c.want);
  }
}

TEST_CASE("email_message: encoded words are short and hold whole characters") {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += "\xc3\xbc";
  }
  const auto words = lines(encode_header(text, 9));
  CHECK(words.size() > 4);
  for (std::size_t i = 0; i < words.size(); ++i) {
    CHECK(words[i].size() + (i == 0 ? 9 : 0) <= 76);
    CHECK((i == 0 || words[i].starts_with(" =?utf-8?q?")));
    CHECK(words[i].ends_with("=BC?="));
  }
}

TEST_CASE("email_message: quoted_printable") {
  struct Case {
    const char* name;
    std::string text, want;
  };

  const auto c = GENERATE(values<Case>({
      {"plain", "a b", "a b"},
      {"equals sign", "a=b", "a=3Db"},
      {"line ends", "a\nb\r\nc", "a\r\nb\r\nc"},
      {"a lone CR", "a\rb", "a=0Db"},
      {"blank at the end of a line", "a \nb\t", "a=20\r\nb=09"},
      {"UTF-8", "\xc3\xbc", "=C3=BC"},
      {"a dot at the start of a line", ".\n.a", "=2E\r\n=2Ea"},
      {"75 stay on a line", std::string(75, 'x'), std::string(75, 'x')},
      {"76 do not", std::string(76, 'x'), std::string(75, 'x') + "=\r\nx"},
      {"a code is not cut", std::string(74, 'x') + "=", std::string(74, 'x') + "=\r\n=3D"},
  }));
  DYNAMIC_SECTION(c.name) {
    CHECK(quoted_printable(c.text) == c.want);
  }
}

TEST_CASE("email_message: email_date") {
  CHECK(email_date(parse_rfc3339("2026-11-23T20:58:14.5Z").value()) ==
        "Mon, 23 Nov 2026 20:58:14 +0000");
  CHECK(email_date(parse_rfc3339("1969-12-31T23:59:59Z").value()) ==
        "Wed, 31 Dec 1969 23:59:59 +0000");
}

TEST_CASE("email_message: compose") {
  const std::string message =
      compose({{{"Subject", "Hi"}, {"X-Long", "word " + std::string(90, 'y') + " end"}},
               "text\n",
               "<p>h\xc3\xa4</p>",
               "seed"});
  const auto all = lines(message);
  CHECK(all[0] == "Subject: Hi");
  CHECK(all[1] == "X-Long: word");
  CHECK(all[2] == " " + std::string(90, 'y'));
  CHECK(all[3] == " end");
  CHECK(all[4] == "MIME-Version: 1.0");
  const std::size_t from = message.find("boundary=\"") + 10;
  const std::string boundary = message.substr(from, message.find('"', from) - from);
  CHECK(message.find("--" + boundary + "\r\nContent-Type: text/plain; charset=UTF-8\r\n") !=
        std::string::npos);
  CHECK(message.find("\r\n\r\n<p>h=C3=A4</p>\r\n--" + boundary + "--\r\n") != std::string::npos);
  CHECK(message.find("text/plain") < message.find("text/html"));
}

TEST_CASE("email_message: no value can end its header") {
  const std::string message = compose(
      {{{"Subject", "a\r\nBcc: evil@x\n\r\n\r\nbody"}, {"Bad name\r\nX: y", "z"}, {"", "z"}},
       "t",
       "",
       "s"});
  const auto all = lines(message);
  CHECK(all[0].starts_with("Subject: a  Bcc: evil@x"));
  CHECK(all[1] == "MIME-Version: 1.0");
}

TEST_CASE("email_message: a body can hold the boundary only in code") {
  const std::string message = compose({{}, "--=_seamwatch_x--\n", "", "s"});
  CHECK(message.find("--=3D_seamwatch_x--") != std::string::npos);
}

TEST_CASE("email_address: lists as people write them") {
  struct Case {
    const char* name;
    std::string text;
    std::vector<EmailAddress> want;  // empty = an error
  };

  const auto c = GENERATE(values<Case>({
      {"bare", "a@x.org", {{"", "a@x.org"}}},
      {"several", " a@x.org , b@y.org,", {{"", "a@x.org"}, {"", "b@y.org"}}},
      {"name", "Ann B <a@x.org>", {{"Ann B", "a@x.org"}}},
      {"quoted name", R"("Last, \"First\"" <a@x.org>)", {{"Last, \"First\"", "a@x.org"}}},
      {"no name", "<a@x.org>", {{"", "a@x.org"}}},
      {"plus", "team-X+alerts@example.org", {{"", "team-X+alerts@example.org"}}},
      {"quoted local part", R"("a b"@x.org)", {{"", R"("a b"@x.org)"}}},
      {"address literal", "a@[127.0.0.1]", {{"", "a@[127.0.0.1]"}}},
      {"no dot in the domain", "root@localhost", {{"", "root@localhost"}}},
      {"empty", "", {}},
      {"commas only", ", ,", {}},
      {"no at", "a.x.org", {}},
      {"no local part", "@x.org", {}},
      {"no domain", "a@", {}},
      {"two dots", "a..b@x.org", {}},
      {"space", "a b@x.org", {}},
      {"half a bracket", "A <a@x.org", {}},
      {"line end", "a@x.org\r\nBcc: b@y.org", {}},
      {"line end in a name", "\"a\nb\" <a@x.org>", {}},
      {"too long", std::string(250, 'a') + "@x.org", {}},
  }));
  DYNAMIC_SECTION(c.name) {
    const auto parsed = parse_addresses(c.text);
    CHECK(parsed.has_value() == !c.want.empty());
    if (parsed) {
      CHECK(*parsed == c.want);
    }
  }
}

TEST_CASE("email_address: in a header") {
  CHECK(header_text({"", "a@x.org"}) == "a@x.org");
  CHECK(header_text({"Ann B", "a@x.org"}) == "Ann B <a@x.org>");
  CHECK(header_text({"B, \"Ann\"", "a@x.org"}) == R"("B, \"Ann\"" <a@x.org>)");
  CHECK(header_text({"J\xc3\xbcrgen", "a@x.org"}) == "=?utf-8?q?J=C3=BCrgen?= <a@x.org>");
}
