#include "probes/endpoints/socks5.h"

#include <array>
#include <string_view>
#include <utility>

#include <boost/asio/ip/address.hpp>

namespace seamwatch::probes {
namespace {

namespace asio = boost::asio;

constexpr char kVersion = 5;
constexpr char kNoLogin = 0;
constexpr char kByPassword = 2;
constexpr std::size_t kNameMax = 255;

Fault fault_of(std::string code, std::string detail) {
  Fault fault;
  fault.signal = {"socks5", std::move(code), "", ""};
  fault.phase = "connect";
  fault.detail = std::move(detail);
  return fault;
}

// A text behind its length, which is at most 255.
std::string counted(std::string_view text) {
  return std::string(1, static_cast<char>(text.size())) + std::string(text);
}

// Source: RFC 1928 section 5.
std::string address_text(const std::string& host) {
  boost::system::error_code is_name;
  const asio::ip::address address = asio::ip::make_address(host, is_name);
  if (is_name) {
    return '\3' + counted(host);
  }
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return '\1' + std::string(bytes.begin(), bytes.end());
  }
  const auto bytes = address.to_v6().to_bytes();
  return '\4' + std::string(bytes.begin(), bytes.end());
}

std::string connect_request(const Socks5Request& request) {
  std::string out = {kVersion, 1, 0};
  out += address_text(request.host);
  out += static_cast<char>(request.port >> 8U);
  out += static_cast<char>(request.port & 0xffU);
  return out;
}

// What a reply other than "succeeded" says. Source: RFC 1928 section 6.
Fault refusal(int reply) {
  constexpr std::array<std::pair<const char*, const char*>, 9> kReplies = {{
      {"", ""},
      {"general_failure", "it failed in general"},
      {"not_allowed", "its rules do not allow the connection"},
      {"network_unreachable", "the target's network is unreachable"},
      {"host_unreachable", "the target is unreachable"},
      {"connection_refused", "the target refused the connection"},
      {"ttl_expired", "the way to the target is too long"},
      {"command_not_supported", "it does not know CONNECT"},
      {"address_type_not_supported", "it does not take this kind of address"},
  }};
  const auto index = static_cast<std::size_t>(reply);
  if (index >= kReplies.size()) {
    return fault_of("unassigned_reply", "it answered with " + std::to_string(reply));
  }
  const auto& [code, detail] = kReplies[index];
  return fault_of(std::string(code) + "(" + std::to_string(reply) + ")", detail);
}

Fault malformed() {
  return fault_of("malformed_reply", "what it answers is not SOCKS5");
}

// One step of the dialogue: writes `words`, then reads `size` bytes into `reply`.
struct Dialogue {
  Connection& connection;
  MonoTime deadline;
  std::string reply = {};
};

asio::awaitable<std::optional<Fault>> hear(Dialogue* talk, std::size_t size) {
  talk->reply.assign(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    Transferred part =
        co_await talk->connection.read_some(talk->reply.data() + got, size - got, talk->deadline);
    if (part.fault) {
      part.fault->phase = "connect";
      co_return std::move(part.fault);
    }
    if (part.bytes == 0) {
      co_return fault_of("closed", "it closed the connection without an answer");
    }
    got += part.bytes;
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Fault>> ask(Dialogue* talk, std::string words, std::size_t size) {
  Transferred sent = co_await talk->connection.write_all(words, talk->deadline);
  if (sent.fault) {
    sent.fault->phase = "connect";
    co_return std::move(sent.fault);
  }
  co_return co_await hear(talk, size);
}

asio::awaitable<std::optional<Fault>> log_in(Dialogue* talk, const Socks5Request* request) {
  const bool with_login = !request->user.empty();
  std::string methods = with_login ? std::string{kVersion, 2, kNoLogin, kByPassword}
                                   : std::string{kVersion, 1, kNoLogin};
  auto failed = co_await ask(talk, std::move(methods), 2);
  if (failed) {
    co_return failed;
  }
  const char method = talk->reply[1];
  if (talk->reply[0] != kVersion) {
    co_return malformed();
  }
  if (method == kNoLogin) {
    co_return std::nullopt;
  }
  if (method != kByPassword || !with_login) {
    const char* detail = with_login ? "it does not take a login by password"
                                    : "it asks for a login; add user:password@ to the proxy's URL";
    co_return fault_of("no_acceptable_method(255)", detail);
  }
  std::string login = '\1' + counted(request->user) + counted(request->password);
  auto cut_short = co_await ask(talk, std::move(login), 2);
  if (cut_short) {
    co_return cut_short;
  }
  if (talk->reply[1] != 0) {
    co_return fault_of("login_refused", "it refused the login");
  }
  co_return std::nullopt;
}

}  // namespace

asio::awaitable<std::optional<Fault>> lead_on(Connection* connection,
                                              Socks5Request request,
                                              MonoTime deadline) {
  if (request.host.size() > kNameMax) {
    co_return fault_of("name_too_long", "the target's name is longer than 255 bytes");
  }
  Dialogue talk{*connection, deadline};
  auto refused = co_await log_in(&talk, &request);
  if (refused) {
    co_return refused;
  }
  auto failed = co_await ask(&talk, connect_request(request), 4);
  if (failed) {
    co_return failed;
  }
  const int reply = static_cast<unsigned char>(talk.reply[1]);
  const char kind = talk.reply[3];
  if (talk.reply[0] != kVersion) {
    co_return malformed();
  }
  if (reply != 0) {
    co_return refusal(reply);
  }
  // The address that the proxy speaks from, which nobody needs.
  std::size_t rest = kind == 1 ? 4 : kind == 4 ? 16 : 0;
  if (kind == 3) {
    auto cut_short = co_await hear(&talk, 1);
    if (cut_short) {
      co_return cut_short;
    }
    rest = static_cast<unsigned char>(talk.reply[0]);
  } else if (rest == 0) {
    co_return malformed();
  }
  co_return co_await hear(&talk, rest + 2);
}

}  // namespace seamwatch::probes
