#include "rules/routing/notification_id.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <utility>

namespace seamwatch::rules {
namespace {

// 128 bits: two hashes of 64-bit words, by different steps, mixed at the end.
class ContentHash {
 public:
  void add(std::string_view bytes) {
    add(std::uint64_t{bytes.size()});
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
      add(word);
    }
  }

  void add(std::uint64_t word) {
    first_ = (first_ ^ word) * 0x9fb21c651e98df25ULL;
    first_ ^= first_ >> 32U;
    second_ = (std::rotl(second_, 27) + word) * 0xc4ceb9fe1a85ec53ULL;
    second_ ^= second_ >> 29U;
  }

  void add(WallTime at) { add(static_cast<std::uint64_t>(unix_millis(at))); }

  std::string hex() const { return fingerprint_hex(mix(first_)) + fingerprint_hex(mix(second_)); }

 private:
  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 33U)) * 0xff51afd7ed558ccdULL;
    value = (value ^ (value >> 33U)) * 0xc4ceb9fe1a85ec53ULL;
    return value ^ (value >> 33U);
  }

  std::uint64_t first_ = 0xcbf29ce484222325ULL;
  std::uint64_t second_ = 0x84222325cbf29ce4ULL;
};

}  // namespace

std::string notification_id(const NotificationKey& key,
                            const std::vector<Alert>& alerts,
                            const NotificationLogEntry* last) {
  std::vector<std::pair<std::uint64_t, const Alert*>> sorted;
  sorted.reserve(alerts.size());
  for (const Alert& alert : alerts) {
    sorted.emplace_back(alert.labels.fingerprint(), &alert);
  }
  std::sort(sorted.begin(), sorted.end());
  ContentHash hash;
  hash.add(key.receiver);
  hash.add(key.sink);
  hash.add(key.group_key);
  hash.add(last == nullptr ? WallTime::min() : last->at);
  for (const auto& [fingerprint, alert] : sorted) {
    hash.add(fingerprint);
    hash.add(std::uint64_t{alert->ends_at.has_value()});
    hash.add(alert->starts_at);
  }
  return hash.hex();
}

}  // namespace seamwatch::rules
