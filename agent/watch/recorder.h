// Recorder: writes what was observed to both places that keep it, the series store (for rules) and
// the exposition (for scrapers). A group is one probe, one integration, or the agent itself; what a
// group showed last time and does not show now goes stale. Owned by the agent; loop thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "agent/core/observation.h"
#include "exporters/metrics/exposition.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

class Recorder {
 public:
  using GroupKey = std::uint32_t;
  // Says the labels that all series of a group carry: always the same ones. They are asked for when
  // series are new, as there are too many groups to keep them here.
  using CommonLabels = std::function<Labels()>;

  // Both outlive this.
  Recorder(rules::SeriesStore& series, exporters::Exposition& exposition)
      : series_(series), exposition_(exposition) {}

  // A new group; `common` is called until the group is removed.
  GroupKey add_group(CommonLabels common);

  // The group goes on with labels that `common` gives, which are the same as before.
  void rebind(GroupKey group, CommonLabels common);

  // Ends every series of the group: stale at `at`, and gone from the exposition.
  void remove_group(GroupKey group, WallTime at);

  // Writes all that the group shows at `at`. Facts of the same name and labels must not repeat.
  // Names must be families of exporters/metrics (find_family). Times and durations are written to
  // the microsecond: what is finer is noise, and would take most of the store's memory.
  void write(GroupKey group, WallTime at, const std::vector<Fact>& facts);

  // Writes again, at `now`, every group whose last write is older than `age`: a probe that runs
  // every hour is no stale series in between, just as a scraped exporter's would not be.
  void refresh(WallTime now, Millis age);

 private:
  // Where series are in the store. Those that began together mostly follow each other there, and
  // then the first says it all: groups are many.
  class Slots {
   public:
    Slots() = default;
    explicit Slots(const std::vector<rules::Slot>& slots);

    rules::Slot operator[](std::size_t i) const {
      return each_ != nullptr ? each_[i] : first_ + static_cast<rules::Slot>(i);
    }

    std::vector<rules::Slot> all(std::size_t size) const;

   private:
    rules::Slot first_ = 0;
    std::unique_ptr<rules::Slot[]> each_;  // where they do not follow each other
  };

  struct Group {
    CommonLabels common;  // empty: the group is free
    exporters::GroupId shown;
    std::uint32_t writes = 0;
    // In the order of what the exposition shows of the group; none where the store had no room.
    Slots stored;
    WallTime at{};
  };

  std::size_t size(const Group& group) const { return exposition_.series(group.shown).size(); }

  bool shows(const Group& group, const std::vector<Fact>& facts) const;
  void reshape(Group& group, const std::vector<Fact>& facts);
  rules::Slot store(const Labels& common, const Fact& fact);
  void store_rest(Group& group, const std::vector<Fact>& facts);
  void append(rules::Slot series, WallTime at, double value);

  rules::SeriesStore& series_;
  exporters::Exposition& exposition_;
  std::deque<Group> groups_;
  std::vector<GroupKey> free_;
};

}  // namespace seamwatch::agent
