// Diagnostics: all that is wrong with one or more files, found in one go. Each entry prints as
// `file:line:col: what is wrong; what to do`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seamwatch {

// Where something stands in a file. Lines and columns count from 1; 0 means unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

struct Diagnostic {
  Place place;
  std::string what;    // "unknown key \"intervall\""
  std::string remedy;  // "use \"interval\""; may be empty

  std::string to_string() const;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

class Diagnostics {
 public:
  void add(Place place, std::string what, std::string remedy = "");

  bool empty() const { return entries_.empty(); }

  std::size_t size() const { return entries_.size(); }

  const std::vector<Diagnostic>& entries() const { return entries_; }

  // One line an entry, in file order: by file as first seen, then line and column.
  std::string to_string() const;

 private:
  std::vector<Diagnostic> entries_;
};

// The candidate nearest to `word` by edit distance, or "" where none is near (more than a third of
// the word's letters, at least one, differ).
std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace seamwatch
