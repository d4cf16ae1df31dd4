#include "agent/web/prometheus/status_answers.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/asio/ip/host_name.hpp>

#include "agent/web/prometheus/json_text.h"

namespace seamwatch::agent {
namespace {

// The release whose API this is.
constexpr const char* kPrometheusVersion = "3.5.0";

void append_text(std::string& out, std::string_view name, std::string_view text) {
  out += out.back() == '{' ? "\"" : ",\"";
  out.append(name).append("\":");
  append_json_string(out, text);
}

std::string_view type_name(exporters::MetricType type) {
  switch (type) {
    case exporters::MetricType::gauge:
      return "gauge";
    case exporters::MetricType::counter:
      return "counter";
    case exporters::MetricType::histogram:
      break;
  }
  return "histogram";
}

void append_family(std::string& out, const exporters::Family& family) {
  append_text(out, "type", type_name(family.type));
  append_text(out, "help", family.help);
  append_text(out, "unit", family.unit);
}

std::string date_text(const std::optional<WallTime>& at) {
  return at ? to_rfc3339(*at) : "0001-01-01T00:00:00Z";
}

void append_target(std::string& out, const ApiTarget& target) {
  Labels discovered = target.labels;
  discovered.set("__address__", target.url);
  discovered.set("__scrape_interval__", format_duration(target.interval));
  discovered.set("__scrape_timeout__", format_duration(target.timeout));
  discovered.set("job", target.pool);
  out += "{\"discoveredLabels\":";
  append_json_labels(out, discovered);
  out += ",\"labels\":";
  append_json_labels(out, target.labels);
  append_text(out, "scrapePool", target.pool);
  append_text(out, "scrapeUrl", target.url);
  append_text(out, "globalUrl", target.url);
  append_text(out, "lastError", target.last_error);
  append_text(out, "lastScrape", date_text(target.last_scrape));
  out += ",\"lastScrapeDuration\":";
  append_json_number(out, seconds(target.last_duration));
  append_text(out, "health", target.health);
  append_text(out, "scrapeInterval", format_duration(target.interval));
  append_text(out, "scrapeTimeout", format_duration(target.timeout));
  out += '}';
}

// Reads a whole number at `name`, -1 where it is empty. False where it is none.
bool read_number(const Form& form, std::string_view name, std::int64_t& out) {
  const std::string& text = form.value(name);
  if (text.empty()) {
    out = -1;
    return true;
  }
  const auto number = parse_api_integer(text);
  out = number ? *number : -1;
  return number.has_value();
}

// By integration and probe: which targets have series of the family.
std::set<std::pair<std::string, std::string>> holders(const exporters::Family& family,
                                                      const rules::SeriesStore& store) {
  // The series of a histogram have names of their own, and no target has one.
  const auto is_it = rules::Matcher::make(rules::MatchType::equal, "__name__", family.name);
  std::set<std::pair<std::string, std::string>> out;
  store.each_series({*is_it}, kTimeMin, kTimeMax, [&](const Labels& labels) {
    out.emplace(labels.get("integration"), labels.get("probe"));
    return true;
  });
  return out;
}

}  // namespace

ApiAnswer build_answer(const ApiStatus& status) {
  std::string out = "{";
  append_text(out, "version", kPrometheusVersion + std::string("+seamwatch.") + status.version);
  append_text(out, "revision", "seamwatch " + status.version);
  append_text(out, "branch", "");
  append_text(out, "buildUser", "");
  append_text(out, "buildDate", "");
  append_text(out, "goVersion", "");
  return api_data(out + "}");
}

ApiAnswer runtime_answer(const ApiStatus& status) {
  std::error_code unknown;
  boost::system::error_code nameless;
  std::string out = "{";
  append_text(out, "startTime", to_rfc3339(status.started_at));
  append_text(out, "CWD", std::filesystem::current_path(unknown).string());
  append_text(out, "hostname", boost::asio::ip::host_name(nameless));
  append_text(out, "serverTime", to_rfc3339(status.now));
  out += ",\"reloadConfigSuccess\":";
  out += status.reload_successful ? "true" : "false";
  append_text(out, "lastConfigTime", date_text(status.reloaded_at));
  out += ",\"corruptionCount\":0,\"goroutineCount\":0,\"GOMAXPROCS\":";
  out += std::to_string(std::thread::hardware_concurrency()) + ",\"GOMEMLIMIT\":0";
  append_text(out, "GOGC", "");
  append_text(out, "GODEBUG", "");
  append_text(out, "storageRetention", format_duration(status.retention));
  return api_data(out + "}");
}

ApiAnswer flags_answer(const ApiStatus& status) {
  std::string out = "{";
  for (const auto& [name, value] : status.flags) {
    append_text(out, name, value);
  }
  return api_data(out + "}");
}

ApiAnswer config_answer(const std::string& yaml) {
  std::string out = "{";
  append_text(out, "yaml", yaml);
  return api_data(out + "}");
}

ApiAnswer replay_answer() {
  return api_data("{\"min\":0,\"max\":0,\"current\":0,\"state\":\"done\"}");
}

ApiAnswer alertmanagers_answer(const ApiStatus& status) {
  std::string out = "{\"activeAlertmanagers\":[";
  for (const std::string& address : status.alertmanagers) {
    out += out.back() == '[' ? "{" : ",{";
    append_text(out, "url", address);
    out += '}';
  }
  return api_data(out + "],\"droppedAlertmanagers\":[]}");
}

ApiAnswer targets_answer(const Form& form, const std::vector<ApiTarget>& targets) {
  const std::string state = boost::algorithm::to_lower_copy(form.value("state"));
  const std::string& pool = form.value("scrapePool");
  const bool active = state.empty() || state == "any" || state == "active";
  const bool dropped = state.empty() || state == "any" || state == "dropped";
  std::vector<const ApiTarget*> shown;
  std::set<std::string> pools;
  for (const ApiTarget& target : targets) {
    if (pool.empty() || target.pool == pool) {
      shown.push_back(&target);
      pools.insert(target.pool);
    }
  }
  std::stable_sort(shown.begin(), shown.end(), [](const ApiTarget* a, const ApiTarget* b) {
    return a->pool < b->pool;
  });
  std::string out = "{\"activeTargets\":[";
  for (const ApiTarget* target : shown) {
    if (active) {
      out += out.back() == '[' ? "" : ",";
      append_target(out, *target);
    }
  }
  out += "],\"droppedTargets\":[],\"droppedTargetCounts\":";
  if (!dropped) {
    return api_data(out + "null}");
  }
  out += "{";
  for (const std::string& name : pools) {
    out += out.back() == '{' ? "" : ",";
    append_json_string(out, name);
    out += ":0";
  }
  return api_data(out + "}}");
}

ApiAnswer metadata_answer(const Form& form, const std::vector<exporters::Family>& families) {
  std::int64_t limit = -1;
  std::int64_t each_limit = -1;  // there is one entry of each metric, so any is enough
  if (!read_number(form, "limit", limit)) {
    return bad_data("limit must be a number");
  }
  if (!read_number(form, "limit_per_metric", each_limit)) {
    return bad_data("limit_per_metric must be a number");
  }
  const std::string& metric = form.value("metric");
  std::map<std::string_view, const exporters::Family*> by_name;
  for (const exporters::Family& family : families) {
    if (metric.empty() || metric == family.name) {
      by_name.emplace(family.name, &family);
    }
  }
  std::string out = "{";
  std::int64_t shown = 0;
  for (const auto& [name, family] : by_name) {
    if (limit >= 0 && shown++ >= limit) {
      break;
    }
    out += out.back() == '{' ? "" : ",";
    append_json_string(out, name);
    out += ":[{";
    append_family(out, *family);
    out += "}]";
  }
  return api_data(out + "}");
}

ApiAnswer target_metadata_answer(const Form& form,
                                 const std::vector<ApiTarget>& targets,
                                 const std::vector<exporters::Family>& families,
                                 const rules::SeriesStore& store) {
  std::int64_t limit = -1;
  if (!read_number(form, "limit", limit)) {
    return bad_data("limit must be a number");
  }
  std::vector<rules::Matcher> matchers;
  if (const std::string& text = form.value("match_target"); !text.empty()) {
    auto selector = parse_selector(text);
    if (!selector) {
      return bad_data(selector.error().message);
    }
    matchers = std::move(*selector);
  }
  const std::string& metric = form.value("metric");
  std::string out = "[";
  std::int64_t shown = 0;
  for (const exporters::Family& family : families) {
    if (!metric.empty() && metric != family.name) {
      continue;
    }
    const auto held = holders(family, store);
    for (const ApiTarget& target : targets) {
      const bool wanted = std::all_of(matchers.begin(), matchers.end(), [&](const auto& one) {
        return one.matches(target.labels);
      });
      const auto key = std::pair(std::string(target.labels.get("integration")),
                                 std::string(target.labels.get("probe")));
      if (!wanted || !held.contains(key) || (limit >= 0 && shown >= limit)) {
        continue;
      }
      out += shown++ == 0 ? "{\"target\":" : ",{\"target\":";
      append_json_labels(out, target.labels);
      if (metric.empty()) {
        append_text(out, "metric", family.name);
      }
      append_family(out, family);
      out += '}';
    }
  }
  if (shown == 0) {
    return api_failure("not_found", "specified metadata not found");
  }
  return api_data(out + "]");
}

}  // namespace seamwatch::agent
