#include "probes/flows/ping_path.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <vector>

#include "agent/core/ascii.h"
#include "agent/core/assert.h"

namespace seamwatch::probes {
namespace {

constexpr std::string_view kPrefix = "/ping/";

struct Ending {
  PingKind kind;
  int exit_code;
};

bool is_key_part(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_';
  });
}

// What the last part of a path says, where it is no key.
std::optional<Ending> ending_of(std::string_view part) {
  if (part == "start") {
    return Ending{PingKind::start, -1};
  }
  if (part == "fail") {
    return Ending{PingKind::fail, -1};
  }
  if (part == "log") {
    return Ending{PingKind::log, -1};
  }
  int code = 0;
  const auto [end, failure] = std::from_chars(part.data(), part.data() + part.size(), code);
  const bool number = !part.empty() && part.size() <= 3 && part.front() != '-' &&
                      failure == std::errc() && end == part.data() + part.size();
  if (!number || code > 255) {
    return std::nullopt;
  }
  return Ending{code == 0 ? PingKind::success : PingKind::fail, code};
}

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) {
      return parts;
    }
    path = path.substr(slash + 1);
  }
}

}  // namespace

void throw_exception_from_error(const PingError&, const boost::source_location&) {
  SW_ASSERT(!"value() of a PingResult without value");
  std::abort();
}

PingResult parse_ping(std::string_view method, std::string_view target) {
  if (method != "GET" && method != "HEAD" && method != "POST") {
    return PingError{405, "a ping is a GET, HEAD or POST"};
  }
  std::string_view path = target.substr(0, target.find_first_of("?#"));
  if (!path.starts_with(kPrefix)) {
    return PingError{404, "a ping path begins with /ping/"};
  }
  path.remove_prefix(kPrefix.size());
  if (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  std::vector<std::string_view> parts = parts_of(path);
  Ping ping;
  if (parts.size() >= 2) {
    if (const auto ending = ending_of(parts.back())) {
      ping.kind = ending->kind;
      ping.exit_code = ending->exit_code;
      parts.pop_back();
    }
  }
  std::string key;
  for (const std::string_view part : parts) {
    if (!is_key_part(part)) {
      return PingError{404, "a ping key is made of letters, digits, - and _"};
    }
    key += (key.empty() ? "" : "/") + std::string(part);
  }
  if (parts.size() > 2) {
    return PingError{404, "after the key only start, fail, log or an exit code from 0 to 255"};
  }
  if (key.size() > kPingKeyBytesMax) {
    return PingError{404, "a ping key has at most 100 characters"};
  }
  ping.key = Secret(std::move(key));
  return ping;
}

}  // namespace seamwatch::probes
