#include "probes/endpoints/text_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace seamwatch::probes {

Result<std::string> read_text_file(const std::string& path) {
  constexpr std::size_t kBytesMax = 1 << 20;
  std::ifstream in(path, std::ios::binary);
  std::string content(kBytesMax + 1, '\0');
  if (!in || !in.read(content.data(), static_cast<std::streamsize>(content.size())).eof()) {
    const bool too_large = static_cast<bool>(in);
    return error("file " + path + ": " +
                 (too_large ? "larger than 1 MiB" : std::string(std::strerror(errno))));
  }
  content.resize(static_cast<std::size_t>(in.gcount()));
  return content;
}

Result<std::string> read_credential_file(const std::string& path) {
  auto content = read_text_file(path);
  if (!content) {
    return content.error();
  }
  constexpr const char* kBlank = " \t\r\n";
  const std::size_t first = content->find_first_not_of(kBlank);
  if (first == std::string::npos) {
    return error("file " + path + " is empty");
  }
  return content->substr(first, content->find_last_not_of(kBlank) - first + 1);
}

}  // namespace seamwatch::probes
