#include "rules/routing/silence.h"

#include <algorithm>

#include <boost/json.hpp>

#include "agent/core/assert.h"
#include "agent/core/labels_json.h"
#include "agent/core/utf8.h"
#include "rules/routing/regexp_fault.h"

namespace seamwatch::rules {
namespace {

namespace json = boost::json;

bool is_regexp(const Matcher& matcher) {
  return matcher.type == MatchType::regexp || matcher.type == MatchType::not_regexp;
}

std::string matcher_fault(const Matcher& matcher) {
  if (!is_utf8_name(matcher.name)) {
    return "invalid label name " + quoted(to_valid_utf8(matcher.name));
  }
  if (!is_valid_utf8(matcher.value)) {
    return "invalid label value " + quoted(to_valid_utf8(matcher.value));
  }
  const std::string fault = is_regexp(matcher) ? regexp_fault(matcher.value) : "";
  return fault.empty() ? "" : "invalid regular expression " + quoted(matcher.value) + ": " + fault;
}

bool is_negative(const Matcher& matcher) {
  return matcher.type == MatchType::not_equal || matcher.type == MatchType::not_regexp;
}

// Whether it holds for some alerts that have the label, and not for others. One that takes out a
// value holds for alerts without the label too.
bool tells_apart(const Matcher& matcher) {
  // No text that is of use to anybody matches them all.
  static constexpr std::string_view kTexts[] = {"payment-service",
                                                "UP_TO_DATE.",
                                                "0123456789",
                                                "https://a.example:8443/b?c=d",
                                                "\xc3\x84 \xc3\x96 \xc3\x9c ~ # +"};
  const auto matches = [&](std::string_view text) { return matcher.matches(text); };
  if (is_negative(matcher)) {
    return matcher.matches("") && std::any_of(std::begin(kTexts), std::end(kTexts), matches);
  }
  return !matcher.matches("") && !std::all_of(std::begin(kTexts), std::end(kTexts), matches);
}

std::string matchers_fault(const Matchers& matchers, std::size_t matchers_min) {
  if (matchers.empty()) {
    return "at least one matcher required";
  }
  for (std::size_t i = 0; i < matchers.size(); ++i) {
    const std::string fault = matcher_fault(matchers[i]);
    if (!fault.empty()) {
      return "invalid label matcher " + std::to_string(i) + " in set 0: " + fault;
    }
  }
  // Alertmanager asks it of = and =~ alone: env!="test" is a good silence.
  const auto matches_nothing = [](const Matcher& matcher) {
    return !is_negative(matcher) && matcher.matches("");
  };
  if (std::all_of(matchers.begin(), matchers.end(), matches_nothing)) {
    return "at least one matcher must not match the empty string";
  }
  // Where more than one is asked for, it is for what they name: what takes out a value names
  // nothing.
  const auto counts = [&](const Matcher& matcher) {
    return tells_apart(matcher) && (matchers_min < 2 || !is_negative(matcher));
  };
  const auto telling = std::count_if(matchers.begin(), matchers.end(), counts);
  if (static_cast<std::size_t>(telling) < matchers_min) {
    return "at least " + std::to_string(matchers_min) +
           (matchers_min == 1
                ? " matcher must tell alerts apart, and what matches the empty string "
                  "or any text does not"
                : " matchers must name what is to be silent, and != and !~, and what "
                  "matches the empty string or any text, do not") +
           "; write one like alertname=\"X\", or lower silences.matchers_min";
  }
  return "";
}

std::size_t bytes_of(const Silence& silence) {
  std::size_t out = silence.created_by.size() + silence.comment.size();
  for (const Matcher& matcher : silence.matchers) {
    out += matcher.name.size() + matcher.value.size();
  }
  for (const auto& [name, value] : silence.annotations) {
    out += name.size() + value.size();
  }
  return silence.recurrence
             ? out + silence.recurrence->rule.size() + silence.recurrence->time_zone.size()
             : out;
}

// How long a recurring silence holds at a stretch: windows that touch are one, and those that never
// seem to end last as long as the silence.
Millis stretch_of(const Silence& silence) {
  const SilenceRecurrence& recurrence = *silence.recurrence;
  SilenceWindow window = window_at(recurrence, silence.starts_at, silence.starts_at);
  const WallTime opens = window.open ? silence.starts_at : *window.until;
  window = window_at(recurrence, silence.starts_at, opens);
  constexpr Millis kLongest{31 * 24 * 3'600'000LL};
  const Millis joined = std::min(*window.until, silence.ends_at) - opens;
  return joined > kLongest ? silence.ends_at - silence.starts_at : joined;
}

std::string fault_of(const Silence& silence, const SilencePolicy& policy) {
  const std::string fault = matchers_fault(silence.matchers, policy.matchers_min);
  if (!fault.empty()) {
    return fault;
  }
  if (silence.ends_at < silence.starts_at) {
    return "end time must not be before start time";
  }
  Millis length = silence.ends_at - silence.starts_at;
  if (silence.recurrence) {
    const Status good = check_recurrence(*silence.recurrence);
    if (!good) {
      return good.error().message;
    }
    const SilenceWindow first =
        window_at(*silence.recurrence, silence.starts_at, silence.starts_at);
    if (!first.open && (!first.until || *first.until >= silence.ends_at)) {
      return "the recurrence has no window before the end time";
    }
    length = stretch_of(silence);
  }
  if (policy.length_max > Millis(0) && length > policy.length_max) {
    return "it is longer than the maximum of " + format_duration(policy.length_max) +
           "; end it sooner, or raise silences.length_max";
  }
  if (policy.bytes_max > 0 && bytes_of(silence) > policy.bytes_max) {
    return "silence exceeded maximum size: " + std::to_string(bytes_of(silence)) +
           " bytes (limit: " + std::to_string(policy.bytes_max) + " bytes)";
  }
  return "";
}

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

MatchType match_type(std::string_view text) {
  for (const MatchType type :
       {MatchType::equal, MatchType::not_equal, MatchType::regexp, MatchType::not_regexp}) {
    if (text == to_string(type)) {
      return type;
    }
  }
  throw std::invalid_argument("no match type: " + std::string(text));
}

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

Matcher matcher_from(const json::array& parts) {
  auto matcher =
      Matcher::make_for_alerts(match_type(text(parts.at(1))), text(parts.at(0)), text(parts.at(2)));
  if (!matcher) {
    throw std::invalid_argument(matcher.error().message);
  }
  return *matcher;
}

}  // namespace

std::string_view to_string(SilenceState state) {
  switch (state) {
    case SilenceState::pending:
      return "pending";
    case SilenceState::active:
      return "active";
    case SilenceState::expired:
      return "expired";
  }
  SW_ASSERT(false);
}

bool same_matchers(const Matchers& a, const Matchers& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const Matcher& left, const Matcher& right) {
        return left.type == right.type && left.name == right.name && left.value == right.value;
      });
}

