#include "rules/testing/diff.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "rules/testing/pairing.h"

namespace seamwatch::rules::testing {
namespace {

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

LabelTexts shared_part(const LabelTexts& a, const LabelTexts& b) {
  LabelTexts both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

void add_whole(DiffLines& lines,
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

}  // namespace

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
  DiffLines lines;
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
    labels.push_back(texts_of(sample.labels));
  }
  std::vector<LabelTexts> wanted;
  for (const ExpectedSample& sample : check.samples) {
    wanted.push_back(texts_of(sample.labels));
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
  DiffLines lines;
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
