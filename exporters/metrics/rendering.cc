#include "exporters/metrics/exposition.h"

namespace seamwatch::exporters {
namespace {

constexpr std::size_t kChunkBytes = 65'536;
constexpr std::string_view kEndMark = "# EOF\n";

}  // namespace

Rendering::Rendering(Exposition& exposition, Format format, std::string tail)
    : exposition_(exposition),
      format_(format),
      tail_(std::move(tail)),
      families_end_(exposition.families_.size()),
      groups_end_(exposition.groups_.size()) {
  ++exposition_.renderings_;
}

Rendering::~Rendering() {
  --exposition_.renderings_;
}

bool Rendering::next(std::string& chunk) {
  chunk.clear();
  if (ended_) {
    return false;
  }
  for (; family_ < families_end_; ++family_) {
    append_family(chunk);
    if (chunk.size() >= kChunkBytes) {
      return true;
    }
    group_ = 0;
    header_due_ = true;
  }
  chunk += tail_;
  if (format_ == Format::openmetrics) {
    chunk += kEndMark;
  }
  ended_ = true;
  return !chunk.empty();
}

// Appends the lines of the current family, group by group, until it ends or the chunk is full. A
// group whose shape changes meanwhile is seen once all the same.
void Rendering::append_family(std::string& chunk) {
  if (exposition_.families_[family_].size == 0) {
    return;
  }
  const FamilyId family{static_cast<std::uint16_t>(family_)};
  const Shape* shape = nullptr;
  std::span<const std::uint32_t> places;
  for (; group_ < groups_end_ && chunk.size() < kChunkBytes; ++group_) {
    const Exposition::Group& group = exposition_.groups_[group_];
    if (group.shape == nullptr) {
      continue;
    }
    if (group.shape != shape) {  // mostly that of the group before
      shape = group.shape;
      places = shape->places(family);
    }
    for (const std::uint32_t place : places) {
      append_line(chunk, group.labels, shape->series()[place]);
      append_number(chunk, group.values[place]);
      chunk += '\n';
    }
  }
}

// Appends all of a line but the number; the head of the family before the first.
void Rendering::append_line(std::string& chunk,
                            std::string_view common,
                            const Shape::Series& series) {
  const Family& family = exposition_.families_[family_].family;
  if (header_due_) {
    append_header(chunk, family, format_);
    header_due_ = false;
  }
  const std::string_view own = exposition_.texts_.text(series.text);
  chunk.append(family.name);
  if (!common.empty() || !own.empty()) {
    chunk += '{';
    chunk.append(common);
    if (!common.empty() && !own.empty()) {
      chunk += ',';
    }
    chunk.append(own);
    chunk += '}';
  }
  chunk += ' ';
}

}  // namespace seamwatch::exporters
