#include "rules/routing/matcher_syntax.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "agent/core/utf8.h"
#include "rules/routing/matcher_text.h"

namespace seamwatch::rules {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_matcher_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_matcher_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// Undoes the escapes of a classic value; nothing for a quote in the wrong place.
std::optional<std::string> classic_value(std::string_view raw) {
  const bool in_quotes = !raw.empty() && raw.front() == '"';
  const std::string_view text = in_quotes ? raw.substr(1) : raw;
  bool closed = !in_quotes;
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool last = at + 1 == text.size();
    if (text[at] == '\\' && !last) {
      const char next = text[++at];
      if (next == 'n') {
        out += '\n';
      } else {
        // An escape that is none keeps its backslash.
        out += next == '"' || next == '\\' ? "" : "\\";
        out += next;
      }
    } else if (text[at] == '"') {
      if (closed || !last) {
        return std::nullopt;
      }
      closed = true;
    } else {
      out += text[at];
    }
  }
  return closed ? std::optional<std::string>(out) : std::nullopt;
}

Result<Matcher> parse_classic_matcher(std::string_view whole) {
  const std::string_view text = trim(whole);
  const std::size_t name_end = std::min(text.size(), text.find_first_of("=!~ \t\n\r\f"));
  const std::string_view rest = trim(text.substr(name_end));
  std::string_view op;
  for (const std::string_view candidate : {"=~", "=", "!=", "!~"}) {
    if (op.empty() && rest.substr(0, candidate.size()) == candidate) {
      op = candidate;
    }
  }
  if (!is_classic_metric_name(text.substr(0, name_end)) || op.empty()) {
    return error("bad matcher format: " + std::string(whole));
  }
  const std::string_view raw = trim(rest.substr(op.size()));
  if (!is_valid_utf8(raw)) {
    return error("matcher value not valid UTF-8: " + to_valid_utf8(raw));
  }
  const auto value = classic_value(raw);
  if (!value) {
    return error("matcher value contains unescaped double quote: " + std::string(raw));
  }
  return Matcher::make_for_alerts(match_type(op), std::string(text.substr(0, name_end)), *value);
}

// The parts between commas outside of quotes. A last part of only spaces is none.
std::vector<std::string> split_classic(std::string_view text) {
  std::vector<std::string> parts(1);
  bool in_quotes = false;
  bool escaped = false;
  for (const char c : text) {
    if (c == ',' && !in_quotes) {
      parts.emplace_back();
      continue;
    }
    if (c == '"' && !escaped) {
      in_quotes = !in_quotes;
    }
    if (c != ',') {
      escaped = c == '\\' && !escaped;
    }
    parts.back() += c;
  }
  if (trim(parts.back()).empty()) {
    parts.pop_back();
  }
  return parts;
}

auto sort_key(const Matcher& matcher) {
  return std::tie(matcher.name, matcher.value, matcher.type);
}

bool same(const Matchers& a, const Matchers& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Matcher& x, const Matcher& y) {
    return sort_key(x) == sort_key(y);
  });
}

}  // namespace

Result<Matchers> parse_matchers_classic(std::string_view text) {
  if (!text.empty() && text.front() == '{') {
    text.remove_prefix(1);
  }
  if (!text.empty() && text.back() == '}') {
    text.remove_suffix(1);
  }
  Matchers out;
  for (const std::string& part : split_classic(text)) {
    auto matcher = parse_classic_matcher(part);
    if (!matcher) {
      return matcher.error();
    }
    out.push_back(std::move(*matcher));
  }
  return out;
}

Result<Matchers> parse_matchers(std::string_view text) {
  auto modern = parse_matchers_utf8(text);
  auto classic = parse_matchers_classic(text);
  if (!modern) {
    return classic;
  }
  if (classic && !same(*modern, *classic)) {
    return classic;
  }
  return modern;
}

Result<Matcher> parse_matcher(std::string_view text) {
  if ((!text.empty() && text.front() == '{') || (!text.empty() && text.back() == '}')) {
    return error("unexpected open or close brace: " + std::string(text));
  }
  const auto many = parse_matchers_utf8(text);
  auto classic = parse_classic_matcher(text);
  if (!many || many->size() != 1) {
    return classic;
  }
  if (classic && sort_key(*classic) != sort_key(many->front())) {
    return classic;
  }
  return many->front();
}

bool match_all(const Matchers& matchers, const Labels& labels) {
  return std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& matcher) {
    return matcher.matches(labels);
  });
}

void sort_matchers(Matchers& matchers) {
  std::stable_sort(matchers.begin(), matchers.end(), [](const Matcher& a, const Matcher& b) {
    return sort_key(a) < sort_key(b);
  });
}

std::string matchers_text(const Matchers& matchers) {
  std::string out = "{";
  for (const Matcher& matcher : matchers) {
    out += out.size() > 1 ? "," : "";
    if (matcher.name.empty() ||
        std::any_of(matcher.name.begin(), matcher.name.end(), is_matcher_reserved)) {
      out += quoted(matcher.name) + std::string(to_string(matcher.type)) + quoted(matcher.value);
      continue;
    }
    out += matcher.name + std::string(to_string(matcher.type)) + '"';
    for (const char c : matcher.value) {
      out += c == '\\' ? "\\\\" : c == '"' ? "\\\"" : c == '\n' ? "\\n" : std::string(1, c);
    }
    out += '"';
  }
  return out + "}";
}

}  // namespace seamwatch::rules
