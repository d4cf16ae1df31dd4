// Functions of labels: label_replace, label_join, sort_by_label.
#include <algorithm>

#include <re2/re2.h>

#include "agent/core/ascii.h"
#include "agent/core/go_regexp.h"
#include "agent/core/group_expand.h"
#include "rules/promql/evaluation.h"
#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::size_t kLabelBytesMax = 64 << 10;
constexpr std::size_t kPatternBytesMax = 64 << 10;

// A compiled pattern and its groups, kept with the call.
struct Replacement {
  std::unique_ptr<re2::RE2> pattern;
  std::map<std::string, int> names;
};

std::string_view group_text(std::string_view name,
                            const Replacement& replacement,
                            const std::vector<re2::StringPiece>& groups) {
  std::size_t index = groups.size();
  const bool digits =
      !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
  if (digits && name.size() < 6) {
    index = std::stoul(std::string(name));
  } else if (const auto at = replacement.names.find(std::string(name));
             at != replacement.names.end()) {
    index = static_cast<std::size_t>(at->second);
  }
  return index < groups.size() ? std::string_view(groups[index].data(), groups[index].size())
                               : std::string_view();
}

// Splits numbers from text, so that "pod10" comes after "pod9".
int natural_compare(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const auto number = [&](std::string_view& text) {
        const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size());
        std::size_t end = zeros;
        while (end < text.size() && is_digit(text[end])) {
          ++end;
        }
        const std::string_view digits = text.substr(zeros, end - zeros);
        text.remove_prefix(end);
        return digits;
      };
      const std::string_view left = number(a);
      const std::string_view right = number(b);
      if (left.size() != right.size()) {
        return left.size() < right.size() ? -1 : 1;
      }
      if (const int order = left.compare(right); order != 0) {
        return order;
      }
    } else {
      if (a.front() != b.front()) {
        return static_cast<unsigned char>(a.front()) < static_cast<unsigned char>(b.front()) ? -1
                                                                                             : 1;
      }
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

}  // namespace

// Sets a label that an expression put together. Nested calls could double a text a thousand times,
// so its length is limited and counts.
void Evaluation::set_made(Labels& labels, const std::string& name, const std::string& value) {
  if (value.size() > kLabelBytesMax) {
    query_.fail("label value made by the expression is longer than 65536 bytes");
    return;
  }
  query_.count_label_bytes(value.size());
  labels.set(name, value);
  if (name == "__name__") {
    labels.erase(kUnnamedLabel);  // a name that was made stays
  }
}

std::string Evaluation::text(const Expr& literal) const {
  return as<StringLiteral>(unwrapped(literal)).value;
}

Vector Evaluation::label_replace(const Call& call, WallTime at) {
  const std::string target = text(*call.args[1]);
  const std::string replacement_text = text(*call.args[2]);
  const std::string source = text(*call.args[3]);
  Node& state = node(call);
  if (state.compiled == nullptr) {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(8 << 20);
    auto made = std::make_shared<Replacement>();
    const std::string pattern = text(*call.args[4]);
    made->pattern = std::make_unique<re2::RE2>(
        pattern.size() > kPatternBytesMax || !go_regexp_fault(pattern).empty()
            ? "("
            : "^(?s:" + pattern + ")$",
        options);
    query_.spend(5'000);  // compiling takes milliseconds at worst
    if (!made->pattern->ok()) {
      query_.fail("invalid regular expression in label_replace(): " + text(*call.args[4]));
      return {};
    }
    made->names = made->pattern->NamedCapturingGroups();
    state.compiled = std::move(made);
  }
  if (!is_utf8_name(target)) {
    query_.fail("invalid destination label name in label_replace(): " + target);
    return {};
  }
  const auto& replacement = *static_cast<const Replacement*>(state.compiled.get());
  Vector out = vector(*call.args[0], at);
  for (VectorEntry& entry : out) {
    entry.labels = state.labels(entry.labels, [&] {
      const std::string value(query_.labels().value(entry.labels, source));
      std::vector<re2::StringPiece> groups(
          static_cast<std::size_t>(replacement.pattern->NumberOfCapturingGroups()) + 1);
      if (!replacement.pattern->Match(value,
                                      0,
                                      value.size(),
                                      re2::RE2::ANCHOR_BOTH,
                                      groups.data(),
                                      static_cast<int>(groups.size()))) {
        return entry.labels;
      }
      Labels labels = query_.labels().get(entry.labels);
      const std::string expanded = expand_groups(
          replacement_text,
          [&](std::string_view name) { return group_text(name, replacement, groups); },
          kLabelBytesMax);
      set_made(labels, target, expanded);
      return query_.labels().intern(std::move(labels));
    });
  }
  query_.require_unique(out, "vector cannot contain metrics with the same labelset");
  return out;
}

Vector Evaluation::label_join(const Call& call, WallTime at) {
  const std::string target = text(*call.args[1]);
  const std::string separator = text(*call.args[2]);
  std::vector<std::string> sources;
  for (std::size_t i = 3; i < call.args.size(); ++i) {
    sources.push_back(text(*call.args[i]));
    if (!is_utf8_name(sources.back())) {
      query_.fail("invalid source label name in label_join(): " + sources.back());
      return {};
    }
  }
  if (!is_utf8_name(target)) {
    query_.fail("invalid destination label name in label_join(): " + target);
    return {};
  }
  Vector out = vector(*call.args[0], at);
  Node& state = node(call);
  for (VectorEntry& entry : out) {
    entry.labels = state.labels(entry.labels, [&] {
      Labels labels = query_.labels().get(entry.labels);
      std::string joined;
      for (std::size_t i = 0; i < sources.size() && joined.size() <= kLabelBytesMax; ++i) {
        joined += (i == 0 ? "" : separator) + std::string(labels.get(sources[i]));
      }
      set_made(labels, target, joined);
      return query_.labels().intern(std::move(labels));
    });
  }
  query_.require_unique(out, "vector cannot contain metrics with the same labelset");
  return out;
}

Vector Evaluation::sorted_by_label(const Call& call, WallTime at) {
  const bool descending = call.function->name == "sort_by_label_desc";
  if (start_ != end_) {
    query_.warn("sort is ineffective for range queries since results are always ordered by labels",
                call);
  }
  std::vector<std::string> names;
  for (std::size_t i = 1; i < call.args.size(); ++i) {
    names.push_back(text(*call.args[i]));
  }
  Vector out = vector(*call.args[0], at);
  std::vector<std::pair<Labels, VectorEntry>> named;
  named.reserve(out.size());
  for (const VectorEntry& entry : out) {
    named.emplace_back(query_.labels().get(entry.labels), entry);
  }
  std::stable_sort(named.begin(), named.end(), [&](const auto& a, const auto& b) {
    for (const std::string& name : names) {
      const int order = natural_compare(a.first.get(name), b.first.get(name));
      if (order != 0) {
        return descending ? order > 0 : order < 0;
      }
    }
    return descending ? b.first < a.first : a.first < b.first;
  });
  std::transform(
      named.begin(), named.end(), out.begin(), [](const auto& each) { return each.second; });
  return out;
}

}  // namespace seamwatch::rules::promql
