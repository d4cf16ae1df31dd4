// The API itself: queries that find no memory because of others. What it answers is compared with a
// Prometheus in tests/conformance.
#include "agent/web/prometheus/api.h"

#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "agent/web/route_table.h"
#include "tests/fakes/inline_worker_pool.h"
#include "tests/fakes/sim_loop.h"

namespace seamwatch::agent {
namespace {

using namespace std::chrono_literals;

// Some series, and an API whose queries have room for little more than one answer.
struct CrowdedApi {
  CrowdedApi() {
    for (int i = 0; i < 40; ++i) {
      const Labels labels{{"__name__", "m"}, {"i", std::to_string(i)}};
      for (int k = 0; k < 240; ++k) {
        const Millis ago(15'000 * (240 - k));
        store.append(Sample{labels, loop.clock.wall_now() - ago, k / 7.0});
      }
    }
  }

  // The answer goes to `out` when it is there.
  void ask(std::optional<HttpReply>& out, const std::string& path = "/api/v1/query_range") {
    const WallTime now = loop.clock.wall_now();
    HttpCall call;
    call.method = "GET";
    call.path = path;
    call.query = {{"query", "m"},
                  {"match[]", "m"},
                  {"start", std::to_string(unix_millis(now) / 1000 - 3600)},
                  {"end", std::to_string(unix_millis(now) / 1000)},
                  {"step", "15"},
                  {"timeout", "1m"}};
    const RouteTable::Match match = routes.find(call.method, call.path);
    boost::asio::co_spawn(loop.io,
                          match.route->handler(call),
                          [&out](std::exception_ptr, HttpReply reply) { out = std::move(reply); });
    loop.settle();
  }

  ApiSources sources() {
    ApiSources out;
    out.engine = [] { return rules::promql::EngineOptions(); };
    out.query_timeout = [] { return Millis(120'000); };
    out.query_bytes_max = [this] { return bytes_max; };
    return out;
  }

  std::size_t bytes_max = 550'000;
  fakes::SimLoop loop;
  fakes::InlineWorkerPool workers;
  rules::SeriesStore store;
  PrometheusApi api{loop.clock, {workers, workers}, store, ApiOptions(), sources()};
  RouteTable routes{api.routes()};
};

}  // namespace

TEST_CASE("api: a query that finds no memory because of others waits for them") {
  CrowdedApi crowded;
  std::optional<HttpReply> unread;
  std::optional<HttpReply> waiting;
  crowded.ask(unread);
  REQUIRE(unread);
  REQUIRE(unread->status == 200);
  CHECK(crowded.api.stats().query_bytes > 250'000);
  crowded.ask(waiting);
  SECTION("until they are done") {
    crowded.loop.run_for(10s);
    CHECK_FALSE(waiting);
    unread.reset();  // sent, or nobody is there any more
    crowded.loop.run_for(100ms);
    REQUIRE(waiting);
    CHECK(waiting->status == 200);
    CHECK(crowded.api.stats().failed_queries == 0);
  }
  SECTION("for as long as it may take") {
    crowded.loop.run_for(59s);
    CHECK_FALSE(waiting);
    crowded.loop.run_for(1s);
    REQUIRE(waiting);
    CHECK(waiting->status == 422);
    CHECK(crowded.api.stats().failed_queries == 1);
  }
  waiting.reset();
  unread.reset();
  CHECK(crowded.api.stats().query_bytes == 0);
}

TEST_CASE("api: series that find no memory because of others wait for them too") {
  CrowdedApi crowded;
  std::optional<HttpReply> unread;
  std::optional<HttpReply> waiting;
  crowded.ask(unread);
  REQUIRE(unread);
  crowded.bytes_max = crowded.api.stats().query_bytes + 1000;
  crowded.ask(waiting, "/api/v1/series");
  crowded.loop.run_for(10s);
  CHECK_FALSE(waiting);
  unread.reset();
  crowded.loop.run_for(100ms);
  REQUIRE(waiting);
  CHECK(waiting->status == 200);
  waiting.reset();
  CHECK(crowded.api.stats().query_bytes == 0);
}

TEST_CASE("api: what is more than there will ever be is refused at once") {
  CrowdedApi crowded;
  std::optional<HttpReply> unread;
  std::optional<HttpReply> refused;
  crowded.ask(unread, "/api/v1/series");
  REQUIRE(unread);
  crowded.bytes_max = 100'000;
  crowded.ask(refused);
  REQUIRE(refused);
  CHECK(refused->status == 422);
}

}  // namespace seamwatch::agent
