// SectionReader: reads one map of the configuration by its table of keys: types, words, ranges and
// required keys are checked as the table says. Used by the loader only.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/keys.h"
#include "agent/core/map_reader.h"

namespace seamwatch::agent {

class SectionReader {
 public:
  // A null `node` is an empty map. All of the arguments must outlive the reader.
  SectionReader(const Document& document,
                const Node& node,
                const Section& section,
                Diagnostics& problems);

  // Each sets `out` and returns true where the key is there with a good value; otherwise `out`
  // keeps its value, and what is bad or missing is reported. Requires: the table has `key` with
  // this type.
  bool text(std::string_view key, std::string& out);  // text, name, word, url, email
  bool duration(std::string_view key, Millis& out);
  bool count(std::string_view key, std::int64_t& out);
  bool flag(std::string_view key, bool& out);
  bool texts(std::string_view key, std::vector<std::string>& out);
  bool labels(std::string_view key, Labels& out);

  // The node at `key`, of any type, or nullptr where it is absent or null; never reports.
  const Node* find(std::string_view key);

  // The section at `key`; an empty one where it is absent. Of type map.
  SectionReader section(std::string_view key);

  // Calls `each` for every entry of type map_of; names are checked where `check_names`.
  using Entry = std::function<void(const std::string& name, const Node& key, SectionReader entry)>;
  void each_entry(std::string_view key, bool check_names, const Entry& each);

  // Calls `each` for every item of type list_of.
  void each_item(std::string_view key, const std::function<void(SectionReader item)>& each);

  // Reports unknown keys. Requires: every key of the table was asked for.
  void done();

  // Reports something at the value of `key`, or at the map where it is absent.
  void report(std::string_view key, std::string what, std::string remedy);

  // Where the value of `key` stands, or this map where it is absent; and likewise the key itself.
  Place place(std::string_view key) const;
  Place key_place(std::string_view key) const;

  Place place() const { return map_.document().place(map_.node()); }

  const Node& node() const { return map_.node(); }

  const Document& document() const { return map_.document(); }

  Diagnostics& problems() { return map_.problems(); }

 private:
  const KeySpec& spec(std::string_view key, std::initializer_list<KeyType> types);
  bool check_text(const KeySpec& spec, const std::string& text);

  const Section& section_;
  MapReader map_;
  std::set<std::string_view> asked_;
};

}  // namespace seamwatch::agent
