// Exposition: the gauges and counters of all integrations, ready to be scraped. Label texts are
// rendered once, when a group or a set of series first appears; a series then costs the 8 bytes of
// its value. Owned by the agent; used on the loop thread only.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/ and OpenMetrics 1.0.0.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "exporters/metrics/family.h"
#include "exporters/metrics/shape.h"
#include "exporters/metrics/text_pool.h"

namespace seamwatch::exporters {

struct GroupId {
  std::uint32_t value = 0;

  friend bool operator==(GroupId, GroupId) = default;
};

// One series of a group, by what it has beside the group's labels.
struct GroupSeries {
  FamilyId family;
  Labels labels;
};

class Rendering;

class Exposition {
 public:
  Exposition();
  ~Exposition();
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;

  // Registers a family, or finds it where one of that name exists (its type and help then stay).
  // Families are rendered in the order of registration. Requires: family.name is a classic metric
  // name; a gauge, or a counter whose name ends in _total; at most 65,534 families.
  FamilyId family(const Family& family);

  std::string_view name(FamilyId family) const { return families_[family.value].family.name; }

  // A new group of series that share `common` labels, mostly one per integration and probe; it
  // shows nothing yet. Groups that carry the same families must differ in their labels, or a scrape
  // would see duplicates. Label names that are not classic get an underscore for each character
  // that is not allowed.
  GroupId add_group(const Labels& common);

  // Drops the group and its series; its id is invalid from now on.
  void remove_group(GroupId group);

  // The group shows exactly `series` from now on, all with the value 0: set values() at once. Of a
  // label name that the group has as well, the group's value wins. No two may have the same family
  // and labels.
  void reshape(GroupId group, const std::vector<GroupSeries>& series);

  // What the group shows. Valid until the next reshape() or remove_group() of any group.
  std::span<const Shape::Series> series(GroupId group) const {
    return groups_[group.value].shape->series();
  }

  // The values that the next rendering shows, in the order of the group's series, to be read and
  // written. Valid until its next reshape() or remove_group().
  std::span<double> values(GroupId group) {
    return {groups_[group.value].values.get(), groups_[group.value].shape->series().size()};
  }

  // How many series there are.
  std::size_t size() const { return size_; }

  // Bytes held, for the agent's own metrics.
  std::size_t memory_bytes() const;

  // Starts a rendering. `tail` is text in the same format (such as AgentMetrics::render gives) that
  // is appended before the end mark. Requires: this outlives the rendering.
  std::unique_ptr<Rendering> render(Format format, std::string tail = "");

 private:
  friend class Rendering;

  struct Group {
    std::string labels;            // as label_text gives them
    const Shape* shape = nullptr;  // a key of shapes_; nullptr: the group is free
    std::unique_ptr<double[]> values;
  };

  struct FamilyState {
    Family family;
    std::size_t size = 0;  // series, in all groups
  };

  const Shape* take_shape(std::vector<Shape::Series> series);
  void give_back(const Shape* shape);

  std::vector<FamilyState> families_;
  std::deque<Group> groups_;
  std::vector<std::uint32_t> free_groups_;
  std::map<Shape, std::uint32_t> shapes_;  // and how many groups have it
  std::size_t size_ = 0;
  int renderings_ = 0;  // while one runs, no group's id is used again
  TextPool texts_;
};

// One answer to a scrape in the making. Groups that come after the start are not in it; values are
// those of the moment each chunk is made. Made by Exposition::render.
class Rendering {
 public:
  Rendering(Exposition& exposition, Format format, std::string tail);
  ~Rendering();
  Rendering(const Rendering&) = delete;
  Rendering& operator=(const Rendering&) = delete;

  // Replaces `chunk` with the next part, about 64 KiB in whole lines (some 0.3 ms of work). False,
  // with an empty chunk, when all has been given.
  bool next(std::string& chunk);

 private:
  void append_family(std::string& chunk);
  void append_line(std::string& chunk,
                   std::string_view common,
                   const Shape::Series& series,
                   double value);

  Exposition& exposition_;
  Format format_;
  std::string tail_;
  std::size_t families_end_;
  std::size_t groups_end_;
  std::size_t family_ = 0;
  std::size_t group_ = 0;
  bool header_due_ = true;
  bool ended_ = false;
};

}  // namespace seamwatch::exporters
