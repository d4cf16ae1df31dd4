#include "rules/replay/recording.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "agent/core/ascii.h"
#include "rules/promql/series_notation.h"

namespace seamwatch::rules::replay {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr double kMillisMax = 1e15;  // past the year 33000
// A time from 2001 to 5138 in seconds, which in milliseconds would lie between 1970-01-12 and 1973.
constexpr double kLikelySeconds = 1e9;
constexpr double kLikelyMillis = 1e11;
constexpr std::size_t kLineBytesMax = 1 << 20;

// Takes the text up to the next blank off the front.
std::string_view take_word(std::string_view& text) {
  text = trimmed(text, kBlanks);
  const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

// Go's and the exposition formats' floats: `+Inf` and `NaN` in any case.
std::optional<double> number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) {
      return std::nullopt;
    }
  }
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ptr != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  if (read.ec == std::errc::result_out_of_range) {
    return std::nullopt;
  }
  return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

Matcher all_names() {
  return *Matcher::make(MatchType::not_equal, "__name__", "");
}

}  // namespace

bool ends_open_metrics(std::string_view tail) {
  while (!tail.empty() && (tail.back() == '\n' || kBlanks.find(tail.back()) != kBlanks.npos)) {
    tail.remove_suffix(1);
  }
  const std::size_t begin = tail.rfind('\n');
  return (begin == std::string_view::npos ? tail : tail.substr(begin + 1)) == "# EOF";
}

Error ExpositionReader::wrong(const std::string& what) const {
  return error(file_ + ":" + std::to_string(line_) + ": " + what);
}

Status ExpositionReader::take(std::string_view part) {
  for (auto end = part.find('\n'); end != std::string_view::npos; end = part.find('\n')) {
    const std::string_view rest = part.substr(0, end);
    part.remove_prefix(end + 1);
    const Status taken = begun_.empty() ? take_line(rest) : take_line(begun_ += rest);
    begun_.clear();
    if (!taken) {
      return taken;
    }
  }
  begun_ += part;
  if (begun_.size() > kLineBytesMax) {
    ++line_;
    return wrong("a line of more than a megabyte; this is no text of samples");
  }
  return {};
}

Result<Recording> ExpositionReader::finish(bool grows) {
  const std::string_view rest = trimmed(begun_, kBlanks);
  if (!grows && !rest.empty() && rest.front() != '#') {
    ++line_;
    return wrong(
        "the last line has no end: the file was cut, or is still being written; remove "
        "that line, or wait until the file is whole");
  }
  const Status sorted = sort();
  if (!sorted) {
    return sorted.error();
  }
  places_.clear();
  return Recording(std::move(out_));
}

Status ExpositionReader::take_line(std::string_view line) {
  ++line_;
  line = trimmed(line, kBlanks);
  return line.empty() || line.front() == '#' ? Status() : take_sample(line);
}

Status ExpositionReader::take_sample(std::string_view line) {
  auto labels = promql::take_metric(line);
  if (!labels) {
    return wrong(labels.error().message);
  }
  if (!labels->has("__name__")) {
    return wrong("a metric name was expected");
  }
  const std::string_view value_text = take_word(line);
  const auto value = number(value_text);
  if (!value) {
    return wrong("bad value " + quoted(value_text));
  }
  const std::string_view time_text = take_word(line);
  if (time_text.empty() || time_text.front() == '#') {
    return wrong("a sample without a timestamp; write one behind each value");
  }
  const auto at = time(time_text);
  if (!at) {
    return at.error();
  }
  line = trimmed(line, kBlanks);
  if (!line.empty() && line.front() != '#') {
    return wrong("nothing was expected behind the timestamp, but an exemplar");
  }
  const auto [place, is_new] = places_.emplace(*labels, out_.size());
  if (is_new) {
    out_.push_back({std::move(*labels), {}});
  }
  out_[place->second].points.push_back({*at, *value});
  return {};
}

Result<WallTime> ExpositionReader::time(std::string_view text) const {
  const auto read = number(text);
  const double millis = read ? std::round(*read * (open_metrics_ ? 1000 : 1)) : 0;
  if (!read || !(std::abs(millis) < kMillisMax)) {
    return wrong("bad timestamp " + quoted(text));
  }
  if (!open_metrics_ && millis != *read) {
    return wrong("timestamp " + quoted(text) +
                 " is not in whole milliseconds; end a file in OpenMetrics with # EOF");
  }
  if (!open_metrics_ && millis >= kLikelySeconds && millis < kLikelyMillis) {
    return wrong(
        "timestamp " + quoted(text) +
        " is in seconds, as OpenMetrics has them, but the file has no # EOF: it was cut; or "
        "write milliseconds");
  }
  return wall_from_unix_millis(static_cast<std::int64_t>(millis));
}

