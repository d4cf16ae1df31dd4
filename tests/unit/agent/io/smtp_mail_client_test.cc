#include "agent/io/smtp_mail_client.h"

#include <map>

#include <boost/asio/ssl.hpp>

#include "agent/io/smtp_reply.h"
#include "agent/io/tcp_dialer.h"
#include "tests/fakes/fixed_resolver.h"
#include "tests/unit/agent/io/loopback.h"
#include "tests/unit/agent/io/test_certificates.h"

namespace seamwatch {
namespace {

// A smarthost that follows a script and keeps what it was told.
struct Smarthost {
  // By a whole line, or by its first four letters: "RCPT" -> "550 5.1.1 no\r\n".
  std::map<std::string, std::string> replies;
  std::string lines;
  std::string message;
  std::shared_ptr<asio::ssl::context> tls;

  std::string reply(const std::string& word, const std::string& usual) const {
    const auto found = replies.find(word);
    return found != replies.end() ? found->second : usual;
  }
};

template <class Stream>
asio::awaitable<std::string> converse(Stream& stream,
                                      std::shared_ptr<Smarthost> host,
                                      bool secure) {
  std::string buffer;
  for (;;) {
    const std::size_t end = co_await asio::async_read_until(
        stream, asio::dynamic_buffer(buffer), "\r\n", asio::use_awaitable);
    const std::string line = buffer.substr(0, end);
    buffer.erase(0, end);
    host->lines += line;
    const std::string word = line.substr(0, 4);
    std::string answer = "250 ok\r\n";
    if (word == "EHLO") {
      answer = "250-me\r\n250-AUTH PLAIN LOGIN\r\n";
      answer += host->tls && !secure ? "250-STARTTLS\r\n250 8BITMIME\r\n" : "250 8BITMIME\r\n";
    } else if (word == "AUTH") {
      answer = "235 in\r\n";
    } else if (word == "DATA") {
      answer = "354 go\r\n";
    } else if (word == "STAR") {
      answer = "220 go\r\n";
    }
    answer = host->reply(line.substr(0, line.size() - 2), host->reply(word, answer));
    if (!answer.empty()) {
      co_await asio::async_write(stream, asio::buffer(answer), asio::use_awaitable);
    }
    if (word == "STAR" || word == "QUIT") {
      co_return word;
    }
    if (word == "DATA" && answer[0] == '3') {
      const std::size_t size = co_await asio::async_read_until(
          stream, asio::dynamic_buffer(buffer), "\r\n.\r\n", asio::use_awaitable);
      host->message = buffer.substr(0, size);
      buffer.erase(0, size);
      const std::string taken = host->reply("END", "250 2.0.0 taken\r\n");
      co_await asio::async_write(stream, asio::buffer(taken), asio::use_awaitable);
    }
  }
}

asio::awaitable<void> serve_mail(tcp::socket socket, std::shared_ptr<Smarthost> host) {
  const std::string greeting = host->reply("HELLO", "220 me ESMTP\r\n");
  co_await asio::async_write(socket, asio::buffer(greeting), asio::use_awaitable);
  const std::string last = co_await converse(socket, host, false);
  if (last == "STAR") {
    asio::ssl::stream<tcp::socket> stream(std::move(socket), *host->tls);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    co_await converse(stream, host, true);
  }
}

struct MailWorld {
  MailWorld() {
    resolver.know("mx.test", {"127.0.0.1"});
    resolver.know("localhost", {"127.0.0.1"});
    const auto port = loopback.serve(
        [kept = host](tcp::socket socket) { return serve_mail(std::move(socket), kept); });
    mail.smarthost = "localhost:" + std::to_string(port);
    over_network = "mx.test:" + std::to_string(port);
    mail.hello = "agent.test";
    mail.from = "from@a.test";
    mail.to = {"one@b.test", "two@b.test"};
    mail.message = "Subject: x\r\n\r\n.dot\r\nline\r\n";
    mail.require_tls = false;
  }

