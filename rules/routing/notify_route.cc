#include <algorithm>
#include <set>

#include "rules/routing/notify_reader.h"

namespace seamwatch::rules {
namespace {

constexpr std::string_view kMatcherRemedy = R"(write name="value", or =~ != !~ in place of =)";

void add_matcher(MapReader& reader, const Node& place, Result<Matcher> matcher, Matchers& out) {
  if (matcher) {
    out.push_back(std::move(*matcher));
  } else {
    reader.report(place, matcher.error().message, "correct the regular expression (RE2 syntax)");
  }
}

// The old way to write matchers: a map from label name to value or regular expression.
void read_match_map(MapReader& reader, std::string_view key, MatchType type, Matchers& out) {
  reader.each_entry(key, [&](const std::string& name, const Node& name_node, const Node& value) {
    if (!is_classic_label_name(name)) {
      reader.report(name_node,
                    "invalid label name " + quoted(name),
                    "use matchers: for names beyond letters, digits and _");
    } else if (value.is_list() || value.is_map()) {
      reader.report(
          value, "the value for " + quoted(name) + " must be a text", "write it as name: value");
    } else if (value.is_null() && type == MatchType::regexp) {
      reader.report(
          name_node, "invalid regexp value for " + quoted(name), "give a regular expression");
    } else {
      const std::string text = value.is_null() ? "" : value.scalar;
      add_matcher(reader, value, Matcher::make_for_alerts(type, name, text), out);
    }
  });
}

void read_matchers(MapReader& reader, std::string_view key, Matchers& out) {
  reader.each(key, [&](const Node& item) {
    if (item.is_list() || item.is_map()) {
      reader.report(item, "a matcher must be a text", std::string(kMatcherRemedy));
      return;
    }
    auto matchers = parse_matchers(item.scalar);
    if (!matchers) {
      reader.report(item, matchers.error().message, std::string(kMatcherRemedy));
      return;
    }
    out.insert(out.end(), matchers->begin(), matchers->end());
  });
}

void read_group_by(MapReader& reader, Route& out) {
  std::vector<std::string> names;
  if (!reader.read("group_by", names)) {
    return;
  }
  const Node& node = *reader.find("group_by");
  out.group_by.clear();
  out.group_by_all = false;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    if (name == "...") {
      out.group_by_all = true;
    } else if (!is_utf8_name(name)) {
      reader.report(
          node.items[i], "invalid label name " + quoted(name) + " in group_by", "remove it");
    } else if (!seen.insert(name).second) {
      reader.report(
          node.items[i], "duplicated label " + quoted(name) + " in group_by", "remove one");
    } else {
      out.group_by.push_back(name);
    }
  }
  if (out.group_by_all && !out.group_by.empty()) {
    reader.report(node,
                  "group_by has '...' beside other labels",
                  "'...' already groups by all labels: leave it alone, or remove it");
  }
}

void read_nonzero(MapReader& reader, std::string_view key, Millis& out) {
  if (reader.read(key, out) && out <= Millis(0)) {
    reader.report(*reader.find(key), std::string(key) + " cannot be zero", "use 1m or more");
  }
}

EscalationStep read_step(MapReader& route, const Node& item) {
  EscalationStep out;
  MapReader reader(route.document(), item, "escalation step", route.problems());
  if (reader.require("after", "say how long after the first notice, like 15m") != nullptr) {
    read_nonzero(reader, "after", out.after);
  }
  reader.require("receiver", "name who is told then");
  reader.read("receiver", out.receiver);
  std::string unless;
  if (reader.read("unless", unless) && unless != "acked") {
    reader.report(*reader.find("unless"),
                  "unless: knows only the word acked, not " + quoted(unless),
                  "write unless: acked, or remove it");
  }
  out.unless_acked = unless == "acked";
  reader.done();
  return out;
}

// Whether `later` can tell nobody that `earlier` has not told before.
bool makes_needless(const EscalationStep& earlier, const EscalationStep& later) {
  return !later.receiver.empty() && earlier.receiver == later.receiver &&
         (!earlier.unless_acked || later.unless_acked);
}

void read_escalate(MapReader& reader, Route& out) {
  const Node* list = reader.find("escalate");
  if (list == nullptr) {
    return;
  }
  out.escalate.clear();  // `escalate: []` ends what was inherited
  reader.each("escalate", [&](const Node& item) {
    EscalationStep step = read_step(reader, item);
    if (step.receiver == out.receiver && !step.receiver.empty()) {
      reader.report(item,
                    "escalate names " + quoted(step.receiver) + ", which the route tells anyway",
                    "name another receiver; repeat_interval tells the same one again");
    }
    out.escalate.push_back(std::move(step));
  });
  std::stable_sort(out.escalate.begin(), out.escalate.end(), [](const auto& a, const auto& b) {
    return a.after < b.after;
  });
  for (auto later = out.escalate.begin(); later != out.escalate.end(); ++later) {
    const bool needless = std::any_of(out.escalate.begin(), later, [&](const auto& earlier) {
      return makes_needless(earlier, *later);
    });
    if (needless) {
      reader.report(*list,
                    "escalate names " + quoted(later->receiver) + " twice",
                    "a receiver is escalated to once: remove the later step");
    }
  }
}

// Any name in UTF-8 will do, as in Alertmanager. An empty text takes an inherited label away.
void read_labels(MapReader& reader, Route& out) {
  Labels read;
  reader.read("labels", read);  // reports what is no map of texts
  reader.each_entry("labels", [&](const std::string& name, const Node& key, const Node& value) {
    if (name.empty()) {
      reader.report(key, "invalid label name \"\" in route labels", "give the label a name");
    }
    out.labels.set(name, value.scalar);
  });
}

// Matchers, time intervals and continue have no meaning at the root, which takes every alert.
void check_root(MapReader& reader, const Route& route) {
  if (route.receiver.empty()) {
    reader.report(reader.node(), "root route must specify a default receiver", "add receiver:");
  }
  const auto forbid = [&](std::string_view key, std::string_view what) {
    const Node* node = reader.find(key);
    if (node != nullptr && !(node->items.empty() && node->entries.empty())) {
      reader.report(*node,
                    "root route must not have any " + std::string(what),
                    "put it on a route below, under routes:");
    }
  };
  forbid("match", "matchers");
  forbid("match_re", "matchers");
  forbid("matchers", "matchers");
  forbid("mute_time_intervals", "mute time intervals");
  forbid("active_time_intervals", "active time intervals");
  if (route.continue_matching) {
    reader.report(*reader.find("continue"), "cannot have continue in root route", "remove it");
  }
}

}  // namespace

