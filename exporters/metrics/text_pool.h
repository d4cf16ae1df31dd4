// TextPool: label texts, each kept once and counted. Used by Exposition, on its thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace seamwatch::exporters {

class TextPool {
 public:
  TextPool();

  // The id of `text`, with one more reference. The empty text is always 0.
  std::uint32_t add(std::string_view text);

  // The id of `text` without a new reference; kNone where it is not kept.
  std::uint32_t find(std::string_view text) const;

  // Takes one reference off; the text goes with the last one.
  void release(std::uint32_t id);

  std::string_view text(std::uint32_t id) const { return *entries_[id].text; }

  std::size_t memory_bytes() const;

  static constexpr std::uint32_t kNone = 0xffffffffU;

 private:
  struct Entry {
    const std::string* text = nullptr;  // the key in ids_, which does not move
    std::uint32_t references = 0;
  };

  struct Hash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> ids_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::size_t text_bytes_ = 0;
};

}  // namespace seamwatch::exporters
