#include "agent/io/plain_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace seamwatch::agent {
namespace {

constexpr const char* kRemedy = "; check the path and its permissions";

}  // namespace

Result<PlainFile> PlainFile::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return error(std::strerror(errno) + std::string(kRemedy));
  }
  PlainFile out(descriptor, 0);

  struct stat status {};

  if (::fstat(descriptor, &status) != 0) {
    return error(std::strerror(errno) + std::string(kRemedy));
  }
  if (!S_ISREG(status.st_mode)) {
    return error("it is no regular file; write what it gives into one first");
  }
  out.size_ = static_cast<std::size_t>(status.st_size);
  return out;
}

PlainFile::~PlainFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

PlainFile::PlainFile(PlainFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

Result<std::size_t> PlainFile::read(std::size_t offset, char* to, std::size_t count) {
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(descriptor_, to + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return error(std::strerror(errno) + std::string(kRemedy));
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

bool PlainFile::grew() const {
  struct stat status {};

  return ::fstat(descriptor_, &status) == 0 && static_cast<std::size_t>(status.st_size) > size_;
}

}  // namespace seamwatch::agent
