// Recorder: writes what was observed to both places that keep it, the series store (for rules) and
// the exposition (for scrapers). A group is one probe, one integration, or the agent itself; what a
// group showed last time and does not show now goes stale. Owned by the agent; loop thread.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "agent/core/observation.h"
#include "exporters/metrics/exposition.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

class Recorder {
 public:
  using GroupKey = std::uint32_t;

  // Both outlive this.
  Recorder(rules::SeriesStore& series, exporters::Exposition& exposition)
      : series_(series), exposition_(exposition) {}

  // A new group whose series all carry `common`.
  GroupKey add_group(const Labels& common);

  // Ends every series of the group: stale at `at`, and gone from the exposition.
  void remove_group(GroupKey group, WallTime at);

  // Writes all that the group shows at `at`. Facts of the same name and labels must not repeat.
  // Names must be families of exporters/metrics (find_family).
  void write(GroupKey group, WallTime at, const std::vector<Fact>& facts);

  // Writes again, at `now`, every group whose last write is older than `age`: a probe that runs
  // every hour is no stale series in between, just as a scraped exporter's would not be.
  void refresh(WallTime now, Millis age);

 private:
  struct Slot {
    std::uint32_t labels_hash = 0;  // 0 for no labels
    exporters::SlotId shown;        // holds the value as well
    rules::SeriesId series;
    exporters::FamilyId family;
    std::uint8_t round = 0;  // of the last write that had it
    bool stored = false;     // the store took the series
  };

  struct Group {
    std::string common;  // packed: there are many groups, and it is needed for new slots only
    exporters::GroupId shown;
    std::vector<Slot> slots;
    WallTime at{};
    std::uint8_t round = 0;  // a slot has this one or the one before
    bool used = false;
  };

  Slot& slot(Group& group, std::size_t hint, const Fact& fact);
  Slot make_slot(const Group& group, const Fact& fact, std::uint32_t labels_hash);
  void store(const Group& group, const Fact& fact, Slot& slot);
  void drop_unseen(Group& group, WallTime at);

  rules::SeriesStore& series_;
  exporters::Exposition& exposition_;
  std::vector<Group> groups_;
  std::vector<GroupKey> free_;
};

}  // namespace seamwatch::agent
