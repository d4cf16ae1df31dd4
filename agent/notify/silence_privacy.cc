#include "agent/notify/silence_privacy.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include <re2/re2.h>

namespace seamwatch::agent {
namespace {

constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";

bool is_regexp(const rules::Matcher& matcher) {
  return matcher.type == rules::MatchType::regexp || matcher.type == rules::MatchType::not_regexp;
}

bool is_escapable(char c) {
  return static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) == 0;
}

// The whole values that `regexp` is a choice of; nothing where it is more than that.
std::optional<std::vector<std::string>> choice_of(std::string_view regexp) {
  for (const std::string_view open : {"(?:", "("}) {
    if (regexp.starts_with(open) && regexp.ends_with(")") && !regexp.ends_with("\\)")) {
      regexp = regexp.substr(open.size(), regexp.size() - open.size() - 1);
      break;
    }
  }
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < regexp.size(); ++i) {
    if (regexp[i] == '|') {
      out.emplace_back();
    } else if (regexp[i] == '\\' && i + 1 < regexp.size() && is_escapable(regexp[i + 1])) {
      out.back() += regexp[++i];
    } else if (kSpecial.find(regexp[i]) != std::string_view::npos) {
      return std::nullopt;
    } else {
      out.back() += regexp[i];
    }
  }
  return out;
}

std::string without(std::string_view text, std::string_view gone) {
  std::string out;
  for (const char c : text) {
    if (gone.find(c) == std::string_view::npos) {
      out += c;
    }
  }
  return out;
}

// What it holds, be it spelled with escapes or with parts to choose from.
std::string something_of(std::string_view regexp, const Redactor& redactor, RedactScope scope) {
  for (const std::string& text :
       {std::string(regexp), without(regexp, "\\"), without(regexp, "\\+*?()|[]{}^$")}) {
    if (redactor.redacted(text, scope)) {
      return text;
    }
  }
  return "";
}

std::optional<std::string> redacted_value(std::string_view value,
                                          const Redactor& redactor,
                                          const LabelDigest& digest) {
  auto clean = redactor.redacted(value, RedactScope::all);
  return clean ? std::optional(*clean + "#" + digest(value)) : std::nullopt;
}

// The digest at the end of a value, with its `#`; "" where there is none.
std::string_view digest_of(std::string_view value) {
  const std::size_t at = value.rfind('#');
  const std::string_view end = at == std::string_view::npos ? "" : value.substr(at);
  const bool whole = end.size() == 11 && end.find_first_not_of("0123456789abcdef", 1) == end.npos;
  return whole ? end : std::string_view();
}

std::optional<std::string> redacted_choice(std::string_view regexp,
                                           const Redactor& redactor,
                                           const LabelDigest& digest) {
  const auto values = choice_of(regexp);
  if (!values) {
    return std::nullopt;
  }
  std::string out;
  for (const std::string& value : *values) {
    out += (&value == &values->front() ? "" : "|") +
           RE2::QuoteMeta(redacted_value(value, redactor, digest).value_or(value));
  }
  return out;
}

}  // namespace

Status redact_matchers(rules::Matchers& matchers,
                       const Redactor& redactor,
                       const LabelDigest& digest) {
  rules::Matchers out = matchers;
  for (std::size_t i = 0; i < out.size(); ++i) {
    rules::Matcher& matcher = out[i];
    const bool regexp = is_regexp(matcher);
    if (regexp && something_of(matcher.value, redactor, RedactScope::all).empty()) {
      continue;
    }
    auto value = regexp ? redacted_choice(matcher.value, redactor, digest)
                        : redacted_value(matcher.value, redactor, digest);
    if (!value && !regexp) {
      continue;
    }
    auto made = value
                    ? rules::Matcher::make_for_alerts(matcher.type, matcher.name, std::move(*value))
                    : Result<rules::Matcher>(error(""));
    if (!made) {
      return error("invalid silence: invalid label matcher " + std::to_string(i) +
                   " in set 0: its regular expression holds a secret or personal data, which no "
                   "label does; name whole values, by = or as a choice such as "
                   "=~\"a@b\\\\.org|c@d\\\\.org\"");
    }
    matcher = std::move(*made);
  }
  matchers = std::move(out);
  return {};
}

rules::Matchers as_asked(rules::Matchers matchers,
                         const Redactor& redactor,
                         const LabelDigest& digest) {
  for (rules::Matcher& matcher : matchers) {
    const bool negative =
        matcher.type == rules::MatchType::not_equal || matcher.type == rules::MatchType::not_regexp;
    std::string value;
    if (is_regexp(matcher)) {
      rules::Matchers redacted = {matcher};
      if (redact_matchers(redacted, redactor, digest) && redacted[0].value != matcher.value) {
        value = "(?:" + matcher.value + ")|(?:" + redacted[0].value + ")";
      }
    } else if (redactor.redacted(matcher.value, RedactScope::all)) {
      value = RE2::QuoteMeta(matcher.value);
      for (const RedactScope scope : {RedactScope::all, RedactScope::secrets}) {
        if (const auto clean = redactor.redacted(matcher.value, scope)) {
          value += "|" + RE2::QuoteMeta(*clean + "#" + digest(matcher.value));
        }
      }
    }
    const auto type = negative ? rules::MatchType::not_regexp : rules::MatchType::regexp;
    if (auto made = rules::Matcher::make_for_alerts(type, matcher.name, value);
        made && !value.empty()) {
      matcher = std::move(*made);
    }
  }
  return matchers;
}

std::string held_by(const rules::Matcher& matcher, const Redactor& redactor, RedactScope scope) {
  if (is_regexp(matcher)) {
    return something_of(matcher.value, redactor, scope);
  }
  return redactor.redacted(matcher.value, scope) ? matcher.value : "";
}

std::vector<std::string> blind_matchers(const rules::Matchers& matchers,
                                        const std::vector<rules::AlertPtr>& alerts) {
  std::vector<std::string> out;
  for (const rules::Matcher& matcher : matchers) {
    const bool equal = matcher.type == rules::MatchType::regexp;
    const auto unseen = std::count_if(alerts.begin(), alerts.end(), [&](const auto& alert) {
      const std::string_view value = alert->labels.get(matcher.name);
      return !digest_of(value).empty() && matcher.matches(value) != equal;
    });
    if (is_regexp(matcher) && unseen > 0) {
      out.push_back("privacy redacted label " + quoted(matcher.name) + " of " +
                    std::to_string(unseen) + (unseen == 1 ? " alert" : " alerts") +
                    ", which a regular expression cannot look into; name whole values, by = or as "
                    "a choice such as =~\"a@b\\.org|c@d\\.org\", or list them under privacy.allow");
    }
  }
  return out;
}

std::vector<std::string> redacted_values(std::string_view value,
                                         const Redactor& redactor,
                                         const LabelDigest& digest) {
  std::vector<std::string> out;
  if (auto clean = redacted_value(value, redactor, digest)) {
    out.push_back(std::move(*clean));
  }
  // One that has its digest already: a pattern might take the digest for a part of an address.
  const std::string_view end = digest_of(value);
  const std::string_view begin = value.substr(0, value.size() - end.size());
  if (auto clean = end.empty() ? std::nullopt : redactor.redacted(begin, RedactScope::all)) {
    out.push_back(*clean + std::string(end));
  }
  return out;
}

}  // namespace seamwatch::agent
