#include "agent/core/http_url.h"

#include <algorithm>
#include <cstddef>

#include "agent/core/ascii.h"

namespace seamwatch {
namespace {

// Besides letters and digits. Source: Go, net/url, validUserinfo, shouldEscape and validEncoded.
constexpr std::string_view kInUser = "-._:~!$&'()*+,;=%@";
constexpr std::string_view kInPath = "-_.~$&+,/:;=@";
constexpr std::string_view kInWrittenPath = "-_.~$&+,/:;=@!'()*[]%";

bool holds_only(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
  });
}

// A host with or without a port.
bool is_host_of_url(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = text.substr(0, colon);
  const std::string_view port =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  return !host.empty() && host.find_first_of(" \\^`{}|%") == std::string_view::npos &&
         (!host.starts_with('[') || host.ends_with(']')) &&
         port.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether two hexadecimal digits follow each percent sign.
bool is_percent_escaped(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (at + 2 >= text.size() || hex_value(text[at + 1]) < 0 || hex_value(text[at + 2]) < 0) {
      return false;
    }
  }
  return true;
}

// Requires: is_percent_escaped(text).
std::string percent_unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%') {
      const int byte = hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]);
      out += static_cast<char>(static_cast<unsigned char>(byte));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::string escaped_path(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    if (holds_only({&c, 1}, kInPath)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

}  // namespace

bool is_http_url(std::string_view text) {
  const bool controls = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!controls && ascii_lower(text.substr(0, scheme.size())) == scheme) {
      const std::string_view rest = text.substr(scheme.size());
      const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
      const std::size_t user_end = authority.rfind('@');
      const std::size_t host = user_end == std::string_view::npos ? 0 : user_end + 1;
      const std::size_t query = rest.find('?');
      const std::size_t fragment = std::min(rest.find('#'), rest.size());
      return is_host_of_url(authority.substr(host)) &&
             holds_only(authority.substr(0, host), kInUser) &&
             is_percent_escaped(rest.substr(0, std::min(query, fragment))) &&
             is_percent_escaped(rest.substr(fragment));
    }
  }
  return false;
}

std::string escaped_url(std::string_view text) {
  if (!is_http_url(text)) {
    return std::string(text);
  }
  const std::size_t authority = text.find("//") + 2;
  const std::size_t from = std::min(text.find_first_of("/?#", authority), text.size());
  const std::size_t query = std::min(text.find_first_of("?#", from), text.size());
  const std::string_view path = text.substr(from, query - from);
  std::string out(text.substr(0, from));
  out +=
      holds_only(path, kInWrittenPath) ? std::string(path) : escaped_path(percent_unescaped(path));
  for (const char c : text.substr(query)) {
    if (c == ' ') {
      out += "%20";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace seamwatch
