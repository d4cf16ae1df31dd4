#include "rules/promql/label_hash.h"

#include <bit>
#include <cstring>
#include <string>

namespace seamwatch::rules::promql {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87ULL;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FULL;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9ULL;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63ULL;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5ULL;

template <class Word>
Word read(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

std::uint64_t lane(std::uint64_t lane_value, std::uint64_t input) {
  return std::rotl(lane_value + input * kPrime2, 31) * kPrime1;
}

std::uint64_t merge(std::uint64_t hash, std::uint64_t lane_value) {
  return (hash ^ lane(0, lane_value)) * kPrime1 + kPrime4;
}

void append_sized(std::string& out, std::string_view text) {
  const std::size_t size = text.size();
  if (size < 255) {
    out += static_cast<char>(size);
  } else {
    out += '\xff';
    for (const unsigned shift : {0U, 8U, 16U}) {
      out += static_cast<char>((size >> shift) & 0xffU);
    }
  }
  out += text;
}

}  // namespace

std::uint64_t xxhash64(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint64_t hash = kPrime5;
  if (bytes.size() >= 32) {
    std::uint64_t lanes[4] = {kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1};
    for (; end - at >= 32; at += 32) {
      for (std::size_t i = 0; i < 4; ++i) {
        lanes[i] = lane(lanes[i], read<std::uint64_t>(at + 8 * i));
      }
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
           std::rotl(lanes[3], 18);
    for (const std::uint64_t lane_value : lanes) {
      hash = merge(hash, lane_value);
    }
  }
  hash += bytes.size();
  for (; end - at >= 8; at += 8) {
    hash = std::rotl(hash ^ lane(0, read<std::uint64_t>(at)), 27) * kPrime1 + kPrime4;
  }
  if (end - at >= 4) {
    hash = std::rotl(hash ^ (read<std::uint32_t>(at) * kPrime1), 23) * kPrime2 + kPrime3;
    at += 4;
  }
  for (; at < end; ++at) {
    hash = std::rotl(hash ^ (static_cast<unsigned char>(*at) * kPrime5), 11) * kPrime1;
  }
  hash = (hash ^ (hash >> 33U)) * kPrime2;
  hash = (hash ^ (hash >> 29U)) * kPrime3;
  return hash ^ (hash >> 32U);
}

std::uint64_t label_hash(const Labels& labels) {
  std::string bytes;
  for (const auto& [name, value] : labels) {
    append_sized(bytes, name);
    append_sized(bytes, value);
  }
  return xxhash64(bytes);
}

}  // namespace seamwatch::rules::promql
