#include "agent/web/alertmanager/request_uri.h"

#include <algorithm>
#include <cstddef>

#include "agent/core/ascii.h"

namespace seamwatch::agent {
namespace {

// Besides letters and digits.
constexpr std::string_view kInHost = "-_.~!$&'()*+,;=:[]<>\"%";
constexpr std::string_view kInUser = "-._:~!$&'()*+,;=%@";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Letters, digits and those in `others`.
bool has_only(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
  });
}

// Every % begins an escape.
bool is_escaped_well(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
    if (at + 2 >= text.size() || hex_value(text[at + 1]) < 0 || hex_value(text[at + 2]) < 0) {
      return false;
    }
  }
  return true;
}

// What need not be escaped in a host, or is not ASCII.
bool is_plain_host(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || has_only({&c, 1}, kInHost);
  });
}

// In a host only what is not ASCII is escaped, and the % before the zone of an address.
bool is_host_name(std::string_view host) {
  for (std::size_t at = host.find('%'); at != std::string_view::npos; at = host.find('%', at + 1)) {
    if (host[at + 1] < '8' && host.substr(at, 3) != "%25") {
      return false;
    }
  }
  return is_plain_host(host);
}

// The zone of an address, with the % before it. Escaped is a blank, or what need not be.
bool is_zone(std::string_view zone) {
  for (std::size_t at = zone.find('%'); at != std::string_view::npos; at = zone.find('%', at + 3)) {
    const char escaped = static_cast<char>(hex_value(zone[at + 1]) * 16 + hex_value(zone[at + 2]));
    if (escaped != ' ' && !has_only({&escaped, 1}, kInHost)) {
      return false;
    }
  }
  return is_plain_host(zone);
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
  const std::size_t zone = std::min(text.substr(0, bracket).find("%25"), text.size());
  if (zone < text.size()) {
    return is_host_name(text.substr(0, zone)) && is_zone(text.substr(zone, bracket - zone));
  }
  return is_host_name(text);
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
    return !is_letter_or_digit(c) && c != '+' && c != '-' && c != '.';
  });
  const bool has_one =
      end != text.end() && *end == ':' && (is_lower(text.front()) || is_upper(text.front()));
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
