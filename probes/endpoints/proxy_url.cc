#include "probes/endpoints/proxy_url.h"

#include "agent/core/ascii.h"
#include "agent/core/secret.h"
#include "probes/endpoints/url.h"

namespace seamwatch::probes {
namespace {

constexpr std::uint16_t kSocksPort = 1080;
constexpr std::size_t kSocksTextMax = 255;  // Source: RFC 1929 section 2

// Whether the authority of `rest` names a port.
bool names_port(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::string_view place = authority.substr(authority.rfind('@') + 1);
  const std::size_t colon = place.rfind(':');
  return colon != std::string_view::npos && place.find(']', colon) == std::string_view::npos;
}

}  // namespace

std::string ProxyUrl::text() const {
  const bool six = host.find(':') != std::string::npos;
  const char* name = kind == Kind::socks5 ? "SOCKS5" : kind == Kind::https ? "https" : "http";
  return std::string(name) + " proxy " + (six ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

Result<ProxyUrl> parse_proxy_url(std::string_view text) {
  const std::size_t mark = text.find("://");
  const std::string scheme =
      mark == std::string_view::npos ? "" : ascii_lower(text.substr(0, mark));
  ProxyUrl out;
  const bool socks = scheme == "socks5" || scheme == "socks5h";
  const std::string_view rest = socks ? text.substr(mark + 3) : std::string_view();
  auto url = parse_url(socks ? "http://" + std::string(rest) : std::string(text));
  if (!url) {
    const bool known = socks || scheme.empty() || scheme == "http" || scheme == "https";
    return known ? url.error()
                 : error("\"" + redact_url(text) + "\" is no http, https or socks5 proxy");
  }
  out.kind = socks      ? ProxyUrl::Kind::socks5
             : url->tls ? ProxyUrl::Kind::https
                        : ProxyUrl::Kind::http;
  out.host = std::move(url->host);
  out.port = socks && !names_port(rest) ? kSocksPort : url->port;
  out.user = std::move(url->user);
  out.password = std::move(url->password);
  if (socks && (out.user.size() > kSocksTextMax || out.password.size() > kSocksTextMax)) {
    return error("the login of a SOCKS5 proxy has at most 255 bytes of user and of password");
  }
  return out;
}

}  // namespace seamwatch::probes
