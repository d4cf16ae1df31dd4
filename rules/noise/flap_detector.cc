#include "rules/noise/flap_detector.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/json.hpp>

#include "agent/core/labels_json.h"

namespace seamwatch::rules {
namespace {

namespace json = boost::json;

constexpr std::size_t kChangesMax = 1000;  // remembered of one alert

void forget_old(std::vector<WallTime>& changes, Millis window, WallTime now) {
  // What lies in the future, after a clock was set back, is forgotten too.
  std::erase_if(changes, [&](WallTime at) { return at + window <= now || at > now; });
  if (changes.size() > kChangesMax) {
    changes.erase(changes.begin(), changes.end() - kChangesMax);
  }
}

}  // namespace

void FlapDetector::restore(std::uint64_t fingerprint, FlapStanding standing) {
  standings_.insert_or_assign(fingerprint, std::move(standing));
}

FlapDetector::Noted FlapDetector::note(const Alert* before,
                                       const Alert& after,
                                       const FlapPolicy& policy,
                                       WallTime now) {
  if (!policy.enabled) {
    return Noted::nothing;
  }
  const std::uint64_t fingerprint = after.labels.fingerprint();
  auto known = standings_.find(fingerprint);
  const bool fires = !after.resolved(now);
  if (known == standings_.end()) {
    const bool again = fires && before != nullptr && before->resolved(now);
    if (!again) {
      return Noted::nothing;
    }
    known = standings_.emplace(fingerprint, FlapStanding{}).first;
    known->second.labels = after.labels;
    known->second.changes = {before->starts_at, *before->ends_at};
  }
  FlapStanding& standing = known->second;
  const bool ended_unseen = standing.firing && before != nullptr && before->resolved(now);
  if (fires == standing.firing && !ended_unseen) {
    return Noted::nothing;
  }
  if (ended_unseen) {  // by the mere passing of time
    standing.changes.push_back(*before->ends_at);
    standing.firing = false;
  }
  if (fires != standing.firing) {
    standing.changes.push_back(now);
    standing.firing = fires;
  }
  forget_old(standing.changes, policy.window, now);
  const bool often = static_cast<std::int64_t>(standing.changes.size()) >= policy.start;
  if (fires && often && !standing.flapping_since) {
    standing.flapping_since = now;
    return Noted::began;
  }
  return Noted::counted;
}

std::vector<Labels> FlapDetector::settle(const FlapPolicy& policy, WallTime now) {
  std::vector<Labels> stable;
  for (auto at = standings_.begin(); at != standings_.end();) {
    FlapStanding& standing = at->second;
    forget_old(standing.changes, policy.window, now);
    const bool few = static_cast<std::int64_t>(standing.changes.size()) <= policy.stop;
    if (standing.flapping_since && (few || !policy.enabled)) {
      standing.flapping_since.reset();
      stable.push_back(standing.labels);
    }
    const bool gone = standing.changes.empty() || !policy.enabled;
    at = gone ? standings_.erase(at) : std::next(at);
  }
  return stable;
}

std::optional<WallTime> FlapDetector::next_settling(const FlapPolicy& policy) const {
  std::optional<WallTime> out;
  for (const auto& [fingerprint, standing] : standings_) {
    const auto count = static_cast<std::int64_t>(standing.changes.size());
    if (standing.flapping_since && count > policy.stop) {
      // The change with whose forgetting there are few enough.
      const auto last = standing.changes.at(static_cast<std::size_t>(count - 1 - policy.stop));
      out = std::min(out.value_or(last + policy.window), last + policy.window);
    }
  }
  return out;
}

bool FlapDetector::flaps(std::uint64_t fingerprint) const {
  const FlapStanding* standing = find(fingerprint);
  return standing != nullptr && standing->flapping_since.has_value();
}

const FlapStanding* FlapDetector::find(std::uint64_t fingerprint) const {
  const auto found = standings_.find(fingerprint);
  return found == standings_.end() ? nullptr : &found->second;
}

std::string flap_text(const FlapStanding& standing, const FlapPolicy& policy) {
  return "changed " + std::to_string(standing.changes.size()) + " times within " +
         humanize_duration(policy.window);
}

Alert flapping_alert(const Alert& alert, const std::string& text, WallTime now) {
  Alert out = alert;
  out.labels.set(kFlappingLabel, "true");
  out.starts_at = now;
  out.ends_at.reset();
  out.updated_at = now;
  const std::string said(alert.annotations.get("summary"));
  out.annotations.set("summary",
                      "It flaps (" + text + ") and is not told again until it is stable" +
                          (said.empty() ? "" : ": " + said));
  return out;
}

Alert stable_alert(Alert flapping, bool firing, WallTime now) {
  flapping.ends_at = now;
  flapping.updated_at = now;
  flapping.annotations.set("summary",
                           firing ? "It is stable: it no longer comes and goes, it fires"
                                  : "It is stable: it no longer comes and goes, it has ended");
  return flapping;
}

std::string to_json(const FlapStanding& standing) {
  json::array changes;
  for (const WallTime at : standing.changes) {
    changes.emplace_back(unix_millis(at));
  }
  json::object out{{"labels", labels_json(standing.labels)},
                   {"changes", std::move(changes)},
                   {"firing", standing.firing}};
  if (standing.flapping_since) {
    out["flapping_since"] = unix_millis(*standing.flapping_since);
  }
  return json::serialize(out);
}

Result<FlapStanding> flap_standing_from_json(std::string_view text) {
  try {
    const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
    const json::object& in = parsed.as_object();
    FlapStanding out;
    out.labels = labels_from_json(in.at("labels"));
    for (const json::value& at : in.at("changes").as_array()) {
      out.changes.push_back(wall_from_unix_millis(at.as_int64()));
    }
    out.firing = in.at("firing").as_bool();
    if (const json::value* since = in.if_contains("flapping_since")) {
      out.flapping_since = wall_from_unix_millis(since->as_int64());
    }
    return out;
  } catch (const std::exception& failure) {
    return error(std::string("a stored flapping alert cannot be read: ") + failure.what());
  }
}

}  // namespace seamwatch::rules
