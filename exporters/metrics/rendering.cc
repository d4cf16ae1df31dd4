#include <cstring>

#include "agent/core/assert.h"
#include "exporters/metrics/exposition.h"

namespace seamwatch::exporters {
namespace {

constexpr std::size_t kChunkBytes = 65'536;
constexpr std::string_view kEndMark = "# EOF\n";

}  // namespace

Rendering::Rendering(Exposition& exposition, Format format, std::string tail)
    : exposition_(exposition), format_(format), tail_(std::move(tail)) {
  ++exposition_.renderings_;
  limits_.reserve(exposition_.families_.size());
  for (const Exposition::FamilyState& family : exposition_.families_) {
    limits_.push_back(family.slots.size());
  }
}

Rendering::~Rendering() {
  --exposition_.renderings_;
  exposition_.sweep_when_due();
}

bool Rendering::next(std::string& chunk) {
  chunk.clear();
  if (ended_) {
    return false;
  }
  while (family_ < limits_.size()) {
    append_series(chunk);
    if (chunk.size() >= kChunkBytes) {
      return true;
    }
    ++family_;
    position_ = 0;
    header_due_ = true;
  }
  chunk += tail_;
  if (format_ == Format::openmetrics) {
    chunk += kEndMark;
  }
  ended_ = true;
  return !chunk.empty();
}

// Appends lines of the current family until it ends or the chunk is full.
void Rendering::append_series(std::string& chunk) {
  const Exposition::FamilyState& family = exposition_.families_[family_];
  const std::string& name = family.family.name;
  for (const std::size_t limit = limits_[family_]; position_ < limit; ++position_) {
    if (chunk.size() >= kChunkBytes) {
      return;
    }
    const Exposition::Slot& slot = exposition_.at(family.slots[position_]);
    if (!slot.shown) {
      continue;
    }
    if (header_due_) {
      append_header(chunk, family.family, format_);
      header_due_ = false;
    }
    const std::string_view common = exposition_.texts_.text(exposition_.groups_[slot.group].text);
    const std::string_view extra = exposition_.texts_.text(slot.extra);
    chunk.append(name);
    if (!common.empty() || !extra.empty()) {
      chunk += '{';
      chunk.append(common);
      if (!common.empty() && !extra.empty()) {
        chunk += ',';
      }
      chunk.append(extra);
      chunk += '}';
    }
    chunk += ' ';
    append_number(chunk, slot.value);
    chunk += '\n';
  }
}

}  // namespace seamwatch::exporters
