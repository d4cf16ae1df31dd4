#include "rules/series/listed_selection.h"

#include <algorithm>

namespace seamwatch::rules {
namespace {

template <class Key>
std::uint32_t number_of(std::map<Key, std::uint32_t>& numbers, const Key& key) {
  return numbers.emplace(key, static_cast<std::uint32_t>(numbers.size())).first->second;
}

}  // namespace

PairId NumberedLabels::pair(const Labels::View& label) {
  const Labels::Pair owned(label);
  const std::scoped_lock lock(mutex_);
  return number_of(pairs_, owned);
}

LabelSetId NumberedLabels::label_set(const Labels& labels) {
  Labels unnamed = labels;
  unnamed.erase("__name__");
  const std::scoped_lock lock(mutex_);
  return number_of(label_sets_, unnamed);
}

std::uint32_t NumberedLabels::series(const Labels& labels) {
  const std::scoped_lock lock(mutex_);
  return number_of(series_, labels);
}

ListedSelection::ListedSelection(const Storage& storage,
                                 NumberedLabels& numbers,
                                 std::vector<Matcher> matchers,
                                 const Selection* previous)
    : storage_(storage), numbers_(numbers), matchers_(std::move(matchers)) {
  std::map<std::uint32_t, Labels> found;
  for (SeriesData& data : storage.select(matchers_, WallTime::min(), WallTime::max())) {
    const std::uint32_t number = numbers.series(data.labels);
    found.emplace(number, std::move(data.labels));
  }
  const auto take = [&](std::map<std::uint32_t, Labels>::iterator entry) {
    places_.emplace(entry->first, series_.size());
    series_.push_back(entry->first);
    label_sets_.push_back(numbers.label_set(entry->second));
    labels_.push_back(std::move(entry->second));
    found.erase(entry);
  };
  if (previous != nullptr) {
    for (const std::uint32_t series : previous->series()) {
      const auto entry = found.find(series);
      if (entry != found.end()) {
        take(entry);
      }
    }
    const auto before = previous->series();
    const auto differs =
        std::mismatch(series_.begin(), series_.end(), before.begin(), before.end()).first;
    unchanged_front_ = static_cast<std::size_t>(differs - series_.begin());
  }
  while (!found.empty()) {
    take(found.begin());
  }
}

void ListedSelection::read_last(WallTime from, WallTime to, LastColumn& out) const {
  out.values.assign(size(), stale_marker());
  out.times.assign(size(), WallTime::min());
  for (const SeriesData& data : storage_.select_last(matchers_, from, to)) {
    const auto place = places_.find(numbers_.series(data.labels));
    if (place != places_.end()) {
      out.values[place->second] = data.points.back().value;
      out.times[place->second] = data.points.back().at;
    }
  }
}

void ListedSelection::read(std::size_t i,
                           WallTime from,
                           WallTime to,
                           std::vector<Point>& out) const {
  for (const SeriesData& data : storage_.select(matchers_, from, to)) {
    if (data.labels == labels_.at(i)) {
      out.insert(out.end(), data.points.begin(), data.points.end());
    }
  }
}

Labels ListedSelection::labels(std::size_t i) const {
  return labels_.at(i);
}

void ListedSelection::label_column(std::string_view name, std::vector<PairId>& out) const {
  out.assign(size(), kNoPair);
  for (std::size_t i = 0; i < size(); ++i) {
    if (labels_[i].has(name)) {
      out[i] = numbers_.pair({name, labels_[i].get(name)});
    }
  }
}

void ListedSelection::pairs(std::size_t i, std::vector<PairId>& out) const {
  for (const auto& label : labels_.at(i)) {
    out.push_back(numbers_.pair(label));
  }
}

}  // namespace seamwatch::rules
