#include "exporters/metrics/text_pool.h"

#include "agent/core/assert.h"

namespace seamwatch::exporters {
namespace {

// A node of the map holds the string, the id, the cached hash and a link.
constexpr std::size_t kNodeBytes = sizeof(std::string) + 32;

}  // namespace

TextPool::TextPool() {
  const auto [at, made] = ids_.emplace(std::string(), 0);
  // The empty text has a reference of its own, so that it stays.
  entries_.push_back(Entry{&at->first, 1});
}

std::uint32_t TextPool::add(std::string_view text) {
  const auto found = ids_.find(text);
  if (found != ids_.end()) {
    ++entries_[found->second].references;
    return found->second;
  }
  std::uint32_t id = 0;
  if (free_.empty()) {
    id = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  const auto [at, made] = ids_.emplace(std::string(text), id);
  entries_[id] = Entry{&at->first, 1};
  text_bytes_ += text.size();
  return id;
}

std::uint32_t TextPool::find(std::string_view text) const {
  const auto found = ids_.find(text);
  return found == ids_.end() ? kNone : found->second;
}

void TextPool::release(std::uint32_t id) {
  Entry& entry = entries_[id];
  SW_ASSERT(entry.references > 0);
  if (--entry.references > 0) {
    return;
  }
  text_bytes_ -= entry.text->size();
  ids_.erase(ids_.find(std::string_view(*entry.text)));
  entry.text = nullptr;
  free_.push_back(id);
}

std::size_t TextPool::memory_bytes() const {
  return text_bytes_ + ids_.size() * kNodeBytes + ids_.bucket_count() * sizeof(void*) +
         entries_.capacity() * sizeof(Entry);
}

}  // namespace seamwatch::exporters
