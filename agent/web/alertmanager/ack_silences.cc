#include "agent/web/alertmanager/ack_silences.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace seamwatch::agent {
namespace {

// "ac000000-0123-4567-89ab-00000000cdef" for the fingerprint 0123456789abcdef.
constexpr std::string_view kHead = "ac000000-";
constexpr std::string_view kTail = "00000000";

bool ends_before(const rules::Silence* a, const rules::Silence* b) {
  return a->ends_at < b->ends_at;
}

}  // namespace

rules::Silence ack_silence(const rules::Ack& ack) {
  const std::string hex = fingerprint_hex(ack.labels.fingerprint());
  rules::Silence out;
  out.id = std::string(kHead) + hex.substr(0, 4) + "-" + hex.substr(4, 4) + "-" + hex.substr(8, 4) +
           "-" + std::string(kTail) + hex.substr(12);
  for (const auto& [name, value] : ack.labels) {
    auto matcher =
        rules::Matcher::make(rules::MatchType::equal, std::string(name), std::string(value));
    out.matchers.push_back(std::move(*matcher));  // only a regexp can be refused
  }
  out.starts_at = ack.at;
  out.ends_at = ack.expires_at;
  out.updated_at = ack.at;
  out.created_by = ack.owner;
  out.comment = "acknowledged" + (ack.comment.empty() ? "" : ": " + ack.comment);
  out.annotations = Labels{{std::string(kAckAnnotation), "true"}};
  return out;
}

std::vector<rules::Silence> ack_silences(const std::map<std::uint64_t, rules::Ack>& acks,
                                         WallTime now) {
  std::vector<rules::Silence> out;
  for (const auto& [fingerprint, ack] : acks) {
    if (ack.expires_at > now) {
      out.push_back(ack_silence(ack));
    }
  }
  std::stable_sort(
      out.begin(), out.end(), [](const auto& a, const auto& b) { return ends_before(&a, &b); });
  return out;
}

std::optional<std::uint64_t> acked_alert(std::string_view id) {
  if (id.size() != 36 || !id.starts_with(kHead) || id.substr(24, 8) != kTail) {
    return std::nullopt;
  }
  std::string hex;
  for (const std::size_t start : {std::size_t{9}, std::size_t{14}, std::size_t{19}}) {
    hex += id.substr(start, 4);
  }
  hex += id.substr(32);
  std::uint64_t out = 0;
  const auto read = std::from_chars(hex.data(), hex.data() + hex.size(), out, 16);
  return read.ec == std::errc() && read.ptr == hex.data() + hex.size() ? std::optional(out)
                                                                       : std::nullopt;
}

std::vector<const rules::Silence*> with_acks(const std::vector<const rules::Silence*>& silences,
                                             const std::vector<rules::Silence>& acks,
                                             WallTime now) {
  std::vector<const rules::Silence*> out = silences;
  const auto others = std::find_if(out.begin(), out.end(), [now](const rules::Silence* one) {
    return rules::state_of(*one, now) != rules::SilenceState::active;
  });
  const auto active = others - out.begin();
  std::vector<const rules::Silence*> more;
  for (const rules::Silence& ack : acks) {
    more.push_back(&ack);
  }
  out.insert(others, more.begin(), more.end());
  const auto middle = out.begin() + active;
  std::inplace_merge(
      out.begin(), middle, middle + static_cast<std::ptrdiff_t>(more.size()), ends_before);
  return out;
}

}  // namespace seamwatch::agent
