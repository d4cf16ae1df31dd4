#include "agent/web/alertmanager/posted_body.h"

#include <stdexcept>

#include <boost/json.hpp>

#include "agent/core/utf8.h"
#include "agent/web/alertmanager/api_error.h"
#include "agent/web/alertmanager/go_json.h"
#include "agent/web/alertmanager/plain_alerts.h"
#include "agent/web/alertmanager/request_uri.h"
#include "rules/routing/regexp_fault.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr int kRequired = 602;
constexpr int kTooFewItems = 612;
constexpr int kWrongType = 601;

// The reply that ends the reading; thrown and caught in this file only.
struct Refusal {
  HttpReply reply;
};

[[noreturn]] void refuse_type(std::string_view body_name, const std::string& why) {
  throw Refusal{api_v2_coded_error(
      400, "parsing " + std::string(body_name) + " body from \"\" failed, because " + why)};
}

[[noreturn]] void refuse_value(int code, const std::string& why) {
  throw Refusal{api_v2_coded_error(code, why)};
}

std::string_view go_kind(const json::value& value) {
  switch (value.kind()) {
    case json::kind::object:
      return "object";
    case json::kind::array:
      return "array";
    case json::kind::string:
      return "string";
    case json::kind::bool_:
      return "bool";
    case json::kind::null:
      return "null";
    default:
      return "number";
  }
}

// Reads typed values; a wrong type is Go's message.
class BodyReader {
 public:
  BodyReader(std::string_view body_name, std::string_view type_name)
      : body_name_(body_name), type_name_(type_name) {}

  [[noreturn]] void wrong(const json::value& value,
                          std::string_view field,
                          std::string_view type) const {
    refuse_type(body_name_,
                "json: cannot unmarshal " + std::string(go_kind(value)) + " into Go struct field " +
                    std::string(type_name_) + "." + std::string(field) + " of type " +
                    std::string(type));
  }

