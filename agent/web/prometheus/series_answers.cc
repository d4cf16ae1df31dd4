#include "agent/web/prometheus/series_answers.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "agent/core/utf8.h"
#include "agent/web/prometheus/json_text.h"

namespace seamwatch::agent {
namespace {

constexpr const char* kTruncated = "results truncated due to limit";

// Which series a request is about.
struct Selection {
  std::size_t limit = 0;  // 0: all
  WallTime start = kTimeMin;
  WallTime end = kTimeMax;
  MatcherSets matchers;

  bool whole_store() const { return matchers.empty() && start == kTimeMin && end == kTimeMax; }
};

ApiAnswer read_selection(const Form& form, Selection& selection) {
  const auto limit = limit_parameter(form);
  if (!limit) {
    return invalid_parameter("limit", limit.error().message);
  }
  const auto start = time_parameter(form, "start", kTimeMin);
  if (!start) {
    return invalid_parameter("start", start.error().message);
  }
  const auto end = time_parameter(form, "end", kTimeMax);
  if (!end) {
    return invalid_parameter("end", end.error().message);
  }
  auto matchers = matchers_parameter(form);
  if (!matchers) {
    return invalid_parameter("match[]", matchers.error().message);
  }
  selection = {*limit, *start, *end, std::move(*matchers)};
  return {};
}

// Calls `visit` for every series of the selection; for one that two selectors find, twice.
template <class Visit>
void each_series(const Selection& selection, const rules::SeriesStore& store, Visit visit) {
  const MatcherSets all = {{}};
  for (const auto& matchers : selection.matchers.empty() ? all : selection.matchers) {
    for (const Labels& labels : store.series(matchers, selection.start, selection.end)) {
      visit(labels);
    }
  }
}

ApiAnswer texts_answer(std::vector<std::string> texts, std::size_t limit) {
  ApiAnswer answer;
  if (limit > 0 && texts.size() > limit) {
    texts.resize(limit);
    answer.warnings.emplace_back(kTruncated);
  }
  append_json_strings(answer.data, texts);
  return answer;
}

std::vector<std::string> sorted(std::unordered_set<std::string> texts) {
  std::vector<std::string> out(texts.begin(), texts.end());
  std::sort(out.begin(), out.end());
  return out;
}

// `U__a_2e_b` is `a.b`; other names, and what is not such an escape, stay as they are.
// Source: Prometheus, "UTF-8 in Prometheus", value encoding of names in URLs.
std::string unescaped(const std::string& name) {
  constexpr std::size_t kHexMax = 6;
  if (!name.starts_with("U__")) {
    return name;
  }
  std::string out;
  for (std::size_t i = 3; i < name.size(); ++i) {
    if (name[i] != '_') {
      out += name[i];
      continue;
    }
    const std::size_t end = name.find('_', i + 1);
    if (end == std::string::npos || end - i - 1 > kHexMax) {
      return name;
    }
    if (end == i + 1) {
      out += '_';
    } else {
      const std::string hex = name.substr(i + 1, end - i - 1);
      if (hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
        return name;
      }
      const auto rune = static_cast<char32_t>(std::stoul(hex, nullptr, 16));
      if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000)) {
        return name;
      }
      append_utf8(out, rune);
    }
    i = end;
  }
  return out;
}

using Counts = std::vector<std::pair<std::string, std::uint64_t>>;

// `,"NAME":[{"name":..,"value":..},...]`, the largest first, of equal ones by name.
void append_counts(std::string& out, const char* name, Counts counts, std::size_t limit) {
  const auto larger = [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  };
  const std::size_t shown = std::min(limit, counts.size());
  std::partial_sort(
      counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(shown), counts.end(), larger);
  out.append(",\"").append(name).append("\":[");
  for (std::size_t i = 0; i < shown; ++i) {
    out += i == 0 ? "{\"name\":" : ",{\"name\":";
    append_json_string(out, counts[i].first);
    out += ",\"value\":" + std::to_string(counts[i].second) + "}";
  }
  out += ']';
}

struct StoreCounts {
  std::uint64_t pairs = 0;  // different ones
  Counts series_by_metric;
  Counts values_by_label;
  Counts bytes_by_label;
  Counts series_by_pair;
};

// Metric by metric, so that only the labels of one are copied at a time.
StoreCounts count_store(const rules::SeriesStore& store) {
  StoreCounts out;
  std::unordered_map<std::string, std::uint64_t> by_pair;
  for (const std::string& metric : store.label_values("__name__")) {
    const auto is_it = rules::Matcher::make(rules::MatchType::equal, "__name__", metric);
    const std::vector<Labels> series = store.series({*is_it}, kTimeMin, kTimeMax);
    out.series_by_metric.emplace_back(metric, series.size());
    for (const Labels& labels : series) {
      for (const auto& [name, value] : labels) {
        ++by_pair[std::string(name) + "=" + std::string(value)];
      }
    }
  }
  for (const std::string& name : store.label_names()) {
    const std::vector<std::string> values = store.label_values(name);
    std::uint64_t bytes = 0;
    for (const std::string& value : values) {
      bytes += value.size();
    }
    out.pairs += values.size();
    out.values_by_label.emplace_back(name, values.size());
    out.bytes_by_label.emplace_back(name, bytes);
  }
  out.series_by_pair.assign(by_pair.begin(), by_pair.end());
  return out;
}

}  // namespace

