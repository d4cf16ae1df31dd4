#include "rules/routing/alert_queue.h"

#include <utility>

#include "agent/core/assert.h"

namespace seamwatch::rules {
namespace {

// Repeated words on one resolution differ only in when they were said.
bool same_resolution(const Alert& a, const Alert& b) {
  return a.labels == b.labels && a.starts_at == b.starts_at && a.ends_at == b.ends_at;
}

}  // namespace

void AlertQueue::place(Sequence sequence, Entry entry) {
  const std::uint64_t fingerprint = entry.alert->labels.fingerprint();
  places_[fingerprint] = sequence;
  changed_.insert(fingerprint);
  if (entry.resolved) {
    firing_.erase(sequence);
  } else {
    firing_.insert(sequence);
  }
  order_[sequence] = std::move(entry);
}

void AlertQueue::remove(std::uint64_t fingerprint) {
  const auto at = places_.find(fingerprint);
  SW_ASSERT(at != places_.end());
  order_.erase(at->second);
  firing_.erase(at->second);
  places_.erase(at);
  changed_.insert(fingerprint);
}

void AlertQueue::put(AlertPtr alert, WallTime now) {
  const auto known = places_.find(alert->labels.fingerprint());
  const Sequence sequence = known == places_.end() ? next_++ : known->second;
  const bool resolved = alert->resolved(now);
  place(sequence, Entry{std::move(alert), resolved});
  shrink();
}

void AlertQueue::restore(AlertPtr alert) {
  kept_[alert->labels.fingerprint()] = alert;
  place(next_++, Entry{std::move(alert), true});
  shrink();
}

void AlertQueue::set_capacity(std::size_t capacity) {
  policy_.capacity = capacity;
  shrink();
}

void AlertQueue::shrink() {
  while (order_.size() > policy_.capacity) {
    const auto victim = firing_.empty() ? order_.begin() : order_.find(*firing_.begin());
    remove(victim->second.alert->labels.fingerprint());
    ++drops_.queue_full;
  }
}

bool AlertQueue::has_expired(const Entry& entry, WallTime now) const {
  if (!entry.alert->ends_at) {
    return false;
  }
  if (entry.resolved) {
    return now - *entry.alert->ends_at > policy_.resolved_kept;
  }
  return *entry.alert->ends_at <= now;  // told after its end it would be told as resolved
}

std::vector<AlertPtr> AlertQueue::batch(std::size_t max, WallTime now) {
  std::vector<AlertPtr> out;
  for (auto at = order_.begin(); at != order_.end() && out.size() < max;) {
    const Entry entry = (at++)->second;
    if (has_expired(entry, now)) {
      remove(entry.alert->labels.fingerprint());
      ++drops_.expired;
    } else {
      out.push_back(entry.alert);
    }
  }
  return out;
}

std::size_t AlertQueue::remove_same(const std::vector<AlertPtr>& batch) {
  std::size_t removed = 0;
  for (const AlertPtr& alert : batch) {
    const std::uint64_t fingerprint = alert->labels.fingerprint();
    const auto at = places_.find(fingerprint);
    if (at != places_.end() && order_.at(at->second).alert == alert) {
      remove(fingerprint);
      ++removed;
    }
  }
  return removed;
}

void AlertQueue::sent(const std::vector<AlertPtr>& batch) {
  remove_same(batch);
}

void AlertQueue::reject(const std::vector<AlertPtr>& batch) {
  drops_.rejected += remove_same(batch);
}

void AlertQueue::clear() {
  for (const auto& [fingerprint, sequence] : places_) {
    changed_.insert(fingerprint);
  }
  order_.clear();
  places_.clear();
  firing_.clear();
}

AlertQueue::Changes AlertQueue::take_changes() {
  Changes out;
  for (const std::uint64_t fingerprint : changed_) {
    const auto at = places_.find(fingerprint);
    const auto before = kept_.find(fingerprint);
    if (at != places_.end() && order_.at(at->second).resolved) {
      const AlertPtr& alert = order_.at(at->second).alert;
      if (before == kept_.end() || !same_resolution(*before->second, *alert)) {
        out.keep.push_back(alert);
        kept_[fingerprint] = alert;
      }
    } else if (before != kept_.end()) {
      out.forget.push_back(fingerprint);
      kept_.erase(before);
    }
  }
  changed_.clear();
  return out;
}

}  // namespace seamwatch::rules
