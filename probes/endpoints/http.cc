#include "probes/endpoints/http.h"

#include <ctime>

#include "agent/core/assert.h"
#include "probes/endpoints/endpoint_facts.h"
#include "probes/endpoints/http_checks.h"
#include "probes/endpoints/http_exchange.h"
#include "probes/endpoints/http_options.h"
#include "probes/endpoints/http_request.h"
#include "probes/endpoints/spare_blocks.h"
#include "probes/endpoints/token_client.h"

namespace seamwatch::probes {
namespace {

namespace asio = boost::asio;

constexpr int kRedirectsMax = 10;

// Source: RFC 9110 section 5.6.7: one format to send, three to read.
std::optional<double> http_date(std::string_view text) {
  if (text.empty()) {
    return std::nullopt;  // as mostly; to try the formats took a twelfth of a run's instructions
  }
  const std::string terminated(text);
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* end = ::strptime(terminated.c_str(), format, &parts);
    if (end != nullptr && *end == '\0') {
      return static_cast<double>(::timegm(&parts));
    }
  }
  return std::nullopt;
}

void add_phase(std::vector<Fact>& facts, const Labels& phase, Nanos span) {
  facts.push_back(Fact{"probe_http_duration_seconds", phase, seconds(span)});
}

// Copies of labels share what they hold, so they are made once, not in each run.
void add_phases(std::vector<Fact>& facts, const HttpPhases& phases) {
  static const Labels kResolve{{"phase", "resolve"}};
  static const Labels kConnect{{"phase", "connect"}};
  static const Labels kTls{{"phase", "tls"}};
  static const Labels kProcessing{{"phase", "processing"}};
  static const Labels kTransfer{{"phase", "transfer"}};
  add_phase(facts, kResolve, phases.resolve);
  add_phase(facts, kConnect, phases.connect);
  add_phase(facts, kTls, phases.tls);
  add_phase(facts, kProcessing, phases.processing);
  add_phase(facts, kTransfer, phases.transfer);
}

// What one run has come to so far.
struct Run {
  Run(const Ports& ports, const HttpModule& module, MonoTime at)
      : deadline(at), exchange(ports, module, at), client(ports, module) {}

  static void* operator new(std::size_t size);
  static void operator delete(void* run);

  MonoTime deadline;
  HttpExchange exchange;
  CheckResult result;
  int redirects = 0;
  TokenClient client;
  TokenCache::Answer token;  // its text is empty where the module asks for none
  Nanos token_span{};
};

using SpareRuns = SpareBlocks<sizeof(Run)>;

void* Run::operator new(std::size_t size) {
  static_assert(alignof(Run) <= alignof(std::max_align_t));
  SW_ASSERT(size == sizeof(Run));
  return SpareRuns::of_thread().take().release();
}

void Run::operator delete(void* run) {
  SpareRuns::of_thread().give_back(SpareRuns::Block(static_cast<char*>(run)));
}

void add_facts(Observation& seen, const Run& run, const HttpModule& module) {
  const HttpExchange& exchange = run.exchange;
  std::vector<Fact>& facts = seen.facts;
  facts.reserve(32);  // with what the agent adds, nothing is moved
  const HttpAnswer& answer = exchange.answer;
  const bool answered = answer.status > 0;
  const auto add = [&](std::string_view name, double value) {
    facts.push_back(Fact{name, Labels(), value});
  };
  add_address_facts(facts, exchange.lookup.value_or(Nanos(0)), exchange.address);
  if (module.oauth2) {
    add_phase(facts, Labels{{"phase", "token"}}, run.token_span);
  }
  add_phases(facts, exchange.phases);
  add("probe_failed_due_to_regex", run.result.by_regexp ? 1 : 0);
  if (module.has_cel()) {
    add("probe_failed_due_to_cel", run.result.by_cel ? 1 : 0);
  }
  add("probe_http_status_code", answer.status);
  add("probe_http_content_length", answered ? static_cast<double>(answer.content_length) : 0);
  add("probe_http_uncompressed_body_length", static_cast<double>(answer.body_bytes));
  add("probe_http_redirects", run.redirects);
  add("probe_http_ssl", answered && exchange.tls ? 1 : 0);
  add("probe_http_version", answer.version / 10.0);
  if (const auto modified = http_date(header(answer.headers, "last-modified"))) {
    add("probe_http_last_modified_timestamp_seconds", *modified);
  }
  if (exchange.tls) {
    add_tls_facts(facts, *exchange.tls);
  }
}

class HttpProbe final : public Probe {
 public:
  HttpProbe(SharedText target, std::shared_ptr<const HttpModule> module, const Ports& ports)
      : module_(std::move(module)), ports_(ports), target_(std::move(target)) {}

