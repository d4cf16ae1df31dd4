#include "rules/series/archive_bytes.h"

#include <zlib.h>

namespace seamwatch::rules {
namespace {

constexpr std::size_t kFrameBytes = 8;  // size and checksum

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
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
  return std::move(bytes_);
}

Block take_block(std::string_view& bytes) {
  Block block;
  ByteReader reader(bytes);
  const auto size = reader.number<std::uint32_t>();
  const auto sum = reader.number<std::uint32_t>();
  if (!reader.ok() || (size <= kBlockBytesMax && size > reader.left())) {
    block.state = Block::State::torn;
    bytes = {};
    return block;
  }
  if (size == 0 || size > kBlockBytesMax) {
    block.state = Block::State::corrupt;
    bytes = {};
    return block;
  }
  const std::string_view payload = reader.raw(size);
  bytes.remove_prefix(kFrameBytes + size);
  if (checksum(payload) != sum) {
    block.state = Block::State::corrupt;
    return block;
  }
  block.type = static_cast<BlockType>(payload.front());
  block.payload = payload.substr(1);
  return block;
}

}  // namespace seamwatch::rules
