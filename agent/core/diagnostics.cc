#include "agent/core/diagnostics.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace seamwatch {
namespace {

// Letters to add, remove, replace, or let change places with the next one, to make `b` of `a`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // the row above `above`
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Diagnostic::to_string() const {
  std::string out = place.file;
  if (place.line > 0) {
    out += ':' + std::to_string(place.line);
    if (place.column > 0) {
      out += ':' + std::to_string(place.column);
    }
  }
  out += out.empty() ? "" : ": ";
  out += what;
  if (!remedy.empty()) {
    out += "; " + remedy;
  }
  return out;
}

void Diagnostics::add(Place place, std::string what, std::string remedy) {
  entries_.push_back(Diagnostic{std::move(place), std::move(what), std::move(remedy)});
}

std::string Diagnostics::to_string() const {
  std::map<std::string_view, std::size_t> first_seen;
  for (const Diagnostic& entry : entries_) {
    first_seen.emplace(entry.place.file, first_seen.size());
  }
  std::vector<const Diagnostic*> sorted;
  for (const Diagnostic& entry : entries_) {
    sorted.push_back(&entry);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Diagnostic* a, const Diagnostic* b) {
    const auto key = [&](const Diagnostic* entry) {
      return std::tuple(first_seen[entry->place.file], entry->place.line, entry->place.column);
    };
    return key(a) < key(b);
  });
  std::string out;
  for (const Diagnostic* entry : sorted) {
    out += entry->to_string() + "\n";
  }
  return out;
}

std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace seamwatch