  // nullptr where it is absent or null.
  static const json::value* find(const json::object& in, std::string_view key) {
    const json::value* value = in.if_contains(json::string_view(key.data(), key.size()));
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  // Holds for as long as `in` does.
  std::string_view text(const json::object& in, std::string_view key) const {
    const json::value* value = find(in, key);
    if (value == nullptr) {
      return "";
    }
    if (!value->is_string()) {
      wrong(*value, key, "string");
    }
    return value->get_string();
  }

  std::optional<bool> flag(const json::object& in, std::string_view key) const {
    const json::value* value = find(in, key);
    if (value == nullptr) {
      return std::nullopt;
    }
    if (!value->is_bool()) {
      wrong(*value, key, "bool");
    }
    return value->as_bool();
  }

  Labels labels(const json::object& in, std::string_view key) const {
    std::vector<Labels::View> pairs;
    if (const json::value* value = find(in, key)) {
      if (!value->is_object()) {
        wrong(*value, key, "models.LabelSet");
      }
      pairs.reserve(value->as_object().size());
      for (const auto& [name, text] : value->as_object()) {
        if (!text.is_string() && !text.is_null()) {
          wrong(text, key, "string");
        }
        pairs.emplace_back(name, text.is_null() ? std::string_view() : text.get_string());
      }
    }
    return Labels::of(std::move(pairs));
  }

  std::optional<WallTime> time(const json::object& in, std::string_view key) const {
    const std::string_view text_in = text(in, key);
    const auto parsed = read_posted_time(text_in);
    if (!parsed) {
      refuse_type(body_name_,
                  "parsing time " + quoted(text_in) +
                      " as \"2006-01-02T15:04:05Z07:00\": " + parsed.error().message);
    }
    return *parsed;
  }

 private:
  std::string_view body_name_;
  std::string_view type_name_;
};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string syntax_fault(const std::string& body, const json::error_code& problem) {
  const char first = body[body.find_first_not_of(" \t\r\n")];
  if (problem == json::error::incomplete) {
    return "unexpected EOF";
  }
  if (problem == json::error::syntax &&
      std::string_view("{[\"-0123456789tfn").find(first) == std::string_view::npos) {
    return std::string("invalid character '") + first + "' looking for beginning of value";
  }
  return "invalid JSON: " + problem.message();
}

// Refuses other media types and an empty body, of which no type is asked.
void check_body(const HttpCall& call, std::string_view body_name) {
  if (auto refused = call.body.empty() ? std::nullopt : refused_type(call)) {
    throw Refusal{std::move(*refused)};
  }
  if (is_blank(call.body)) {
    refuse_value(kRequired, std::string(body_name) + " in body is required");
  }
}

// The parsed body. Refuses bad JSON.
json::value parse_body(const HttpCall& call, std::string_view body_name) {
  json::error_code problem;
  json::parse_options options;
  options.max_depth = 16;
  const auto memory = json::make_shared_resource<json::monotonic_resource>(2 * call.body.size());
  const std::string text = as_go_reads(call.body);
  json::value out = json::parse(text, problem, memory, options);
  if (problem) {
    refuse_type(body_name, syntax_fault(text, problem));
  }
  return out;
}

// `known_url`: that of the alert before, as all of a rule share one text.
rules::PostedAlert read_alert(const json::value& value,
                              std::size_t index,
                              const SharedText& known_url) {
  const BodyReader reader("alerts", "PostableAlert");
  if (!value.is_object()) {
    refuse_type("alerts",
                "json: cannot unmarshal " + std::string(go_kind(value)) +
                    " into Go value of type models.PostableAlert");
  }
  const json::object& in = value.as_object();
  rules::PostedAlert out;
  out.annotations = reader.labels(in, "annotations");
  out.starts_at = reader.time(in, "startsAt");
  out.ends_at = reader.time(in, "endsAt");
  const std::string_view url = reader.text(in, "generatorURL");
  out.generator_url = url == std::string_view(known_url) ? known_url : SharedText(std::string(url));
  out.labels = reader.labels(in, "labels");
  const std::string place = std::to_string(index);
  if (!out.generator_url.empty() && !is_request_uri(url)) {
    refuse_value(kWrongType,
                 place + ".generatorURL in body must be of type uri: " +
                     quoted(to_valid_utf8(out.generator_url)));
  }
  if (BodyReader::find(in, "labels") == nullptr) {
    refuse_value(kRequired, place + ".labels in body is required");
  }
  return out;
}

rules::MatchType match_type(bool is_regexp, bool is_equal) {
  if (is_regexp) {
    return is_equal ? rules::MatchType::regexp : rules::MatchType::not_regexp;
  }
  return is_equal ? rules::MatchType::equal : rules::MatchType::not_equal;
}

rules::Matcher read_matcher(const json::value& value, std::size_t index) {
  const BodyReader reader("silence", "Matcher");
  if (!value.is_object()) {
    reader.wrong(value, "matchers", "models.Matcher");
  }
  const json::object& in = value.as_object();
  const std::string name(reader.text(in, "name"));
  const std::string text(reader.text(in, "value"));
  const auto is_regexp = reader.flag(in, "isRegex");
  const bool is_equal = reader.flag(in, "isEqual").value_or(true);
  const std::string place = "matchers." + std::to_string(index) + ".";
  for (const std::string_view required : {"isRegex", "name", "value"}) {
    if (BodyReader::find(in, required) == nullptr) {
      refuse_value(kRequired, place + std::string(required) + " in body is required");
    }
  }
  auto matcher = rules::Matcher::make_for_alerts(match_type(*is_regexp, is_equal), name, text);
  if (!matcher) {
    const std::string fault = rules::regexp_fault(text);
    throw Refusal{api_v2_error(400,
                               "invalid silence: invalid label matcher " + std::to_string(index) +
                                   " in set 0: invalid regular expression " + quoted(text) + ": " +
                                   (fault.empty() ? matcher.error().message : fault))};
  }
  return std::move(*matcher);
}

rules::SilenceRecurrence read_recurrence(const json::value& value) {
  const BodyReader reader("silence", "Recurrence");
  if (!value.is_object()) {
    reader.wrong(value, "recurrence", "object");
  }
  const json::object& in = value.as_object();
  for (const auto& [key, ignored] : in) {
    if (key != "rule" && key != "timeZone" && key != "duration") {
      throw Refusal{
          api_v2_error(400,
                       "invalid silence: recurrence has no " +
                           quoted(to_valid_utf8(std::string_view(key.data(), key.size()))) +
                           ", only rule, timeZone and duration")};
    }
  }
  rules::SilenceRecurrence out;
  out.rule = reader.text(in, "rule");
  const std::string zone(reader.text(in, "timeZone"));
  out.time_zone = zone.empty() ? out.time_zone : zone;
  const auto duration = parse_duration(reader.text(in, "duration"));
  if (out.rule.empty() || !duration) {
    refuse_value(kRequired,
                 out.rule.empty() ? "recurrence.rule in body is required"
                                  : "recurrence.duration in body must be a duration like 2h: " +
                                        duration.error().message);
  }
  out.duration = *duration;
  return out;
}

void read_silence(const json::object& in, PostedSilence& out) {
  const BodyReader reader("silence", "PostableSilence");
  rules::Silence& silence = out.silence;
  silence.id = reader.text(in, "id");
  silence.comment = reader.text(in, "comment");
  silence.created_by = reader.text(in, "createdBy");
  silence.annotations = reader.labels(in, "annotations");
  out.says_annotations = in.contains("annotations");
  const auto ends_at = reader.time(in, "endsAt");
  const auto starts_at = reader.time(in, "startsAt");
  const json::value* matchers = BodyReader::find(in, "matchers");
  if (matchers != nullptr && !matchers->is_array()) {
    reader.wrong(*matchers, "matchers", "models.Matchers");
  }
  for (const std::string_view required : {"comment", "createdBy", "endsAt", "matchers"}) {
    if (BodyReader::find(in, required) == nullptr) {
      refuse_value(kRequired, std::string(required) + " in body is required");
    }
  }
  if (matchers->as_array().empty()) {
    refuse_value(kTooFewItems, "matchers in body should have at least 1 items");
  }
  for (const json::value& matcher : matchers->as_array()) {
    silence.matchers.push_back(read_matcher(matcher, silence.matchers.size()));
  }
  if (BodyReader::find(in, "startsAt") == nullptr) {
    refuse_value(kRequired, "startsAt in body is required");
  }
  silence.starts_at = starts_at.value_or(WallTime::min());
  silence.ends_at = ends_at.value_or(WallTime::min());
  out.says_recurrence = in.contains("recurrence");
  if (const json::value* recurrence = BodyReader::find(in, "recurrence")) {
    silence.recurrence = read_recurrence(*recurrence);
  }
}

}  // namespace

