#include "probes/endpoints/url.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "agent/core/ascii.h"
#include "agent/core/hex.h"
#include "agent/core/secret.h"

namespace seamwatch::probes {
namespace {

// Whether a byte may stand in a request line.
bool is_safe(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte < 0x7f && c != '"' && c != '<' && c != '>';
}

// Bytes that may not stand in a request line become %XX; existing escapes stay.
std::string request_safe(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (std::ranges::all_of(text, is_safe)) {
    return std::string(text);  // as mostly; there is no room to keep it from run to run
  }
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (!is_safe(c)) {
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 0x0fU];
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  unsigned value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = failure == std::errc() && end == text.data() + text.size();
  return whole && value >= 1 && value <= 65535
             ? std::optional<std::uint16_t>(static_cast<std::uint16_t>(value))
             : std::nullopt;
}

// What is wrong with a host, or "".
std::string_view host_problem(std::string_view host, bool bracketed) {
  if (host.empty()) {
    return "has no host";
  }
  for (const char c : host) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      return "has a host that is not ASCII; write it as xn--...";
    }
    const bool plain = is_lower(c) || is_digit(c) || c == '.' || c == '-';
    if (plain) {
      continue;
    }
    constexpr std::string_view kForbidden = "/\\?#@%<>\"'`{}|^[],;()";
    if (byte <= ' ' || byte == 0x7f || (!bracketed && kForbidden.find(c) != std::string::npos)) {
      return "has a host with a forbidden character";
    }
    if (!bracketed && c == ':') {
      return "has an IPv6 address without brackets";
    }
  }
  return "";
}

// Splits "host:port", "[v6]:port", "host". The port is empty where none is given.
struct Authority {
  std::string host;
  std::string_view port;
  bool bracketed = false;
  bool broken = false;
};

Authority split_authority(std::string_view text) {
  Authority out;
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    out.bracketed = true;
    out.broken =
        close == std::string_view::npos || (close + 1 < text.size() && text[close + 1] != ':');
    if (!out.broken) {
      out.host = ascii_lower(text.substr(1, close - 1));
      out.port = close + 2 <= text.size() ? text.substr(close + 2) : std::string_view();
    }
    return out;
  }
  const std::size_t colon = text.rfind(':');
  out.host = ascii_lower(text.substr(0, colon));
  out.port = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  return out;
}

// Source: RFC 3986 section 5.2.4.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool directory = false;
  std::size_t at = 1;
  while (at <= path.size()) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, slash - at);
    const bool last = slash == path.size();
    directory = segment == "." || segment == "..";
    if (segment == "..") {
      if (!kept.empty()) {
        kept.pop_back();
      }
    } else if (segment != ".") {
      kept.push_back(segment);
    }
    at = slash + 1;
    if (last) {
      break;
    }
  }
  std::string out;
  for (const std::string_view segment : kept) {
    out.append("/").append(segment);
  }
  if (directory || out.empty()) {
    out += '/';
  }
  return out;
}

bool has_scheme(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return false;
  }
  const std::string_view scheme = text.substr(0, colon);
  return std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

// Reads what follows "scheme:" and "//" into `url`, whose scheme is set.
Result<Url> parse_rest(Url url, std::string_view rest, std::string_view whole) {
  const auto fail = [&](const std::string& what) {
    return error("\"" + redact_url(whole) + "\" " + what);
  };
  const std::size_t end = std::min(rest.find_first_of("/?#\\"), rest.size());
  std::string_view authority = rest.substr(0, end);
  std::string_view path = rest.substr(end);
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view userinfo = authority.substr(0, at);
    const std::size_t colon = std::min(userinfo.find(':'), userinfo.size());
    url.user = percent_decoded(userinfo.substr(0, colon));
    url.password = colon < userinfo.size() ? percent_decoded(userinfo.substr(colon + 1)) : "";
    authority = authority.substr(at + 1);
  }
  Authority parts = split_authority(authority);
  const std::string_view problem = host_problem(parts.host, parts.bracketed);
  if (parts.broken || !problem.empty()) {
    return fail(parts.broken ? "has a broken IPv6 address" : std::string(problem));
  }
  url.host = std::move(parts.host);
  url.port = url.tls ? 443 : 80;
  if (!parts.port.empty()) {
    const auto port = port_number(parts.port);
    if (!port) {
      return fail("has no port between 1 and 65535");
    }
    url.port = *port;
  }
  path = path.substr(0, path.find('#'));
  url.path = path.empty() || path.front() != '/' ? "/" : "";
  url.path += request_safe(path);
  return url;
}

}  // namespace

std::string Url::authority() const {
  const bool six = host.find(':') != std::string::npos;
  std::string out = six ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) {
    out += ":" + std::to_string(port);
  }
  return out;
}

std::string Url::text() const {
  return (tls ? "https://" : "http://") + authority() + path;
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos || mark > text.find_first_of("/?#")) {
    return parse_rest(std::move(url), text, text);
  }
  const std::string scheme = ascii_lower(text.substr(0, mark));
  if (scheme != "http" && scheme != "https") {
    return error("\"" + redact_url(text) + "\" is neither http nor https");
  }
  url.tls = scheme == "https";
  return parse_rest(std::move(url), text.substr(mark + 3), text);
}

Result<Url> resolve_reference(const Url& base, std::string_view reference) {
  while (!reference.empty() && static_cast<unsigned char>(reference.front()) <= ' ') {
    reference.remove_prefix(1);
  }
  while (!reference.empty() && static_cast<unsigned char>(reference.back()) <= ' ') {
    reference.remove_suffix(1);
  }
  reference = reference.substr(0, reference.find('#'));
  if (has_scheme(reference.substr(0, reference.find_first_of("/?")))) {
    if (reference.find("://") == std::string_view::npos) {
      return error("\"" + redact_url(reference) + "\" is neither http nor https");
    }
    return parse_url(reference);
  }
  Url url;
  url.tls = base.tls;
  if (reference.substr(0, 2) == "//") {
    return parse_rest(std::move(url), reference.substr(2), reference);
  }
  url = base;
  url.user.clear();
  url.password.clear();
  if (reference.empty()) {
    return url;
  }
  const std::string base_path = base.path.substr(0, base.path.find('?'));
  const std::size_t query_at = std::min(reference.find('?'), reference.size());
  std::string path(reference.substr(0, query_at));
  if (path.empty()) {
    path = base_path;
  } else {
    if (path.front() != '/') {
      path.insert(0, base_path.substr(0, base_path.rfind('/') + 1));
    }
    path = without_dot_segments(path);
  }
  url.path = request_safe(path) + request_safe(reference.substr(query_at));
  return url;
}

Result<HostPort> parse_host_port(std::string_view text) {
  const auto fail = [&](const std::string& what) {
    return error("\"" + std::string(text) + "\" " + what);
  };
  if (text.find("://") != std::string_view::npos) {
    return error("\"" + redact_url(text) +
                 "\" is a URL; write host:port, without what stands before and after that");
  }
  Authority parts = split_authority(text);
  const std::string_view problem = host_problem(parts.host, parts.bracketed);
  if (parts.broken || !problem.empty()) {
    return fail(parts.broken ? "has a broken IPv6 address" : std::string(problem));
  }
  const auto port = port_number(parts.port);
  if (!port) {
    return fail("has no port between 1 and 65535; write host:port");
  }
  HostPort out;
  out.host = std::move(parts.host);
  out.port = *port;
  return out;
}

}  // namespace seamwatch::probes