  void offer_tls(const std::string& name) {
    const TestCertificate leaf = make_certificate(CertificatePlan{name, "DNS:" + name}, nullptr);
    const std::string certificate = leaf.certificate_pem();
    const std::string key = leaf.key_pem();
    host->tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    host->tls->use_certificate_chain(asio::buffer(certificate));
    host->tls->use_private_key(asio::buffer(key), asio::ssl::context::pem);
    mail.tls.ca_file = files.write("ca.pem", certificate);
    mail.require_tls = true;
    mail.smarthost = over_network;
  }

  std::optional<Fault> send(Millis patience = kLong) {
    return loopback.run(client.send(mail, Loopback::in(patience)));
  }

  Loopback loopback;
  TestFiles files;
  std::shared_ptr<Smarthost> host = std::make_shared<Smarthost>();
  fakes::FixedResolver resolver;
  TcpDialer dialer{loopback.io.get_executor()};
  SmtpMailClient client{dialer, resolver};
  Mail mail;
  std::string over_network;  // as a smarthost, the same
};

TEST_CASE("a mail is taken") {
  MailWorld world;
  world.mail.auth_username = "u";
  world.mail.auth_password = Secret("p");
  CHECK(told(world.send()) == "");
  CHECK(world.host->message == "Subject: x\r\n\r\n..dot\r\nline\r\n.\r\n");
  CHECK(world.host->lines.find("EHLO agent.test\r\n") == 0);
  CHECK(world.host->lines.find("AUTH ") != std::string::npos);
  CHECK(world.host->lines.find("MAIL FROM:<from@a.test>") != std::string::npos);
  CHECK(world.host->lines.find("RCPT TO:<one@b.test>\r\nRCPT TO:<two@b.test>\r\nDATA") !=
        std::string::npos);
}

TEST_CASE("a secret is proved by digest and never sent") {
  MailWorld world;
  world.mail.auth_username = "tim";
  world.mail.auth_secret = Secret("tanstaaftanstaaf");
  world.host->replies["EHLO"] = "250-me\r\n250 AUTH CRAM-MD5 PLAIN\r\n";
  SECTION("the example of RFC 2195") {
    world.host->replies["AUTH"] =
        "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n";
    CHECK(told(world.send()) == "");
    CHECK(world.host->lines.find("AUTH CRAM-MD5\r\n"
                                 "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n") !=
          std::string::npos);
  }
  SECTION("a challenge that is none") {
    world.host->replies["AUTH"] = "334 ???\r\n";
    CHECK(told(world.send()) == "smtp:malformed_reply in login");
  }
  SECTION("not offered, and no password for another way") {
    world.host->replies["EHLO"] = "250-me\r\n250 AUTH PLAIN LOGIN\r\n";
    CHECK(told(world.send()) == "smtp:auth_not_offered in login");
    CHECK(world.host->lines.find("tanstaaf") == std::string::npos);
  }
}

TEST_CASE("a password goes over the network encrypted or not at all") {
  MailWorld world;
  world.mail.smarthost = world.over_network;
  world.mail.auth_username = "u";
  world.mail.auth_password = Secret("p");
  SECTION("in the clear") {
    for (const char* ways : {"PLAIN", "LOGIN"}) {
      world.host->replies["EHLO"] = "250-me\r\n250 AUTH " + std::string(ways) + "\r\n";
      CHECK(told(world.send()) == "smtp:auth_unencrypted in login");
    }
    CHECK(world.host->lines.find("AUTH") == std::string::npos);
    CHECK(world.host->message.empty());
  }
  SECTION("by a digest") {
    world.mail.auth_secret = Secret("s");
    world.host->replies["EHLO"] = "250-me\r\n250 AUTH CRAM-MD5 PLAIN\r\n";
    world.host->replies["AUTH"] = "334 PDE4OTY+\r\n";
    CHECK(told(world.send()) == "");
  }
  SECTION("encrypted") {
    world.offer_tls("mx.test");
    CHECK(told(world.send()) == "");
    CHECK(!world.host->message.empty());
  }
}

TEST_CASE("a relay that offers no AUTH gets the mail without a password") {
  MailWorld world;
  world.mail.auth_username = "u";
  world.mail.auth_password = Secret("p");
  world.host->replies["EHLO"] = "250-me\r\n250 SIZE 1000000\r\n";
  CHECK(told(world.send()) == "");
  CHECK(world.host->lines.find("AUTH") == std::string::npos);
  CHECK(!world.host->message.empty());
}

TEST_CASE("what a smarthost refuses") {
  struct Case {
    const char* name;
    const char* word;
    const char* reply;
    const char* told;
    const char* enhanced;
  };

  const Case cases[] = {
      {"recipient", "RCPT", "550 5.1.1 no such user\r\n", "smtp:550 in process", "5.1.1"},
      {"sender", "MAIL", "451 4.7.1 later\r\n", "smtp:451 in process", "4.7.1"},
      {"data", "DATA", "452 full\r\n", "smtp:452 in process", ""},
      {"message", "END", "554 5.6.0 spam\r\n", "smtp:554 in transfer", "5.6.0"},
      {"garbage", "RCPT", "what?\r\n", "smtp:malformed_reply in process", ""},
      {"no reply", "MAIL", "", "errno:ETIMEDOUT in process", ""},
      {"password", "AUTH", "535 5.7.8 wrong\r\n", "smtp:535 in login", "5.7.8"},
      {"greeting", "HELLO", "421 busy\r\n", "smtp:421 in connect", ""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      MailWorld world;
      world.mail.auth_username = "u";
      world.mail.auth_password = Secret("p");
      world.host->replies[c.word] = c.reply;
      const auto fault = world.send(Millis(300));
      CHECK(told(fault) == c.told);
      REQUIRE(fault);
      CHECK(fault->signal.name == c.enhanced);
    }
  }
}

TEST_CASE("a recipient who is refused does not keep the mail from the others") {
  struct Case {
    const char* name;
    const char* one;
    const char* two;
    const char* told;
    bool sent;
  };

  const char* const kNo = "550 5.1.1 no such user\r\n";
  const char* const kLater = "451 4.7.1 later\r\n";
  const Case cases[] = {
      {"the first", kNo, "250 ok\r\n", "smtp:550 in process", true},
      {"the last", "250 ok\r\n", kNo, "smtp:550 in process", true},
      {"both", kNo, "553 5.1.3 bad\r\n", "smtp:550 in process", false},
      {"one is put off", kLater, "250 ok\r\n", "smtp:451 in process", false},
      {"one refused, one put off", kNo, kLater, "smtp:451 in process", false},
      {"one refused, then silence", kNo, "", "errno:ETIMEDOUT in process", false}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      MailWorld world;
      world.host->replies["RCPT TO:<one@b.test>"] = c.one;
      world.host->replies["RCPT TO:<two@b.test>"] = c.two;
      const auto fault = world.send(Millis(300));
      CHECK(told(fault) == c.told);
      CHECK(world.host->message.empty() != c.sent);
      REQUIRE(fault);
      CHECK((fault->detail.find("the other recipients have the mail") != std::string::npos) ==
            c.sent);
    }
  }
  SECTION("nor one who is put off, where some will do") {
    const Case later[] = {
        {"put off", kLater, "250 ok\r\n", "smtp:451 in process", true},
        {"put off last", "250 ok\r\n", kLater, "smtp:451 in process", true},
        {"none is taken", kNo, kLater, "smtp:451 in process", false},
        {"the server goes", "421 4.3.2 bye\r\n", "250 ok\r\n", "smtp:421 in process", false}};
    for (const Case& c : later) {
      MailWorld world;
      world.mail.some_will_do = true;
      world.host->replies["RCPT TO:<one@b.test>"] = c.one;
      world.host->replies["RCPT TO:<two@b.test>"] = c.two;
      const auto fault = world.send(Millis(300));
      CHECK(told(fault) == c.told);
      CHECK(world.host->message.empty() != c.sent);
      REQUIRE(fault);
      CHECK((fault->signal.when == kOthersHaveTheMail) == c.sent);
    }
  }
  SECTION("a message that is refused goes before a recipient who is") {
    MailWorld world;
    world.host->replies["RCPT TO:<one@b.test>"] = kNo;
    world.host->replies["END"] = "451 4.3.0 later\r\n";
    CHECK(told(world.send()) == "smtp:451 in transfer");
  }
}

TEST_CASE("STARTTLS") {
  MailWorld world;
  SECTION("good") {
    world.offer_tls("mx.test");
    CHECK(told(world.send()) == "");
    CHECK(!world.host->message.empty());
  }
  SECTION("another name") {
    world.offer_tls("other.test");
    CHECK(told(world.send()) == "x509:X509_V_ERR_HOSTNAME_MISMATCH(62) in tls");
    CHECK(world.host->message.empty());
  }
  SECTION("another name that was asked for") {
    world.offer_tls("other.test");
    world.mail.tls.server_name = "other.test";
    CHECK(told(world.send()) == "");
  }
  SECTION("not offered") {
    world.mail.require_tls = true;
    CHECK(told(world.send()) == "smtp:starttls_not_offered in tls");
    CHECK(world.host->message.empty());
  }
}

TEST_CASE("mail that cannot go out") {
  MailWorld world;
  SECTION("bad recipient") {
    world.mail.to = {"x>\r\nRCPT TO:<y@z"};
    CHECK(told(world.send()) == "smtp:bad_mail in connect");
  }
  SECTION("no recipient") {
    world.mail.to.clear();
    CHECK(told(world.send()) == "smtp:bad_mail in connect");
  }
  SECTION("bad smarthost") {
    world.mail.smarthost = "mx.test";
    CHECK(told(world.send()) == "smtp:bad_mail in connect");
  }
  SECTION("unknown smarthost") {
    world.mail.smarthost = "nowhere.test:25";
    CHECK(told(world.send()) == "dns:NXDOMAIN(3) in resolve");
  }
  SECTION("refused") {
    world.mail.smarthost = "mx.test:" + std::to_string(world.loopback.closed_port());
    CHECK(told(world.send()) == "errno:ECONNREFUSED in connect");
  }
}

TEST_CASE("pure parts of SMTP") {
  const auto reply = [](std::string input) {
    const auto taken = take_reply(input);
    return taken ? std::to_string(taken->code) + "|" + taken->text + "|" + input : "incomplete";
  };
  CHECK(reply("250 ok\r\nrest") == "250|ok|rest");
  CHECK(reply("250-a\r\n250-b\r\n250 c\r\n") == "250|a\nb\nc|");
  CHECK(reply("250\n") == "250||");
  CHECK(reply("250-a\r\n") == "incomplete");
  CHECK(reply("250 o") == "incomplete");
  CHECK(reply("hello\r\n").substr(0, 2) == "0|");
  CHECK(reply("650 x\r\n").substr(0, 2) == "0|");
  CHECK(reply("250x\r\n").substr(0, 2) == "0|");
  CHECK(enhanced_code("5.1.1 no") == "5.1.1");
  CHECK(enhanced_code("4.12.123") == "4.12.123");
  CHECK(enhanced_code("5.1 no") == "");
  CHECK(enhanced_code("3.1.1") == "");
  CHECK(enhanced_code("5..1.1") == "");
  CHECK(offers("me\nauth PLAIN LOGIN", "AUTH", "login"));
  CHECK(offers("AUTH=PLAIN", "AUTH", "PLAIN"));
  CHECK(!offers("AUTH PLAINER", "AUTH", "PLAIN"));
  CHECK(!offers("", "STARTTLS", ""));
  CHECK(from_base64("YWI=") == "ab");
  CHECK(from_base64("YWJj") == "abc");
  CHECK(from_base64("") == "");
  CHECK(!from_base64("YW*j"));
  CHECK(dot_stuffed("a") == "a\r\n.\r\n");
  CHECK(dot_stuffed(".\n..x\r\n") == "..\r\n...x\r\n.\r\n");
  CHECK(dot_stuffed("") == ".\r\n");
}

}  // namespace
}  // namespace seamwatch