Route read_route(const Document& document,
                 const Node& node,
                 const Route* parent,
                 Diagnostics& problems) {
  Route out;
  if (parent != nullptr) {
    out.receiver = parent->receiver;
    out.group_by = parent->group_by;
    out.group_by_all = parent->group_by_all;
    out.group_wait = parent->group_wait;
    out.group_interval = parent->group_interval;
    out.repeat_interval = parent->repeat_interval;
    out.escalate = parent->escalate;
    out.labels = parent->labels;
  }
  out.place = document.place(node);
  MapReader reader(document, node, "route", problems);
  if (std::string receiver; reader.read("receiver", receiver) && !receiver.empty()) {
    out.receiver = std::move(receiver);
  }
  read_group_by(reader, out);
  reader.read("continue", out.continue_matching);
  read_match_map(reader, "match", MatchType::equal, out.matchers);
  read_match_map(reader, "match_re", MatchType::regexp, out.matchers);
  read_matchers(reader, "matchers", out.matchers);
  sort_matchers(out.matchers);
  reader.read("group_wait", out.group_wait);
  read_nonzero(reader, "group_interval", out.group_interval);
  read_nonzero(reader, "repeat_interval", out.repeat_interval);
  reader.read("mute_time_intervals", out.mute_time_intervals);
  reader.read("active_time_intervals", out.active_time_intervals);
  read_escalate(reader, out);
  read_labels(reader, out);
  out.key = (parent == nullptr ? "" : parent->key + "/") + matchers_text(out.matchers);
  if (parent == nullptr) {
    check_root(reader, out);
  }
  reader.each("routes", [&](const Node& child) {
    if (child.is_null()) {  // Alertmanager ends on it; a route without keys would take every alert
      reader.report(child, "a route is empty", "add receiver: and matchers:, or remove it");
      return;
    }
    out.routes.push_back(read_route(document, child, &out, problems));
  });
  reader.done();
  return out;
}

InhibitRule read_inhibit_rule(const Document& document, const Node& node, Diagnostics& problems) {
  InhibitRule out;
  out.place = document.place(node);
  MapReader reader(document, node, "inhibit rule", problems);
  reader.read("name", out.name);
  read_match_map(reader, "source_match", MatchType::equal, out.source);
  read_match_map(reader, "source_match_re", MatchType::regexp, out.source);
  read_matchers(reader, "source_matchers", out.source);
  read_match_map(reader, "target_match", MatchType::equal, out.target);
  read_match_map(reader, "target_match_re", MatchType::regexp, out.target);
  read_matchers(reader, "target_matchers", out.target);
  if (reader.read("equal", out.equal)) {
    const Node& equal = *reader.find("equal");
    for (std::size_t i = 0; i < out.equal.size(); ++i) {
      if (!is_utf8_name(out.equal[i])) {
        reader.report(equal.items[i],
                      "invalid label name " + quoted(out.equal[i]) + " in equal",
                      "remove it");
      }
    }
  }
  reader.done();
  return out;
}

}  // namespace seamwatch::rules
