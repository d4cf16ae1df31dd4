// The bytes of a saved store: blocks of a frame and a payload, and numbers and texts in a payload,
// little-endian. A frame is the payload's size, its checksum, and a checksum of these two, so that
// damage to a size is not taken for the end of the file; version 1 had no such second checksum.
// Readers are safe for any input. Shared by series_archive and series_restore.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace seamwatch::rules {

static_assert(std::endian::native == std::endian::little);

enum class BlockType : std::uint8_t {
  header = 1,   // what file it is
  page = 2,     // of a checkpoint: series of one page with their points
  pairs = 3,    // of a checkpoint: labels
  sets = 4,     // of a checkpoint: label sets
  end = 5,      // of a checkpoint: that it is whole
  series = 6,   // of a journal: new series
  entries = 7,  // of a journal: points of one page's series
  gone = 8,     // of a journal: series that are no more
};

inline constexpr std::string_view kArchiveMagic = "swseries";
inline constexpr std::uint32_t kArchiveVersion = 2;
inline constexpr std::uint32_t kBlockBytesMax = 256U << 20U;

class ByteWriter {
 public:
  // Opens a block; see finish().
  explicit ByteWriter(BlockType type);

  template <class T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  void raw(std::string_view bytes) { bytes_.append(bytes); }

  void text(std::string_view text) {
    number(static_cast<std::uint32_t>(text.size()));
    raw(text);
  }

  // Overwrites a number written at `at` before; see size().
  template <class T>
  void patch(std::size_t at, T value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }

  std::size_t size() const { return bytes_.size(); }

  // The block with its frame.
  std::string finish() &&;

 private:
  std::string bytes_;
};

// Reads zeros and empty texts past the end; ok() then says so.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    T value{};
    const std::string_view read = raw(sizeof value);
    if (read.size() == sizeof value) {
      std::memcpy(&value, read.data(), sizeof value);
    }
    return value;
  }

  std::string_view raw(std::size_t size) {
    ok_ = ok_ && size <= bytes_.size();
    if (!ok_) {
      return {};
    }
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }

  std::string_view text() { return raw(number<std::uint32_t>()); }

  bool ok() const { return ok_; }

  bool at_end() const { return bytes_.empty(); }

  std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

struct Block {
  enum class State { good, corrupt, torn };  // torn: the file ends within it

  State state = State::good;
  BlockType type{};
  std::string_view payload;  // without the type
};

// By how its first block is framed: 1, or kArchiveVersion for all that is not 1.
std::uint32_t framing_of(std::string_view file);

// Takes the next block off `bytes`, which are framed as `framing` does. One whose frame is damaged
// takes all up to the next frame that is not. Requires: not empty.
Block take_block(std::string_view& bytes, std::uint32_t framing = kArchiveVersion);

}  // namespace seamwatch::rules
