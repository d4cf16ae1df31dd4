#include "agent/web/prometheus/series_answers.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>

#include "agent/core/utf8.h"
#include "agent/web/prometheus/json_text.h"
#include "rules/promql/engine.h"

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

// Calls `visit` for every series of the selection, for one that two selectors find, twice; until
// it says false, and says so then.
template <class Visit>
bool each_series(const Selection& selection, const rules::SeriesStore& store, Visit visit) {
  const MatcherSets all = {{}};
  bool more = true;
  for (const auto& matchers : selection.matchers.empty() ? all : selection.matchers) {
    store.each_series(matchers, selection.start, selection.end, [&](const Labels& labels) {
      more = visit(labels);
      return more;
    });
    if (!more) {
      break;
    }
  }
  return more;
}

// An answer of many parts needs more memory than there is for it.
std::string no_memory(std::string_view parts) {
  return "the " + std::string(parts) +
         " found take more memory than is left for answers; narrow match[], start and end, give a "
         "limit, or raise query.memory_bytes_max";
}

ApiAnswer no_memory_answer(std::string_view parts, Held held) {
  ApiAnswer answer = api_failure("execution", no_memory(parts));
  answer.held = std::move(held);
  return answer;
}

std::size_t bytes(const Labels& labels) {
  return rules::promql::held_bytes(labels);
}

std::size_t bytes(const std::string& text) {
  return text.size();
}

// Different label sets or texts, sorted and paid for; where there is a limit, the first so many and
// one.
template <class Item>
class Found {
 public:
  Found(std::size_t limit, Held held) : limit_(limit), held_(std::move(held)) {}

  // False where the memory does not suffice.
  [[nodiscard]] bool add(const Item& item) {
    const bool full = truncated();
    if ((full && !(item < *items_.rbegin())) || !items_.insert(item).second) {
      return true;
    }
    if (full) {
      held_->give(cost(*items_.rbegin()));
      items_.erase(std::prev(items_.end()));
    }
    return held_->take(cost(item));
  }

  bool truncated() const { return limit_ > 0 && items_.size() > limit_; }

  // Writes them, at most the limit; each goes when it is written.
  [[nodiscard]] bool write(ReplyText& text) {
    const char* before = "[";
    for (std::size_t left = limit_ > 0 ? limit_ : items_.size(); left > 0 && !items_.empty();
         --left) {
      const Item item = items_.extract(items_.begin()).value();
      text.tail().append(before);
      before = ",";
      append(text.tail(), item);
      held_->give(cost(item));
      if (!text.settle()) {
        return false;
      }
    }
    text.tail() += *before == '[' ? "[]" : "]";
    return true;
  }

 private:
  static std::size_t cost(const Item& item) {
    constexpr std::size_t kNode = 80;
    return kNode + bytes(item);
  }

  static void append(std::string& out, const Labels& labels) { append_json_labels(out, labels); }

  static void append(std::string& out, const std::string& text) { append_json_string(out, text); }

  std::size_t limit_;
  Held held_;
  std::set<Item> items_;
};

// What was found, or that `all` was too much.
template <class Item>
ApiAnswer found_answer(bool all,
                       std::shared_ptr<Found<Item>> found,
                       std::string_view parts,
                       Held held) {
  if (!all) {
    return no_memory_answer(parts, std::move(held));
  }
  ApiAnswer answer;
  if (found->truncated()) {
    answer.warnings.emplace_back(kTruncated);
  }
  answer.write = [found](ReplyText& text) { return found->write(text); };
  answer.no_memory = no_memory(parts);
  answer.held = std::move(held);
  return answer;
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

StoreCounts count_store(const rules::SeriesStore& store) {
  StoreCounts out;
  std::unordered_map<std::string, std::uint64_t> by_pair;
  for (const std::string& metric : store.label_values("__name__")) {
    const auto is_it = rules::Matcher::make(rules::MatchType::equal, "__name__", metric);
    std::uint64_t series = 0;
    store.each_series({*is_it}, kTimeMin, kTimeMax, [&](const Labels& labels) {
      ++series;
      for (const auto& [name, value] : labels) {
        ++by_pair[std::string(name) + "=" + std::string(value)];
      }
      return true;
    });
    out.series_by_metric.emplace_back(metric, series);
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

ApiAnswer labels_answer(const Form& form, const rules::SeriesStore& store, Held held) {
  Selection selection;
  const ApiAnswer wrong = read_selection(form, selection);
  if (wrong.failed()) {
    return wrong;
  }
  const auto names = std::make_shared<Found<std::string>>(selection.limit, held);
  const auto add = [&](const std::string& name) { return names->add(name); };
  const bool all = selection.whole_store()
                       ? std::ranges::all_of(store.label_names(), add)
                       : each_series(selection, store, [&](const Labels& labels) {
                           bool room = true;
                           for (const auto& [label, value] : labels) {
                             room = room && add(std::string(label));
                           }
                           return room;
                         });
  return found_answer(all, names, "names", std::move(held));
}

ApiAnswer label_values_answer(const Form& form,
                              const std::string& name,
                              const rules::SeriesStore& store,
                              Held held) {
  const std::string label = unescaped(name);
  if (!is_utf8_name(label)) {
    return bad_data("invalid label name: " + quoted(label));
  }
  Selection selection;
  const ApiAnswer wrong = read_selection(form, selection);
  if (wrong.failed()) {
    return wrong;
  }
  const auto values = std::make_shared<Found<std::string>>(selection.limit, held);
  const auto add = [&](const std::string& value) { return values->add(value); };
  if (selection.whole_store()) {
    return found_answer(
        std::ranges::all_of(store.label_values(label), add), values, "values", std::move(held));
  }
  if (selection.matchers.empty()) {
    selection.matchers.emplace_back();
  }
  const auto has_it = rules::Matcher::make(rules::MatchType::not_equal, label, "");
  for (auto& matchers : selection.matchers) {
    matchers.push_back(*has_it);
  }
  const bool all = each_series(
      selection, store, [&](const Labels& labels) { return add(std::string(labels.get(label))); });
  return found_answer(all, values, "values", std::move(held));
}

ApiAnswer series_answer(const Form& form, const rules::SeriesStore& store, Held held) {
  if (form.values("match[]").empty()) {
    return bad_data("no match[] parameter provided");
  }
  Selection selection;
  const ApiAnswer wrong = read_selection(form, selection);
  if (wrong.failed()) {
    return wrong;
  }
  const auto found = std::make_shared<Found<Labels>>(selection.limit, held);
  const bool all =
      each_series(selection, store, [&](const Labels& labels) { return found->add(labels); });
  return found_answer(all, found, "series", std::move(held));
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