ApiAnswer labels_answer(const Form& form, const rules::SeriesStore& store) {
  Selection selection;
  const ApiAnswer wrong = read_selection(form, selection);
  if (wrong.failed()) {
    return wrong;
  }
  if (selection.whole_store()) {
    return texts_answer(store.label_names(), selection.limit);
  }
  std::unordered_set<std::string> names;
  each_series(selection, store, [&](const Labels& labels) {
    for (const auto& [name, value] : labels) {
      names.emplace(name);
    }
  });
  return texts_answer(sorted(std::move(names)), selection.limit);
}

ApiAnswer label_values_answer(const Form& form,
                              const std::string& name,
                              const rules::SeriesStore& store) {
  const std::string label = unescaped(name);
  if (!is_utf8_name(label)) {
    return bad_data("invalid label name: " + quoted(label));
  }
  Selection selection;
  const ApiAnswer wrong = read_selection(form, selection);
  if (wrong.failed()) {
    return wrong;
  }
  if (selection.whole_store()) {
    return texts_answer(store.label_values(label), selection.limit);
  }
  std::unordered_set<std::string> values;
  if (selection.matchers.empty()) {
    selection.matchers.emplace_back();
  }
  const auto has_it = rules::Matcher::make(rules::MatchType::not_equal, label, "");
  for (auto& matchers : selection.matchers) {
    matchers.push_back(*has_it);
  }
  each_series(selection, store, [&](const Labels& labels) { values.emplace(labels.get(label)); });
  return texts_answer(sorted(std::move(values)), selection.limit);
}

ApiAnswer series_answer(const Form& form, const rules::SeriesStore& store) {
  if (form.values("match[]").empty()) {
    return bad_data("no match[] parameter provided");
  }
  Selection selection;
  const ApiAnswer wrong = read_selection(form, selection);
  if (wrong.failed()) {
    return wrong;
  }
  std::set<Labels> found;
  each_series(selection, store, [&](const Labels& labels) { found.insert(labels); });
  ApiAnswer answer;
  answer.data = "[";
  std::size_t shown = 0;
  for (const Labels& labels : found) {
    if (selection.limit > 0 && shown == selection.limit) {
      answer.warnings.emplace_back(kTruncated);
      break;
    }
    answer.data += shown++ == 0 ? "" : ",";
    append_json_labels(answer.data, labels);
  }
  answer.data += "]";
  return answer;
}

ApiAnswer tsdb_answer(const Form& form,
                      const rules::SeriesStore& store,
                      WallTime oldest,
                      WallTime now) {
  constexpr std::int64_t kLimit = 10;
  constexpr std::int64_t kLimitMax = 10'000;
  std::int64_t limit = kLimit;
  if (const std::string& text = form.value("limit"); !text.empty()) {
    const auto number = parse_api_integer(text);
    if (!number || *number < 1) {
      return bad_data("limit must be a positive number");
    }
    if (*number > kLimitMax) {
      return bad_data("limit must not exceed 10000");
    }
    limit = *number;
  }
  const rules::SeriesStoreStats stats = store.stats();
  StoreCounts counts = count_store(store);
  // An empty head has no times: Prometheus then gives the two ends, the wrong way round.
  const bool empty = stats.samples == 0;
  std::string out = "{\"headStats\":{\"numSeries\":" + std::to_string(stats.series);
  out += ",\"numLabelPairs\":" + std::to_string(counts.pairs);
  out += ",\"chunkCount\":" + std::to_string(stats.chunks);
  out += ",\"minTime\":" + std::to_string(empty ? INT64_MAX : unix_millis(oldest));
  out += ",\"maxTime\":" + std::to_string(empty ? INT64_MIN : unix_millis(now)) + "}";
  const auto shown = static_cast<std::size_t>(limit);
  append_counts(out, "seriesCountByMetricName", std::move(counts.series_by_metric), shown);
  append_counts(out, "labelValueCountByLabelName", std::move(counts.values_by_label), shown);
  append_counts(out, "memoryInBytesByLabelName", std::move(counts.bytes_by_label), shown);
  append_counts(out, "seriesCountByLabelValuePair", std::move(counts.series_by_pair), shown);
  return api_data(out + "}");
}

}  // namespace seamwatch::agent
