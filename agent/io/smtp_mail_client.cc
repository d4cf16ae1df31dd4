#include "agent/io/smtp_mail_client.h"

#include <array>
#include <charconv>
#include <span>
#include <string_view>
#include <utility>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "agent/core/base64.h"
#include "agent/core/hex.h"
#include "agent/io/smtp_reply.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kReplyBytesMax = 64 * 1024;

Fault smtp_fault(std::string code, const char* phase, std::string detail) {
  Fault fault;
  fault.signal.protocol = "smtp";
  fault.signal.code = std::move(code);
  fault.phase = phase;
  fault.detail = std::move(detail);
  return fault;
}

// Source: IANA's service names.
constexpr std::pair<std::string_view, std::uint16_t> kNamedPorts[] = {
    {"smtp", 25}, {"smtps", 465}, {"submission", 587}, {"submissions", 465}};

// Where a mail goes: "mx.example:587", "[::1]:25", "mx.example:submission".
struct Smarthost {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<Smarthost> split(const std::string& smarthost) {
  const std::size_t colon = smarthost.rfind(':');
  Smarthost out;
  if (colon == std::string::npos || colon == 0) {
    return std::nullopt;
  }
  out.host = smarthost.substr(0, colon);
  const std::string_view port = std::string_view(smarthost).substr(colon + 1);
  for (const auto& [name, number] : kNamedPorts) {
    if (port == name) {
      out.port = number;
      return out;
    }
  }
  const char* const last = port.data() + port.size();
  const auto [end, failure] = std::from_chars(port.data(), last, out.port);
  const bool good = failure == std::errc() && end == last && out.port > 0;
  return good ? std::optional<Smarthost>(out) : std::nullopt;
}

std::string hmac_md5_hex(const std::string& key, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_md5(),
       key.data(),
       static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()),
       text.size(),
       digest.data(),
       &size);
  return hex(std::span(digest).first(size));
}

// A word of the server's that stands. Source: RFC 5321 section 4.2.1.
bool is_final(const Fault& fault) {
  return fault.signal.code.size() == 3 && fault.signal.code.front() == '5';
}

// A reply after which the conversation goes on; 421 is a server's last word.
bool is_reply(const Fault& fault) {
  return fault.signal.code.size() == 3 && fault.signal.code.front() == '4' &&
         fault.signal.code != "421";
}

// One conversation. What a step returns is why the mail cannot go out, if so.
class Conversation {
 public:
  Conversation(std::unique_ptr<Connection> connection, const Mail& mail, MonoTime deadline)
      : connection_(std::move(connection)), mail_(mail), deadline_(deadline) {}

  asio::awaitable<std::optional<Fault>> run(std::string host);

 private:
  using Step = asio::awaitable<std::optional<Fault>>;

  Step secure(std::string host);
  Step greet();
  Step start_tls(std::string host);
  Step log_in(std::string host);
  Step log_in_by_digest();
  Step envelope();
  Step message();
  // Sends `line` (none for ""), reads a reply and wants its code to be of class `wanted` (2 or 3).
  Step ask(std::string line, const char* phase, int wanted);
  Step read_reply(const char* phase);

  std::unique_ptr<Connection> connection_;
  const Mail& mail_;
  MonoTime deadline_;
  std::string input_;
  bool encrypted_ = false;
  SmtpReply reply_;                 // the last one
  std::string offered_;             // the text of the last EHLO reply
  std::optional<Fault> unreached_;  // of the first recipient that was not taken
};

Conversation::Step Conversation::read_reply(const char* phase) {
  std::array<char, 2048> buffer;
  for (;;) {
    auto reply = take_reply(input_);
    if (reply) {
      reply_ = std::move(*reply);
      if (reply_.code == 0) {
        co_return smtp_fault("malformed_reply", phase, "the server does not speak SMTP");
      }
      co_return std::nullopt;
    }
    if (input_.size() > kReplyBytesMax) {
      co_return smtp_fault("malformed_reply", phase, "a reply of the server does not end");
    }
    Transferred got = co_await connection_->read_some(buffer.data(), buffer.size(), deadline_);
    if (got.fault) {
      got.fault->phase = phase;
      co_return std::move(got.fault);
    }
    if (got.bytes == 0) {
      co_return smtp_fault("connection_closed", phase, "the server ended the conversation");
    }
    input_.append(buffer.data(), got.bytes);
  }
}

