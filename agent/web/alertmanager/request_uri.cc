#include "agent/web/alertmanager/request_uri.h"

#include <algorithm>
#include <cstddef>

namespace seamwatch::agent {
namespace {

// Besides letters and digits.
constexpr std::string_view kInHost = "-_.~!$&'()*+,;=:[]<>\"%";
constexpr std::string_view kInUser = "-._:~!$&'()*+,;=%@";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Letters, digits and those in `others`.
bool has_only(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
  });
}

// Every % begins an escape.
bool is_escaped_well(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
    if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) {
      return false;
    }
  }
  return true;
}

// In a host only what is not ASCII is escaped, and the % before the zone of an address.
bool is_host_escaped_well(std::string_view host) {
  for (std::size_t at = host.find('%'); at != std::string_view::npos; at = host.find('%', at + 1)) {
    if (host[at + 1] < '8' && host.substr(at, 3) != "%25") {
      return false;
    }
  }
  return true;
}

// "" or a colon and digits.
bool is_port(std::string_view text) {
  return text.empty() ||
         (text.front() == ':' &&
          std::all_of(text.begin() + 1, text.end(), [](char c) { return is_digit(c); }));
}

bool is_host(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.rfind(']') : 0;
  if (bracket == std::string_view::npos) {
    return false;
  }
  const std::size_t port = bracket > 0 ? bracket + 1 : std::min(text.rfind(':'), text.size());
  if (!is_port(text.substr(port)) || !is_escaped_well(text)) {
    return false;
  }
  // The zone of an address may hold any escape.
  const std::size_t zone = bracket > 0 ? text.substr(0, bracket).find("%25") : text.size();
  const std::string_view host = text.substr(0, zone);
  return is_host_escaped_well(host) && std::all_of(host.begin(), host.end(), [](char c) {
           return static_cast<unsigned char>(c) >= 0x80 || has_only({&c, 1}, kInHost);
         });
}

// What stands between // and the path.
bool is_authority(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) {
    return is_host(text);
  }
  const std::string_view user = text.substr(0, at);
  return is_host(text.substr(at + 1)) && has_only(user, kInUser) && is_escaped_well(user);
}

// How many bytes of `text` its scheme and the colon take; 0 where it has none.
std::size_t scheme_size(std::string_view text) {
  const auto end = std::find_if(text.begin(), text.end(), [](char c) {
    return !is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.';
  });
  const bool has_one = end != text.end() && *end == ':' && is_letter(text.front());
  return has_one ? static_cast<std::size_t>(end - text.begin()) + 1 : 0;
}

}  // namespace

bool is_request_uri(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return false;
  }
  const std::size_t scheme = scheme_size(text);
  std::string_view rest = text.substr(scheme);
  rest = rest.substr(0, rest.find('?'));
  if (!rest.starts_with('/')) {
    return scheme > 0 || text == "*";
  }
  if (scheme > 0 && rest.starts_with("//")) {
    const std::string_view authority = rest.substr(2, rest.find('/', 2) - 2);
    rest.remove_prefix(2 + authority.size());
    if (!is_authority(authority)) {
      return false;
    }
  }
  return is_escaped_well(rest);
}

}  // namespace seamwatch::agent
