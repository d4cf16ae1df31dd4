// LineInput: cuts what a peer sends into lines and exact byte counts. Never holds more than 64 KiB.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace seamwatch::probes {

class LineInput {
 public:
  static constexpr std::size_t kBytesMax = 64 * 1024;

  void append(std::string_view bytes) { buffer_.append(bytes); }

  // The peer ended the stream: what is left counts as a line.
  void end() { ended_ = true; }

  bool ended() const { return ended_; }

  // The next line without its line end (LF or CRLF); empty where it is not complete yet.
  std::optional<std::string> line();

  // The next `size` bytes; empty where they are not there yet.
  std::optional<std::string> bytes(std::size_t size);

  // More was sent without a line end than may be held.
  bool overflows() const { return buffer_.size() >= kBytesMax; }

  void clear() { buffer_.clear(); }

 private:
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace seamwatch::probes
