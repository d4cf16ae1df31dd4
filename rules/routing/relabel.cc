#include "rules/routing/relabel.h"

#include <algorithm>

#include <boost/uuid/detail/md5.hpp>
#include <re2/re2.h>

#include "agent/core/ascii.h"
#include "agent/core/group_expand.h"
#include "agent/core/map_reader.h"
#include "rules/routing/regexp_fault.h"
#include "rules/templates/humanize.h"

namespace seamwatch::rules {
namespace {

constexpr std::string_view kActions[] = {"replace",
                                         "keep",
                                         "drop",
                                         "keepequal",
                                         "dropequal",
                                         "hashmod",
                                         "labelmap",
                                         "labeldrop",
                                         "labelkeep",
                                         "lowercase",
                                         "uppercase"};
constexpr std::size_t kRegexBytesMax = 64 << 10;
constexpr std::int64_t kRegexMemoryMax = 8 << 20;
constexpr std::size_t kLabelBytesMax = 64 << 10;

using Action = RelabelAction;

bool is_one_of(Action action, std::initializer_list<Action> actions) {
  return std::find(actions.begin(), actions.end(), action) != actions.end();
}

// What is wrong with a rule; "" where nothing is. The words are Prometheus's.
std::string fault_of(const RelabelRule& rule) {
  const RelabelRule plain;
  const std::string action(to_string(rule.action));
  const bool pair = is_one_of(rule.action, {Action::keepequal, Action::dropequal});
  const bool cased = is_one_of(rule.action, {Action::lowercase, Action::uppercase});
  const bool writes = pair || cased || is_one_of(rule.action, {Action::replace, Action::hashmod});
  if (rule.modulus == 0 && rule.action == Action::hashmod) {
    return "relabel configuration for hashmod requires non-zero modulus";
  }
  if (writes && rule.target_label.empty()) {
    return "relabel configuration for " + action + " action requires 'target_label' value";
  }
  if (writes && !is_utf8_name(rule.target_label)) {
    return quoted(rule.target_label) + " is invalid 'target_label' for " + action + " action";
  }
  if ((pair || cased) && rule.replacement != plain.replacement) {
    return "'replacement' can not be set for " + action + " action";
  }
  if (rule.action == Action::labelmap && !is_utf8_name(rule.replacement)) {
    return quoted(rule.replacement) + " is invalid 'replacement' for " + action + " action";
  }
  const bool others = rule.modulus != plain.modulus || rule.separator != plain.separator ||
                      rule.replacement != plain.replacement;
  if (pair && (others || rule.regex != plain.regex)) {
    return action + " action requires only 'source_labels' and `target_label`, and no other fields";
  }
  if (is_one_of(rule.action, {Action::labeldrop, Action::labelkeep}) &&
      (others || !rule.source_labels.empty() || !rule.target_label.empty())) {
    return action + " action requires only 'regex', and no other fields";
  }
  return "";
}

class RuleReader {
 public:
  RuleReader(const Document& document, const Node& node, Diagnostics& problems)
      : reader_(document, node, "relabel_config", problems) {}

  RelabelRule read() {
    const std::size_t before = reader_.problems().size();
    read_action();
    reader_.read("source_labels", out_.source_labels);
    reader_.read("separator", out_.separator);
    read_regex();
    std::int64_t modulus = 0;
    if (reader_.read("modulus", modulus)) {
      out_.modulus = static_cast<std::uint64_t>(std::max<std::int64_t>(modulus, 0));
    }
    reader_.read("target_label", out_.target_label);
    reader_.read("replacement", out_.replacement);
    reader_.done();
    const std::string fault = reader_.problems().size() == before ? fault_of(out_) : "";
    if (!fault.empty()) {
      reader_.report(reader_.node(), fault, "correct it as in Prometheus's relabel_config");
    }
    return std::move(out_);
  }

 private:
  void read_action() {
    std::string action;
    if (!reader_.read("action", action)) {
      return;
    }
    const auto* found =
        std::find(std::begin(kActions), std::end(kActions), templates::lower_case(action));
    if (found == std::end(kActions)) {
      const std::string guess =
          nearest(action, std::vector<std::string_view>(std::begin(kActions), std::end(kActions)));
      reader_.report(*reader_.find("action"),
                     "unknown relabel action " + quoted(action),
                     guess.empty() ? "use one of replace, keep, drop, keepequal, dropequal, "
                                     "hashmod, labelmap, labeldrop, labelkeep, lowercase, uppercase"
                                   : "did you mean " + guess + "?");
      return;
    }
    out_.action = static_cast<Action>(found - std::begin(kActions));
  }

  void read_regex() {
    reader_.read("regex", out_.regex);
    const std::string fault = out_.regex.size() > kRegexBytesMax
                                  ? "regular expression is longer than 65536 bytes"
                                  : regexp_fault(out_.regex);
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(kRegexMemoryMax);
    auto pattern = std::make_shared<const re2::RE2>(
        fault.empty() ? "^(?s:" + out_.regex + ")$" : std::string(), options);
    if (!fault.empty() || !pattern->ok()) {
      reader_.report(*reader_.find("regex"),
                     fault.empty() ? "error parsing regexp: " + pattern->error() : fault,
                     "correct the regular expression");
    }
    out_.pattern = std::move(pattern);
  }

