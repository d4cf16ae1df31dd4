#include "agent/store/series_files.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <limits>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace seamwatch::agent {
namespace {

namespace fs = std::filesystem;

Error failed(const std::string& what, const std::string& path, int number) {
  return error(path + " cannot be " + what + ": " + std::strerror(number));
}

}  // namespace

OutputFile::~OutputFile() {
  close();
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      bytes_(other.bytes_),
      path_(std::move(other.path_)) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    bytes_ = other.bytes_;
    path_ = std::move(other.path_);
  }
  return *this;
}

void OutputFile::close() {
  if (descriptor_ >= 0) {
    ::close(std::exchange(descriptor_, -1));
  }
}

Result<OutputFile> OutputFile::create(const std::string& path) {
  OutputFile out;
  out.path_ = path;
  out.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out.descriptor_ < 0) {
    return failed("made", path, errno);
  }
  return out;
}

Status OutputFile::write(std::string_view bytes) {
  const std::int64_t before = bytes_;
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      const int number = written == 0 ? ENOSPC : errno;
      // Half a block would look like damage once more follows it.
      const bool cut =
          ::ftruncate(descriptor_, before) == 0 && ::lseek(descriptor_, before, SEEK_SET) == before;
      bytes_ = cut ? before : bytes_;
      return failed("written", path_, number);
    }
    bytes_ += written;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status OutputFile::sync() {
  return ::fdatasync(descriptor_) == 0 ? Status() : failed("written", path_, errno);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) {
    ::munmap(data_, size_);
  }
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Result<MappedFile> MappedFile::open(const std::string& path) {
  // Something else in its place may be a pipe: do not wait for who writes into it.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return failed("read", path, errno);
  }

  struct stat status {};

  if (::fstat(descriptor, &status) != 0) {
    const int number = errno;
    ::close(descriptor);
    return failed("read", path, number);
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return error(path + " cannot be read: it is no regular file");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* data = nullptr;
  if (size > 0) {
    data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  }
  const int number = errno;
  ::close(descriptor);
  if (data == MAP_FAILED) {
    return failed("read", path, number);
  }
  return MappedFile(data, size);
}

Status make_series_folder(const std::string& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) {
    return error("the folder " + folder + " cannot be made: " + problem.message());
  }
  fs::permissions(folder, fs::perms::owner_all, problem);
  return {};
}

std::vector<std::string> series_files(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code problem;
  for (fs::directory_iterator at(folder, problem), end; !problem && at != end;
       at.increment(problem)) {
    out.push_back(at->path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string series_file_name(std::string_view kind, std::uint32_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 8 ? 8 - digits.size() : 0, '0');
  return std::string(kind) + "-" + digits;
}

std::uint32_t number_of(std::string_view kind, std::string_view name) {
  if (!name.starts_with(kind) || name.size() < kind.size() + 9 || name[kind.size()] != '-') {
    return 0;
  }
  const std::string_view digits = name.substr(kind.size() + 1);
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return problem == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

Status rename_for_good(const std::string& folder, const std::string& from, const std::string& to) {
  const std::string target = folder + "/" + to;
  if (::rename((folder + "/" + from).c_str(), target.c_str()) != 0) {
    return failed("made", target, errno);
  }
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int number = errno;
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  return synced ? Status() : failed("made", target, number);
}

std::int64_t free_bytes(const std::string& folder) {
  struct statvfs status {};

  if (::statvfs(folder.c_str(), &status) != 0) {
    return std::numeric_limits<std::int64_t>::max();
  }
  return static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
}

}  // namespace seamwatch::agent
