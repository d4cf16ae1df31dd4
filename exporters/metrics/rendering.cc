#include <cstring>

#include "exporters/metrics/exposition.h"

namespace seamwatch::exporters {
namespace {

constexpr std::size_t kChunkBytes = 65'536;
constexpr std::size_t kGroupsAhead = 8;  // of the one that is rendered: asked for in memory
constexpr std::string_view kEndMark = "# EOF\n";

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Asks for what the processor will need soon, so that it does not wait for it.
void fetch(const char* bytes, std::size_t size) {
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t at = 0; at < size; at += kCacheLine) {
    __builtin_prefetch(bytes + at);
  }
}

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
    if (group_ + kGroupsAhead < groups_end_ && !places.empty()) {
      // Each family goes through all groups, which no cache holds: half of a rendering was waiting.
      const Exposition::Group& ahead = exposition_.groups_[group_ + kGroupsAhead];
      fetch(ahead.labels.data(), ahead.labels.size());
      __builtin_prefetch(ahead.values.get() + places.front());
    }
    for (const std::uint32_t place : places) {
      append_line(chunk, group.labels, shape->series()[place], group.values[place]);
    }
  }
}

// Appends a line, and before the first the head of the family.
void Rendering::append_line(std::string& chunk,
                            std::string_view common,
                            const Shape::Series& series,
                            double value) {
  const Family& family = exposition_.families_[family_].family;
  if (header_due_) {
    append_header(chunk, family, format_);
    header_due_ = false;
  }
  const std::string_view own = exposition_.texts_.text(series.text);
  // Room for the whole line at once: there are many, of a few short parts each.
  const std::size_t begin = chunk.size();
  constexpr std::size_t kBetween = 5;  // braces, comma, space, end
  chunk.resize(begin + family.name.size() + common.size() + own.size() + kNumberBytesMax +
               kBetween);
  char* out = put(chunk.data() + begin, family.name);
  if (!common.empty() || !own.empty()) {
    *out++ = '{';
    out = put(out, common);
    if (!common.empty() && !own.empty()) {
      *out++ = ',';
    }
    out = put(out, own);
    *out++ = '}';
  }
  *out++ = ' ';
  out = put_number(out, value);
  *out++ = '\n';
  chunk.resize(static_cast<std::size_t>(out - chunk.data()));
}

}  // namespace seamwatch::exporters
