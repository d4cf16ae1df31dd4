#include "tests/fuzz/targets.h"

#include <boost/json/parse.hpp>

#include "agent/core/notification.h"
#include "agent/io/yaml.h"
#include "agent/web/prometheus/write_request.h"
#include "probes/cel/program.h"
#include "rules/groups/group.h"
#include "rules/groups/rule_file.h"
#include "rules/promql/engine.h"
#include "rules/promql/query_cache.h"
#include "rules/promql/series_notation.h"
#include "rules/series/series_store.h"
#include "rules/templates/notification_template.h"
#include "rules/templates/prometheus_template.h"
#include "tests/fuzz/series_target.h"

namespace seamwatch::fuzz {
namespace {

namespace promql = rules::promql;

constexpr WallTime kNow = WallTime(Millis(1'700'000'000'000));

const rules::SeriesStore& store() {
  static const rules::SeriesStore* filled = [] {
    auto* made = new rules::SeriesStore();
    for (int step = 0; step < 40; ++step) {
      for (const char* name : {"up", "m_total", "h_bucket"}) {
        for (const char* le : {"1", "+Inf"}) {
          const Labels labels{{"__name__", name}, {"job", "a"}, {"le", le}};
          const WallTime at = kNow - Millis(15'000 * (40 - step));
          made->append(Sample{labels, at, static_cast<double>(step)});
        }
      }
    }
    return made;
  }();
  return *filled;
}

// What parses is printed, and evaluated alike with and without a cache.
std::string run_promql(std::string_view input) {
  const auto expr = promql::parse_expr(input, promql::all_features());
  if (!expr) {
    return expr.error().message.empty() ? "an error without a message" : "";
  }
  // As in Prometheus, the text of a tree need not parse to the same tree (`2 ^ -1 % 3`).
  static_cast<void>(promql::parse_expr(promql::to_string(**expr), promql::all_features()));
  promql::EngineOptions options;
  options.samples_max = 20'000;
  if (input.size() % 2 == 0) {
    options.features = promql::all_features();
  }
  const promql::Engine engine(options);
  promql::QueryCache cache;
  const auto plain = engine.instant(**expr, kNow, store());
  const auto cached = engine.instant(**expr, kNow, store(), {}, &cache);
  if (plain.has_value() != cached.has_value()) {
    return "only one of both evaluations fails";
  }
  const promql::QueryRange range{kNow - Millis(60'000), kNow, Millis(20'000)};
  static_cast<void>(engine.range(**expr, range, store()));
  return "";
}

std::string run_template(std::string_view input) {
  const auto alert = rules::templates::AlertTemplate::parse("fuzz", input);
  if (alert) {
    rules::templates::ExpandContext context;
    context.now = kNow;
    const rules::templates::AlertExpander expander(context);
    static_cast<void>(expander.expand(*alert, expander.data(Labels{{"job", "a"}}, 0.5)));
  }
  static const rules::templates::NotificationTemplates templates;
  static_cast<void>(templates.expand(input, Notification{}, kNow));
  return "";
}

std::string run_rules(std::string_view input) {
  Diagnostics problems;
  const Document document = parse_yaml("rules.yml", input, problems);
  rules::RuleFile file = rules::load_rule_file(document, problems);
  if (!problems.empty()) {
    return "";
  }
  rules::SeriesStore written;
  const promql::Engine engine;
  const auto append = [&](const Sample& sample) { written.append(sample); };
  for (rules::RuleGroup& definition : file.groups) {
    rules::Group group(std::move(definition), {});
    group.evaluate({kNow, engine, store(), append, {}});
  }
  return "";
}

std::string run_notation(std::string_view input) {
  static_cast<void>(promql::parse_series(input));
  static_cast<void>(promql::parse_metric(input));
  static_cast<void>(promql::parse_values(input));
  return "";
}

std::string run_remote_write(std::string_view input) {
  agent::WriteLimits limits;
  limits.decoded_bytes_max = 1 << 20;
  static_cast<void>(agent::decode_write_request(input, limits));
  const auto plain = agent::uncompress_snappy(input, limits.decoded_bytes_max);
  if (plain && plain->size() > limits.decoded_bytes_max) {
    return "more bytes than allowed";
  }
  if (plain) {
    static_cast<void>(agent::decode_write_request(*plain, limits));
  }
  return "";
}

std::string run_cel(std::string_view input) {
  const auto program = probes::CelProgram::compile(input);
  if (!program) {
    return program.error().message.empty() ? "an error without a message" : "";
  }
  const auto body =
      boost::json::parse(R"({"s": "ok", "n": 3, "list": [1, 2, {"a": true}], "map": {"k": null}})");
  const auto met = program->run(body);
  return !met && met.error().message.empty() ? "an error without a message" : "";
}

constexpr Target kTargets[] = {
    {"promql", run_promql},
    {"template", run_template},
    {"rules", run_rules},
    {"notation", run_notation},
    {"remote_write", run_remote_write},
    {"series_files", run_series_files},
    {"cel", run_cel},
};

}  // namespace

std::span<const Target> targets() {
  return kTargets;
}

}  // namespace seamwatch::fuzz