  asio::awaitable<Observation> run_once(MonoTime deadline) override;

 private:
  asio::awaitable<void> get_token(Run* run);
  asio::awaitable<void> follow(Run* run);
  Result<HttpHop> first_hop(const Run& run) const;
  Result<HttpHop> next_hop(const HttpHop& first, const HttpHop& from, const Run& run) const;
  Status write_request(HttpHop& hop, RequestPlan plan) const;
  CheckResult check(const HttpExchange& exchange) const;
  Observation observation(Run& run, WallTime started_at, MonoTime began) const;

  std::shared_ptr<const HttpModule> module_;
  const Ports& ports_;
  // Taken apart at each run: probes are many, and what it comes to is ten times as much.
  SharedText target_;
};

// Requires: `plan.url` is that of the hop.
Status HttpProbe::write_request(HttpHop& hop, RequestPlan plan) const {
  hop.proxy = proxy_of(*module_, hop.url);
  plan.proxy = reading_proxy(hop.proxy, hop.url);
  auto message = request_message(*module_, plan);
  if (!message) {
    return message.error();
  }
  hop.request = std::move(*message);
  return {};
}

Result<HttpHop> HttpProbe::first_hop(const Run& run) const {
  auto url = parse_url(target_.str());
  if (!url) {
    return url.error();
  }
  HttpHop hop;
  hop.url = std::move(*url);
  const std::string named = named_host(*module_);
  hop.server_name = !module_->tls.server_name.empty() ? module_->tls.server_name
                    : !named.empty()                  ? named
                                                      : hop.url.host;
  RequestPlan plan{hop.url, module_->method};
  plan.token = run.token.token;
  const Status written = write_request(hop, std::move(plan));
  if (!written) {
    return written.error();
  }
  return hop;
}

// Where a redirect leads. Source: RFC 9110 section 15.4; a request to another place carries no
// credentials, and one that turned into GET no body.
Result<HttpHop> HttpProbe::next_hop(const HttpHop& first,
                                    const HttpHop& from,
                                    const Run& run) const {
  const HttpAnswer& answer = run.exchange.answer;
  auto url = resolve_reference(from.url, header(answer.headers, "location"));
  if (!url) {
    return url.error();
  }
  HttpHop hop;
  hop.url = std::move(*url);
  const bool keeps = answer.status == 307 || answer.status == 308;
  const std::string& before = from.request.method;
  RequestPlan plan{hop.url, keeps || before == "GET" || before == "HEAD" ? before : "GET"};
  plan.with_body = keeps && before == module_->method;
  plan.with_credentials = hop.url.same_place(first.url);
  plan.token = run.token.token;
  hop.server_name = hop.url.host == first.url.host ? first.server_name : hop.url.host;
  const Status written = write_request(hop, std::move(plan));
  if (!written) {
    return written.error();
  }
  return hop;
}

// Everything that is asked of an exchange which came to its end.
CheckResult HttpProbe::check(const HttpExchange& exchange) const {
  const WallTime now = ports_.clock.wall_now();
  CheckResult result = check_answer(*module_, exchange.answer, now);
  if (result.fault) {
    return result;
  }
  if (module_->fail_if_ssl && exchange.tls) {
    result.fault = check_fault("ssl", "the answer came over TLS");
  } else if (module_->fail_if_not_ssl && !exchange.tls) {
    result.fault = check_fault("no_ssl", "the answer came without TLS");
  } else if (exchange.tls) {
    result.fault = check_expiry(*exchange.tls, module_->cert_expiry_min, now);
  }
  return result;
}

asio::awaitable<void> HttpProbe::get_token(Run* run) {
  const MonoTime began = ports_.clock.mono_now();
  auto options = complete_options(*module_->oauth2);
  if (!options) {
    run->result.fault = check_fault("local_file", options.error().message);
    co_return;
  }
  auto& tokens = *module_->oauth2->tokens;
  if (!run->token.token.empty()) {
    tokens.forget(*options, run->token.token);  // it was refused
  }
  const std::string url = options->token_url;
  TokenCache::Answer got =
      co_await tokens.token(std::move(*options), &run->client, &ports_.clock, run->deadline);
  run->token = std::move(got);
  run->token_span += ports_.clock.mono_now() - began;
  if (run->token.failure) {
    run->result.fault = token_fault(*run->token.failure, url, ports_.clock.wall_now());
  }
  if (ports_.explains) {
    std::vector<std::string>& steps = run->exchange.steps;
    steps.insert(steps.end(), run->client.steps.begin(), run->client.steps.end());
    run->client.steps.clear();
    if (run->token.kept) {
      steps.push_back("token: kept from a request before");
    }
  }
}

// Sends the request and those that redirects lead to, and checks the last answer.
asio::awaitable<void> HttpProbe::follow(Run* run) {
  HttpExchange& exchange = run->exchange;
  run->redirects = 0;
  Result<HttpHop> hop = first_hop(*run);
  std::unique_ptr<HttpHop> first;  // where a redirect led away from it
  while (hop) {
    co_await exchange.run(*hop);
    if (exchange.fault) {
      run->result.fault = std::move(exchange.fault);
      break;
    }
    const bool redirected = is_redirect(exchange.answer);
    run->redirects += redirected ? 1 : 0;
    if (!redirected || !module_->follow_redirects) {
      run->result = check(exchange);
      break;
    }
    if (run->redirects > kRedirectsMax) {
      run->result.fault = check_fault("redirect_loop", "more than 10 redirects one after another");
      break;
    }
    if (run->redirects == 1) {
      first = std::make_unique<HttpHop>(*hop);
    }
    hop = next_hop(*first, *hop, *run);
  }
  if (!hop) {
    const char* code = run->redirects > 0 ? "redirect_target" : "local_file";
    run->result.fault = check_fault(code, hop.error().message);
  }
}

asio::awaitable<Observation> HttpProbe::run_once(MonoTime deadline) {
  const WallTime started_at = ports_.clock.wall_now();
  const MonoTime began = ports_.clock.mono_now();
  const auto run = std::make_unique<Run>(ports_, *module_, deadline);
  if (module_->oauth2) {
    co_await get_token(run.get());
  }
  if (!run->result.fault) {
    co_await follow(run.get());
  }
  // A token that was good before may have been withdrawn.
  if (run->result.fault && run->token.kept && run->exchange.answer.status == 401) {
    run->result = CheckResult();
    co_await get_token(run.get());
    if (!run->result.fault) {
      co_await follow(run.get());
    }
  }
  if (run->result.fault && ports_.explains) {
    run->exchange.steps.push_back(describe(*run->result.fault));
  }
  co_return observation(*run, started_at, began);
}

// What the run, which has come to its end, saw.
Observation HttpProbe::observation(Run& run, WallTime started_at, MonoTime began) const {
  Observation seen;
  seen.started_at = started_at;
  add_facts(seen, run, *module_);
  seen.duration = ports_.clock.mono_now() - began;
  seen.success = !run.result.fault;
  seen.fault = std::move(run.result.fault);
  seen.steps = std::move(run.exchange.steps);
  return seen;
}

std::string check_target(const std::string& target) {
  const auto parsed = parse_url(target);
  return parsed ? "" : parsed.error().message;
}

std::unique_ptr<Probe> make(const SharedText& target,
                            std::shared_ptr<const Module> module,
                            const Ports& ports) {
  SW_ASSERT(parse_url(target.str()).has_value());
  auto own = std::static_pointer_cast<const HttpModule>(std::move(module));
  return std::make_unique<HttpProbe>(target, std::move(own), ports);
}

}  // namespace

const ProbeKind kHttpKind = {"http", &read_http_module, &check_target, &make};

}  // namespace seamwatch::probes
