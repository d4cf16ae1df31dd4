#include "rules/groups/rule_file.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "agent/core/map_reader.h"
#include "agent/core/utf8.h"
#include "rules/groups/expr_node.h"
#include "rules/templates/prometheus_template.h"

namespace seamwatch::rules {
namespace {

// What groups may add to their rules in one file, so that a short file takes no gigabytes.
constexpr std::size_t kGroupLabelsMax = 1'000'000;

class Loader {
 public:
  Loader(const Document& document, Diagnostics& problems, const RuleFileOptions& options)
      : document_(document), problems_(problems), options_(options) {}

  RuleFile run();

 private:
  void group(const Node& node);
  void rule(const Node& node, RuleGroup& into);
  void kind(MapReader& reader, Rule& rule);
  void expression(MapReader& reader, Rule& rule);
  void recording_only(MapReader& reader, const Rule& rule);
  LabelTexts texts(MapReader& reader, std::string_view key, bool are_labels);
  void check_templates(MapReader& reader, const Rule& rule, std::string_view key);

  void done(MapReader& reader) const;

  // "group "g", rule 2, "Name": " before what is wrong with a rule.
  void report(const Node& node, std::string what, std::string remedy = "");

  const Document& document_;
  Diagnostics& problems_;
  RuleFileOptions options_;
  RuleFile file_;
  std::string where_;
  std::size_t group_labels_ = 0;  // that rules have from their groups
};

// A rule's labels and those of its group that it does not have itself, by name.
LabelTexts merged(const LabelTexts& of_group, LabelTexts own) {
  std::sort(own.begin(), own.end());
  const auto count = static_cast<std::ptrdiff_t>(own.size());
  own.reserve(own.size() + of_group.size());
  for (const auto& [name, text] : of_group) {
    const auto end = own.begin() + count;
    const auto at =
        std::lower_bound(own.begin(), end, name, [](const auto& label, const std::string& wanted) {
          return label.first < wanted;
        });
    if (at == end || at->first != name) {
      own.emplace_back(name, text);
    }
  }
  std::sort(own.begin(), own.end());
  return own;
}

void Loader::report(const Node& node, std::string what, std::string remedy) {
  problems_.add(document_.place(node), where_ + std::move(what), std::move(remedy));
}

void Loader::done(MapReader& reader) const {
  if (options_.unknown == UnknownKeys::refused) {
    reader.done();
  }
}

RuleFile Loader::run() {
  file_.file = document_.file;
  MapReader reader(document_, document_.root, "rule file", problems_);
  std::map<std::string, int> lines;
  reader.each("groups", [&](const Node& node) {
    group(node);
    RuleGroup& made = file_.groups.back();
    const auto [first, is_new] = lines.emplace(made.name, node.line);
    if (!is_new && !made.name.empty()) {
      where_.clear();
      report(node,
             "groupname: " + quoted(made.name) + " is repeated in the same file",
             "give it another name than the group at line " + std::to_string(first->second));
    }
  });
  done(reader);
  return std::move(file_);
}

void Loader::group(const Node& node) {
  RuleGroup made;
  made.file = document_.file;
  made.place = document_.place(node);
  where_.clear();
  MapReader reader(document_, node, "rule group", problems_);
  reader.read("name", made.name);
  if (made.name.empty() && (node.is_map() || node.is_null())) {
    const Node* name = node.find("name");
    report(name != nullptr ? *name : node, "Groupname must not be empty", "add `name:`");
  }
  where_ = "group " + quoted(made.name) + ", ";
  Millis span{};
  if (reader.read("interval", span)) {
    made.interval = span;
  }
  if (reader.read("query_offset", span)) {
    made.query_offset = span;
  }
  reader.read("limit", made.limit);
  const LabelTexts labels = texts(reader, "labels", true);
  reader.each("rules", [&](const Node& item) { rule(item, made); });
  group_labels_ += labels.size() * made.rules.size();
  const bool fits = group_labels_ <= kGroupLabelsMax;
  if (!fits) {
    report(node,
           "the labels of groups make more than 1000000 labels of rules",
           "take fewer labels, or split the file");
  }
  for (Rule& each : made.rules) {
    each.labels = merged(fits ? labels : LabelTexts{}, std::move(each.labels));
  }
  done(reader);
  file_.groups.push_back(std::move(made));
}

void Loader::rule(const Node& node, RuleGroup& into) {
  Rule made;
  made.place = document_.place(node);
  MapReader reader(document_, node, "rule", problems_);
  const std::string outer = where_;
  kind(reader, made);
  where_ =
      outer + "rule " + std::to_string(into.rules.size() + 1) + ", " + quoted(made.name) + ": ";
  if (made.name.empty() && node.is_map()) {
    report(node, "one of 'record' or 'alert' must be set", "add `alert:` or `record:`");
  }
  if (node.find("record") != nullptr && node.find("alert") != nullptr) {
    report(node, "only one of 'record' and 'alert' must be set", "remove one of the two");
  }
  reader.read("for", made.hold);
  reader.read("keep_firing_for", made.keep_firing_for);
  expression(reader, made);
  made.labels = texts(reader, "labels", true);
  made.annotations = texts(reader, "annotations", false);
  if (made.kind == Rule::Kind::recording) {
    recording_only(reader, made);
  } else {
    check_templates(reader, made, "labels");
    check_templates(reader, made, "annotations");
  }
  done(reader);
  where_ = outer;
  into.rules.push_back(std::move(made));
}

void Loader::kind(MapReader& reader, Rule& rule) {
  std::string record;
  std::string alert;
  reader.read("record", record);
  reader.read("alert", alert);
  rule.kind = alert.empty() && !record.empty() ? Rule::Kind::recording : Rule::Kind::alerting;
  rule.name = alert.empty() ? record : alert;
}

void Loader::expression(MapReader& reader, Rule& rule) {
  reader.read("expr", rule.expr_text);
  const Node* node = reader.find("expr");
  if (node == nullptr || rule.expr_text.find_first_not_of(" \t\r\n") == std::string::npos) {
    if (node == nullptr || node->is_scalar()) {
      report(node != nullptr ? *node : reader.node(),
             "field 'expr' must be set in rule",
             "add `expr:` with a PromQL expression");
    }
    return;
  }
  rule.expr = parse_expr_node(document_, *node, where_, options_.features, problems_);
}

// What only alerts may have.
void Loader::recording_only(MapReader& reader, const Rule& rule) {
  const auto refuse = [&](std::string_view key, bool is_set) {
    if (is_set) {
      report(*reader.node().find(key),
             "invalid field '" + std::string(key) + "' in recording rule",
             "remove it, or use `alert:`");
    }
  };
  refuse("annotations", !rule.annotations.empty());
  refuse("for", rule.hold != Millis(0));
  refuse("keep_firing_for", rule.keep_firing_for != Millis(0));
  const Node* name = reader.node().find("record");
  if (rule.name.find_first_of("{}") != std::string::npos) {
    report(*name,
           "braces present in the recording rule name; should it be in expr?: " + rule.name,
           "move the selector to `expr:`");
  } else if (!rule.name.empty() && !is_utf8_name(rule.name)) {
    report(*name, "invalid recording rule name: " + rule.name, "use valid UTF-8");
  }
}

LabelTexts Loader::texts(MapReader& reader, std::string_view key, bool are_labels) {
  const std::string what = are_labels ? "label" : "annotation";
  LabelTexts read;
  reader.each_entry(key, [&](const std::string& name, const Node& at, const Node& value) {
    if (!is_utf8_name(name) || (are_labels && name == "__name__")) {
      report(at, "invalid " + what + " name: " + name, "use another name");
      return;
    }
    if (!value.is_scalar() && !value.is_null()) {
      report(value, what + " " + quoted(name) + " must be a text", "put it in quotes");
      return;
    }
    if (!is_valid_utf8(value.scalar)) {
      report(value, "invalid " + what + " value: " + quoted(value.scalar), "use valid UTF-8");
      return;
    }
    read.emplace_back(name, value.scalar);
  });
  std::sort(read.begin(), read.end());
  return read;
}

void Loader::check_templates(MapReader& reader, const Rule& rule, std::string_view key) {
  const Node* map = reader.node().find(key);
  if (map == nullptr || !map->is_map()) {
    return;
  }
  const std::string what = key == "labels" ? "label " : "annotation ";
  for (const NodeEntry& entry : map->entries) {
    if (entry.value.scalar.find("{{") == std::string::npos) {
      continue;
    }
    const auto checked = templates::check_template("__alert_" + rule.name, entry.value.scalar);
    if (!checked) {
      report(entry.value,
             what + quoted(entry.key.scalar) + ": " + checked.error().message,
             "correct the template");
    }
  }
}

}  // namespace

std::size_t RuleFile::rule_count() const {
  std::size_t count = 0;
  for (const RuleGroup& group : groups) {
    count += group.rules.size();
  }
  return count;
}

RuleFile load_rule_file(const Document& document,
                        Diagnostics& problems,
                        const RuleFileOptions& options) {
  return Loader(document, problems, options).run();
}

std::vector<Diagnostic> find_duplicate_rules(const std::vector<RuleFile>& files) {
  std::set<std::pair<std::string, LabelTexts>> seen;
  std::vector<Diagnostic> found;
  for (const RuleFile& file : files) {
    for (const RuleGroup& group : file.groups) {
      for (const Rule& rule : group.rules) {
        if (!seen.emplace(rule.name, rule.labels).second) {
          found.push_back({rule.place,
                           "rule " + quoted(rule.name) + " with the same labels stands twice",
                           "remove one, or tell them apart with a label"});
        }
      }
    }
  }
  return found;
}

std::string rule_identity(const Rule& rule) {
  std::string text = rule.kind == Rule::Kind::recording ? "record " : "alert ";
  text += quoted(rule.name) + " " + quoted(rule.expr_text);
  for (const auto& [name, value] : rule.labels) {
    text += " " + quoted(name) + "=" + quoted(value);
  }
  return text;
}

std::vector<std::string> rule_keys(const RuleGroup& group) {
  std::unordered_map<std::string, int> counts;
  std::vector<std::string> out;
  for (const Rule& rule : group.rules) {
    std::string key = rule_identity(rule);
    if (const int count = ++counts[key]; count > 1) {
      key += " #" + std::to_string(count);
    }
    out.push_back(std::move(key));
  }
  return out;
}

}  // namespace seamwatch::rules
