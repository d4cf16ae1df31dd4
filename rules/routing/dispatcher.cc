#include "rules/routing/dispatcher.h"

#include <algorithm>
#include <utility>

#include "agent/core/assert.h"
#include "rules/routing/routes_for.h"

namespace seamwatch::rules {
namespace {

// Empty groups are looked for this often, counted from the start. Until then a new alert joins the
// old group and keeps its rhythm, so that a flapping alert is told once a group_interval.
constexpr Millis kMaintenanceInterval{30'000};

}  // namespace

Dispatcher::Dispatcher(std::shared_ptr<const NotifyConfig> config,
                       WallTime started_at,
                       NotBefore not_before,
                       StandsFor stands_for)
    : config_(std::move(config)),
      stands_for_(std::move(stands_for)),
      started_at_(started_at),
      not_before_(not_before),
      looked_at_(started_at) {
  SW_ASSERT(config_ != nullptr);
}

std::vector<const Route*> Dispatcher::routes_of(const Alert& alert) const {
  const std::vector<Labels>* others = stands_for_ ? stands_for_(alert) : nullptr;
  if (others == nullptr) {
    return routes_for(*config_, alert.labels);
  }
  std::vector<const Route*> out;
  for (const Labels& labels : *others) {
    for (const Route* route : routes_for(*config_, labels)) {
      const auto same = [route](const Route* one) { return tell_the_same(*one, *route); };
      if (std::none_of(out.begin(), out.end(), same)) {
        out.push_back(route);
      }
    }
  }
  return out;
}

void Dispatcher::insert(const std::vector<AlertPtr>& alerts, WallTime now, bool posted) {
  remove_empty_groups(now);
  for (const AlertPtr& alert : alerts) {
    for (const Route* route : routes_of(*alert)) {
      Group& group = group_of(*route, group_labels(*route, alert->labels), now);
      group.began_posted = group.began_posted || (posted && group.alerts.empty());
      if (group.alerts.empty() && group.next <= now && group.has_flushed) {
        // The timer of an empty group went off unseen, once a group_interval.
        const Millis interval = route->group_interval;
        group.next += interval * ((now - group.next) / interval + 1);
      }
      const bool fresh = group.alerts.put(alert);
      const bool overdue = !group.has_flushed && alert->starts_at + route->group_wait < now;
      schedule(group.serial, group, overdue ? std::min(group.next, now) : group.next);
      if (fresh && !alert->resolved(now)) {
        if (group.joined.empty()) {
          joined_.push_back(group.serial);
        }
        group.joined.push_back(alert);
      }
    }
  }
}

GroupJoin Dispatcher::join_of(Group& group) {
  GroupJoin out;
  out.route = group.id.first;
  out.group_key = group.key;
  out.alerts = std::exchange(group.joined, {});
  out.due = group.next;
  out.first = !group.has_flushed;
  return out;
}

// Routes that are alike have groups of one key: these are told of as one.
std::vector<GroupJoin> Dispatcher::take_joins() {
  std::vector<GroupJoin> joins = std::exchange(left_, {});
  for (const std::uint64_t serial : std::exchange(joined_, {})) {
    const auto group = groups_.find(serial);
    if (group != groups_.end()) {
      joins.push_back(join_of(group->second));
    }
  }
  std::map<std::string, GroupJoin> by_key;
  for (GroupJoin& join : joins) {
    GroupJoin& told = by_key[join.group_key];
    join.alerts.insert(join.alerts.begin(), told.alerts.begin(), told.alerts.end());
    told = std::move(join);
  }
  std::vector<GroupJoin> out;
  for (auto& [key, join] : by_key) {
    out.push_back(std::move(join));
  }
  return out;
}

Dispatcher::Group& Dispatcher::group_of(const Route& route, const Labels& labels, WallTime now) {
  GroupId id(&route, labels);
  const auto known = serial_of_.find(id);
  if (known != serial_of_.end()) {
    return groups_.at(known->second);
  }
  const std::uint64_t serial = ++last_serial_;
  Group group;
  group.id = id;
  group.serial = serial;
  group.key = group_key(route, labels);
  group.next = now + route.group_wait;
  serial_of_.emplace(std::move(id), serial);
  return groups_.emplace(serial, std::move(group)).first->second;
}

void Dispatcher::schedule(std::uint64_t serial, Group& group, WallTime at) {
  const WallTime next = std::max(at, group.began_posted ? not_before_.posted : not_before_.own);
  if (next == group.next && due_.contains({next, serial})) {
    return;
  }
  due_.erase({group.next, serial});
  group.next = next;
  if (!group.alerts.empty()) {
    due_.emplace(group.next, serial);
  }
}

std::optional<WallTime> Dispatcher::next_flush() const {
  return due_.empty() ? std::nullopt : std::optional<WallTime>(due_.begin()->first);
}

std::vector<GroupFlush> Dispatcher::flush(WallTime now) {
  remove_empty_groups(now);
  std::vector<std::uint64_t> ready;
  for (auto at = due_.begin(); at != due_.end() && at->first <= now; ++at) {
    ready.push_back(at->second);
  }
  std::vector<GroupFlush> out;
  out.reserve(ready.size());
  for (const std::uint64_t serial : ready) {
    Group& group = groups_.at(serial);
    group.has_flushed = true;
    schedule(serial, group, now + group.id.first->group_interval);
    out.push_back(snapshot(group, now));
  }
  return out;
}

void Dispatcher::look_at(std::uint64_t serial, Group& group, std::optional<WallTime> at) {
  if (group.look) {
    looks_.erase({*group.look, serial});
  }
  group.look = at;
  if (at) {
    looks_.emplace(*at, serial);
  }
}

void Dispatcher::look_again(const GroupFlush& flush, std::optional<WallTime> at) {
  const auto known = serial_of_.find(GroupId(flush.route, flush.group_labels));
  if (known == serial_of_.end()) {
    return;
  }
  Group& group = groups_.at(known->second);
  look_at(known->second, group, group.alerts.empty() ? std::nullopt : at);
}

std::optional<WallTime> Dispatcher::next_look() const {
  return looks_.empty() ? std::nullopt : std::optional<WallTime>(looks_.begin()->first);
}

std::vector<GroupFlush> Dispatcher::looks(WallTime now) {
  std::vector<GroupFlush> out;
  while (!looks_.empty() && looks_.begin()->first <= now) {
    const std::uint64_t serial = looks_.begin()->second;
    Group& group = groups_.at(serial);
    look_at(serial, group, std::nullopt);
    out.push_back(snapshot(group, now));
  }
  return out;
}

GroupFlush Dispatcher::snapshot(const Group& group, WallTime now) const {
  GroupFlush out{group.id.first, group.key, group.id.second, {}, {}, now};
  out.firing.reserve(group.alerts.size());
  group.alerts.each([&](const AlertPtr& alert) {
    (alert->resolved(now) ? out.resolved : out.firing).push_back(alert);
  });
  return out;
}

void Dispatcher::recorded(const GroupFlush& flush) {
  const auto known = serial_of_.find(GroupId(flush.route, flush.group_labels));
  if (known == serial_of_.end()) {
    return;
  }
  Group& group = groups_.at(known->second);
  for (const AlertPtr& told : flush.resolved) {
    // Another one in its place was inserted since then, and may fire again.
    if (group.alerts.find(*told) == told) {
      group.alerts.erase(*told);
    }
  }
  if (group.alerts.empty()) {
    look_at(known->second, group, std::nullopt);
    due_.erase({group.next, known->second});
    group.emptied_at = flush.at;
  }
}

void Dispatcher::remove_empty_groups(WallTime now) {
  const WallTime last_look =
      started_at_ + kMaintenanceInterval * ((now - started_at_) / kMaintenanceInterval);
  if (last_look <= looked_at_) {
    return;
  }
  looked_at_ = last_look;
  for (auto at = groups_.begin(); at != groups_.end();) {
    Group& group = at->second;
    if (!group.alerts.empty() || group.emptied_at > last_look) {
      ++at;
      continue;
    }
    if (!group.joined.empty()) {
      left_.push_back(join_of(group));
    }
    serial_of_.erase(group.id);
    at = groups_.erase(at);
  }
}

std::set<std::string> Dispatcher::group_keys() const {
  std::set<std::string> out;
  for (const auto& [serial, group] : groups_) {
    if (!group.alerts.empty()) {
      out.insert(group.key);
    }
  }
  return out;
}

AlertPtr Dispatcher::find(const Alert& alert) const {
  for (const Route* route : routes_of(alert)) {
    const auto known = serial_of_.find(GroupId(route, group_labels(*route, alert.labels)));
    AlertPtr found =
        known != serial_of_.end() ? groups_.at(known->second).alerts.find(alert) : nullptr;
    if (found != nullptr) {
      return found;
    }
  }
  return nullptr;
}

std::vector<GroupFlush> Dispatcher::groups(WallTime now) const {
  std::vector<GroupFlush> out;
  for (const auto& [serial, group] : groups_) {
    if (!group.alerts.empty()) {
      out.push_back(snapshot(group, now));
    }
  }
  return out;
}

}  // namespace seamwatch::rules
