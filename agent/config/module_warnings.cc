#include "agent/config/module_warnings.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string>
#include <string_view>

#include "agent/core/ascii.h"
#include "agent/core/labels.h"

namespace seamwatch::agent {
namespace {

using Words = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view text, Words words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool can_be_a_status(std::string_view text) {
  int code = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), code);
  // What is no number is an error of its own.
  return failure == std::errc::invalid_argument || end != text.data() + text.size() ||
         (failure == std::errc() && code >= 100 && code <= 599);
}

}  // namespace

void warn_of_http_options(const Document& document, const Node& options, Diagnostics& warnings) {
  const auto scalar = [&](std::string_view key) {
    const Node* node = options.find(key);
    return node != nullptr && node->is_scalar() && !node->scalar.empty() ? node : nullptr;
  };
  const Node* family = scalar("preferred_ip_protocol");
  if (family != nullptr && !is_one_of(family->scalar, {"ip4", "ip6"})) {
    warnings.add(document.place(*family),
                 "\"preferred_ip_protocol\" " + quoted(family->scalar) + " is taken for ip4",
                 "write ip4 or ip6");
  }
  const Node* compression = scalar("compression");
  if (compression != nullptr &&
      !is_one_of(ascii_lower(compression->scalar), {"gzip", "deflate", "br", "identity"})) {
    warnings.add(document.place(*compression),
                 "bodies encoded as " + quoted(compression->scalar) +
                     " cannot be decoded, so every probe fails",
                 "write gzip, deflate, br or identity");
  }
  const auto each = [&](std::string_view key, auto look) {
    if (const Node* list = options.find(key)) {
      std::for_each(list->items.begin(), list->items.end(), look);
    }
  };
  each("valid_http_versions", [&](const Node& item) {
    if (item.is_scalar() && !is_one_of(item.scalar, {"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"})) {
      warnings.add(document.place(item),
                   "no answer has the HTTP version " + quoted(item.scalar),
                   "write HTTP/1.0, HTTP/1.1 or HTTP/2.0");
    }
  });
  each("valid_status_codes", [&](const Node& item) {
    if (item.is_scalar() && !can_be_a_status(item.scalar)) {
      warnings.add(document.place(item),
                   "no answer has the status " + item.scalar,
                   "write a number from 100 to 599");
    }
  });
}

}  // namespace seamwatch::agent
