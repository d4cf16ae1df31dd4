#include "agent/config/alertmanagers.h"

#include <utility>

#include "agent/core/http_url.h"
#include "agent/core/labels.h"
#include "rules/routing/notify_reader.h"

namespace seamwatch::agent {
namespace {

// The keys of `entry` that say how to reach it, as a map of their own.
Node http_part(SectionReader& entry) {
  Node out;
  out.kind = Node::Kind::map;
  out.line = entry.node().line;
  out.column = entry.node().column;
  for (const std::string_view key : kAlertmanagerHttpKeys) {
    if (const Node* value = entry.find(key)) {
      Node name;
      name.kind = Node::Kind::scalar;
      name.scalar = key;
      name.line = value->line;
      name.column = value->column;
      out.entries.push_back(NodeEntry{std::move(name), *value});
    }
  }
  return out;
}

bool is_host(const std::string& target) {
  return target.find_first_of("/@?#") == std::string::npos && is_http_url("http://" + target);
}

void read_targets(SectionReader& entry, AlertmanagerConfig& out, Reading& reading) {
  entry.each_item("static_configs", [&](SectionReader item) {
    std::vector<std::string> targets;
    item.texts("targets", targets);
    for (const std::string& target : targets) {
      if (!is_host(target)) {
        item.report("targets",
                    "an Alertmanager cannot be " + quoted(target),
                    "write host:port; scheme and path_prefix have keys of their own");
        continue;
      }
      out.targets.push_back(target);
      is_first(reading, "Alertmanager", out.address(target), item.place("targets"));
    }
    item.done();
  });
}

void read_one(SectionReader entry, Reading& reading) {
  AlertmanagerConfig out;
  entry.text("scheme", out.scheme);
  if (entry.text("path_prefix", out.path_prefix) &&
      out.path_prefix.find_first_of("?# \t\r\n") != std::string::npos) {
    entry.report("path_prefix",
                 "\"path_prefix\" cannot be " + quoted(out.path_prefix),
                 "write a path like /alertmanager");
  }
  entry.duration("timeout", out.timeout);
  std::string version;
  entry.text("api_version", version);
  const std::size_t before = reading.problems.size();
  read_targets(entry, out, reading);
  if (out.targets.empty() && reading.problems.size() == before) {
    entry.report("static_configs",
                 "no address of an Alertmanager",
                 "add `static_configs: [{targets: [\"host:9093\"]}]`");
  }
  out.http = rules::read_http_config(entry.document(), http_part(entry), reading.problems);
  if (const Node* list = entry.find("alert_relabel_configs")) {
    out.relabel = rules::read_relabel_rules(entry.document(), *list, reading.problems);
  }
  for (const Diagnostic& unserved : out.http.unserved) {
    reading.problems.add(unserved.place, unserved.what, unserved.remedy);
  }
  entry.done();
  reading.config.alertmanagers.push_back(std::move(out));
}

}  // namespace

std::string AlertmanagerConfig::address(const std::string& target) const {
  std::string prefix = path_prefix;
  while (prefix.ends_with('/')) {
    prefix.pop_back();
  }
  if (!prefix.empty() && !prefix.starts_with('/')) {
    prefix.insert(0, "/");
  }
  return scheme + "://" + target + prefix + "/api/v2/alerts";
}

void read_alertmanagers(SectionReader& alerting, Reading& reading) {
  alerting.each_item("alertmanagers",
                     [&](SectionReader entry) { read_one(std::move(entry), reading); });
  if (const Node* list = alerting.find("alert_relabel_configs")) {
    reading.config.alert_relabel =
        rules::read_relabel_rules(alerting.document(), *list, reading.problems);
  }
}

}  // namespace seamwatch::agent