PostedAlerts read_posted_alerts(const HttpCall& call) {
  PostedAlerts out;
  try {
    check_body(call, "alerts");
    if (auto plain = read_plain_alerts(call.body)) {
      out.alerts = std::move(*plain);
      return out;
    }
    const json::value body = parse_body(call, "alerts");
    if (!body.is_array() && !body.is_null()) {
      refuse_type("alerts",
                  "json: cannot unmarshal " + std::string(go_kind(body)) +
                      " into Go value of type models.PostableAlerts");
    }
    if (body.is_array()) {
      SharedText known_url;
      for (const json::value& alert : body.as_array()) {
        out.alerts.push_back(read_alert(alert, out.alerts.size(), known_url));
        known_url = out.alerts.back().generator_url;
      }
    }
  } catch (Refusal& refusal) {
    out.alerts.clear();
    out.refused = std::move(refusal.reply);
  }
  return out;
}

PostedSilence read_posted_silence(const HttpCall& call) {
  PostedSilence out;
  try {
    check_body(call, "silence");
    const json::value body = parse_body(call, "silence");
    if (!body.is_object()) {
      refuse_type("silence",
                  "json: cannot unmarshal " + std::string(go_kind(body)) +
                      " into Go value of type models.PostableSilence");
    }
    read_silence(body.as_object(), out);
  } catch (Refusal& refusal) {
    out.refused = std::move(refusal.reply);
  }
  return out;
}

}  // namespace seamwatch::agent
