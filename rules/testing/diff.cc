#include "rules/testing/diff.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>

namespace seamwatch::rules::testing {
namespace {

constexpr std::size_t kLinesMax = 60;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

using Pairs = std::vector<std::size_t>;  // for each expected thing the index of its partner

bool holds_all(const LabelTexts& part, const LabelTexts& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

LabelTexts texts(const Labels& labels) {
  return LabelTexts(labels.begin(), labels.end());
}

// Gives expected thing `i` a partner of its own, moving others to other partners where needed.
bool find_partner(std::size_t i,
                  std::size_t got_count,
                  const std::function<bool(std::size_t, std::size_t)>& fits,
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

// As many partners as can be: no thing that is there serves two that are expected.
Pairs matched(std::size_t expected_count,
              std::size_t got_count,
              const std::function<bool(std::size_t, std::size_t)>& fits) {
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

std::size_t common(const LabelTexts& a, const LabelTexts& b) {
  LabelTexts both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both.size();
}

// The free thing there that is most like an expected one; kNone where none has half its labels.
std::size_t most_like(const LabelTexts& expected,
                      const std::vector<LabelTexts>& got,
                      const std::vector<bool>& taken) {
  std::size_t best = kNone;
  std::size_t best_common = 0;
  for (std::size_t j = 0; j < got.size(); ++j) {
    const std::size_t shared = taken[j] ? 0 : common(expected, got[j]);
    if (!taken[j] && shared * 2 >= std::max<std::size_t>(expected.size(), 1) &&
        (best == kNone || shared > best_common)) {
      best = j;
      best_common = shared;
    }
  }
  return best;
}

const std::string* find(const LabelTexts& all, const std::string& name) {
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const auto& pair) { return pair.first == name; });
  return at == all.end() ? nullptr : &at->second;
}

class Lines {
 public:
  void add(std::string line) {
    if (lines_.size() < kLinesMax) {
      lines_.push_back(std::move(line));
    } else {
      ++more_;
    }
  }

  // What differs between two sets of names and texts. A subset may lack what is there.
  void add_difference(const LabelTexts& expected,
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

  std::vector<std::string> take() {
    if (more_ > 0) {
      lines_.push_back("... and " + std::to_string(more_) + " more lines");
    }
    return std::move(lines_);
  }

 private:
  std::vector<std::string> lines_;
  std::size_t more_ = 0;
};

LabelTexts shared_part(const LabelTexts& a, const LabelTexts& b) {
  LabelTexts both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

void add_whole(Lines& lines,
               const std::string& sign,
               const LabelTexts& labels,
               const LabelTexts& annotations) {
  lines.add(sign + to_string(labels));
  for (const auto& [name, text] : annotations) {
    lines.add("    " + sign + "annotation " + name + "=" + quoted(text));
  }
}

bool same_number(double expected, double got, bool fuzzy) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  return expected == got || (fuzzy && (std::nextafter(expected, -kInf) == got ||
                                       std::nextafter(expected, kInf) == got));
}

std::string number(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, end.ptr);
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

}  // namespace

std::string to_string(const LabelTexts& texts) {
  std::string out = "{";
  for (const auto& [name, text] : texts) {
    out += out.size() > 1 ? ", " : "";
    out += (is_classic_label_name(name) ? name : quoted(name)) + "=" + quoted(text);
  }
  return out + "}";
}

std::vector<std::string> diff_alerts(const AlertCheck& check, std::vector<FiringAlert> got) {
  const bool exact = check.compare == Compare::exact;
  const auto fits = [&](std::size_t i, std::size_t j) {
    const ExpectedAlert& want = check.alerts[i];
    return exact ? want.labels == got[j].labels && want.annotations == got[j].annotations
                 : holds_all(want.labels, got[j].labels) &&
                       holds_all(want.annotations, got[j].annotations);
  };
  const Pairs partner = matched(check.alerts.size(), got.size(), fits);
  if (is_complete(partner, got.size(), check.compare)) {
    return {};
  }
  std::vector<bool> taken = taken_by(partner, got.size());
  std::vector<LabelTexts> labels;
  for (const FiringAlert& alert : got) {
    labels.push_back(alert.labels);
  }
  Lines lines;
  for (std::size_t i = 0; i < check.alerts.size(); ++i) {
    if (partner[i] != kNone) {
      continue;
    }
    const ExpectedAlert& want = check.alerts[i];
    const std::size_t j = most_like(want.labels, labels, taken);
    if (j == kNone) {
      add_whole(lines, "- ", want.labels, want.annotations);
      continue;
    }
    taken[j] = true;
    lines.add("~ " + to_string(shared_part(want.labels, got[j].labels)));
    lines.add_difference(want.labels, got[j].labels, "", check.compare);
    lines.add_difference(want.annotations, got[j].annotations, "annotation ", check.compare);
  }
  for (std::size_t j = 0; exact && j < got.size(); ++j) {
    if (!taken[j]) {
      add_whole(lines, "+ ", got[j].labels, got[j].annotations);
    }
  }
  return lines.take();
}

std::vector<std::string> diff_samples(const ExprCheck& check,
                                      std::vector<promql::VectorSample> got,
                                      bool fuzzy) {
  const bool exact = check.compare == Compare::exact;
  std::vector<LabelTexts> labels;
  for (const promql::VectorSample& sample : got) {
    labels.push_back(texts(sample.labels));
  }
  std::vector<LabelTexts> wanted;
  for (const ExpectedSample& sample : check.samples) {
    wanted.push_back(texts(sample.labels));
  }
  const auto fits = [&](std::size_t i, std::size_t j) {
    return same_number(check.samples[i].value, got[j].value, fuzzy) &&
           (exact ? wanted[i] == labels[j] : holds_all(wanted[i], labels[j]));
  };
  const Pairs partner = matched(wanted.size(), got.size(), fits);
  if (is_complete(partner, got.size(), check.compare)) {
    return {};
  }
  std::vector<bool> taken = taken_by(partner, got.size());
  Lines lines;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (partner[i] != kNone) {
      continue;
    }
    const double value = check.samples[i].value;
    std::size_t j = most_like(wanted[i], labels, taken);
    // Only equal labels make two samples the same one.
    if (j != kNone && !(exact ? wanted[i] == labels[j] : holds_all(wanted[i], labels[j]))) {
      j = kNone;
    }
    if (j == kNone) {
      lines.add("- " + to_string(wanted[i]) + " " + number(value));
      continue;
    }
    taken[j] = true;
    lines.add("~ " + to_string(labels[j]));
    lines.add("    - " + number(value));
    lines.add("    + " + number(got[j].value));
    if (std::isnan(value) && std::isnan(got[j].value)) {
      lines.add(
          "    NaN equals nothing; test `EXPR != EXPR`, which gives a sample where it is NaN");
    }
  }
  for (std::size_t j = 0; exact && j < got.size(); ++j) {
    if (!taken[j]) {
      lines.add("+ " + to_string(labels[j]) + " " + number(got[j].value));
    }
  }
  return lines.take();
}

}  // namespace seamwatch::rules::testing
