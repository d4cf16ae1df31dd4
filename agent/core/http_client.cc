#include "agent/core/http_client.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace seamwatch {
namespace {

// IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT". Source: RFC 9110 section 5.6.7.
std::optional<WallTime> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(25) != " GMT") {
    return std::nullopt;
  }
  for (unsigned month = 0; month < kMonths.size(); ++month) {
    if (kMonths[month] == text.substr(8, 3)) {
      const std::string digits = (month < 9 ? "0" : "") + std::to_string(month + 1);
      const std::string iso = std::string(text.substr(12, 4)) + "-" + digits + "-" +
                              std::string(text.substr(5, 2)) + "T" +
                              std::string(text.substr(17, 8)) + "Z";
      const auto parsed = parse_rfc3339(iso);
      return parsed ? std::optional<WallTime>(*parsed) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view header(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::optional<Millis> retry_after(std::string_view value, WallTime now) {
  constexpr std::int64_t kSecondsMax = 366LL * 24 * 3600;  // longer asks are cut to a year
  std::int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  const bool too_large = failure == std::errc::result_out_of_range && !value.starts_with('-');
  if ((failure == std::errc() || too_large) && end == value.data() + value.size() && seconds >= 0) {
    return Millis(1000 * (too_large ? kSecondsMax : std::min(seconds, kSecondsMax)));
  }
  if (const auto date = parse_http_date(value)) {
    return std::max(Millis(0), std::min(*date - now, Millis(1000 * kSecondsMax)));
  }
  return std::nullopt;
}

}  // namespace seamwatch