Conversation::Step Conversation::ask(std::string line, const char* phase, int wanted) {
  if (!line.empty()) {
    Transferred sent = co_await connection_->write_all(line, deadline_);
    if (sent.fault) {
      sent.fault->phase = phase;
      co_return std::move(sent.fault);
    }
  }
  auto broken = co_await read_reply(phase);
  if (broken || reply_.code / 100 == wanted) {
    co_return broken;
  }
  Fault refused = smtp_fault(std::to_string(reply_.code), phase, "");
  refused.signal.name = enhanced_code(reply_.text);
  refused.detail = "the server said: " + reply_.text.substr(0, reply_.text.find('\n'));
  co_return refused;
}

Conversation::Step Conversation::secure(std::string host) {
  TlsOptions options = mail_.tls;
  if (options.server_name.empty()) {
    options.server_name = host;
  }
  input_.clear();  // what was sent in the clear must not pass for what comes encrypted
  const TlsHandshake handshake = co_await connection_->start_tls(options, deadline_);
  encrypted_ = !handshake.fault;
  co_return handshake.fault;
}

Conversation::Step Conversation::greet() {
  const std::string line = "EHLO " + mail_.hello + "\r\n";
  auto failed = co_await ask(line, "connect", 2);
  offered_ = reply_.text;
  co_return failed;
}

Conversation::Step Conversation::start_tls(std::string host) {
  if (!offers(offered_, "STARTTLS", "")) {
    co_return smtp_fault("starttls_not_offered", "tls", "TLS is required and not offered");
  }
  auto refused = co_await ask("STARTTLS\r\n", "tls", 2);
  if (refused) {
    co_return refused;
  }
  auto failed = co_await secure(host);
  if (failed) {
    co_return failed;
  }
  co_return co_await greet();
}

// Source: RFC 2195 section 2.
Conversation::Step Conversation::log_in_by_digest() {
  auto refused = co_await ask("AUTH CRAM-MD5\r\n", "login", 3);
  if (refused) {
    co_return refused;
  }
  const auto challenge = from_base64(reply_.text.substr(0, reply_.text.find('\n')));
  if (!challenge) {
    co_return smtp_fault("malformed_reply", "login", "the challenge is not base64");
  }
  const std::string words =
      mail_.auth_username + " " + hmac_md5_hex(mail_.auth_secret.reveal(), *challenge);
  const std::string line = base64(words) + "\r\n";
  co_return co_await ask(line, "login", 2);
}

Conversation::Step Conversation::log_in(std::string host) {
  const std::string& password = mail_.auth_password.reveal();
  if (!mail_.auth_secret.empty() && offers(offered_, "AUTH", "CRAM-MD5")) {
    co_return co_await log_in_by_digest();
  }
  if (password.empty() && !mail_.auth_secret.empty()) {
    co_return smtp_fault("auth_not_offered",
                         "login",
                         "the server offers AUTH, but not CRAM-MD5; give auth_password, or leave "
                         "auth_username out where it needs none");
  }
  if (!encrypted_ && !is_this_machine(host)) {
    co_return smtp_fault("auth_unencrypted",
                         "login",
                         "the password would go over the network in the clear; set require_tls or "
                         "force_implicit_tls, or leave auth_username out where it needs none");
  }
  if (offers(offered_, "AUTH", "PLAIN")) {
    const std::string zero(1, '\0');
    const std::string words = mail_.auth_identity + zero + mail_.auth_username + zero + password;
    const std::string line = "AUTH PLAIN " + base64(words) + "\r\n";
    co_return co_await ask(line, "login", 2);
  }
  if (!offers(offered_, "AUTH", "LOGIN")) {
    co_return smtp_fault(
        "auth_not_offered",
        "login",
        "the server offers AUTH, but neither PLAIN nor LOGIN; give auth_secret for "
        "CRAM-MD5, or leave auth_username out where it needs none");
  }
  const std::string user = base64(mail_.auth_username) + "\r\n";
  const std::string secret = base64(password) + "\r\n";
  auto refused = co_await ask("AUTH LOGIN\r\n", "login", 3);
  if (refused) {
    co_return refused;
  }
  auto unknown = co_await ask(user, "login", 3);
  if (unknown) {
    co_return unknown;
  }
  co_return co_await ask(secret, "login", 2);
}