bool same(const Silence& a, const Silence& b) {
  return a.id == b.id && same_matchers(a.matchers, b.matchers) && a.starts_at == b.starts_at &&
         a.ends_at == b.ends_at && a.updated_at == b.updated_at && a.created_by == b.created_by &&
         a.comment == b.comment && a.annotations == b.annotations && a.recurrence == b.recurrence;
}

SilenceState state_of(const Silence& silence, WallTime now) {
  if (now >= silence.ends_at) {
    return SilenceState::expired;
  }
  if (now < silence.starts_at) {
    return SilenceState::pending;
  }
  const bool open =
      !silence.recurrence || window_at(*silence.recurrence, silence.starts_at, now).open;
  return open ? SilenceState::active : SilenceState::pending;
}

Status check_silence(const Silence& silence, const SilencePolicy& policy) {
  const std::string fault = fault_of(silence, policy);
  return fault.empty() ? Status() : error("invalid silence: " + fault);
}

std::string to_json(const Silence& silence) {
  json::array matchers;
  for (const Matcher& matcher : silence.matchers) {
    matchers.push_back(json::array{matcher.name, view(to_string(matcher.type)), matcher.value});
  }
  json::object out{{"id", silence.id},
                   {"matchers", std::move(matchers)},
                   {"starts_at", unix_millis(silence.starts_at)},
                   {"ends_at", unix_millis(silence.ends_at)},
                   {"updated_at", unix_millis(silence.updated_at)},
                   {"created_by", silence.created_by},
                   {"comment", silence.comment}};
  if (!silence.annotations.empty()) {
    out["annotations"] = labels_json(silence.annotations);
  }
  if (silence.recurrence) {
    out["recurrence"] = json::object{{"rule", silence.recurrence->rule},
                                     {"time_zone", silence.recurrence->time_zone},
                                     {"duration", silence.recurrence->duration.count()}};
  }
  return json::serialize(out);
}

Result<Silence> silence_from_json(std::string_view in_text) {
  try {
    const json::value parsed = json::parse(view(in_text));
    const json::object& in = parsed.as_object();
    Silence out;
    out.id = text(in.at("id"));
    for (const json::value& matcher : in.at("matchers").as_array()) {
      out.matchers.push_back(matcher_from(matcher.as_array()));
    }
    out.starts_at = wall_from_unix_millis(in.at("starts_at").as_int64());
    out.ends_at = wall_from_unix_millis(in.at("ends_at").as_int64());
    out.updated_at = wall_from_unix_millis(in.at("updated_at").as_int64());
    out.created_by = text(in.at("created_by"));
    out.comment = text(in.at("comment"));
    if (const json::value* annotations = in.if_contains("annotations")) {
      out.annotations = labels_from_json(*annotations);
    }
    if (const json::value* recurrence = in.if_contains("recurrence")) {
      const json::object& rule = recurrence->as_object();
      out.recurrence = SilenceRecurrence{text(rule.at("rule")),
                                         text(rule.at("time_zone")),
                                         Millis(rule.at("duration").as_int64())};
      const Status good = check_recurrence(*out.recurrence);
      if (!good) {
        return good.error();
      }
    }
    return out;
  } catch (const std::exception& failure) {
    return error(std::string("a stored silence cannot be read: ") + failure.what());
  }
}

}  // namespace seamwatch::rules
