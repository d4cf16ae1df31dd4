#include "rules/testing/pairing.h"

#include <algorithm>

namespace seamwatch::rules::testing {
namespace {

constexpr std::size_t kLinesMax = 60;

// Gives expected thing `i` a partner of its own, moving others to other partners where needed.
bool find_partner(std::size_t i,
                  std::size_t got_count,
                  const Fits& fits,
                  Pairs& owner,
                  std::vector<bool>& tried) {
  for (std::size_t j = 0; j < got_count; ++j) {
    if (tried[j] || !fits(i, j)) {
      continue;
    }
    tried[j] = true;
    if (owner[j] == kNone || find_partner(owner[j], got_count, fits, owner, tried)) {
      owner[j] = i;
      return true;
    }
  }
  return false;
}

const std::string* find(const LabelTexts& all, const std::string& name) {
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const auto& pair) { return pair.first == name; });
  return at == all.end() ? nullptr : &at->second;
}

}  // namespace

Pairs matched(std::size_t expected_count, std::size_t got_count, const Fits& fits) {
  Pairs owner(got_count, kNone);
  for (std::size_t i = 0; i < expected_count; ++i) {
    std::vector<bool> tried(got_count);
    find_partner(i, got_count, fits, owner, tried);
  }
  Pairs partner(expected_count, kNone);
  for (std::size_t j = 0; j < got_count; ++j) {
    if (owner[j] != kNone) {
      partner[owner[j]] = j;
    }
  }
  return partner;
}

bool is_complete(const Pairs& partner, std::size_t got_count, Compare compare) {
  const bool all = std::find(partner.begin(), partner.end(), kNone) == partner.end();
  return all && (compare == Compare::subset || partner.size() == got_count);
}

std::vector<bool> taken_by(const Pairs& partner, std::size_t got_count) {
  std::vector<bool> taken(got_count);
  for (const std::size_t j : partner) {
    if (j != kNone) {
      taken[j] = true;
    }
  }
  return taken;
}

bool holds_all(const LabelTexts& part, const LabelTexts& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

LabelTexts texts_of(const Labels& labels) {
  LabelTexts out;
  for (const auto& [name, value] : labels) {
    out.emplace_back(name, value);
  }
  return out;
}

std::string to_string(const LabelTexts& texts) {
  std::string out = "{";
  for (const auto& [name, text] : texts) {
    out += out.size() > 1 ? ", " : "";
    out += (is_classic_label_name(name) ? name : quoted(name)) + "=" + quoted(text);
  }
  return out + "}";
}

void DiffLines::add(std::string line) {
  if (lines_.size() < kLinesMax) {
    lines_.push_back(std::move(line));
  } else {
    ++more_;
  }
}

void DiffLines::add_difference(const LabelTexts& expected,
                               const LabelTexts& got,
                               const std::string& kind,
                               Compare compare) {
  for (const auto& [name, text] : expected) {
    const std::string* other = find(got, name);
    if (other == nullptr || *other != text) {
      add("    - " + kind + name + "=" + quoted(text));
      if (other != nullptr) {
        add("    + " + kind + name + "=" + quoted(*other));
      }
    }
  }
  for (const auto& [name, text] : got) {
    if (compare == Compare::exact && find(expected, name) == nullptr) {
      add("    + " + kind + name + "=" + quoted(text));
    }
  }
}

void DiffLines::add_change(const std::string& what,
                           const std::string& expected,
                           const std::string& got) {
  if (expected != got) {
    add("- " + what + expected);
    add("+ " + what + got);
  }
}

std::vector<std::string> DiffLines::take() {
  if (more_ > 0) {
    lines_.push_back("... and " + std::to_string(more_) + " more lines");
  }
  return std::move(lines_);
}

}  // namespace seamwatch::rules::testing
