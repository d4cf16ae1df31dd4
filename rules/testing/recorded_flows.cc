#include "rules/testing/recorded_flows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agent/core/assert.h"

namespace seamwatch::rules {
namespace {

constexpr std::string_view kState = "seamwatch_integration_state";
constexpr std::string_view kSince = "seamwatch_integration_state_since_timestamp_seconds";
constexpr std::string_view kFailingSince = "seamwatch_integration_failing_since_timestamp_seconds";
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

// What was recorded of the failing probes of an integration.
struct Causes {
  bool of_target = true;
  bool at_target = false;   // a probe fails that asks the target
  bool persistent = false;  // what is told needs someone
  std::string probe = {};   // whose words are told
  std::string fault = {};
};

// Tells, as the agent does, of the first probe by name of those that need someone, else the first
// of all. Series are in no order of probes.
void add_cause(Causes& causes, const Labels& labels) {
  const auto category = parse_category(labels.get("category"));
  causes.at_target = causes.at_target || !labels.get("signal").starts_with("heartbeat");
  causes.of_target = causes.of_target && category && is_of_target(*category);
  const std::string_view fault = labels.get("fault");
  const bool persistent = labels.get("persistence") == to_string(Persistence::persistent);
  const bool before =
      persistent == causes.persistent ? labels.get("probe") < causes.probe : persistent;
  if (!fault.empty() && (causes.fault.empty() || before)) {
    causes.persistent = persistent;
    causes.probe = labels.get("probe");
    causes.fault = fault;
  }
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

std::vector<FlowStanding> RecordedFlows::at(std::int64_t broken_min, WallTime now) {
  if (count_in(IntegrationState::down, now) + count_in(IntegrationState::degraded, now) <
      broken_min) {
    return {};
  }
  note_states(now);
  note_causes(now);
  note_since(now);
  std::vector<FlowStanding> out;
  for (const auto& [name, flow] : known_) {
    out.push_back(flow);
  }
  return out;
}

std::int64_t RecordedFlows::count_in(IntegrationState state, WallTime now) const {
  const std::vector<SeriesData> last =
      series_.select_last(matchers(kState, to_string(state)), now - kLookBack, now);
  return std::count_if(last.begin(), last.end(), [](const SeriesData& each) {
    return !each.points.empty() && holds(each.points.back());
  });
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
  for (const std::string_view name : {kSince, kFailingSince}) {
    for (const SeriesData& each : series_.select_last(matchers(name), now - kLookBack, now)) {
      const auto known = known_.find(each.labels.get("integration"));
      const bool is_its = known != known_.end() && (name == kSince || known->second.failing);
      if (is_its && !each.points.empty() && std::isfinite(each.points.back().value)) {
        const double millis = each.points.back().value * 1000;
        if (std::abs(millis) < 1e15) {
          known->second.since = wall_from_unix_millis(std::llround(millis));
        }
      }
    }
  }
}

void RecordedFlows::note_causes(WallTime now) {
  std::map<std::string, Causes, std::less<>> causes;
  for (const SeriesData& each : series_.select_last(matchers(kFailure), now - kLookBack, now)) {
    if (!each.points.empty() && holds(each.points.back())) {
      add_cause(causes[std::string(each.labels.get("integration"))], each.labels);
    }
  }
  for (auto& [name, flow] : known_) {
    const auto found = causes.find(name);
    flow.of_target = found != causes.end() && found->second.of_target;
    flow.fault = found == causes.end() ? "" : found->second.fault;
    flow.failing = found != causes.end() && found->second.at_target &&
                   flow.state == IntegrationState::degraded;
  }
}

}  // namespace seamwatch::rules
