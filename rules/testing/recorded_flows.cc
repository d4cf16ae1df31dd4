#include "rules/testing/recorded_flows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agent/core/assert.h"

namespace seamwatch::rules {
namespace {

constexpr std::string_view kState = "seamwatch_integration_state";
constexpr std::string_view kSince = "seamwatch_integration_state_since_timestamp_seconds";
constexpr std::string_view kFailure = "seamwatch_probe_failure_info";
constexpr Millis kLookBack{5 * 60'000};
constexpr Millis kSinceWithin{3'600'000};

std::vector<Matcher> matchers(std::string_view name, std::string_view state = {}) {
  std::vector<Matcher> out;
  const auto add = [&out](std::string_view label, std::string_view value) {
    auto made = Matcher::make(MatchType::equal, std::string(label), std::string(value));
    SW_ASSERT(made.has_value());
    out.push_back(std::move(*made));
  };
  add("__name__", name);
  if (!state.empty()) {
    add("state", state);
  }
  return out;
}

bool holds(const Point& point) {
  return point.value == 1;
}

// The first of the last points in a row that hold; the time of the last one at least.
WallTime began(const std::vector<Point>& points) {
  const auto before = std::find_if_not(points.rbegin(), points.rend(), holds);
  return before == points.rbegin() ? points.back().at : before.base()->at;
}

}  // namespace

RecordedFlows::RecordedFlows(const Storage& series,
                             std::shared_ptr<const OutageLandscape> landscape)
    : series_(series), landscape_(std::move(landscape)) {
  SW_ASSERT(landscape_ != nullptr);
}

std::vector<FlowStanding> RecordedFlows::at(std::int64_t down_min, WallTime now) {
  const auto down = matchers(kState, to_string(IntegrationState::down));
  const std::vector<SeriesData> last = series_.select_last(down, now - kLookBack, now);
  const auto count = std::count_if(last.begin(), last.end(), [](const SeriesData& each) {
    return !each.points.empty() && holds(each.points.back());
  });
  if (count < down_min) {
    return {};
  }
  note_states(now);
  note_since(now);
  note_causes(now);
  std::vector<FlowStanding> out;
  for (const auto& [name, flow] : known_) {
    out.push_back(flow);
  }
  return out;
}

void RecordedFlows::note_states(WallTime now) {
  for (auto& [name, flow] : known_) {
    flow.state = IntegrationState::unknown;
  }
  for (const SeriesData& each : series_.select_last(matchers(kState), now - kLookBack, now)) {
    const std::string name(each.labels.get("integration"));
    const auto state = parse_integration_state(each.labels.get("state"));
    auto known = known_.find(name);
    if (known == known_.end()) {
      std::vector<std::string> systems = landscape_->systems_of(name);
      if (systems.empty()) {
        continue;
      }
      known = known_.emplace(name, FlowStanding{name, std::move(systems)}).first;
    }
    const bool is = state && !each.points.empty() && holds(each.points.back());
    // Of two that say something else, that it is down counts.
    if (is && known->second.state != IntegrationState::down) {
      known->second.state = *state;
      known->second.since = each.points.back().at;
    }
  }
}

void RecordedFlows::note_since(WallTime now) {
  const auto down = matchers(kState, to_string(IntegrationState::down));
  for (const SeriesData& each : series_.select(down, now - kSinceWithin, now)) {
    const auto known = known_.find(each.labels.get("integration"));
    if (known != known_.end() && known->second.state == IntegrationState::down &&
        !each.points.empty() && holds(each.points.back())) {
      known->second.since = began(each.points);
    }
  }
  for (const SeriesData& each : series_.select_last(matchers(kSince), now - kLookBack, now)) {
    const auto known = known_.find(each.labels.get("integration"));
    if (known != known_.end() && !each.points.empty() && std::isfinite(each.points.back().value)) {
      const double millis = each.points.back().value * 1000;
      if (std::abs(millis) < 1e15) {
        known->second.since = wall_from_unix_millis(std::llround(millis));
      }
    }
  }
}

void RecordedFlows::note_causes(WallTime now) {
  std::map<std::string, bool, std::less<>> of_target;
  for (auto& [name, flow] : known_) {
    flow.fault.clear();
  }
  for (const SeriesData& each : series_.select_last(matchers(kFailure), now - kLookBack, now)) {
    const auto category = parse_category(each.labels.get("category"));
    if (!each.points.empty() && holds(each.points.back())) {
      const std::string name(each.labels.get("integration"));
      bool& its = of_target.try_emplace(name, true).first->second;
      its = its && category && is_of_target(*category);
      const auto known = known_.find(name);
      const bool persistent = each.labels.get("persistence") == to_string(Persistence::persistent);
      if (known != known_.end() && (persistent || known->second.fault.empty())) {
        known->second.fault = each.labels.get("fault");
      }
    }
  }
  for (auto& [name, flow] : known_) {
    const auto found = of_target.find(name);
    flow.of_target = found != of_target.end() && found->second;
  }
}

}  // namespace seamwatch::rules
