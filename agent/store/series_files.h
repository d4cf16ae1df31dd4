// The files of the series' history: `<storage>/series/checkpoint-N` and `journal-N`, which belong
// together. Thin over the operating system, so that every failure is a Status with a reason. For
// the thread that writes history.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"

namespace seamwatch::agent {

// A file that is being written. Closed with the object; what was written stays.
class OutputFile {
 public:
  OutputFile() = default;
  ~OutputFile();
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;

  // Makes the file anew, empty.
  [[nodiscard]] static Result<OutputFile> create(const std::string& path);

  // All of it, or an error, after which the file ends where it did before.
  [[nodiscard]] Status write(std::string_view bytes);

  // On the disk when it returns.
  [[nodiscard]] Status sync();

  bool is_open() const { return descriptor_ >= 0; }

  std::int64_t bytes() const { return bytes_; }

  void close();

 private:
  int descriptor_ = -1;
  std::int64_t bytes_ = 0;
  std::string path_;
};

// A file's content, mapped: it takes no memory of its own. Valid while the object lives.
class MappedFile {
 public:
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;

  [[nodiscard]] static Result<MappedFile> open(const std::string& path);

  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  MappedFile(void* data, std::size_t size) : data_(data), size_(size) {}

  void* data_ = nullptr;
  std::size_t size_ = 0;
};

// The folder, made where missing.
[[nodiscard]] Status make_series_folder(const std::string& folder);

// The names of the files in it.
std::vector<std::string> series_files(const std::string& folder);

// `checkpoint-00000012`; see number_of.
std::string series_file_name(std::string_view kind, std::uint32_t number);

// The number in a name that series_file_name(kind, ...) gives; 0 for any other name.
std::uint32_t number_of(std::string_view kind, std::string_view name);

// Gives `from` the name `to` in the same folder, for good.
[[nodiscard]] Status rename_for_good(const std::string& folder,
                                     const std::string& from,
                                     const std::string& to);

// Free for the agent's user on the folder's file system; as much as can be said where that fails.
std::int64_t free_bytes(const std::string& folder);

}  // namespace seamwatch::agent
