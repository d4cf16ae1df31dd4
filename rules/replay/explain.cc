#include "rules/replay/explain.h"

#include <algorithm>

namespace seamwatch::rules::replay {
namespace {

ExplainedAlert explained(const AlertState& alert, const Rule& rule, WallTime at) {
  ExplainedAlert out{alert.labels, alert.phase, ""};
  if (alert.phase == AlertPhase::pending) {
    out.why = "holds since " + to_rfc3339(alert.active_at) + ", `for` is " +
              format_duration(rule.hold) + ": fires in " +
              format_duration(rule.hold - (at - alert.active_at)) + " if it goes on";
    return out;
  }
  out.why = alert.fired_at ? "since " + to_rfc3339(*alert.fired_at)
                           : "holds since " + to_rfc3339(alert.active_at);
  if (alert.keep_firing_since) {
    out.why += "; the expression does not hold since " + to_rfc3339(*alert.keep_firing_since) +
               ", keep_firing_for is " + format_duration(rule.keep_firing_for);
  }
  return out;
}

}  // namespace

Explanation explain_status(const RuleStatus& status,
                           WallTime at,
                           std::vector<ExplainedPart> parts) {
  const Rule& rule = *status.rule;
  Explanation out;
  out.at = at;
  out.parts = std::move(parts);
  if (status.health == RuleHealth::bad) {
    out.verdict = rule.name + " could not be evaluated: " + status.last_error;
    return out;
  }
  if (rule.kind == Rule::Kind::recording) {
    out.verdict = rule.name + " was recorded";
    return out;
  }
  for (const AlertState* alert : status.alerts) {
    out.alerts.push_back(explained(*alert, rule, at));
  }
  out.verdict = rule.name + (out.alerts.empty() ? " is inactive: its expression gave nothing"
                                                : " is " + std::string(to_string(status.phase)));
  return out;
}

void explain(const Recording& recording,
             const std::vector<RuleFile>& files,
             const ExplainQuestion& question,
             ReplayOptions options,
             const std::function<void(const Explanation&)>& tell) {
  const Span& shown = question.shown;
  std::vector<Explanation> before;  // of the last time before `shown`, told where none is in it
  bool any = false;
  options.notify = nullptr;
  options.span.to = std::min(options.span.to, shown.to);
  options.look = [&](const Group& group, const Evaluation& evaluation) {
    const bool early = evaluation.at < shown.from;
    if ((early && any) || evaluation.at + group.interval() <= shown.from) {
      return;  // a later one will say it
    }
    const Millis offset = group.definition().query_offset.value_or(options.groups.query_offset);
    for (const RuleStatus& status : group.statuses()) {
      if (status.rule->name != question.rule) {
        continue;
      }
      Explanation explanation = explain_status(
          status,
          evaluation.at,
          explain_expr(
              *status.rule->expr, evaluation.at - offset, evaluation.engine, evaluation.storage));
      any = any || !early;
      if (!early) {
        tell(explanation);
        continue;
      }
      std::erase_if(before, [&](const Explanation& each) { return each.at < evaluation.at; });
      before.push_back(std::move(explanation));
    }
  };
  replay(recording, files, options);
  for (const Explanation& each : before) {
    if (!any) {
      tell(each);
    }
  }
}

}  // namespace seamwatch::rules::replay
