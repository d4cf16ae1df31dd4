#include "tests/scenario/sim_world.h"

#include "agent/core/assert.h"
#include "agent/endpoints.h"
#include "agent/web/route_table.h"

namespace seamwatch::fakes {
namespace {

namespace asio = boost::asio;

// Monday 2026-11-23 08:00 UTC.
constexpr WallTime kStart = wall_from_unix_millis(1'795'420'800'000);

seamwatch::Environment no_environment() {
  return [](std::string_view) { return std::optional<std::string>(); };
}

asio::awaitable<void> start_agent(agent::Agent& agent, Status& out) {
  auto started = co_await agent.start();
  out = started;
}

asio::awaitable<void> reload_agent(agent::Agent& agent, Diagnostics& out) {
  auto problems = co_await agent.reload();
  out = problems;
}

asio::awaitable<void> serve(agent::Handler handler, agent::HttpCall call, agent::HttpReply& out) {
  auto reply = co_await handler(std::move(call));
  out = std::move(reply);
}

}  // namespace

SimWorld::SimWorld(std::uint64_t seed, agent::ConfigSources sources, std::string store_folder)
    : start_(kStart),
      loop_(kStart),
      random_(seed),
      network_(loop_.clock),
      sources_(std::move(sources)),
      store_folder_(std::move(store_folder)) {
  open_store();
  start();
}

SimWorld::~SimWorld() {
  stop();
}

void SimWorld::open_store() {
  agent::StoreOptions options;
  options.folder = store_folder_;
  options.inline_writer = true;
  options.busy_timeout = Millis(0);  // nothing else runs meanwhile
  auto store = agent::Store::open(options, loop_.clock);
  SW_ASSERT(store.has_value());
  store_ = std::move(*store);
}

void SimWorld::start() {
  const auto load = [this] { return agent::load_all(sources_, no_environment()); };
  const agent::LoadResult result = load();
  SW_ASSERT(result.loaded != nullptr);
  const agent::AgentPorts ports{loop_.io.get_executor(),
                                loop_.clock,
                                random_,
                                network_,
                                network_,
                                network_,
                                network_,
                                workers_,
                                workers_,
                                workers_,
                                workers_};
  agent_ = std::make_unique<agent::Agent>(ports, *store_, result.loaded, load);
  Status started;
  run_task(start_agent(*agent_, started));
  SW_ASSERT(started.has_value());
}

void SimWorld::stop() {
  run_task(agent_->stop(loop_.clock.mono_now()));
  agent_.reset();
}

// Runs until the task has ended.
void SimWorld::run_task(asio::awaitable<void> task) {
  agent::TaskGroup tasks(loop_.io.get_executor(), [](const std::string&, const std::string& what) {
    assertion_failed(what.c_str(), __FILE__, __LINE__);
  });
  tasks.spawn("task", std::move(task));
  loop_.run_until(loop_.clock.mono_now() + std::chrono::minutes(1),
                  [&tasks] { return tasks.size() == 0; });
  SW_ASSERT(tasks.size() == 0);
}

void SimWorld::run_until(Nanos at) {
  loop_.run_until(MonoTime(at));
}

void SimWorld::restart() {
  stop();
  start();
}

void SimWorld::kill_after(int handlers) {
  SW_ASSERT(!store_folder_.empty());
  for (int i = 0; i < handlers && loop_.step(); ++i) {
  }
  network_.set_killed(true);
  store_->stop();
  stop();
  store_.reset();
  network_.set_killed(false);
  open_store();
  start();
}

agent::HttpReply SimWorld::call(agent::HttpCall call) {
  const agent::RouteTable table(agent::endpoints(*agent_));
  const agent::RouteTable::Match match = table.find(call.method, call.path);
  if (match.route == nullptr) {
    return agent::text_reply(match.allow.empty() ? 404 : 405, "");
  }
  agent::HttpReply reply;
  run_task(serve(match.route->handler, std::move(call), reply));
  for (std::string chunk; reply.chunks && reply.chunks(chunk);) {
    reply.body += chunk;
  }
  reply.chunks = {};
  return reply;
}

Diagnostics SimWorld::reload() {
  Diagnostics problems;
  run_task(reload_agent(*agent_, problems));
  return problems;
}

}  // namespace seamwatch::fakes
