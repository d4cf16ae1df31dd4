#include "agent/web/prometheus/api.h"

#include <algorithm>
#include <exception>
#include <memory>

#include "agent/core/hex.h"
#include "agent/core/with_deadline.h"
#include "agent/web/prometheus/expression_answers.h"
#include "agent/web/prometheus/series_answers.h"
#include "agent/web/prometheus/worker_call.h"
#include "exporters/metrics/probe_families.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kFormBytesMax = 4 << 20;  // an expression of 1 MiB, percent-encoded
constexpr Millis kRoomLook(50);                 // how often a query that waits for memory looks
constexpr std::string_view kLabelPrefix = "/api/v1/label/";
constexpr std::string_view kLabelSuffix = "/values";

// As Prometheus says it, for paths and methods that it does not know.
asio::awaitable<HttpReply> nothing_here(HttpCall) {
  co_return text_reply(404, "404 page not found\n");
}

// Where alerts say that they come from: Prometheus's page of an expression. There are no graphs
// here, but what the expression gives now.
asio::awaitable<HttpReply> to_query(HttpCall call) {
  HttpReply reply = text_reply(302, "see Location\n");
  const std::string expression(call.parameter("g0.expr"));
  reply.headers.emplace_back("Location", "api/v1/query?query=" + percent_encoded(expression));
  co_return reply;
}

HttpReply options_reply(const HttpCall& call) {
  HttpReply reply = text_reply(204, "");
  if (!header(call.headers, "origin").empty()) {
    reply.headers.emplace_back("Vary", "Origin");
    add_cross_origin(reply);
  }
  return reply;
}

std::vector<exporters::Family> all_families() {
  std::vector<exporters::Family> all = exporters::probe_families();
  const std::vector<exporters::Family>& own = exporters::agent_families();
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

}  // namespace

// What one call comes to: written on a worker, read on the loop when that has ended.
struct PrometheusApi::Outcome {
  ReplyForm form;
  bool done = false;
  HttpReply reply;
  std::string error_type;
  std::size_t wanted = 0;  // bytes, where it failed for what others hold
};

PrometheusApi::PrometheusApi(Clock& clock,
                             ApiWorkers workers,
                             const rules::SeriesStore& store,
                             ApiOptions options,
                             ApiSources sources)
    : clock_(clock),
      workers_(workers),
      store_(store),
      options_(std::move(options)),
      sources_(std::move(sources)),
      memory_(std::make_shared<rules::promql::QueryMemory>(0)) {}

ApiStats PrometheusApi::stats() const {
  ApiStats stats = stats_;
  stats.query_bytes = memory_->used();
  return stats;
}

const std::vector<PrometheusApi::Endpoint>& PrometheusApi::endpoints() {
  static const std::vector<Endpoint> kEndpoints = {
      {"/api/v1/labels", true, &PrometheusApi::labels},
      {"/api/v1/label/*", false, &PrometheusApi::label_values},
      {"/api/v1/series", true, &PrometheusApi::series},
      {"/api/v1/format_query", true, &PrometheusApi::format_query},
      {"/api/v1/parse_query", true, &PrometheusApi::parse_query},
      {"/api/v1/query_exemplars", true, &PrometheusApi::exemplars},
      {"/api/v1/rules", false, &PrometheusApi::rules},
      {"/api/v1/alerts", false, &PrometheusApi::alerts},
      {"/api/v1/targets", false, &PrometheusApi::targets},
      {"/api/v1/targets/metadata", false, &PrometheusApi::target_metadata},
      {"/api/v1/metadata", false, &PrometheusApi::metadata},
      {"/api/v1/alertmanagers", false, &PrometheusApi::alertmanagers},
      {"/api/v1/status/buildinfo", false, &PrometheusApi::build},
      {"/api/v1/status/runtimeinfo", false, &PrometheusApi::runtime},
      {"/api/v1/status/config", false, &PrometheusApi::config},
      {"/api/v1/status/flags", false, &PrometheusApi::flags},
      {"/api/v1/status/tsdb", false, &PrometheusApi::tsdb},
      {"/api/v1/status/walreplay", false, &PrometheusApi::replay},
  };
  return kEndpoints;
}