  MapReader reader_;
  RelabelRule out_;
};

// The match of a rule's expression with a text, and its groups.
class Match {
 public:
  Match(const re2::RE2& pattern, const std::string& text)
      : pattern_(pattern),
        groups_(static_cast<std::size_t>(pattern.NumberOfCapturingGroups()) + 1),
        holds_(pattern.Match(text,
                             0,
                             text.size(),
                             re2::RE2::ANCHOR_BOTH,
                             groups_.data(),
                             static_cast<int>(groups_.size()))) {}

  explicit operator bool() const { return holds_; }

  std::string expand(std::string_view text) const {
    return expand_groups(
        text, [this](std::string_view name) { return group(name); }, kLabelBytesMax);
  }

 private:
  std::string_view group(std::string_view name) const {
    std::size_t index = groups_.size();
    if (name.find_first_not_of("0123456789") == std::string_view::npos && name.size() < 6) {
      index = std::stoul(std::string(name));
    } else {
      const auto& names = pattern_.NamedCapturingGroups();
      const auto found = names.find(std::string(name));
      index = found == names.end() ? index : static_cast<std::size_t>(found->second);
    }
    return index < groups_.size() ? std::string_view(groups_[index].data(), groups_[index].size())
                                  : std::string_view();
  }

  const re2::RE2& pattern_;
  std::vector<re2::StringPiece> groups_;
  bool holds_;
};

// The last 8 bytes of the MD5 sum, as a big number: Prometheus's sum64.
std::uint64_t md5_sum(const std::string& text) {
  boost::uuids::detail::md5 hash;
  hash.process_bytes(text.data(), text.size());
  boost::uuids::detail::md5::digest_type digest;  // four numbers, each of four bytes
  hash.get_digest(digest);
  return (std::uint64_t{digest[2]} << 32U) | digest[3];
}

std::string joined(const Labels& labels, const RelabelRule& rule) {
  std::string out;
  for (std::size_t i = 0; i < rule.source_labels.size(); ++i) {
    out += (i == 0 ? "" : rule.separator) + std::string(labels.get(rule.source_labels[i]));
  }
  return out;
}

// All that work on names.
void apply_to_names(Labels& labels, const RelabelRule& rule) {
  std::vector<Labels::Pair> all;
  for (const auto& [name, value] : labels) {
    all.emplace_back(name, value);
  }
  for (const auto& [name, value] : all) {
    const Match match(*rule.pattern, name);
    if (rule.action == Action::labelmap) {
      const std::string to = match ? match.expand(rule.replacement) : "";
      if (!to.empty()) {
        labels.set(to, value);
      }
    } else if (static_cast<bool>(match) == (rule.action == Action::labeldrop)) {
      labels.erase(name);
    }
  }
}

void replace(Labels& labels, const RelabelRule& rule, const std::string& value) {
  const Match match(*rule.pattern, value);
  const std::string target = match ? match.expand(rule.target_label) : "";
  if (is_utf8_name(target)) {
    labels.set(target, match.expand(rule.replacement));  // an empty one goes
  }
}

// False where the labels are dropped.
bool apply(Labels& labels, const RelabelRule& rule) {
  const std::string value = joined(labels, rule);
  switch (rule.action) {
    case Action::keep:
      return static_cast<bool>(Match(*rule.pattern, value));
    case Action::drop:
      return !Match(*rule.pattern, value);
    case Action::keepequal:
      return labels.get(rule.target_label) == value;
    case Action::dropequal:
      return labels.get(rule.target_label) != value;
    case Action::replace:
      replace(labels, rule, value);
      break;
    case Action::lowercase:
      labels.set(rule.target_label, templates::lower_case(value));
      break;
    case Action::uppercase:
      labels.set(rule.target_label, templates::upper_case(value));
      break;
    case Action::hashmod:
      labels.set(rule.target_label, std::to_string(md5_sum(value) % rule.modulus));
      break;
    case Action::labelmap:
    case Action::labeldrop:
    case Action::labelkeep:
      apply_to_names(labels, rule);
      break;
  }
  return true;
}

}  // namespace

std::string_view to_string(RelabelAction action) {
  return kActions[static_cast<std::size_t>(action)];
}

bool operator==(const RelabelRule& a, const RelabelRule& b) {
  return a.action == b.action && a.source_labels == b.source_labels && a.separator == b.separator &&
         a.regex == b.regex && a.modulus == b.modulus && a.target_label == b.target_label &&
         a.replacement == b.replacement;
}

RelabelRules read_relabel_rules(const Document& document, const Node& list, Diagnostics& problems) {
  RelabelRules out;
  if (!list.is_list() && !list.is_null()) {
    problems.add(document.place(list), "relabel rules must be a list", "write `- action: ...`");
  }
  for (const Node& node : list.items) {
    if (node.is_null()) {
      problems.add(document.place(node), "empty or null relabeling rule", "remove it");
      continue;
    }
    out.push_back(RuleReader(document, node, problems).read());
  }
  return out;
}

std::optional<Labels> relabel(Labels labels, const RelabelRules& rules) {
  for (const RelabelRule& rule : rules) {
    if (!apply(labels, rule)) {
      return std::nullopt;
    }
  }
  return labels;
}

}  // namespace seamwatch::rules
