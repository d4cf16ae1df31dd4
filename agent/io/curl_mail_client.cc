#include "agent/io/curl_mail_client.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <string_view>

#include <curl/curl.h>

#include "agent/io/curl_request.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;

// What goes out and the last line that came in; libcurl calls back into it.
struct Dialogue {
  std::string_view left;
  std::string last_line;
};

std::size_t on_read(char* data, std::size_t, std::size_t room, void* context) {
  Dialogue& dialogue = *static_cast<Dialogue*>(context);
  const std::size_t size = std::min(room, dialogue.left.size());
  std::memcpy(data, dialogue.left.data(), size);
  dialogue.left.remove_prefix(size);
  return size;
}

std::size_t on_line(char* data, std::size_t, std::size_t size, void* context) {
  constexpr std::size_t kLineBytesMax = 1024;
  static_cast<Dialogue*>(context)->last_line.assign(data, std::min(size, kLineBytesMax));
  return size;
}

// The "4.7.1" of "451 4.7.1 Try later", or "". Source: RFC 2034 section 4.
std::string enhanced_code(std::string_view line) {
  if (line.size() < 9 || (line[3] != ' ' && line[3] != '-')) {
    return "";
  }
  const std::string_view rest = line.substr(4);
  const std::string_view word = rest.substr(0, rest.find_first_of(" \r\n"));
  int dots = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(word[i])) != 0;
    const bool dot = word[i] == '.' && i > 0 && i + 1 < word.size() && word[i - 1] != '.';
    if (!digit && !dot) {
      return "";
    }
    dots += dot ? 1 : 0;
  }
  const bool class_fits = !word.empty() && (word[0] == '2' || word[0] == '4' || word[0] == '5');
  return dots == 2 && class_fits && word.size() <= 9 ? std::string(word) : "";
}

Fault local_fault(std::string protocol, std::string code, std::string detail) {
  Fault fault;
  fault.signal.protocol = std::move(protocol);
  fault.signal.code = std::move(code);
  fault.phase = "connect";
  fault.detail = std::move(detail);
  return fault;
}

bool is_bare_address(const std::string& address) {
  return !address.empty() && address.size() <= 320 &&
         std::none_of(address.begin(), address.end(), [](unsigned char c) {
           return c <= ' ' || c == 0x7f || c == '<' || c == '>';
         });
}

struct Smarthost {
  std::string host;
  std::string port;
};

std::optional<Smarthost> split(const std::string& smarthost) {
  const std::size_t colon = smarthost.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == smarthost.size()) {
    return std::nullopt;
  }
  const std::string port = smarthost.substr(colon + 1);
  const std::string host = smarthost.substr(0, colon);
  const bool digits =
      port.size() <= 5 &&
      std::all_of(port.begin(), port.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  const bool plain = std::none_of(host.begin(), host.end(), [](unsigned char c) {
    return c <= ' ' || c == '/' || c == '@' || c == '?' || c == '#';
  });
  return digits && plain ? std::optional<Smarthost>(Smarthost{host, port}) : std::nullopt;
}

const char* phase_of_reply(int curl_code) {
  switch (curl_code) {
    case CURLE_LOGIN_DENIED:
      return "login";
    case CURLE_USE_SSL_FAILED:
      return "tls";
    case CURLE_WEIRD_SERVER_REPLY:
      return "transfer";
    default:
      return "process";
  }
}

Fault mail_fault(void* easy, const CurlOutcome& outcome, const char* words, const Dialogue& said) {
  long reply = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
  const bool refused = !outcome.timed_out && reply >= 400 && reply <= 599;
  if (!refused) {
    return curl_fault(easy, outcome, words);
  }
  Fault fault;
  fault.signal.protocol = "smtp";
  fault.signal.code = std::to_string(reply);
  fault.signal.name = enhanced_code(said.last_line);
  fault.phase = phase_of_reply(outcome.code);
  fault.detail = words[0] != '\0' ? words : "the server refused the mail";
  return fault;
}

// Says what is wrong with the addresses, or "".
std::string set_envelope(void* easy, const Mail& mail, CurlList& recipients) {
  if (!is_bare_address(mail.from)) {
    return "the sender is no bare address";
  }
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
  for (const std::string& address : mail.to) {
    if (!is_bare_address(address)) {
      return "a recipient is no bare address";
    }
    append(recipients, "<" + address + ">");
  }
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients.get());
  return mail.to.empty() ? "there is no recipient" : "";
}

void set_credentials(void* easy, const Mail& mail) {
  if (mail.auth_username.empty()) {
    return;
  }
  curl_easy_setopt(easy, CURLOPT_USERNAME, mail.auth_username.c_str());
  curl_easy_setopt(easy, CURLOPT_PASSWORD, mail.auth_password.reveal().c_str());
  if (!mail.auth_identity.empty()) {
    curl_easy_setopt(easy, CURLOPT_SASL_AUTHZID, mail.auth_identity.c_str());
  }
}

}  // namespace

asio::awaitable<std::optional<Fault>> CurlMailClient::send(Mail mail, MonoTime deadline) {
  const auto place = split(mail.smarthost);
  if (!place || !is_bare_address(mail.hello)) {
    co_return local_fault("curl", "CURLE_URL_MALFORMAT", "the smarthost is no host:port");
  }
  const CurlPlace where{place->host, place->port, mail.tls.server_name};
  const CurlAddresses addresses = co_await resolve_for_curl(resolver_, where, deadline);
  if (addresses.fault) {
    co_return addresses.fault;
  }
  std::array<char, kCurlWordsBytes> words{};
  const EasyHandle easy = make_easy(words.data());
  CurlList resolved;
  CurlList recipients;
  Dialogue dialogue;
  dialogue.left = mail.message;
  const std::string& url_host = mail.tls.server_name.empty() ? place->host : mail.tls.server_name;
  const std::string scheme = mail.implicit_tls ? "smtps://" : "smtp://";
  const std::string url = scheme + url_host + ":" + place->port + "/" + mail.hello;
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy.get(),
                   CURLOPT_USE_SSL,
                   mail.require_tls && !mail.implicit_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE);
  curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, &on_read);
  curl_easy_setopt(easy.get(), CURLOPT_READDATA, &dialogue);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &on_line);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &dialogue);
  if (!addresses.entry.empty()) {
    append(resolved, addresses.entry);
    curl_easy_setopt(easy.get(), CURLOPT_RESOLVE, resolved.get());
  }
  const std::string wrong_tls = set_tls_options(easy.get(), mail.tls);
  if (!wrong_tls.empty()) {
    co_return local_fault("tls", "local_configuration", wrong_tls);
  }
  const std::string wrong = set_envelope(easy.get(), mail, recipients);
  if (!wrong.empty()) {
    co_return local_fault("curl", "CURLE_URL_MALFORMAT", wrong);
  }
  set_credentials(easy.get(), mail);
  const CurlOutcome outcome = co_await loop_.perform(easy.get(), deadline);
  if (!outcome.timed_out && outcome.code == CURLE_OK) {
    co_return std::nullopt;
  }
  co_return mail_fault(easy.get(), outcome, words.data(), dialogue);
}

}  // namespace seamwatch
