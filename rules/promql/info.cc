// info(): the labels of info series on the series that they are about.
// Source: Prometheus, querying/functions, "info()"; promql/info.go.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "rules/promql/evaluation.h"

namespace seamwatch::rules::promql {
namespace {

// By which an info series is found; the same for all of them.
constexpr std::array<std::string_view, 2> kIdentifying = {"instance", "job"};

using Identity = std::array<std::string, 2>;

Identity identity_of(const Labels& labels) {
  return {std::string(labels.get(kIdentifying[0])), std::string(labels.get(kIdentifying[1]))};
}

bool matches_all(const std::vector<Matcher>& matchers, std::string_view name) {
  return std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& matcher) {
    return matcher.name != "__name__" || matcher.matches(name);
  });
}

// What the series that get labels are about: the values of the identifying labels.
struct Subjects {
  std::array<std::set<std::string>, 2> values;

  void add(const Identity& identity) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!identity[i].empty()) {
        values[i].insert(identity[i]);
      }
    }
  }

  bool empty() const { return values[0].empty() && values[1].empty(); }

  bool has(const Identity& identity) const {
    return (values[0].empty() || values[0].contains(identity[0])) &&
           (values[1].empty() || values[1].contains(identity[1]));
  }
};

// The info series of one step, each the newest of its name and identity.
struct InfoSeries {
  struct Found {
    LabelId id = 0;
    double at = 0;  // of its sample
  };

  std::map<std::string, std::map<Identity, Found>> by_name;

  // Adds one; false, with the one in its place, where both have the same time.
  bool add(const Labels& labels, const Found& found, LabelId& other) {
    auto& by_identity = by_name[std::string(labels.get("__name__"))];
    const auto [slot, is_new] = by_identity.emplace(identity_of(labels), found);
    other = slot->second.id;
    if (!is_new && slot->second.at == found.at) {
      return false;
    }
    if (!is_new && slot->second.at < found.at) {
      slot->second = found;
    }
    return true;
  }

  std::vector<LabelId> about(const Identity& identity) const {
    std::vector<LabelId> ids;
    for (const auto& [name, by_identity] : by_name) {
      if (const auto found = by_identity.find(identity); found != by_identity.end()) {
        ids.push_back(found->second.id);
      }
    }
    return ids;
  }
};

}  // namespace

Vector Evaluation::info(const Call& call, WallTime at) {
  const Vector base = vector(*call.args.front(), at);
  LabelTable& table = query_.labels();
  const auto is_info = [&](const VectorEntry& entry) {
    return matches_all(call.info->matchers, table.value(entry.labels, "__name__"));
  };
  Subjects subjects;
  for (const VectorEntry& entry : base) {
    if (!is_info(entry)) {
      subjects.add(identity_of(table.get(entry.labels)));
    }
  }
  InfoSeries all;
  for (const VectorEntry& entry : subjects.empty() ? Vector() : last_points(*call.info, at, true)) {
    const Labels labels = table.get(entry.labels);
    LabelId other = 0;
    if (subjects.has(identity_of(labels)) && !all.add(labels, {entry.labels, entry.value}, other)) {
      const std::string millis = std::to_string(std::llround(entry.value * 1000));
      query_.fail("found duplicate series for info metric: existing " +
                  table.get(other).to_string() + " @ " + millis + ", new " + labels.to_string() +
                  " @ " + millis);
      return {};
    }
  }
  Vector out;
  for (const VectorEntry& entry : base) {
    if (is_info(entry)) {
      out.push_back(entry);
      continue;
    }
    const std::vector<LabelId> partners = all.about(identity_of(table.get(entry.labels)));
    if (const auto labels = with_info(call, entry.labels, partners)) {
      out.push_back({*labels, entry.value});
    }
  }
  query_.require_unique(out, "vector cannot contain metrics with the same labelset");
  return out;
}

// `base` with what `partners` add to it; nothing where labels were asked for that nobody has.
std::optional<LabelId> Evaluation::with_info(const Call& call,
                                             LabelId base,
                                             const std::vector<LabelId>& partners) {
  const auto is_data = [](const Matcher& matcher) { return matcher.name != "__name__"; };
  const std::vector<Matcher>& matchers = call.info->matchers;
  if (partners.empty()) {
    const bool must_have = std::any_of(matchers.begin(), matchers.end(), [&](const auto& matcher) {
      return is_data(matcher) && !matcher.matches(std::string_view());
    });
    return must_have ? std::nullopt : std::optional(base);
  }
  const bool chosen = std::any_of(matchers.begin(), matchers.end(), is_data);
  LabelTable& table = query_.labels();
  const Labels own = table.get(base);
  Labels added;
  for (const LabelId partner : partners) {
    for (const auto& [name, value] : table.get(partner)) {
      const bool asked =
          std::any_of(matchers.begin(), matchers.end(), [&, &label = name](const Matcher& matcher) {
            return matcher.name == label;
          });
      if (name == "__name__" || (chosen && !asked)) {
        continue;
      }
      if (added.has(name) && added.get(name) != value) {
        query_.fail("conflicting label: " + std::string(name));
        return std::nullopt;
      }
      if (!own.has(name)) {
        added.set(name, value);
      }
    }
  }
  Labels all = own;
  for (const auto& [name, value] : added) {
    all.set(name, value);
  }
  return table.intern(all);
}

}  // namespace seamwatch::rules::promql
