#include "rules/routing/group_members.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace seamwatch::rules {
namespace {

constexpr std::size_t kPartMax = 512;

// -1, 0 or 1 by one label; an alert without it comes last.
int compare_label(const Alert& a, const Alert& b, std::string_view name) {
  const std::string_view left = a.labels.get(name);
  const std::string_view right = b.labels.get(name);
  if (left.empty() != right.empty()) {
    return left.empty() ? 1 : -1;
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

}  // namespace

bool alert_before(const Alert& a, const Alert& b) {
  for (const std::string_view name : {"job", "instance"}) {
    if (const int order = compare_label(a, b, name); order != 0) {
      return order < 0;
    }
  }
  if (a.labels.size() != b.labels.size()) {
    return a.labels.size() < b.labels.size();
  }
  return a.labels < b.labels;
}

// Ordered as the instances are where it differs: no byte of UTF-8 has all bits set.
GroupMembers::Prefix GroupMembers::prefix_of(const Alert& alert) {
  const std::string_view instance = alert.labels.get("instance");
  if (instance.empty()) {
    return {~std::uint64_t{0}, ~std::uint64_t{0}};
  }
  Prefix out{};
  for (std::size_t i = 0; i < 16; ++i) {
    const auto byte = i < instance.size() ? static_cast<unsigned char>(instance[i]) : 0U;
    out[i / 8] = out[i / 8] << 8U | byte;
  }
  return out;
}

bool GroupMembers::before(const Member& member, const Prefix& prefix, const Alert& alert) const {
  return same_job_ && member.instance != prefix ? member.instance < prefix
                                                : alert_before(*member.alert, alert);
}

GroupMembers::Place GroupMembers::place_of(const Prefix& prefix, const Alert& alert) const {
  const auto is_before = [&](const Member& member) { return before(member, prefix, alert); };
  // The first part that does not end before the alert.
  const auto part = std::partition_point(
      parts_.begin(), parts_.end(), [&](const Part& one) { return is_before(one.back()); });
  if (part == parts_.end()) {
    return parts_.empty() ? Place{} : Place{parts_.size() - 1, parts_.back().size(), false};
  }
  const auto at = std::partition_point(part->begin(), part->end(), is_before);
  return {static_cast<std::size_t>(part - parts_.begin()),
          static_cast<std::size_t>(at - part->begin()),
          at->alert->labels == alert.labels};
}

bool GroupMembers::put(const AlertPtr& alert) {
  const std::string_view job = alert->labels.get("job");
  if (size_ == 0) {
    job_ = job;
    same_job_ = true;
    parts_.assign(1, Part());
  }
  same_job_ = same_job_ && job == job_;
  const Prefix prefix = prefix_of(*alert);
  Place place = size_ == 0 ? Place{} : place_of(prefix, *alert);
  if (place.found) {
    parts_[place.part][place.index].alert = alert;
    return false;
  }
  if (parts_[place.part].size() == kPartMax) {
    split(place);
  }
  Part& part = parts_[place.part];
  part.insert(part.begin() + static_cast<std::ptrdiff_t>(place.index), Member{prefix, alert});
  ++size_;
  return true;
}

// Makes two of the part of `place`, which then means the same place in one of them.
void GroupMembers::split(Place& place) {
  constexpr std::size_t kHalf = kPartMax / 2;
  Part& part = parts_[place.part];
  const auto middle = part.begin() + kHalf;
  Part later(std::make_move_iterator(middle), std::make_move_iterator(part.end()));
  part.erase(middle, part.end());
  parts_.insert(parts_.begin() + static_cast<std::ptrdiff_t>(place.part) + 1, std::move(later));
  if (place.index > kHalf) {
    ++place.part;
    place.index -= kHalf;
  }
}

AlertPtr GroupMembers::find(const Alert& alert) const {
  // Another job than that of all is none of them; and would be compared by the instance alone.
  if (size_ == 0 || (same_job_ && alert.labels.get("job") != job_)) {
    return nullptr;
  }
  const Place place = place_of(prefix_of(alert), alert);
  return place.found ? parts_[place.part][place.index].alert : nullptr;
}

void GroupMembers::erase(const Alert& alert) {
  if (size_ == 0 || (same_job_ && alert.labels.get("job") != job_)) {
    return;
  }
  const Place place = place_of(prefix_of(alert), alert);
  if (!place.found) {
    return;
  }
  Part& part = parts_[place.part];
  part.erase(part.begin() + static_cast<std::ptrdiff_t>(place.index));
  if (part.empty()) {
    parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(place.part));
  }
  --size_;
}

}  // namespace seamwatch::rules