Conversation::Step Conversation::envelope() {
  const std::string from = "MAIL FROM:<" + mail_.from + ">\r\n";
  auto refused = co_await ask(from, "process", 2);
  if (refused) {
    co_return refused;
  }
  std::size_t taken = 0;
  std::optional<Fault> put_off;
  for (const std::string& address : mail_.to) {
    const std::string to = "RCPT TO:<" + address + ">\r\n";
    auto unknown = co_await ask(to, "process", 2);
    if (unknown && !is_final(*unknown)) {
      if (is_reply(*unknown) && mail_.to.size() > 1) {
        unknown->signal.when = kRecipientPutOff;
      }
      if (!mail_.some_will_do || !is_reply(*unknown)) {
        co_return unknown;
      }
      put_off = put_off ? put_off : unknown;
    }
    taken += unknown ? 0 : 1;
    if (unknown && !unreached_) {
      unreached_ = std::move(unknown);
    }
  }
  if (taken > 0) {
    co_return std::nullopt;
  }
  co_return put_off ? put_off : unreached_;
}

Conversation::Step Conversation::message() {
  auto refused = co_await ask("DATA\r\n", "process", 3);
  if (refused) {
    co_return refused;
  }
  const std::string text = dot_stuffed(mail_.message);
  co_return co_await ask(text, "transfer", 2);
}

Conversation::Step Conversation::run(std::string host) {
  if (mail_.implicit_tls) {
    auto failed = co_await secure(host);
    if (failed) {
      co_return failed;
    }
  }
  auto unwelcome = co_await ask("", "connect", 2);
  if (unwelcome) {
    co_return unwelcome;
  }
  auto refused = co_await greet();
  if (!refused && mail_.require_tls && !mail_.implicit_tls) {
    auto insecure = co_await start_tls(host);
    refused = std::move(insecure);
  }
  // A server that offers no AUTH at all wants none, as a relay for its own network; one that does
  // want it answers 530 later. Source: Alertmanager does the same.
  if (!refused && !mail_.auth_username.empty() && offers(offered_, "AUTH", "")) {
    auto stranger = co_await log_in(host);
    refused = std::move(stranger);
  }
  if (!refused) {
    auto unknown = co_await envelope();
    refused = std::move(unknown);
  }
  if (!refused) {
    auto not_taken = co_await message();
    const bool sent = !not_taken.has_value();
    refused = sent ? unreached_ : std::move(not_taken);
    if (sent && refused) {
      refused->signal.when = kOthersHaveTheMail;
      refused->detail += "; " + std::string(kOthersHaveTheMail);
    }
  }
  // A last word is polite but not waited for: the mail is taken or refused by now.
  const std::string goodbye = "QUIT\r\n";
  co_await connection_->write_all(goodbye, deadline_);
  co_return refused;
}

// What is wrong with the mail itself, or "".
std::string problem_of(const Mail& mail) {
  if (!is_bare_address(mail.hello) || !is_bare_address(mail.from)) {
    return "the sender or the hello name is no bare address";
  }
  for (const std::string& address : mail.to) {
    if (!is_bare_address(address)) {
      return "a recipient is no bare address";
    }
  }
  return mail.to.empty() ? "there is no recipient" : "";
}

}  // namespace

asio::awaitable<std::optional<Fault>> SmtpMailClient::send(Mail mail, MonoTime deadline) {
  const auto place = split(mail.smarthost);
  const std::string wrong = place ? problem_of(mail) : "the smarthost is no host:port";
  if (!wrong.empty()) {
    co_return smtp_fault("bad_mail", "connect", wrong);
  }
  std::string host = place->host;
  const Resolution found = co_await resolver_.resolve(host, IpPreference::ip4_then_ip6, deadline);
  if (found.fault) {
    co_return found.fault;
  }
  std::optional<Fault> failed;
  for (const auto& address : found.addresses) {
    const asio::ip::tcp::endpoint endpoint(address, place->port);
    Dialed dialed = co_await dialer_.connect(endpoint, deadline);
    if (dialed.fault) {
      failed = std::move(dialed.fault);
      continue;  // another address of the smarthost may be there
    }
    Conversation conversation(std::move(dialed.connection), mail, deadline);
    co_return co_await conversation.run(host);
  }
  co_return failed;
}

}  // namespace seamwatch
