// Reading: what one run of the loader gathers, passed through its steps: load.cc finds and parses
// the files, substitute.cc fills in secrets, modules.cc and integrations.cc read the values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/load.h"
#include "agent/core/diagnostics.h"
#include "agent/core/document.h"

namespace seamwatch::agent {

// A text that came from the environment or a secret file, and what messages show in its place.
struct HiddenText {
  std::string text;
  std::string shown;  // "${TOKEN}"; "<redacted>"
};

struct Reading {
  explicit Reading(const Environment& from) : environment(from) {}

  const Environment& environment;
  Config config;
  Diagnostics problems;
  Diagnostics warnings;
  std::vector<std::string> files;
  std::vector<HiddenText> hidden;
  std::vector<Place> unset;  // values whose variables are not set: reported, and worth no more
  std::map<std::string, std::string> file_digests;      // of certificates and keys, by path
  std::map<std::string, std::string> unusable_modules;  // why, or "" where that is reported
  std::map<std::string, Place> heartbeat_keys;          // where each is used
  std::vector<OwnPattern> patterns;                     // of privacy, each good
  std::vector<std::string> allowed;                     // personal data that stays
  std::map<std::string, Place> privacy_places;  // of class names, by integration; "" the default
  std::map<std::pair<std::string, std::string>, Place> first_places;  // by section and name
};

// Whether `name` (say, "integration" "orders") is met for the first time; otherwise reports both
// places.
bool is_first(Reading& reading, const std::string& what, const std::string& name, Place place);

// "seamwatch.yml:3:5".
std::string to_text(const Place& place);

// The text of `path`, remembered as read; a failure goes to `sink` at `place`, naming `key`.
std::optional<std::string> read_named_file(Reading& reading,
                                           const std::string& key,
                                           const std::string& path,
                                           const Place& place,
                                           Diagnostics& sink);

// The files that `pattern`, as seen from `folder`, leads to. A plain path that leads to no file is
// reported at `place`; a glob may find nothing.
std::vector<std::string> find_files(Reading& reading,
                                    const std::string& folder,
                                    const std::string& pattern,
                                    const Place& place);

// Likewise, and warns of a pattern that nothing matches.
std::vector<std::string> find_some_files(Reading& reading,
                                         const std::string& folder,
                                         const std::string& pattern,
                                         const Place& place);

}  // namespace seamwatch::agent