Status ExpositionReader::sort() {
  for (SeriesData& series : out_) {
    std::vector<Point>& points = series.points;
    std::stable_sort(
        points.begin(), points.end(), [](const Point& a, const Point& b) { return a.at < b.at; });
    const auto same = [](const Point& a, const Point& b) {
      return a.at == b.at && (a.value == b.value || (std::isnan(a.value) && std::isnan(b.value)));
    };
    points.erase(std::unique(points.begin(), points.end(), same), points.end());
    const auto twice = std::adjacent_find(
        points.begin(), points.end(), [](const Point& a, const Point& b) { return a.at == b.at; });
    if (twice != points.end()) {
      return error(file_ + ": " + series.labels.to_string() + " has two values at " +
                   to_rfc3339(twice->at) + "; keep one");
    }
  }
  return {};
}

Recording::Recording() : Recording(std::vector<SeriesData>()) {}

Recording::Recording(std::shared_ptr<const SeriesStore> store) : store_(std::move(store)) {}

Recording::Recording(std::vector<SeriesData> series) {
  const auto store = std::make_shared<SeriesStore>(unlimited());
  for (SeriesData& each : series) {
    for (const Point& point : each.points) {
      store->append(Sample{each.labels, point.at, point.value});
    }
    each = SeriesData();
  }
  store_ = store;
}

std::vector<Labels> Recording::series() const {
  std::vector<Labels> out;
  store_->each_series({all_names()}, WallTime::min(), WallTime::max(), [&](const Labels& labels) {
    out.push_back(labels);
    return true;
  });
  return out;
}

std::size_t Recording::points() const {
  return store_->stats().samples;
}

std::optional<Span> Recording::span() const {
  const auto span = store_->span();
  return span ? std::optional(Span{span->first, span->second}) : std::nullopt;
}

std::vector<SeriesData> Recording::between(WallTime from, WallTime to) const {
  std::vector<SeriesData> out;
  // Name by name, as what the store gives has room for whole chunks.
  for (const std::string& name : store_->label_values("__name__")) {
    const auto named = Matcher::make(MatchType::equal, "__name__", name);
    for (SeriesData& each : store_->select({*named}, from, to)) {
      each.points.shrink_to_fit();
      out.push_back(std::move(each));
    }
  }
  return out;
}

SeriesStoreOptions unlimited() {
  constexpr std::size_t kSeriesMax = 100'000'000;  // what was recorded had room
  SeriesStoreOptions options;
  options.series_max = kSeriesMax;
  return options;
}

Recording recorded_of(const testing::Test& test) {
  std::vector<SeriesData> out;
  for (const promql::SeriesNotation& notation : test.series) {
    SeriesData series{notation.labels, {}};
    WallTime at = test.start;
    for (const std::optional<double>& value : notation.values) {
      if (value) {
        series.points.push_back({at, *value});
      }
      at += test.interval;
    }
    out.push_back(std::move(series));
  }
  return Recording(std::move(out));
}

Recording load_series_file(const Document& document, Diagnostics& problems) {
  Document whole = document;
  if (document.root.find("tests") == nullptr) {
    // The keys of one test alone: put where a test file has them.
    Node tests;
    tests.kind = Node::Kind::list;
    tests.line = document.root.line;
    tests.column = document.root.column;
    tests.items.push_back(document.root);
    Node key;
    key.kind = Node::Kind::scalar;
    key.scalar = "tests";
    whole.root = Node();
    whole.root.kind = Node::Kind::map;
    whole.root.entries.push_back({std::move(key), std::move(tests)});
  }
  const std::size_t before = problems.size();
  Diagnostics warnings;
  const testing::TestFile file = testing::load_test_file(whole, problems, warnings);
  if (problems.size() != before) {
    return {};
  }
  if (file.tests.size() != 1) {
    problems.add(document.place(document.root),
                 "a series file has one test, this one has " + std::to_string(file.tests.size()),
                 "keep one, or write only interval and input_series");
    return {};
  }
  return recorded_of(file.tests.front());
}

}  // namespace seamwatch::rules::replay
