#include "exporters/metrics/exposition.h"

#include "agent/core/assert.h"

namespace seamwatch::exporters {
namespace {

constexpr std::size_t kFamiliesMax = 0xfffe;

// Whether `text`, as label_text writes it, has a label called `name`. Quotes inside values are
// escaped, so `name="` behind a comma is always a label.
bool has_label(std::string_view text, std::string_view name) {
  if (text.empty()) {
    return false;
  }
  std::string wanted = label_text(Labels({{std::string(name), "x"}}));
  wanted.resize(wanted.size() - 2);  // keeps `name="`
  return text.starts_with(wanted) || text.find("," + wanted) != std::string_view::npos;
}

}  // namespace

Exposition::Exposition() = default;

Exposition::~Exposition() {
  SW_ASSERT(renderings_ == 0);
}

FamilyId Exposition::family(const Family& family) {
  for (std::size_t i = 0; i < families_.size(); ++i) {
    if (families_[i].family.name == family.name) {
      return FamilyId{static_cast<std::uint16_t>(i)};
    }
  }
  SW_ASSERT(is_classic_metric_name(family.name));
  SW_ASSERT(family.type == MetricType::gauge ||
            (family.type == MetricType::counter && family.name.ends_with("_total")));
  SW_ASSERT(families_.size() < kFamiliesMax);
  families_.push_back(FamilyState{family});
  return FamilyId{static_cast<std::uint16_t>(families_.size() - 1)};
}

GroupId Exposition::add_group(const Labels& common) {
  std::uint32_t id = static_cast<std::uint32_t>(groups_.size());
  // Under an old number a scrape in the making could see the series of a group a second time.
  if (free_groups_.empty() || renderings_ > 0) {
    groups_.emplace_back();
  } else {
    id = free_groups_.back();
    free_groups_.pop_back();
  }
  groups_[id].labels = label_text(common);
  groups_[id].labels.shrink_to_fit();
  groups_[id].shape = take_shape({});
  return GroupId{id};
}

void Exposition::remove_group(GroupId group) {
  SW_ASSERT(group.value < groups_.size() && groups_[group.value].shape != nullptr);
  give_back(groups_[group.value].shape);
  groups_[group.value] = Group{};
  free_groups_.push_back(group.value);
}

void Exposition::reshape(GroupId group, const std::vector<GroupSeries>& series) {
  SW_ASSERT(group.value < groups_.size() && groups_[group.value].shape != nullptr);
  Group& state = groups_[group.value];
  std::vector<Shape::Series> shown;
  shown.reserve(series.size());
  for (const GroupSeries& one : series) {
    SW_ASSERT(one.family.value < families_.size());
    Labels own = one.labels;
    for (const auto& [name, value] : one.labels) {
      if (has_label(state.labels, name)) {
        own.erase(name);
      }
    }
    shown.push_back({one.family, short_hash(one.labels), texts_.add(label_text(own))});
  }
  const Shape* before = state.shape;
  state.shape = take_shape(std::move(shown));
  give_back(before);
  state.values = std::make_unique<double[]>(series.size());
}

// The shape with one more group; takes over the references to the texts.
const Shape* Exposition::take_shape(std::vector<Shape::Series> series) {
  size_ += series.size();
  for (const Shape::Series& one : series) {
    ++families_[one.family.value].size;
  }
  const auto [at, made] = shapes_.try_emplace(Shape(std::move(series)), 0);
  if (!made) {
    for (const Shape::Series& one : at->first.series()) {
      texts_.release(one.text);
    }
  }
  ++at->second;
  return &at->first;
}

void Exposition::give_back(const Shape* shape) {
  size_ -= shape->series().size();
  for (const Shape::Series& one : shape->series()) {
    --families_[one.family.value].size;
  }
  const auto at = shapes_.find(*shape);
  if (--at->second == 0) {
    for (const Shape::Series& one : shape->series()) {
      texts_.release(one.text);
    }
    shapes_.erase(at);
  }
}

std::size_t Exposition::memory_bytes() const {
  std::size_t bytes = groups_.size() * sizeof(Group) + size_ * sizeof(double) +
                      texts_.memory_bytes() + families_.capacity() * sizeof(FamilyState) +
                      free_groups_.capacity() * sizeof(std::uint32_t);
  for (const Group& group : groups_) {
    bytes += group.labels.capacity();
  }
  for (const auto& [shape, groups] : shapes_) {
    bytes += shape.memory_bytes();
  }
  return bytes;
}

std::unique_ptr<Rendering> Exposition::render(Format format, std::string tail) {
  return std::make_unique<Rendering>(*this, format, std::move(tail));
}

}  // namespace seamwatch::exporters
