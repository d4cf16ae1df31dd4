// ProbeWorld: scripted peers, a resolver and a simulated clock around one probe run.
#pragma once

#include <cmath>
#include <exception>
#include <optional>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "probes/endpoints/http.h"
#include "probes/endpoints/tcp.h"
#include "tests/fakes/fake_http_client.h"
#include "tests/fakes/fixed_resolver.h"
#include "tests/fakes/inline_worker_pool.h"
#include "tests/fakes/scripted_dialer.h"
#include "tests/fakes/sim_loop.h"
#include "tests/fakes/sim_random.h"

namespace seamwatch::probes {

// The answer 200 with `headers`, each with its line's end.
inline std::string ok(const std::string& headers, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

struct ProbeWorld {
  ProbeWorld() { resolver.know("shop.example", {"192.0.2.7"}); }

  static std::shared_ptr<const Module> read(const ProbeKind& kind, const std::string& options) {
    Diagnostics problems;
    const Document document = parse_yaml("module.yml", options, problems);
    auto module = kind.read(document, document.root, problems);
    INFO(problems.to_string());
    REQUIRE(problems.empty());
    return module;
  }

  Observation run(const ProbeKind& kind, const std::string& options, const std::string& target) {
    return run(kind, read(kind, options), target);
  }

  // Runs one probe with a deadline 5 s away.
  Observation run(const ProbeKind& kind,
                  const std::shared_ptr<const Module>& module,
                  const std::string& target) {
    REQUIRE(kind.check_target(target).empty());
    const auto probe = kind.make(target, module, ports);
    const MonoTime deadline = loop.clock.mono_now() + std::chrono::seconds(5);
    std::optional<Observation> seen;
    boost::asio::co_spawn(loop.io,
                          probe->run_once(deadline),
                          [&](std::exception_ptr failure, Observation observation) {
                            REQUIRE(!failure);
                            seen = std::move(observation);
                          });
    loop.run_until(deadline + std::chrono::seconds(1), [&] { return seen.has_value(); });
    REQUIRE(seen);
    REQUIRE(seen->success == !seen->fault.has_value());
    for (const auto& record : dialer.records) {
      CHECK(record->closed);
    }
    return *seen;
  }

  Observation http_get(const std::string& options, const std::string& answer) {
    fakes::PeerScript script;
    script.moves = {fakes::say(answer), fakes::end()};
    dialer.expect(std::move(script));
    return run(kHttpKind, options, "http://shop.example/");
  }

  fakes::SimLoop loop;
  fakes::SimRandom random{1};
  fakes::FixedResolver resolver;
  fakes::ScriptedDialer dialer{loop.clock};
  fakes::FakeHttpClient http;
  fakes::InlineWorkerPool workers;
  const Ports ports{loop.clock, random, resolver, dialer, http, workers, true};
};

// The value of the fact `name`, with the first label's value `label` where given; NaN where absent.
inline double fact(const Observation& seen, std::string_view name, std::string_view label = "") {
  for (const Fact& one : seen.facts) {
    const bool fits =
        label.empty() || (one.labels.size() > 0 && one.labels.begin()->second == label);
    if (one.name == name && fits) {
      return one.value;
    }
  }
  return std::nan("");
}

// "protocol:code in phase", or "" for success.
inline std::string told(const Observation& seen) {
  return seen.fault ? seen.fault->signal.protocol + ":" + seen.fault->signal.code + " in " +
                          seen.fault->phase
                    : "";
}

// All that is wrong with `options`, a line each.
inline std::string problems_of(const ProbeKind& kind, const std::string& options) {
  Diagnostics problems;
  const Document document = parse_yaml("m.yml", options, problems);
  kind.read(document, document.root, problems);
  return problems.to_string();
}

}  // namespace seamwatch::probes
