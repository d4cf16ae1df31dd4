#include "rules/replay/report.h"

#include <map>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "agent/core/labels_json.h"
#include "rules/replay/explain.h"

namespace seamwatch::rules::replay {
namespace {

namespace json = boost::json;

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// `Down{job="shop"}`.
std::string shown(const Labels& labels) {
  Labels rest = labels;
  rest.erase("alertname");
  return std::string(labels.get("alertname")) + (rest.empty() ? "" : rest.to_string());
}

std::string times(const AlertEpisode& alert) {
  if (!alert.fired_at) {
    return "pending " + to_rfc3339(alert.pending_at) +
           (alert.ended_at ? ", over " + to_rfc3339(*alert.ended_at) : ", still at the end") +
           ", never fired";
  }
  std::string out = "firing " + to_rfc3339(*alert.fired_at);
  if (*alert.fired_at != alert.pending_at) {
    out = "pending " + to_rfc3339(alert.pending_at) + ", " + out;
  }
  return out + (alert.ended_at ? ", resolved " + to_rfc3339(*alert.ended_at) + " (" +
                                     humanize_duration(*alert.ended_at - *alert.fired_at) + ")"
                               : ", still at the end");
}

std::string line(const AlertEpisode& alert) {
  return shown(alert.labels) + ": " + times(alert) + "\n";
}

std::string listed(const std::vector<Alert>& alerts) {
  std::string out;
  for (const Alert& alert : alerts) {
    out += (out.empty() ? "" : ", ") + shown(alert.labels);
  }
  return out;
}

std::string line(const Notice& notice) {
  std::string out =
      to_rfc3339(notice.at) + " " + notice.receiver + " " + notice.sink + " " +
      (notice.summary_of == 0 ? notice.reason
                              : "storm summary of " + counted(notice.summary_of, "notice")) +
      ":";
  if (!notice.firing.empty()) {
    out += " firing " + listed(notice.firing);
  }
  if (!notice.resolved.empty()) {
    out += (notice.firing.empty() ? " resolved " : "; resolved ") + listed(notice.resolved);
  }
  return out + "\n";
}

std::string line(const HeldBack& held) {
  return to_rfc3339(held.at) + " " + held.receiver + ": " +
         (held.alert ? shown(*held.alert) : held.group_key) + " " + held.why + "\n";
}

void add_section(std::string& out, const std::string& title, const std::string& lines) {
  if (!lines.empty()) {
    out += title + "\n" + lines;
  }
}

template <class Item>
std::string lines(const std::vector<Item>& items) {
  std::string out;
  for (const Item& item : items) {
    out += "  " + line(item);
  }
  return out;
}

std::string receivers(const ReplayResult& result) {
  std::string out;
  for (const ReceiverCount& each : result.receivers) {
    out += "  " + each.receiver + ": " + std::to_string(each.notices);
    std::string parts;
    const auto add = [&](std::size_t count, const char* what) {
      if (count > 0) {
        parts += (parts.empty() ? "" : ", ") + std::to_string(count) + " " + what;
      }
    };
    add(each.first, "first");
    add(each.new_alerts, "new_alerts");
    add(each.resolved, "resolved");
    add(each.repeat, "repeat");
    add(each.escalated, "escalated");
    add(each.summaries, each.summaries == 1 ? "storm summary" : "storm summaries");
    out += (parts.empty() ? "" : " (" + parts + ")") + "\n";
  }
  return out;
}

std::string failures(const ReplayResult& result) {
  std::string out;
  for (const RuleFailure& each : result.failures) {
    const std::string what = "rule " + each.rule + ": " + each.what;
    out += "  " + Diagnostic{each.place, what, ""}.to_string() + " (" +
           counted(each.times, "time") + " from " + to_rfc3339(each.first_at) + ")\n";
  }
  return out;
}

std::string head(const ReplayResult& result) {
  std::string out = to_rfc3339(result.span.from) + " to " + to_rfc3339(result.span.to) + " (" +
                    humanize_duration(result.span.to - result.span.from) +
                    "): " + counted(result.rules, "rule") + ", " +
                    counted(result.evaluations, "evaluation") + ", " +
                    std::to_string(result.series) + " series\n";
  if (result.stopped_at) {
    out += "stopped at " + to_rfc3339(*result.stopped_at) +
           ": groups of alerts had too many turns; choose a shorter span by --from and --to, or a "
           "longer group_interval\n";
  }
  std::string names;
  for (const std::string& name : result.left_out) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return out + (names.empty() ? "" : "made anew, not taken from the recording: " + names + "\n");
}

json::value time_json(const std::optional<WallTime>& at) {
  return at ? json::value(to_rfc3339(*at)) : json::value(nullptr);
}

json::array all_json(const std::vector<Alert>& all) {
  json::array out;
  for (const Alert& alert : all) {
    out.push_back(labels_json(alert.labels));
  }
  return out;
}

json::value to_json(const AlertEpisode& alert) {
  json::object out{{"alert", alert.alert},
                   {"group", alert.group},
                   {"labels", labels_json(alert.labels)},
                   {"annotations", labels_json(alert.annotations)},
                   {"pending_at", to_rfc3339(alert.pending_at)},
                   {"fired_at", time_json(alert.fired_at)},
                   {"ended_at", time_json(alert.ended_at)}};
  out["value"] = explained_number(alert.value);  // a text: JSON has no NaN
  return out;
}

json::value to_json(const Notice& notice) {
  return json::object{{"at", to_rfc3339(notice.at)},
                      {"receiver", notice.receiver},
                      {"sink", notice.sink},
                      {"group_key", notice.group_key},
                      {"reason", notice.reason},
                      {"why", notice.why},
                      {"firing", all_json(notice.firing)},
                      {"resolved", all_json(notice.resolved)},
                      {"summary_of", notice.summary_of}};
}

json::value to_json(const HeldBack& held) {
  json::object out{{"at", to_rfc3339(held.at)},
                   {"receiver", held.receiver},
                   {"group_key", held.group_key},
                   {"why", held.why},
                   {"cause", to_string(held.cause)}};
  out["alert"] = held.alert ? json::value(labels_json(*held.alert)) : json::value(nullptr);
  return out;
}

json::value to_json(const RuleFailure& failure) {
  return json::object{{"file", failure.place.file},
                      {"line", failure.place.line},
                      {"column", failure.place.column},
                      {"rule", failure.rule},
                      {"what", failure.what},
                      {"first_at", to_rfc3339(failure.first_at)},
                      {"times", failure.times}};
}

json::value to_json(const ReceiverCount& count) {
  return json::object{{"receiver", count.receiver},
                      {"notices", count.notices},
                      {"first", count.first},
                      {"new_alerts", count.new_alerts},
                      {"resolved", count.resolved},
                      {"repeat", count.repeat},
                      {"escalated", count.escalated},
                      {"summaries", count.summaries}};
}

// How often each cause held something back.
std::map<std::string_view, std::size_t> causes(const ReplayResult& result) {
  std::map<std::string_view, std::size_t> out;
  for (const HeldBack& each : result.held_back) {
    ++out[to_string(each.cause)];
  }
  return out;
}

json::object causes_json(const ReplayResult& result) {
  json::object out;
  for (const auto& [cause, count] : causes(result)) {
    out[json::string_view(cause.data(), cause.size())] = count;
  }
  return out;
}

std::string causes_text(const ReplayResult& result) {
  std::string out;
  for (const auto& [cause, count] : causes(result)) {
    out += "  " + std::string(cause) + ": " + std::to_string(count) + "\n";
  }
  return out;
}

std::string causes_text(const ReplayResult& before, const ReplayResult& after) {
  auto counts = causes(before);  // of both, in the end
  const auto now = causes(after);
  for (const auto& [cause, count] : now) {
    counts.emplace(cause, 0);
  }
  std::string out;
  for (const auto& [cause, count] : counts) {
    const auto found = now.find(cause);
    out += "  " + std::string(cause) + ": " + std::to_string(count) + " -> " +
           std::to_string(found == now.end() ? 0 : found->second) + "\n";
  }
  return out;
}

template <class Item>
json::array array_json(const std::vector<Item>& items) {
  json::array out;
  for (const Item& item : items) {
    out.push_back(to_json(item));
  }
  return out;
}

json::object result_json(const ReplayResult& result) {
  json::array left_out;
  for (const std::string& name : result.left_out) {
    left_out.emplace_back(name);
  }
  return json::object{{"from", to_rfc3339(result.span.from)},
                      {"to", to_rfc3339(result.span.to)},
                      {"rules", result.rules},
                      {"series", result.series},
                      {"evaluations", result.evaluations},
                      {"made_anew", std::move(left_out)},
                      {"stopped_at", time_json(result.stopped_at)},
                      {"alerts", array_json(result.alerts)},
                      {"notices", array_json(result.notices)},
                      {"held_back", array_json(result.held_back)},
                      {"held_back_by_cause", causes_json(result)},
                      {"failures", array_json(result.failures)},
                      {"receivers", array_json(result.receivers)}};
}

template <class Item>
json::array chosen_json(const std::vector<Item>& items, const std::vector<std::size_t>& chosen) {
  json::array out;
  for (const std::size_t i : chosen) {
    out.push_back(to_json(items[i]));
  }
  return out;
}

json::object changes_json(const ReplayResult& before,
                          const ReplayResult& after,
                          const Comparison& comparison) {
  json::array moved;
  for (const MovedAlert& each : comparison.moved) {
    moved.push_back(json::object{{"before", to_json(before.alerts[each.before])},
                                 {"after", to_json(after.alerts[each.after])}});
  }
  json::array told;
  for (const ReceiverChange& each : comparison.receivers) {
    told.push_back(
        json::object{{"receiver", each.receiver}, {"before", each.before}, {"after", each.after}});
  }
  return json::object{{"alerts_gone", chosen_json(before.alerts, comparison.gone)},
                      {"alerts_added", chosen_json(after.alerts, comparison.added)},
                      {"alerts_moved", std::move(moved)},
                      {"alerts_same", comparison.same},
                      {"notices_gone", chosen_json(before.notices, comparison.notices_gone)},
                      {"notices_added", chosen_json(after.notices, comparison.notices_added)},
                      {"receivers", std::move(told)}};
}

}  // namespace

std::string text_report(const ReplayResult& result) {
  std::string out = head(result);
  add_section(out, "alerts:", lines(result.alerts));
  add_section(out, "notices:", lines(result.notices));
  add_section(out, "held back:", lines(result.held_back));
  add_section(out, "held back by cause:", causes_text(result));
  add_section(out, "rules that failed:", failures(result));
  add_section(out, "notices by receiver:", receivers(result));
  return out + counted(result.fired(), "alert") + " fired, " +
         counted(result.notices.size(), "notice") + "\n";
}

std::string text_report(const ReplayResult& before,
                        const ReplayResult& after,
                        const Comparison& comparison) {
  std::string out = "before: " + head(before) + "after:  " + head(after);
  std::string alerts;
  for (const std::size_t i : comparison.gone) {
    alerts += "  - " + line(before.alerts[i]);
  }
  for (const std::size_t i : comparison.added) {
    alerts += "  + " + line(after.alerts[i]);
  }
  for (const MovedAlert& each : comparison.moved) {
    const AlertEpisode& old = before.alerts[each.before];
    alerts += "  ~ " + shown(old.labels) + ": " + times(old) + "\n      now " +
              times(after.alerts[each.after]) + "\n";
  }
  add_section(out, "alerts:", alerts);
  std::string notices;
  for (const std::size_t i : comparison.notices_gone) {
    notices += "  - " + line(before.notices[i]);
  }
  for (const std::size_t i : comparison.notices_added) {
    notices += "  + " + line(after.notices[i]);
  }
  add_section(out, "notices:", notices);
  add_section(out, "held back by cause:", causes_text(before, after));
  add_section(out, "rules that failed before:", failures(before));
  add_section(out, "rules that failed after:", failures(after));
  std::string told;
  for (const ReceiverChange& each : comparison.receivers) {
    told += "  " + each.receiver + ": " + std::to_string(each.before) + " -> " +
            std::to_string(each.after) + "\n";
  }
  add_section(out, "notices by receiver:", told);
  return out + "alerts fired: " + std::to_string(before.fired()) + " -> " +
         std::to_string(after.fired()) + " (" + std::to_string(comparison.same) +
         " unchanged), notices: " + std::to_string(before.notices.size()) + " -> " +
         std::to_string(after.notices.size()) + "\n";
}

std::string json_report(const ReplayResult& result) {
  return json::serialize(result_json(result)) + "\n";
}

std::string json_report(const ReplayResult& before,
                        const ReplayResult& after,
                        const Comparison& comparison) {
  return json::serialize(json::object{{"before", result_json(before)},
                                      {"after", result_json(after)},
                                      {"changes", changes_json(before, after, comparison)}}) +
         "\n";
}

}  // namespace seamwatch::rules::replay
