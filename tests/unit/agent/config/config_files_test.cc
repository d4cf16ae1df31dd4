// Walks tests/testdata/config: NAME.bad.yml (or NAME.bad/seamwatch.yml) must give exactly what
// NAME.want says, and every *.good.yml must load.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>

#include "agent/config/load.h"
#include "tests/unit/agent/config/cases.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

namespace fs = std::filesystem;

// Paths in messages are those of the command line, so the cases run in their own folder.
class InFolder {
 public:
  explicit InFolder(const fs::path& folder) : before_(fs::current_path()) {
    fs::current_path(folder);
  }

  ~InFolder() { fs::current_path(before_); }

  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;

 private:
  fs::path before_;
};

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> names_with(std::string_view suffix) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(kCases)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(suffix)) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string without(const std::string& name, std::string_view suffix) {
  return name.substr(0, name.size() - suffix.size());
}

LoadedConfig load(const std::string& file) {
  ConfigSources sources;
  sources.config_file = file;
  return load_config(sources, test_environment);
}

}  // namespace

TEST_CASE("each bad configuration gives exactly its message") {
  const InFolder folder(kCases);
  const std::vector<std::string> names = names_with(".bad.yml");
  REQUIRE(names.size() >= 70);
  for (const std::string& name : names) {
    DYNAMIC_SECTION(name) {
      const LoadedConfig loaded = load(name);
      CHECK(loaded.config == nullptr);
      CHECK(loaded.problems.to_string() == text_of(without(name, ".bad.yml") + ".want"));
      CHECK(loaded.problems.to_string().find("s3cr3t") == std::string::npos);
    }
  }
}

TEST_CASE("each bad folder gives all messages of all its files") {
  const InFolder folder(kCases);
  const std::vector<std::string> names = names_with(".bad");
  REQUIRE(names.size() >= 3);
  for (const std::string& name : names) {
    DYNAMIC_SECTION(name) {
      const LoadedConfig loaded = load(name + "/seamwatch.yml");
      CHECK(loaded.config == nullptr);
      CHECK(loaded.problems.to_string() == text_of(without(name, ".bad") + ".want"));
    }
  }
}

TEST_CASE("good configurations load without a word") {
  const InFolder folder(kCases);
  const std::vector<std::string> names = names_with(".good.yml");
  REQUIRE(names.size() >= 3);
  for (const std::string& name : names) {
    DYNAMIC_SECTION(name) {
      const LoadedConfig loaded = load(name);
      CHECK(loaded.problems.to_string().empty());
      CHECK(loaded.warnings.to_string().empty());
      CHECK(loaded.config != nullptr);
    }
  }
}
