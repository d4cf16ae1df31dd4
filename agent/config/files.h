// The files of a configuration: the one way in which agent/config touches the file system. Bodies
// stand in config.cc, the only place outside the ports that may.
#pragma once

#include <string>
#include <vector>

#include "agent/core/result.h"

namespace seamwatch::agent {

// Whether it is a named pipe: to read one waits for who writes, and takes what is for the next
// reader.
bool is_pipe(const std::string& path);

// The text of a file of at most 16 MiB. Error: the system's reason alone, without the path.
[[nodiscard]] Result<std::string> read_file(const std::string& path);

// Whether `path` holds one of * ? [
bool is_glob(const std::string& path);

// The files that match, sorted; none where nothing does. `*` does not match a leading dot.
std::vector<std::string> glob_files(const std::string& pattern);

// "" for a bare file name.
std::string folder_of(const std::string& path);

// `path` as seen from `folder`; unchanged where it is absolute or `folder` is empty.
std::string join_path(const std::string& folder, const std::string& path);

}  // namespace seamwatch::agent
