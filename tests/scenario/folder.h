// Folder: files in a temporary folder of their own, in memory where the machine has such; gone
// afterwards.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <stdlib.h>

#include "agent/core/assert.h"

namespace seamwatch::fakes {

class Folder {
 public:
  explicit Folder(const std::map<std::string, std::string>& files) {
    std::error_code none;
    const bool has_shm = std::filesystem::is_directory("/dev/shm", none);
    std::string path = (has_shm ? "/dev/shm" : std::filesystem::temp_directory_path().string()) +
                       "/seamwatch-scenario-XXXXXX";
    SW_ASSERT(::mkdtemp(path.data()) != nullptr);
    path_ = path;
    for (const auto& [name, text] : files) {
      write(name, text);
    }
  }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  ~Folder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
  }

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace seamwatch::fakes