std::vector<Route> PrometheusApi::routes() {
  const std::vector<std::string> get = {"GET", "OPTIONS"};
  const std::vector<std::string> get_and_post = {"GET", "POST", "OPTIONS"};
  std::vector<Route> routes;
  for (const Endpoint& endpoint : endpoints()) {
    const Prepare prepare = endpoint.prepare;
    routes.push_back({endpoint.post ? get_and_post : get,
                      endpoint.path,
                      [this, prepare](HttpCall call) { return serve(prepare, std::move(call)); }});
  }
  routes.push_back({get_and_post, "/api/v1/query", [this](HttpCall call) {
                      return query(false, std::move(call));
                    }});
  routes.push_back({get_and_post, "/api/v1/query_range", [this](HttpCall call) {
                      return query(true, std::move(call));
                    }});
  routes.push_back({{"GET", "POST", "PUT", "DELETE", "OPTIONS"}, "/api/v1/*", nothing_here});
  routes.push_back({{"GET"}, "/graph", to_query});
  for (Route& route : routes) {
    route.body_bytes_max = kFormBytesMax;
  }
  return routes;
}

// Runs `work` and makes its reply, both on a worker. Where no worker is free in time, `out` is not
// done afterwards.
asio::awaitable<void> PrometheusApi::run(std::shared_ptr<Outcome> out,
                                         WorkerPool& workers,
                                         MonoTime deadline,
                                         Work work) {
  const RunningCall running(stats_.running);
  auto job = [out, work = std::move(work)] {
    ApiAnswer answer;
    std::shared_ptr<rules::promql::HeldMemory> held;
    try {
      answer = work();
      held = answer.held;
      out->reply = api_reply(answer, out->form);
    } catch (const std::exception& failure) {  // memory, for the most part
      answer = api_failure("internal", failure.what());
      out->reply = api_reply(answer, out->form);
    }
    out->error_type = answer.error_type;
    out->wanted = answer.error_type == "execution" && held != nullptr ? held->wanted() : 0;
    out->done = true;
  };
  auto task = run_on(workers, std::move(job));
  co_await with_deadline(clock_, deadline, std::move(task));
}

// What the work that `prepare` gives comes to: done again where others held the memory that it
// needs, once they have given it back, as long as there is time. Nothing where there is no work.
asio::awaitable<std::shared_ptr<PrometheusApi::Outcome>> PrometheusApi::answer(
    ReplyForm form, WorkerPool& workers, MonoTime deadline, std::function<Work()> prepare) {
  memory_->set_max(sources_.query_bytes_max());
  std::shared_ptr<Outcome> out;
  bool again = true;
  while (again) {
    Work work = prepare();
    if (!work) {
      co_return nullptr;
    }
    out = std::make_shared<Outcome>();
    out->form = form;
    co_await run(out, workers, deadline, std::move(work));
    again = out->wanted > 0;
    if (again) {
      const auto room = co_await room_before(deadline, out->wanted);
      again = room;
    }
  }
  co_return out;
}

asio::awaitable<HttpReply> PrometheusApi::serve(Prepare prepare, HttpCall call) {
  if (call.method == "OPTIONS") {
    co_return options_reply(call);
  }
  const MonoTime deadline = clock_.mono_now() + sources_.query_timeout();
  const auto work = [this, prepare, &call] { return (this->*prepare)(call, Form(call)); };
  const auto out = co_await answer(reply_form(call), workers_.lookups, deadline, work);
  if (out == nullptr) {
    co_return co_await nothing_here(std::move(call));
  }
  if (!out->done) {
    co_return api_reply(queue_timeout_answer(), out->form);
  }
  co_return std::move(out->reply);
}

asio::awaitable<HttpReply> PrometheusApi::query(bool range, HttpCall call) {
  if (call.method == "OPTIONS") {
    co_return options_reply(call);
  }
  const Form form(call);
  const Millis timeout = query_timeout(form, sources_.query_timeout());
  const MonoTime deadline = clock_.mono_now() + timeout;
  ++stats_.queries;
  const auto work = [this, range, &form, deadline] { return query_work(range, form, deadline); };
  const auto out = co_await answer(reply_form(call), workers_.queries, deadline, work);
  if (!out->done) {
    out->error_type = "timeout";
    out->reply = api_reply(queue_timeout_answer(), out->form);
  }
  stats_.failed_queries += out->error_type.empty() ? 0 : 1;
  stats_.timeouts += out->error_type == "timeout" ? 1 : 0;
  co_return std::move(out->reply);
}

// What a worker does for a query that is to be answered by `deadline`.
PrometheusApi::Work PrometheusApi::query_work(bool range, const Form& form, MonoTime deadline) {
  QueryContext context{store_, sources_.engine(), clock_.wall_now(), {}, {}, own_memory()};
  context.stop.clock = [this] { return clock_.mono_now(); };
  context.stop.cancelled = &cancelled_;
  const MonoTime asked = clock_.mono_now();
  return [context, form, deadline, asked, range]() mutable {
    const MonoTime now = context.stop.clock();
    context.waited = std::chrono::duration_cast<Millis>(now - asked);
    context.stop.timeout = std::chrono::ceil<Millis>(deadline - now);
    if (context.stop.timeout.count() <= 0) {
      return queue_timeout_answer();
    }
    ApiAnswer answer = range ? range_answer(form, context) : instant_answer(form, context);
    answer.held = context.held;
    return answer;
  };
}

