#include "rules/series/archive_bytes.h"

#include <zlib.h>

namespace seamwatch::rules {
namespace {

constexpr std::size_t kFrameBytes = 12;      // size, checksum of the payload, checksum of these two
constexpr std::size_t kFirstFrameBytes = 8;  // version 1: the third was not there

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// Requires: as many bytes as a frame has.
bool frame_is_whole(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto size = reader.number<std::uint32_t>();
  static_cast<void>(reader.number<std::uint32_t>());
  const auto sum = reader.number<std::uint32_t>();
  return size > 0 && size <= kBlockBytesMax && sum == checksum(bytes.substr(0, kFirstFrameBytes));
}

// Drops what is before the next frame that is whole.
void skip_to_frame(std::string_view& bytes) {
  do {
    bytes.remove_prefix(1);
  } while (bytes.size() >= kFrameBytes && !frame_is_whole(bytes));
  if (bytes.size() < kFrameBytes) {
    bytes = {};
  }
}

}  // namespace

ByteWriter::ByteWriter(BlockType type) : bytes_(kFrameBytes, '\0') {
  number(type);
}

std::string ByteWriter::finish() && {
  const std::string_view payload = std::string_view(bytes_).substr(kFrameBytes);
  const auto size = static_cast<std::uint32_t>(payload.size());
  const std::uint32_t sum = checksum(payload);
  patch(0, size);
  patch(sizeof size, sum);
  patch(kFirstFrameBytes, checksum(std::string_view(bytes_).substr(0, kFirstFrameBytes)));
  return std::move(bytes_);
}

std::uint32_t framing_of(std::string_view file) {
  ByteReader reader(file);
  static_cast<void>(reader.raw(kFirstFrameBytes + sizeof(BlockType)));
  return reader.raw(kArchiveMagic.size()) == kArchiveMagic ? 1 : kArchiveVersion;
}

Block take_block(std::string_view& bytes, std::uint32_t framing) {
  const std::size_t frame = framing == 1 ? kFirstFrameBytes : kFrameBytes;
  Block block;
  if (bytes.size() < frame) {
    block.state = Block::State::torn;
    bytes = {};
    return block;
  }
  ByteReader reader(bytes);
  const auto size = reader.number<std::uint32_t>();
  const auto sum = reader.number<std::uint32_t>();
  const bool whole = framing == 1 ? size > 0 && size <= kBlockBytesMax : frame_is_whole(bytes);
  if (!whole) {
    block.state = Block::State::corrupt;
    if (framing == 1) {
      bytes = {};
    } else {
      skip_to_frame(bytes);
    }
    return block;
  }
  if (size > bytes.size() - frame) {
    block.state = Block::State::torn;
    bytes = {};
    return block;
  }
  const std::string_view payload = bytes.substr(frame, size);
  bytes.remove_prefix(frame + size);
  if (checksum(payload) != sum) {
    block.state = Block::State::corrupt;
    return block;
  }
  block.type = static_cast<BlockType>(payload.front());
  block.payload = payload.substr(1);
  return block;
}

}  // namespace seamwatch::rules
