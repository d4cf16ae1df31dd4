#include "agent/core/alert_json.h"

#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "agent/core/json_text.h"
#include "agent/core/labels_json.h"

namespace seamwatch {

namespace {

void append_time(std::string& out, std::string_view before, WallTime at) {
  out += before;
  append_json_number(out, unix_millis(at));
}

Labels with(const Labels& common, const boost::json::value* own) {
  if (own == nullptr || common.empty()) {
    return own == nullptr ? common : labels_from_json(*own);
  }
  std::vector<Labels::View> pairs(common.begin(), common.end());
  for (const auto& [name, text] : own->as_object()) {
    pairs.emplace_back(name, text.as_string());
  }
  return Labels::of(std::move(pairs));
}

}  // namespace

void append_alert_members(std::string& out, const Alert& alert) {
  out += "\"labels\":";
  append_json_labels(out, alert.labels);
  out += ",\"annotations\":";
  append_json_labels(out, alert.annotations);
  append_time(out, ",\"starts_at\":", alert.starts_at);
  append_time(out, ",\"updated_at\":", alert.updated_at);
  if (alert.ends_at) {
    append_time(out, ",\"ends_at\":", *alert.ends_at);
  }
  out += ",\"generator_url\":";
  append_json_string(out, alert.generator_url);
}

void append_alert_members(std::string& out, const Alert& alert, const Alert& common) {
  out += "\"labels\":";
  append_json_labels(out, alert.labels, common.labels);
  if (alert.annotations.size() > common.annotations.size()) {
    out += ",\"annotations\":";
    append_json_labels(out, alert.annotations, common.annotations);
  }
  if (alert.starts_at != common.starts_at) {
    append_time(out, ",\"starts_at\":", alert.starts_at);
  }
  if (alert.updated_at != common.updated_at) {
    append_time(out, ",\"updated_at\":", alert.updated_at);
  }
  if (alert.ends_at) {
    append_time(out, ",\"ends_at\":", *alert.ends_at);
  }
  if (alert.generator_url != common.generator_url) {
    out += ",\"generator_url\":";
    append_json_string(out, alert.generator_url);
  }
}

Alert alert_from_json(const boost::json::object& in, const Alert& common) {
  Alert alert = common;
  alert.labels = with(common.labels, in.if_contains("labels"));
  alert.annotations = with(common.annotations, in.if_contains("annotations"));
  if (const boost::json::value* starts_at = in.if_contains("starts_at")) {
    alert.starts_at = wall_from_unix_millis(starts_at->as_int64());
  }
  if (const boost::json::value* updated_at = in.if_contains("updated_at")) {
    alert.updated_at = wall_from_unix_millis(updated_at->as_int64());
  }
  if (const boost::json::value* ends_at = in.if_contains("ends_at")) {
    alert.ends_at = wall_from_unix_millis(ends_at->as_int64());
  }
  if (const boost::json::value* generator_url = in.if_contains("generator_url")) {
    alert.generator_url = std::string(generator_url->as_string());
  }
  return alert;
}

Alert alert_from_json(const boost::json::object& in) {
  for (const char* needed : {"labels", "annotations", "starts_at", "updated_at", "generator_url"}) {
    static_cast<void>(in.at(needed));
  }
  return alert_from_json(in, Alert());
}

}  // namespace seamwatch
