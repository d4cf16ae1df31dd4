#include "agent/core/shared_text.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <new>

#include "agent/core/assert.h"

namespace seamwatch {

// The text stands right behind it.
struct SharedText::Block {
  mutable std::atomic<std::uint32_t> users{0};
  const std::uint32_t size;

  explicit Block(std::size_t bytes) : size(static_cast<std::uint32_t>(bytes)) {}

  char* text() { return reinterpret_cast<char*>(this + 1); }

  const char* text() const { return reinterpret_cast<const char*>(this + 1); }
};

void intrusive_ptr_add_ref(const SharedText::Block* block) {
  block->users.fetch_add(1, std::memory_order_relaxed);
}

void intrusive_ptr_release(const SharedText::Block* block) {
  if (block->users.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    block->~Block();
    ::operator delete(const_cast<SharedText::Block*>(block));
  }
}

SharedText::SharedText(std::string_view text) {
  if (text.empty()) {
    return;
  }
  SW_ASSERT(text.size() <= std::numeric_limits<std::uint32_t>::max());
  void* const memory = ::operator new(sizeof(Block) + text.size());
  Block* const block = new (memory) Block(text.size());
  std::ranges::copy(text, block->text());
  block_.reset(block);
}

SharedText::operator std::string_view() const {
  return block_ == nullptr ? std::string_view() : std::string_view(block_->text(), block_->size);
}

}  // namespace seamwatch
