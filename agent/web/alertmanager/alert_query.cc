#include "agent/web/alertmanager/alert_query.h"

#include <algorithm>

#include "agent/web/alertmanager/api_error.h"
#include "rules/routing/regexp_fault.h"

namespace seamwatch::agent {

Result<rules::Matchers> read_filters(const HttpCall& call, std::string_view parameter) {
  rules::Matchers out;
  for (const std::string& text : call.parameters(parameter)) {
    auto matcher = rules::parse_matcher(text);
    if (!matcher) {
      return error("bad matcher format: " + matcher.error().message);
    }
    out.push_back(std::move(*matcher));
  }
  return out;
}

Result<rules::Matchers> read_receiver_matchers(const HttpCall& call) {
  auto matchers = read_filters(call, "receiver_matchers");
  if (!matchers) {
    return error("failed to parse receiver_matchers param: " + matchers.error().message);
  }
  return matchers;
}

bool AlertQuery::takes_receiver(const Labels& labels) const {
  return (!receiver || receiver->matches(labels.get("name"))) &&
         rules::match_all(receiver_matchers, labels);
}

Result<AlertQuery> read_alert_query(const HttpCall& call) {
  AlertQuery query;
  query.active = api_v2_flag(call, "active");
  query.silenced = api_v2_flag(call, "silenced");
  query.inhibited = api_v2_flag(call, "inhibited");
  query.unprocessed = api_v2_flag(call, "unprocessed");
  query.muted = api_v2_flag(call, "muted");
  auto matchers = read_filters(call);
  if (!matchers) {
    return matchers.error();
  }
  query.matchers = std::move(*matchers);
  const std::string receiver(call.parameter("receiver"));
  if (!receiver.empty()) {
    const std::string fault = rules::regexp_fault("^(?:" + receiver + ")$");
    auto matcher = rules::Matcher::make_for_alerts(rules::MatchType::regexp, "receiver", receiver);
    if (!fault.empty() || !matcher) {
      return error("failed to parse receiver param: " +
                   (fault.empty() ? matcher.error().message : fault));
    }
    query.receiver = std::move(*matcher);
  }
  auto of_receivers = read_receiver_matchers(call);
  if (!of_receivers) {
    return of_receivers.error();
  }
  query.receiver_matchers = std::move(*of_receivers);
  return query;
}

std::string_view state_of(const GettableAlert& alert, const AlertQuery& query) {
  const bool muted = query.of_groups && !alert.muted_by.empty();
  if (!alert.silenced_by.empty() || !alert.inhibited_by.empty() || muted) {
    return "suppressed";
  }
  return alert.processed ? "active" : "unprocessed";
}

bool wanted(const GettableAlert& alert, const AlertQuery& query, WallTime now) {
  const std::string_view state = state_of(alert, query);
  // An alert that ends this very moment is still shown, as Go's Before() has it.
  const bool ended = alert.alert.ends_at && *alert.alert.ends_at < now;
  if (ended || (!query.active && state == "active") ||
      (!query.unprocessed && state == "unprocessed") ||
      (!query.silenced && !alert.silenced_by.empty()) ||
      (!query.inhibited && !alert.inhibited_by.empty()) ||
      (!query.muted && !alert.muted_by.empty())) {
    return false;
  }
  const bool any_receiver = !query.receiver && query.receiver_matchers.empty();
  const auto takes = [&](const Labels& labels) { return query.takes_receiver(labels); };
  if (!any_receiver && std::none_of(alert.receivers.begin(), alert.receivers.end(), takes)) {
    return false;
  }
  return rules::match_all(query.matchers, alert.alert.labels);
}

}  // namespace seamwatch::agent
