#include "exporters/sinks/alertmanager.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "agent/core/ascii.h"
#include "agent/core/utf8.h"
#include "exporters/sinks/outcome.h"

namespace seamwatch::exporters {
namespace {

namespace json = boost::json;

std::string classic_name(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    const bool good = is_letter_or_digit(c);
    c = good ? c : '_';
  }
  return is_digit(out.front()) ? "_" + out : out;
}

json::object texts_of(const Labels& labels, bool classic_names) {
  json::object out;
  for (const auto& [name, value] : labels) {
    const bool as_it_is = !classic_names || is_classic_label_name(name);
    out.emplace(as_it_is ? to_valid_utf8(name) : classic_name(name), to_valid_utf8(value));
  }
  return out;
}

json::object postable(const Alert& alert, bool classic_names) {
  json::object out{{"labels", texts_of(alert.labels, classic_names)},
                   {"annotations", texts_of(alert.annotations, classic_names)},
                   {"startsAt", to_rfc3339(alert.starts_at)}};
  if (alert.ends_at) {
    out["endsAt"] = to_rfc3339(*alert.ends_at);
  }
  const std::string_view generator = alert.generator_url;
  if (generator.starts_with("http://") || generator.starts_with("https://")) {
    out["generatorURL"] = to_valid_utf8(generator);
  }
  return out;
}

bool are_classic(const Labels& labels) {
  return std::all_of(labels.begin(), labels.end(), [](const Labels::View& label) {
    return is_classic_label_name(label.first);
  });
}

}  // namespace

std::string alertmanager_payload(const std::vector<Alert>& alerts, bool classic_names) {
  json::array out;
  for (const Alert& alert : alerts) {
    if (!alert.labels.empty()) {
      out.push_back(postable(alert, classic_names));
    }
  }
  return json::serialize(out);
}

bool has_other_names(const std::vector<Alert>& alerts) {
  return std::any_of(alerts.begin(), alerts.end(), [](const Alert& alert) {
    return !are_classic(alert.labels) || !are_classic(alert.annotations);
  });
}

std::unique_ptr<Sink> make_alertmanager(AlertmanagerOptions options,
                                        HttpClient& http,
                                        Clock& clock) {
  HttpSinkParts parts;
  parts.http = options.http;
  parts.timeout = options.timeout;
  parts.compose = [url = options.url, classic = options.classic_names](
                      const Notification& notification, WallTime) {
    Composed out;
    out.requests.push_back(json_post(url, alertmanager_payload(notification.alerts, classic)));
    return out;
  };
  parts.classify = http_outcome;
  return make_http_sink(std::move(parts), http, clock);
}

}  // namespace seamwatch::exporters
