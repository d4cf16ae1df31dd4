// PlainFile: a regular file that is read piece by piece, as long as it was when it was opened.
// Others may write to it meanwhile: no memory is mapped that could go away. Any thread.
#pragma once

#include <cstddef>
#include <string>

#include "agent/core/result.h"

namespace seamwatch::agent {

class PlainFile {
 public:
  // Errors, with a remedy: it is not there, may not be read, or is no regular file (a pipe is not
  // waited for).
  [[nodiscard]] static Result<PlainFile> open(const std::string& path);

  ~PlainFile();
  PlainFile(PlainFile&& other) noexcept;
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  PlainFile& operator=(PlainFile&&) = delete;

  std::size_t size() const { return size_; }

  // Up to `count` bytes from `offset` on; fewer, or none, where the file is shorter.
  [[nodiscard]] Result<std::size_t> read(std::size_t offset, char* to, std::size_t count);

  // Whether it is longer now.
  bool grew() const;

 private:
  PlainFile(int descriptor, std::size_t size) : descriptor_(descriptor), size_(size) {}

  int descriptor_;
  std::size_t size_;
};

}  // namespace seamwatch::agent
