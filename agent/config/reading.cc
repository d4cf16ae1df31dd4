#include "agent/config/reading.h"

#include <algorithm>
#include <string_view>

#include "agent/config/files.h"
#include "agent/core/labels.h"

namespace seamwatch::agent {

bool is_first(Reading& reading, const std::string& what, const std::string& name, Place place) {
  const auto [first, fresh] = reading.first_places.emplace(std::pair(what, name), place);
  if (!fresh) {
    reading.problems.add(std::move(place),
                         what + " " + quoted(name) + " is there twice",
                         "remove one; the first is at " + to_text(first->second));
  }
  return fresh;
}

std::string to_text(const Place& place) {
  std::string out = Diagnostic{place, "", ""}.to_string();
  return out.substr(0, out.size() - std::string_view(": ").size());
}

std::optional<std::string> read_named_file(Reading& reading,
                                           const std::string& key,
                                           const std::string& path,
                                           const Place& place,
                                           Diagnostics& sink) {
  auto text = read_file(path);
  if (!text) {
    const std::string what = key.empty() ? "the file" : quoted(key) + ": " + quoted(path);
    sink.add(place,
             what + " cannot be read: " + text.error().message,
             "correct the path, or the file's rights");
    return std::nullopt;
  }
  if (std::find(reading.files.begin(), reading.files.end(), path) == reading.files.end()) {
    reading.files.push_back(path);
  }
  return std::move(*text);
}

std::vector<std::string> find_files(Reading& reading,
                                    const std::string& folder,
                                    const std::string& pattern,
                                    const Place& place) {
  const std::string path = join_path(folder, pattern);
  if (is_glob(pattern)) {
    return glob_files(path);
  }
  if (const auto text = read_file(path); !text) {
    const std::string what = place.file == path ? "the file" : quoted(path);
    reading.problems.add(
        place, what + " cannot be read: " + text.error().message, "correct the path, or remove it");
    return {};
  }
  return {path};
}

std::vector<std::string> find_some_files(Reading& reading,
                                         const std::string& folder,
                                         const std::string& pattern,
                                         const Place& place) {
  std::vector<std::string> found = find_files(reading, folder, pattern, place);
  if (found.empty() && is_glob(pattern)) {
    const std::string what = place.file == pattern ? "the pattern" : quoted(pattern);
    reading.warnings.add(
        place, what + " matches no file, so nothing is read", "correct it, or add the files");
  }
  return found;
}

}  // namespace seamwatch::agent
