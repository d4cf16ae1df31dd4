// Dispatcher: puts alerts into groups and says when each group is due. A state machine without a
// clock: the caller waits until next_flush(), calls flush(), decides (decision.h), commits, and
// calls recorded(). A reload makes a new Dispatcher and inserts all alerts of the AlertStore: its
// timers start anew, the notification log keeps anything from being told twice. Owned by the loop.
// Source: Alertmanager, docs/configuration.md "<route>", and its published acceptance scenarios.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "agent/core/alert.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/group_members.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::rules {

// A group that is due, as it stood at `at`.
struct GroupFlush {
  const Route* route = nullptr;  // valid while the dispatcher's config is
  std::string group_key;
  Labels group_labels;
  std::vector<AlertPtr> firing;    // sorted by alert_before; their ends_at, if any, is past `at`
  std::vector<AlertPtr> resolved;  // likewise; their ends_at is not past it
  WallTime at{};
};

// Alerts that fire and were not in their group before, and when that is due.
struct GroupJoin {
  const Route* route = nullptr;  // as in GroupFlush
  std::string group_key;
  std::vector<AlertPtr> alerts;
  WallTime due{};
  bool first = false;  // the group had no turn yet
};

// No group is flushed before: after a start, when alerts come in again one by one, that keeps them
// together.
struct NotBefore {
  WallTime own{};
  WallTime posted{};  // of groups that began with a posted alert: who posts knows of no start here
};

class Dispatcher {
 public:
  // Of an alert that is told in the place of others, the labels of these, by which it is routed;
  // nullptr for any other alert, as where this is empty.
  using StandsFor = std::function<const std::vector<Labels>*(const Alert& alert)>;

  // Requires: `config` was read without problems.
  Dispatcher(std::shared_ptr<const NotifyConfig> config,
             WallTime started_at,
             NotBefore not_before,
             StandsFor stands_for = {});

  // Takes alerts as they now stand in the AlertStore. A new group is due after group_wait; at once
  // where an alert of it already fires for longer than that.
  void insert(const std::vector<AlertPtr>& alerts, WallTime now, bool posted = false);

  // Who joined which group since the last call, by group key. It keeps them until it is asked.
  std::vector<GroupJoin> take_joins();

  // When the next group is due; nothing where no group holds an alert.
  std::optional<WallTime> next_flush() const;

  // The groups that are due by `now`, in the order they became due. Each is due again a
  // group_interval later, whether or not its flush is recorded.
  std::vector<GroupFlush> flush(WallTime now);

  // The outcome of a flush was committed (also where there was nothing to tell): forgets its
  // resolved alerts, but for those that fired again since. Without this call they come again.
  void recorded(const GroupFlush& flush);

  // Has the group of `flush` looked at once more at `at`, besides its turns; none = not any more.
  void look_again(const GroupFlush& flush, std::optional<WallTime> at);

  // When the next group is to be looked at again; nothing where none is.
  std::optional<WallTime> next_look() const;

  // The groups that are to be looked at again by `now`, each once. Their turns stay as they are.
  std::vector<GroupFlush> looks(WallTime now);

  // All groups that hold alerts, as a flush at `now` would show them. For APIs and pages.
  std::vector<GroupFlush> groups(WallTime now) const;

  // The keys of these groups.
  std::set<std::string> group_keys() const;

  // Of these labels what some group still holds: it is active, or its end is not recorded yet.
  // nullptr where none does.
  AlertPtr find(const Alert& alert) const;

  bool holds(const Alert& alert) const { return find(alert) != nullptr; }

  // The routes that take an alert, each once.
  std::vector<const Route*> routes_of(const Alert& alert) const;

  const NotifyConfig& config() const { return *config_; }

 private:
  using GroupId = std::pair<const Route*, Labels>;

  struct GroupIdHash {
    std::size_t operator()(const GroupId& id) const {
      return id.second.fingerprint() ^ std::hash<const Route*>()(id.first);
    }
  };

  struct Group {
    GroupId id;
    std::uint64_t serial = 0;
    std::string key;
    GroupMembers alerts;
    WallTime next{};
    bool has_flushed = false;
    bool began_posted = false;
    std::vector<AlertPtr> joined = {};            // since the last take_joins()
    std::optional<WallTime> look = std::nullopt;  // beside its turns
    WallTime emptied_at{};                        // while `alerts` is empty
  };

  static GroupJoin join_of(Group& group);
  Group& group_of(const Route& route, const Labels& labels, WallTime now);
  void schedule(std::uint64_t serial, Group& group, WallTime at);
  void remove_empty_groups(WallTime now);
  void look_at(std::uint64_t serial, Group& group, std::optional<WallTime> at);
  GroupFlush snapshot(const Group& group, WallTime now) const;

  std::shared_ptr<const NotifyConfig> config_;
  StandsFor stands_for_;
  WallTime started_at_;
  NotBefore not_before_;
  WallTime looked_at_;  // when empty groups were last looked for
  std::uint64_t last_serial_ = 0;
  std::map<std::uint64_t, Group> groups_;  // by serial: creation order breaks ties
  boost::unordered_flat_map<GroupId, std::uint64_t, GroupIdHash> serial_of_;
  std::vector<std::uint64_t> joined_;                 // serials of groups that somebody joined
  std::vector<GroupJoin> left_;                       // who joined groups that are gone
  std::set<std::pair<WallTime, std::uint64_t>> due_;  // groups that hold alerts
  std::set<std::pair<WallTime, std::uint64_t>> looks_;
};

}  // namespace seamwatch::rules
