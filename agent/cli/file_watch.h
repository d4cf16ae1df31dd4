// FileWatch: waits until one of some files changes, appears or goes. For --watch of the command
// line; blocks the calling thread.
#pragma once

#include <string>
#include <vector>

#include "agent/core/result.h"

namespace seamwatch::agent {

class FileWatch {
 public:
  // Begins to watch, so that no change after this is missed. Files need not exist; a glob stands
  // for any change in its folder.
  explicit FileWatch(const std::vector<std::string>& files);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  // Returns when something has changed, and then nothing more for 100 ms (editors write in steps).
  // Error: the system cannot watch, with its reason.
  [[nodiscard]] Status wait();

 private:
  bool take_events();

  struct Folder {
    int watch = -1;
    std::vector<std::string> names;  // of files; "" for any
  };

  int inotify_ = -1;
  std::string failure_;
  std::vector<Folder> folders_;
};

}  // namespace seamwatch::agent
