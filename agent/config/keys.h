// The keys of seamwatch.yml as tables: what each is called, what it takes, its default and a line
// of help. The loader reads through them (SectionReader) and the JSON Schema is made from them, so
// the two cannot differ.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace seamwatch::agent {

enum class KeyType {
  text,
  name,  // letters, digits, `_`, `.` and `-`, at most 100: fits labels and URLs
  word,  // one of KeySpec::words
  url,   // http or https
  email,
  duration,  // Prometheus's; minimum in milliseconds
  count,     // a whole number
  flag,
  texts,    // a list
  labels,   // a map of texts
  map,      // one section
  map_of,   // names to sections
  list_of,  // of sections
  options,  // a map that another folder reads: the options of a prober
};

struct Section;

struct KeySpec {
  std::string_view key;
  KeyType type = KeyType::text;
  bool required = false;
  std::string_view help;
  std::string_view fallback = "";    // the default as written in YAML; empty = none
  const Section* section = nullptr;  // of map, map_of and list_of
  std::string_view words = "";       // of word: separated by spaces
  std::int64_t minimum = 0;          // of duration and count
  std::int64_t maximum = INT64_MAX;  // of count
};

struct Section {
  std::string_view what;  // in messages: "integration"
  std::span<const KeySpec> keys;
};

// The whole file.
const Section& root_section();

// Those that the loader starts from by name.
const Section& module_section();
const Section& modules_file_section();  // a file in blackbox_exporter's format

}  // namespace seamwatch::agent