// Waits until so many bytes are left. False where they are not in time.
asio::awaitable<bool> PrometheusApi::room_before(MonoTime deadline, std::size_t bytes) {
  MonoTime next = clock_.mono_now();
  do {
    next += kRoomLook;
    if (next >= deadline || cancelled_) {
      co_return false;
    }
    co_await clock_.sleep_until(next);
  } while (memory_->left() < bytes);
  co_return true;
}

PrometheusApi::Work PrometheusApi::labels(const HttpCall&, Form form) {
  return [this, form = std::move(form)] { return labels_answer(form, store_, own_memory()); };
}

PrometheusApi::Work PrometheusApi::label_values(const HttpCall& call, Form form) {
  std::string_view name = call.path;
  name.remove_prefix(std::min(name.size(), kLabelPrefix.size()));
  if (!name.ends_with(kLabelSuffix)) {
    return nullptr;
  }
  name.remove_suffix(kLabelSuffix.size());
  return [this, form = std::move(form), name = std::string(name)] {
    return label_values_answer(form, name, store_, own_memory());
  };
}

PrometheusApi::Work PrometheusApi::series(const HttpCall&, Form form) {
  return [this, form = std::move(form)] { return series_answer(form, store_, own_memory()); };
}

PrometheusApi::Work PrometheusApi::format_query(const HttpCall&, Form form) {
  return [options = sources_.engine().features, form = std::move(form)] {
    return format_answer(form, options);
  };
}

PrometheusApi::Work PrometheusApi::parse_query(const HttpCall&, Form form) {
  return [options = sources_.engine().features, form = std::move(form)] {
    return parse_answer(form, options);
  };
}

PrometheusApi::Work PrometheusApi::exemplars(const HttpCall&, Form form) {
  return [options = sources_.engine().features, now = clock_.wall_now(), form = std::move(form)] {
    return exemplars_answer(form, options, now);
  };
}

PrometheusApi::Work PrometheusApi::rules(const HttpCall&, Form form) {
  return [groups = sources_.rules(), form = std::move(form)] { return rules_answer(form, groups); };
}

PrometheusApi::Work PrometheusApi::alerts(const HttpCall&, Form) {
  return [groups = sources_.rules()] { return alerts_answer(groups); };
}

PrometheusApi::Work PrometheusApi::targets(const HttpCall&, Form form) {
  return [targets = sources_.targets(), form = std::move(form)] {
    return targets_answer(form, targets);
  };
}

PrometheusApi::Work PrometheusApi::target_metadata(const HttpCall&, Form form) {
  return [this, targets = sources_.targets(), form = std::move(form)] {
    return target_metadata_answer(form, targets, exporters::probe_families(), store_);
  };
}

PrometheusApi::Work PrometheusApi::metadata(const HttpCall&, Form form) {
  return [form = std::move(form)] { return metadata_answer(form, all_families()); };
}

PrometheusApi::Work PrometheusApi::alertmanagers(const HttpCall&, Form) {
  return [status = sources_.status()] { return alertmanagers_answer(status); };
}

PrometheusApi::Work PrometheusApi::build(const HttpCall&, Form) {
  return [status = sources_.status()] { return build_answer(status); };
}

PrometheusApi::Work PrometheusApi::runtime(const HttpCall&, Form) {
  return [status = sources_.status()] { return runtime_answer(status); };
}

PrometheusApi::Work PrometheusApi::config(const HttpCall&, Form) {
  return [yaml = sources_.config()] { return config_answer(yaml()); };
}

PrometheusApi::Work PrometheusApi::flags(const HttpCall&, Form) {
  return [status = sources_.status()] { return flags_answer(status); };
}

PrometheusApi::Work PrometheusApi::tsdb(const HttpCall&, Form form) {
  const WallTime now = clock_.wall_now();
  const WallTime oldest = std::max(sources_.status().started_at, now - options_.retention);
  return [this, form = std::move(form), oldest, now] {
    return tsdb_answer(form, store_, oldest, now);
  };
}

PrometheusApi::Work PrometheusApi::replay(const HttpCall&, Form) {
  return replay_answer;
}

}  // namespace seamwatch::agent
