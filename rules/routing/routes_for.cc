#include "rules/routing/routes_for.h"

#include <algorithm>
#include <set>

namespace seamwatch::rules {
namespace {

bool can_be_told(const NotifyConfig& config, const std::string& receiver) {
  return !config.sinks_of(receiver).empty();
}

// All of the tree, depth first.
void collect(const Route& route, std::vector<const Route*>& out) {
  out.push_back(&route);
  for (const Route& child : route.routes) {
    collect(child, out);
  }
}

bool is_muted_at_times(const Route& route) {
  return !route.mute_time_intervals.empty() || !route.active_time_intervals.empty();
}

// Where dead letters of `lost` are told instead; nullptr where nobody else can be told.
const Route* way_around(const NotifyConfig& config, std::string_view lost) {
  std::vector<const Route*> all;
  collect(config.route, all);
  const Route* out = nullptr;
  for (const Route* route : all) {
    const bool better = out == nullptr || (is_muted_at_times(*out) && !is_muted_at_times(*route));
    if (better && route->receiver != lost && can_be_told(config, route->receiver)) {
      out = route;
    }
  }
  const bool other = config.detour && config.detour->receiver != lost;
  return out == nullptr && other ? &*config.detour : out;
}

}  // namespace

std::vector<const Route*> routes_for(const NotifyConfig& config, const Labels& labels) {
  std::vector<const Route*> out = match(config.route, labels);
  const std::string_view lost = labels.get("receiver");
  if (lost.empty() || labels.get("alertname") != kDeadLettersAlert) {
    return out;
  }
  const auto to_lost = [&](const Route* route) { return route->receiver == lost; };
  if (std::none_of(out.begin(), out.end(), to_lost)) {
    return out;
  }
  const Route* around = way_around(config, lost);
  if (around == nullptr) {
    return out;
  }
  out.erase(std::remove_if(out.begin(), out.end(), to_lost), out.end());
  if (out.empty()) {
    out.push_back(around);
  }
  return out;
}

std::optional<Route> make_detour(const NotifyConfig& config) {
  std::vector<const Route*> all;
  collect(config.route, all);
  std::set<std::string> told;
  for (const Route* route : all) {
    if (can_be_told(config, route->receiver)) {
      told.insert(route->receiver);
    }
  }
  if (told.size() != 1) {
    return std::nullopt;
  }
  const Receiver* only = config.receiver(*told.begin());
  std::string name = only->fallback;
  for (const Receiver& receiver : config.receivers) {
    if (name.empty() && receiver.name != only->name && can_be_told(config, receiver.name)) {
      name = receiver.name;
    }
  }
  if (name.empty() || name == only->name || !can_be_told(config, name)) {
    return std::nullopt;
  }
  Route out = config.route;
  out.receiver = name;
  out.matchers.clear();
  out.routes.clear();
  out.escalate.clear();
  out.key = "{}/{alertname=" + quoted(kDeadLettersAlert) + "}";
  return out;
}

Diagnostics find_unheard_dead_letters(const NotifyConfig& config) {
  std::vector<const Route*> all;
  collect(config.route, all);
  std::set<std::string> names;
  for (const Route* route : all) {
    names.insert(route->receiver);
  }
  Diagnostics out;
  for (const Receiver& receiver : config.receivers) {
    if (names.count(receiver.name) == 0 || !can_be_told(config, receiver.name)) {
      continue;
    }
    const Labels labels{{"alertname", std::string(kDeadLettersAlert)},
                        {"receiver", receiver.name},
                        {"severity", "page"},
                        {"seamwatch_self", "true"}};
    for (const Route* route : routes_for(config, labels)) {
      if (route->receiver == receiver.name) {
        out.add(receiver.place,
                "nobody but receiver " + quoted(receiver.name) +
                    " would be told that it could not be told (alert " +
                    std::string(kDeadLettersAlert) + ")",
                "add another receiver; a `fallback_receiver` of this one is enough");
        break;
      }
    }
  }
  return out;
}

}  // namespace seamwatch::rules
