#include "rules/routing/redrive.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "rules/routing/utc_text.h"

namespace seamwatch::rules {
namespace {

bool has(const std::vector<std::uint64_t>& sorted, std::uint64_t fingerprint) {
  return std::binary_search(sorted.begin(), sorted.end(), fingerprint);
}

// What its sink was told after the letter was written.
struct ToldSince {
  const NotificationLogEntry* entry = nullptr;

  bool end_of(std::uint64_t fingerprint) const {
    return entry != nullptr && has(entry->resolved, fingerprint);
  }

  bool firing(std::uint64_t fingerprint) const {
    return entry != nullptr && has(entry->firing, fingerprint);
  }
};

enum class Standing { untold, told, fires_again };

// What is to be done with one alert of the letter, which becomes what it is now.
Standing stand(Alert& alert, const ToldSince& told, const RedriveFacts& facts) {
  const std::uint64_t fingerprint = alert.labels.fingerprint();
  const AlertPtr current = facts.current ? facts.current(fingerprint) : nullptr;
  const bool fires = current != nullptr && !current->resolved(facts.now);
  if (alert.ends_at) {
    return told.end_of(fingerprint) ? Standing::told
           : fires                  ? Standing::fires_again
                                    : Standing::untold;
  }
  const bool same = fires && current->starts_at <= alert.starts_at;
  if (!facts.current || same) {
    return told.end_of(fingerprint) || told.firing(fingerprint) ? Standing::told : Standing::untold;
  }
  if (fires) {
    return Standing::fires_again;
  }
  if (told.end_of(fingerprint)) {
    return Standing::told;
  }
  alert.ends_at = current != nullptr ? current->ends_at : facts.now;
  return Standing::untold;
}

}  // namespace

Redriven as_it_stands(Notification letter, const RedriveFacts& facts) {
  const bool later =
      facts.told != nullptr && facts.told->loss == Loss::none && facts.told->at > letter.created_at;
  const ToldSince told{later ? facts.told : nullptr};
  bool fires_again = false;
  std::erase_if(letter.alerts, [&](Alert& alert) {
    const Standing standing = stand(alert, told, facts);
    fires_again = fires_again || standing == Standing::fires_again;
    return standing != Standing::untold;
  });
  Redriven out;
  if (letter.alerts.empty()) {
    out.left_out = later ? "what it says was told by a newer notice at " + utc(facts.told->at)
                         : "what it says is over, and it fires anew: newer notices tell that";
    return out;
  }
  letter.late = true;
  out.notice = std::move(letter);
  return out;
}

}  // namespace seamwatch::rules
