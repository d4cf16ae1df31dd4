#include "agent/cli/file_watch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "agent/config/files.h"

namespace seamwatch::agent {
namespace {

constexpr int kQuietMillis = 100;

}  // namespace

FileWatch::FileWatch(const std::vector<std::string>& files) {
  inotify_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (inotify_ < 0) {
    failure_ = std::strerror(errno);
    return;
  }
  // Folders are watched, not files: editors replace a file by another one.
  std::map<std::string, std::vector<std::string>> by_folder;
  for (const std::string& file : files) {
    const std::filesystem::path path(file);
    const std::string folder = folder_of(file);
    by_folder[folder.empty() ? "." : folder].push_back(is_glob(file) ? ""
                                                                     : path.filename().string());
  }
  constexpr std::uint32_t kChanges =
      IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE;
  for (auto& [folder, names] : by_folder) {
    const int watch = ::inotify_add_watch(inotify_, folder.c_str(), kChanges);
    if (watch >= 0) {
      folders_.push_back({watch, std::move(names)});
    }
  }
  if (folders_.empty()) {
    failure_ = "no folder of the files can be watched";
  }
}

FileWatch::~FileWatch() {
  if (inotify_ >= 0) {
    ::close(inotify_);
  }
}

// Reads all that has happened; true where one of the files is among it.
bool FileWatch::take_events() {
  alignas(inotify_event) char buffer[16384];
  bool found = false;
  for (;;) {
    const ssize_t size = ::read(inotify_, buffer, sizeof(buffer));
    if (size <= 0) {
      return found;
    }
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      const std::string name = event->len > 0 ? event->name : "";
      for (const Folder& folder : folders_) {
        const auto concerns = [&](const std::string& file) { return file.empty() || file == name; };
        found = found || (folder.watch == event->wd &&
                          std::any_of(folder.names.begin(), folder.names.end(), concerns));
      }
    }
  }
}

Status FileWatch::wait() {
  if (!failure_.empty()) {
    return error("cannot watch files: " + failure_);
  }
  bool changed = false;
  for (;;) {
    pollfd waiting{inotify_, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, changed ? kQuietMillis : -1);
    if (ready < 0 && errno != EINTR) {
      return error(std::string("cannot watch files: ") + std::strerror(errno));
    }
    if (ready == 0 && changed) {
      return {};
    }
    if (ready > 0) {
      changed = take_events() || changed;
    }
  }
}

}  // namespace seamwatch::agent
