// Pairing: which expected thing belongs to which thing that is there, and the lines of a diff of
// them. Shared by the diffs of alerts, samples and notifications. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "rules/testing/routing_checks.h"

namespace seamwatch::rules::testing {

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

using Pairs = std::vector<std::size_t>;  // for each expected thing the index of its partner

// Whether expected thing `i` and thing `j` that is there are the same.
using Fits = std::function<bool(std::size_t i, std::size_t j)>;

// As many partners as can be: no thing that is there serves two that are expected.
Pairs matched(std::size_t expected_count, std::size_t got_count, const Fits& fits);

// Whether a check with these pairs passes.
bool is_complete(const Pairs& partner, std::size_t got_count, Compare compare);

// Which things that are there have a partner.
std::vector<bool> taken_by(const Pairs& partner, std::size_t got_count);

// Whether `whole` has all that `part` names.
bool holds_all(const LabelTexts& part, const LabelTexts& whole);

LabelTexts texts_of(const Labels& labels);

// `{a="1", b=""}` with quoted values.
std::string to_string(const LabelTexts& texts);

// The lines of one diff, so many at most.
class DiffLines {
 public:
  void add(std::string line);

  // What differs between two sets of names and texts. A subset may lack what is there.
  void add_difference(const LabelTexts& expected,
                      const LabelTexts& got,
                      const std::string& kind,
                      Compare compare);

  // One thing with two texts; nothing where they are the same.
  void add_change(const std::string& what, const std::string& expected, const std::string& got);

  bool empty() const { return lines_.empty(); }

  std::vector<std::string> take();

 private:
  std::vector<std::string> lines_;
  std::size_t more_ = 0;
};

}  // namespace seamwatch::rules::testing
