#include "rules/templates/base64.h"

#include <algorithm>
#include <cstdint>

#include "agent/core/base64.h"

namespace seamwatch::rules::templates {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string base64_url_encode(std::string_view bytes) {
  std::string out = base64(bytes);
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

Result<std::string> base64_url_decode(std::string_view text) {
  const auto illegal = [](std::size_t at) {
    return error("illegal base64 data at input byte " + std::to_string(at));
  };
  std::string out;
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] != '='; ++at) {
    if (text[at] == '\n' || text[at] == '\r') {
      continue;
    }
    const std::size_t digit = kAlphabet.find(text[at]);
    if (digit == std::string_view::npos) {
      return illegal(at);
    }
    group = group << 6U | static_cast<std::uint32_t>(digit);
    if (++digits % 4 == 0) {
      out += static_cast<char>(group >> 16U & 255U);
      out += static_cast<char>(group >> 8U & 255U);
      out += static_cast<char>(group & 255U);
      group = 0;
    }
  }
  const std::size_t rest = digits % 4;
  const std::string_view padding = text.substr(at);
  if (rest == 1 || padding != std::string_view("==").substr(rest == 0 ? 2 : rest - 2)) {
    return illegal(at);
  }
  if (rest >= 2) {
    group <<= rest == 2 ? 12U : 6U;
    out += static_cast<char>(group >> 16U & 255U);
    if (rest == 3) {
      out += static_cast<char>(group >> 8U & 255U);
    }
  }
  return out;
}

}  // namespace seamwatch::rules::templates
