#include "agent/web/alertmanager/silences_json.h"

#include <algorithm>

#include <boost/json.hpp>

#include "agent/core/labels_json.h"
#include "agent/core/utf8.h"
#include "agent/web/alertmanager/alert_query.h"
#include "agent/web/alertmanager/api_error.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

json::array matchers_json(const rules::Matchers& matchers) {
  json::array out;
  for (const rules::Matcher& matcher : matchers) {
    const bool is_regexp =
        matcher.type == rules::MatchType::regexp || matcher.type == rules::MatchType::not_regexp;
    const bool is_equal =
        matcher.type == rules::MatchType::equal || matcher.type == rules::MatchType::regexp;
    out.push_back(json::object{{"isEqual", is_equal},
                               {"isRegex", is_regexp},
                               {"name", matcher.name},
                               {"value", matcher.value}});
  }
  return out;
}

json::object silence_json(const rules::Silence& silence, WallTime now) {
  const std::string_view state = to_string(rules::state_of(silence, now));
  json::object out{
      {"id", silence.id},
      {"status", json::object{{"state", json::string_view(state.data(), state.size())}}},
      {"updatedAt", api_v2_time(silence.updated_at)},
      {"comment", to_valid_utf8(silence.comment)},
      {"createdBy", to_valid_utf8(silence.created_by)},
      {"endsAt", api_v2_time(silence.ends_at)},
      {"matchers", matchers_json(silence.matchers)},
      {"startsAt", api_v2_time(silence.starts_at)}};
  if (!silence.annotations.empty()) {
    out["annotations"] = labels_json(silence.annotations);
  }
  if (silence.recurrence) {  // Seamwatch's own; clients of Alertmanager do not look at it
    out["recurrence"] = json::object{{"rule", silence.recurrence->rule},
                                     {"timeZone", silence.recurrence->time_zone},
                                     {"duration", format_duration(silence.recurrence->duration)}};
  }
  return out;
}

// Whether the silence has each of the filters as a matcher of its own: of the same name, kind and
// value, or of what became of that value, which `asked` of the same place takes. Source:
// Alertmanager, api/v2 CheckSilenceMatchesFilterLabels.
bool fits(const rules::Silence& silence,
          const rules::Matchers& filters,
          const rules::Matchers& asked) {
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const bool negative = asked[i].type == rules::MatchType::not_regexp;
    const auto is_it = [&](const rules::Matcher& matcher) {
      return matcher.name == filters[i].name && matcher.type == filters[i].type &&
             (matcher.value == filters[i].value ||
              (asked[i].value != filters[i].value && asked[i].matches(matcher.value) != negative));
    };
    if (std::none_of(silence.matchers.begin(), silence.matchers.end(), is_it)) {
      return false;
    }
  }
  return true;
}

}  // namespace

HttpReply api_v2_silences(const HttpCall& call,
                          const std::vector<const rules::Silence*>& silences,
                          WallTime now,
                          const std::function<rules::Matchers(rules::Matchers)>& as_asked) {
  auto filters = read_filters(call);
  if (!filters) {
    return api_v2_error(400, filters.error().message);
  }
  const rules::Matchers asked = as_asked ? as_asked(*filters) : *filters;
  json::array out;
  for (const rules::Silence* silence : silences) {
    const std::string_view state = to_string(rules::state_of(*silence, now));
    if (api_v2_flag(call, state) && fits(*silence, *filters, asked)) {
      out.push_back(silence_json(*silence, now));
    }
  }
  return json_reply(200, json::serialize(out) + "\n");
}

HttpReply api_v2_silence(const rules::Silence* silence, WallTime now) {
  return silence == nullptr ? json_reply(404, "")
                            : json_reply(200, json::serialize(silence_json(*silence, now)) + "\n");
}

HttpReply api_v2_silence_set(const std::string& id, const std::vector<std::string>& warnings) {
  json::object body{{"silenceID", id}};
  if (!warnings.empty()) {  // Seamwatch's own; clients of Alertmanager do not look at them
    body["warnings"] = json::value_from(warnings);
  }
  return json_reply(200, json::serialize(body) + "\n");
}

HttpReply api_v2_receivers(const std::vector<Labels>& receivers) {
  json::array out;
  for (const Labels& labels : receivers) {
    json::object receiver{{"name", labels.get("name")}};
    if (labels.size() > 1) {
      receiver["labels"] = labels_json(labels);
    }
    out.push_back(std::move(receiver));
  }
  return json_reply(200, json::serialize(out) + "\n");
}

HttpReply api_v2_status(const ApiV2Status& status) {
  const json::object version{{"branch", "seamwatch"},
                             {"buildDate", ""},
                             {"buildUser", "seamwatch " + status.version},
                             {"goVersion", ""},
                             {"revision", status.version},
                             {"version", std::string(kAlertmanagerVersion)}};
  const json::object body{
      {"cluster", json::object{{"peers", json::array()}, {"status", "disabled"}}},
      {"config", json::object{{"original", to_valid_utf8(status.config)}}},
      {"uptime", api_v2_time(status.started_at)},
      {"versionInfo", version}};
  return json_reply(200, json::serialize(body) + "\n");
}

}  // namespace seamwatch::agent
