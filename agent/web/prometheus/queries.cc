#include "agent/web/prometheus/queries.h"

#include <algorithm>
#include <memory>

#include "agent/web/prometheus/json_text.h"
#include "agent/web/prometheus/value_json.h"
#include "rules/promql/ast.h"

namespace seamwatch::agent {
namespace {

namespace promql = rules::promql;

constexpr std::int64_t kPointsMax = 11'000;  // of a series in a range query
constexpr std::size_t kAnnotationsShown = 10;

// What the two kinds of query have in common.
struct Asked {
  std::size_t limit = 0;
  promql::EngineOptions engine;
  promql::ExprPtr expr;
};

// Checks "limit" where `asked` is to have it; further parameters come later, as errors have an
// order.
ApiAnswer read_limit(const Form& form, Asked& asked) {
  const auto limit = limit_parameter(form);
  if (!limit) {
    return invalid_parameter("limit", limit.error().message);
  }
  asked.limit = *limit;
  return {};
}

ApiAnswer read_rest(const Form& form, const QueryContext& context, Asked& asked) {
  const std::string& timeout = form.value("timeout");
  if (!timeout.empty()) {
    const auto span = parse_api_duration(timeout);
    if (!span) {
      return invalid_parameter("timeout", span.error().message);
    }
  }
  asked.engine = context.engine;
  const std::string& lookback = form.value("lookback_delta");
  if (!lookback.empty()) {
    const auto span = parse_api_duration(lookback);
    if (!span) {
      return bad_data("error parsing lookback delta duration: " + span.error().message);
    }
    if (span->count() > 0) {
      asked.engine.lookback = *span;
    }
  }
  auto expr = promql::parse_expr(form.value("query"), asked.engine.features);
  if (!expr) {
    return invalid_parameter("query", expr.error().message);
  }
  asked.expr = std::move(*expr);
  return {};
}

ApiAnswer failure_answer(const Error& failure) {
  switch (promql::failure_of(failure)) {
    case promql::QueryFailure::timeout:
      return api_failure("timeout", failure.message);
    case promql::QueryFailure::canceled:
      return api_failure("canceled", failure.message);
    case promql::QueryFailure::execution:
      break;
  }
  return api_failure("execution", failure.message);
}

// At most ten, and how many more there are.
std::vector<std::string> shortened(std::vector<std::string> texts, std::string_view kind) {
  if (texts.size() > kAnnotationsShown) {
    const std::size_t more = texts.size() - kAnnotationsShown;
    texts.resize(kAnnotationsShown);
    texts.push_back(std::to_string(more) + " more " + std::string(kind) + " annotations omitted");
  }
  return texts;
}

// Whether something was cut off.
bool cut(promql::Value& value, std::size_t limit) {
  if (limit == 0) {
    return false;
  }
  if (auto* vector = std::get_if<promql::VectorValue>(&value)) {
    const bool over = vector->samples.size() > limit;
    vector->samples.resize(std::min(limit, vector->samples.size()));
    return over;
  }
  if (auto* matrix = std::get_if<promql::MatrixValue>(&value)) {
    const bool over = matrix->series.size() > limit;
    matrix->series.resize(std::min(limit, matrix->series.size()));
    return over;
  }
  return false;
}

struct Timings {
  double waited = 0;
  double prepared = 0;
  double evaluated = 0;
};

std::string stats_json(const Timings& timings, std::int64_t samples) {
  std::string out;
  const auto append = [&out](const char* name, double value) {
    out.append(out.empty() ? "{\"timings\":{\"" : ",\"").append(name).append("\":");
    append_json_number(out, value);
  };
  append("evalTotalTime", timings.prepared + timings.evaluated);
  append("resultSortTime", 0);
  append("queryPreparationTime", timings.prepared);
  append("innerEvalTime", timings.evaluated);
  append("execQueueTime", timings.waited);
  append("execTotalTime", timings.waited + timings.prepared + timings.evaluated);
  const std::string count = std::to_string(samples);
  return out + "},\"samples\":{\"totalQueryableSamples\":" + count + ",\"peakSamples\":" + count +
         "}}";
}

// What an evaluation came to, until it is written.
struct Evaluated {
  promql::QueryResult result;
  WallTime at{};      // of what is not a matrix
  std::string stats;  // as JSON, where they were asked for
};

bool append_data(ReplyText& text, Evaluated& evaluated, promql::HeldMemory* held) {
  text.tail() += "{\"resultType\":\"";
  text.tail().append(result_type(evaluated.result.value)).append("\",\"result\":");
  promql::Value& value = evaluated.result.value;
  if (!append_json(text, std::move(value), evaluated.at, held)) {
    return false;
  }
  if (!evaluated.stats.empty()) {
    text.tail() += ",\"stats\":" + evaluated.stats;
  }
  text.tail() += "}";
  return true;
}

// Runs `evaluate` and says how what came of it is written.
template <class Evaluate>
ApiAnswer evaluated(
    const Form& form, const QueryContext& context, Asked& asked, WallTime at, Evaluate evaluate) {
  const auto out = std::make_shared<Evaluated>();
  out->at = at;
  promql::QueryStop stop = context.stop;
  stop.memory = context.held.get();
  const MonoTime began = stop.clock();
  auto result = evaluate(promql::Engine(asked.engine), stop);
  if (!result) {
    return failure_answer(result.error());
  }
  out->result = std::move(*result);
  ApiAnswer answer;
  answer.warnings = shortened(std::move(out->result.warnings), "warning");
  answer.infos = shortened(std::move(out->result.infos), "info");
  if (cut(out->result.value, asked.limit)) {
    answer.warnings.emplace_back("results truncated due to limit");
  }
  if (!form.value("stats").empty()) {
    const Timings timings{seconds(context.waited), 0, seconds(stop.clock() - began)};
    out->stats = stats_json(timings, out->result.samples);
  }
  answer.held = context.held;
  answer.write = [out, held = context.held](ReplyText& text) {
    return append_data(text, *out, held.get());
  };
  return answer;
}

// Reads start, end and step.
ApiAnswer read_range(const Form& form, promql::QueryRange& range) {
  const auto start = parse_api_time(form.value("start"));
  if (!start) {
    return invalid_parameter("start", start.error().message);
  }
  const auto end = parse_api_time(form.value("end"));
  if (!end) {
    return invalid_parameter("end", end.error().message);
  }
  if (*end < *start) {
    return invalid_parameter("end", "end timestamp must not be before start time");
  }
  const auto step = parse_api_duration(form.value("step"));
  if (!step) {
    return invalid_parameter("step", step.error().message);
  }
  if (step->count() <= 0) {
    return invalid_parameter("step",
                             "zero or negative query resolution step widths are not accepted. Try "
                             "a positive integer");
  }
  if ((*end - *start) / *step > kPointsMax) {
    return bad_data(
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query "
        "resolution (?step=XX)");
  }
  range = {*start, *end, *step};
  return {};
}

}  // namespace

Millis query_timeout(const Form& form, Millis longest) {
  const auto span = parse_api_duration(form.value("timeout"));
  return span ? std::clamp(*span, Millis(0), longest) : longest;
}

ApiAnswer queue_timeout_answer() {
  return api_failure("timeout", "query timed out in query queue");
}

ApiAnswer instant_answer(const Form& form, const QueryContext& context) {
  Asked asked;
  ApiAnswer wrong = read_limit(form, asked);
  if (wrong.failed()) {
    return wrong;
  }
  const auto at = time_parameter(form, "time", context.now);
  if (!at) {
    return invalid_parameter("time", at.error().message);
  }
  wrong = read_rest(form, context, asked);
  if (wrong.failed()) {
    return wrong;
  }
  const auto evaluate = [&](const promql::Engine& engine, const promql::QueryStop& stop) {
    return engine.instant(*asked.expr, *at, context.storage, stop);
  };
  return evaluated(form, context, asked, *at, evaluate);
}

ApiAnswer range_answer(const Form& form, const QueryContext& context) {
  Asked asked;
  ApiAnswer wrong = read_limit(form, asked);
  promql::QueryRange range;
  if (!wrong.failed()) {
    wrong = read_range(form, range);
  }
  if (!wrong.failed()) {
    wrong = read_rest(form, context, asked);
  }
  if (wrong.failed()) {
    return wrong;
  }
  const promql::ValueType type = promql::value_type(*asked.expr);
  if (type != promql::ValueType::scalar && type != promql::ValueType::vector) {
    return invalid_parameter("query",
                             "invalid expression type \"" + std::string(promql::describe(type)) +
                                 "\" for range query, must be Scalar or instant Vector");
  }
  const auto evaluate = [&](const promql::Engine& engine, const promql::QueryStop& stop) {
    return engine.range(*asked.expr, range, context.storage, stop);
  };
  return evaluated(form, context, asked, range.end, evaluate);
}

}  // namespace seamwatch::agent
