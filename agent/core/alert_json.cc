#include "agent/core/alert_json.h"

#include <boost/json/value.hpp>

#include "agent/core/json_text.h"
#include "agent/core/labels_json.h"

namespace seamwatch {

void append_alert_members(std::string& out, const Alert& alert) {
  out += "\"labels\":";
  append_json_labels(out, alert.labels);
  out += ",\"annotations\":";
  append_json_labels(out, alert.annotations);
  out += ",\"starts_at\":";
  out += std::to_string(unix_millis(alert.starts_at));
  out += ",\"updated_at\":";
  out += std::to_string(unix_millis(alert.updated_at));
  if (alert.ends_at) {
    out += ",\"ends_at\":";
    out += std::to_string(unix_millis(*alert.ends_at));
  }
  out += ",\"generator_url\":";
  append_json_string(out, alert.generator_url);
}

Alert alert_from_json(const boost::json::object& in) {
  Alert alert;
  alert.labels = labels_from_json(in.at("labels"));
  alert.annotations = labels_from_json(in.at("annotations"));
  alert.starts_at = wall_from_unix_millis(in.at("starts_at").as_int64());
  alert.updated_at = wall_from_unix_millis(in.at("updated_at").as_int64());
  alert.generator_url = std::string(in.at("generator_url").as_string());
  if (const boost::json::value* ends_at = in.if_contains("ends_at")) {
    alert.ends_at = wall_from_unix_millis(ends_at->as_int64());
  }
  return alert;
}

}  // namespace seamwatch
