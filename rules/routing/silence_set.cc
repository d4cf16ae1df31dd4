#include "rules/routing/silence_set.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "agent/core/ascii.h"

namespace seamwatch::rules {
namespace {

std::string index_key(std::string_view name, std::string_view value) {
  std::string key(name);
  key += '\xff';  // never part of UTF-8 text
  key += value;
  return key;
}

// Whether it has begun and not ended; of a recurring one, whether a window is open or not.
SilenceState base_state(const Silence& silence, WallTime now) {
  return now >= silence.ends_at    ? SilenceState::expired
         : now < silence.starts_at ? SilenceState::pending
                                   : SilenceState::active;
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool names_digest(const Matcher& matcher) {
  constexpr std::size_t kDigits = 10;
  const std::string_view value = matcher.value;
  for (auto at = value.find('#'); at != std::string_view::npos; at = value.find('#', at + 1)) {
    const std::string_view digits = value.substr(at + 1, kDigits);
    if (digits.size() == kDigits && std::all_of(digits.begin(), digits.end(), is_hex)) {
      return true;
    }
  }
  return false;
}

bool is_negative(const Matcher& matcher) {
  return matcher.type == MatchType::not_equal || matcher.type == MatchType::not_regexp;
}

std::int64_t unix_seconds_of(WallTime at) {
  return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

bool can_update(const Silence& known, const Silence& wanted, WallTime now) {
  if (!same_matchers(known.matchers, wanted.matchers) || known.recurrence != wanted.recurrence) {
    return false;
  }
  switch (base_state(known, now)) {
    case SilenceState::active:
      return unix_seconds_of(wanted.starts_at) == unix_seconds_of(known.starts_at) &&
             wanted.ends_at >= now;
    case SilenceState::pending:
      return wanted.starts_at >= now;
    case SilenceState::expired:
      return false;
  }
  return false;
}

Silence ended(Silence silence, WallTime now) {
  if (base_state(silence, now) == SilenceState::pending) {
    silence.starts_at = now;
  }
  silence.ends_at = now;
  silence.updated_at = now;
  return silence;
}

}  // namespace

std::string silence_uuid(std::uint64_t high, std::uint64_t low) {
  high = (high & ~0xf000ULL) | 0x4000ULL;
  low = (low & ~(3ULL << 62U)) | (2ULL << 62U);
  const std::string digits = fingerprint_hex(high) + fingerprint_hex(low);
  return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
         digits.substr(16, 4) + "-" + digits.substr(20);
}

Result<SilenceChange> SilenceSet::plan_set(Silence wanted,
                                           std::string fresh_id,
                                           WallTime now,
                                           const SilencePolicy& policy) const {
  const Silence* known = wanted.id.empty() ? nullptr : find(wanted.id);
  const bool updates = known != nullptr && can_update(*known, wanted, now);
  Silence checked = wanted;
  if (!updates && !wanted.recurrence && wanted.ends_at >= now) {
    checked.starts_at = std::max(wanted.starts_at, now);  // a new one begins now at the earliest
  }
  const Status good = check_silence(checked, policy);
  if (!good) {
    return good.error();
  }
  if (known == nullptr && !wanted.id.empty()) {
    return error(std::string(kSilenceNotFound));
  }
  wanted.updated_at = now;
  SilenceChange out;
  if (updates) {
    out.id = wanted.id;
    out.put.push_back(std::move(wanted));
    return out;
  }
  if (policy.silences_max > 0 && size() + 1 > policy.silences_max) {
    return error("exceeded maximum number of silences: " + std::to_string(size() + 1) +
                 " (limit: " + std::to_string(policy.silences_max) + ")");
  }
  if (known != nullptr && base_state(*known, now) != SilenceState::expired) {
    out.put.push_back(ended(*known, now));
  }
  wanted.id = std::move(fresh_id);
  if (!wanted.recurrence) {
    wanted.starts_at = std::max(wanted.starts_at, now);
  }
  out.id = wanted.id;
  out.put.push_back(std::move(wanted));
  return out;
}

Result<SilenceChange> SilenceSet::plan_expire(const std::string& id, WallTime now) const {
  const Silence* known = find(id);
  if (known == nullptr) {
    return error(std::string(kSilenceNotFound));
  }
  SilenceChange out;
  out.id = id;
  if (base_state(*known, now) != SilenceState::expired) {
    out.put.push_back(ended(*known, now));
  }
  return out;
}

void SilenceSet::apply(const SilenceChange& change) {
  for (const Silence& silence : change.put) {
    entries_.insert_or_assign(silence.id, Entry{silence});
  }
  index();
}

void SilenceSet::index() {
  by_label_.clear();
  unindexed_.clear();
  digested_.clear();
  for (auto& [id, entry] : entries_) {
    const Matchers& matchers = entry.silence.matchers;
    entry.digested = false;
    for (const Matcher& matcher : matchers) {
      if (names_digest(matcher)) {
        entry.digested = true;
        digested_.insert(matcher.name);
      }
    }
    const auto exact = std::find_if(matchers.begin(), matchers.end(), [](const Matcher& matcher) {
      return matcher.type == MatchType::equal && !matcher.value.empty();
    });
    if (exact == matchers.end()) {
      unindexed_.push_back(&entry);
    } else {
      by_label_[index_key(exact->name, exact->value)].push_back(&entry);
    }
  }
}

bool SilenceSet::holds(const Entry& entry, WallTime now) {
  const Silence& silence = entry.silence;
  if (base_state(silence, now) != SilenceState::active) {
    return false;
  }
  if (!silence.recurrence) {
    return true;
  }
  if (now < entry.looked_at || (entry.window.until && now >= *entry.window.until)) {
    entry.window = window_at(*silence.recurrence, silence.starts_at, now);
    entry.looked_at = now;
  }
  return entry.window.open;
}

// The other texts of the labels of one alert, each asked for once.
class SilenceSet::TextsOf {
 public:
  TextsOf(const SilenceSet& all, const Labels& labels) : all_(all), labels_(labels) {}

  const std::vector<std::string>& of(const std::string& name) {
    const auto [at, fresh] = texts_.try_emplace(name);
    if (fresh && all_.other_texts_ && all_.digested_.contains(name)) {
      at->second = all_.other_texts_(labels_.get(name));
    }
    return at->second;
  }

 private:
  const SilenceSet& all_;
  const Labels& labels_;
  std::map<std::string, std::vector<std::string>> texts_;
};

bool SilenceSet::matches(const Entry& entry, const Labels& labels, TextsOf& texts) {
  const Matchers& matchers = entry.silence.matchers;
  if (!entry.digested) {
    return match_all(matchers, labels);
  }
  return std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& matcher) {
    bool out = matcher.matches(labels);
    if (names_digest(matcher)) {
      for (const std::string& text : texts.of(matcher.name)) {
        const bool its = matcher.matches(text);
        out = is_negative(matcher) ? out && its : out || its;
      }
    }
    return out;
  });
}

std::vector<std::string> SilenceSet::silenced_by(const Labels& labels, WallTime now) const {
  std::vector<std::string> out;
  TextsOf texts(*this, labels);
  const auto look = [&](const std::vector<const Entry*>& entries) {
    for (const Entry* entry : entries) {
      if (matches(*entry, labels, texts) && holds(*entry, now)) {
        out.push_back(entry->silence.id);
      }
    }
  };
  look(unindexed_);
  if (!by_label_.empty()) {
    for (const auto& [name, value] : labels) {
      const auto found = by_label_.find(index_key(name, value));
      if (found != by_label_.end()) {
        look(found->second);
      }
    }
    for (const std::string& name : digested_) {
      for (const std::string& text : texts.of(name)) {
        const auto found = by_label_.find(index_key(name, text));
        if (found != by_label_.end()) {
          look(found->second);
        }
      }
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

const Silence* SilenceSet::find(const std::string& id) const {
  const auto at = entries_.find(id);
  return at == entries_.end() ? nullptr : &at->second.silence;
}

std::vector<const Silence*> SilenceSet::all(WallTime now) const {
  using Key = std::tuple<SilenceState, Millis, const Silence*>;
  std::array<std::vector<Key>, 3> parts;
  for (const auto& [id, entry] : entries_) {
    const Silence& silence = entry.silence;
    const SilenceState state = state_of(silence, now);
    const Millis ends = silence.ends_at.time_since_epoch();
    const std::size_t rank = state == SilenceState::active    ? 0
                             : state == SilenceState::pending ? 1
                                                              : 2;
    const Millis key = rank == 0 ? ends : rank == 1 ? silence.starts_at.time_since_epoch() : -ends;
    parts[rank].emplace_back(state, key, &silence);
  }
  std::vector<const Silence*> out;
  for (auto& part : parts) {
    std::stable_sort(part.begin(), part.end(), [](const Key& a, const Key& b) {
      return std::get<1>(a) < std::get<1>(b);
    });
    for (const Key& key : part) {
      out.push_back(std::get<2>(key));
    }
  }
  return out;
}

std::vector<std::string> SilenceSet::forget(WallTime ended_before) {
  std::vector<std::string> gone;
  std::erase_if(entries_, [&](const auto& item) {
    const bool old = item.second.silence.ends_at < ended_before;
    if (old) {
      gone.push_back(item.first);
    }
    return old;
  });
  if (!gone.empty()) {
    index();
  }
  return gone;
}

}  // namespace seamwatch::rules
