#include "agent/config/config.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <glob.h>

#include "agent/config/files.h"
#include "agent/config/load.h"
#include "agent/core/assert.h"

namespace seamwatch::agent {
namespace {

constexpr std::size_t kFileBytesMax = 16 << 20;

}  // namespace

const ModuleConfig& Config::module(std::string_view name) const {
  const auto found = modules.find(name);
  SW_ASSERT(found != modules.end());
  return found->second;
}

const PrivacyClass& Config::privacy_class(std::string_view integration) const {
  const Integration* found = landscape.find_integration(integration);
  return privacy.class_named(found == nullptr ? std::string_view() : found->privacy);
}

bool is_pipe(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_fifo(path, ignored);
}

Result<std::string> read_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return error(std::strerror(EISDIR));
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return error(std::strerror(errno != 0 ? errno : EIO));
  }
  std::string text;
  char chunk[65536];
  while (in.read(chunk, sizeof chunk) || in.gcount() > 0) {
    text.append(chunk, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kFileBytesMax) {
      return error("larger than 16 MiB");
    }
  }
  if (in.bad()) {
    return error(std::strerror(errno != 0 ? errno : EIO));
  }
  return text;
}

bool is_glob(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos;
}

std::vector<std::string> glob_files(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      std::error_code ignored;
      if (!std::filesystem::is_directory(found.gl_pathv[i], ignored)) {
        files.emplace_back(found.gl_pathv[i]);
      }
    }
  }
  ::globfree(&found);
  return files;
}

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

std::string join_path(const std::string& folder, const std::string& path) {
  return folder.empty() ? path : (std::filesystem::path(folder) / path).string();
}

}  // namespace seamwatch::agent
