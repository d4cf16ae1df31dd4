#include "agent/demo/demo.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include <boost/json.hpp>
#include <unistd.h>

#include "agent/base/log.h"
#include "agent/demo/landscape_files.h"
#include "agent/demo/listener.h"
#include "agent/demo/mail_catcher.h"
#include "agent/demo/queue_broker.h"
#include "agent/demo/story.h"
#include "agent/demo/tls_peer.h"
#include "agent/service.h"

namespace seamwatch::agent::demo {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::uint32_t kQueueGrowth = 40;  // messages a second without a consumer
constexpr Nanos kSecond = std::chrono::seconds(1);
constexpr Nanos kHang = std::chrono::seconds(30);

// A folder that goes when the demo ends.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              ("seamwatch-demo-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }

  ~Folder() {
    std::error_code ignored;  // a leftover in the temporary folder harms nobody
    std::filesystem::remove_all(path_, ignored);
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
  }

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// The simulated systems and what they do now.
struct World {
  explicit World(RealWorld& real_world) : real(real_world) {}

  RealWorld& real;
  MonoTime began{};
  std::map<std::string, Fault, std::less<>> faults;
  TlsPeer warehouse;
  DemoQueues queues;
  std::uint16_t agent_port = 0;

  Fault fault(std::string_view system) const {
    const auto found = faults.find(system);
    return found == faults.end() ? Fault::none : found->second;
  }

  void say(const char* mark, std::string_view text) const {
    const auto since =
        std::chrono::duration_cast<std::chrono::seconds>(real.clock.mono_now() - began).count();
    std::printf("%3d:%02d  %s %.*s\n",
                static_cast<int>(since / 60),
                static_cast<int>(since % 60),
                mark,
                static_cast<int>(text.size()),
                text.data());
    std::fflush(stdout);
  }
};

asio::awaitable<HttpReply> answer(World* world, std::string system, HttpCall) {
  const Fault fault = world->fault(system);
  if (fault == Fault::hang) {
    const MonoTime until = world->real.clock.mono_now() + kHang;
    co_await world->real.clock.sleep_until(until);
  }
  HttpReply reply = json_reply(200, "{\"status\":\"ok\"}");
  if (fault == Fault::throttle) {
    reply = json_reply(429, "{\"error\":\"too many requests\"}");
    reply.headers.emplace_back("Retry-After", "20");
  }
  co_return reply;
}

asio::awaitable<HttpReply> catch_webhook(World* world, HttpCall call) {
  boost::system::error_code bad;
  const json::value payload = json::parse(call.body, bad);
  if (bad) {
    co_return text_reply(400, "not JSON\n");
  }
  for (const json::value& alert : payload.at("alerts").as_array()) {
    const auto text = [](const json::value& object, const char* name) {
      const json::value* value = object.as_object().if_contains(name);
      return value == nullptr ? std::string() : std::string(value->as_string());
    };
    const json::value& labels = alert.at("labels");
    const std::string summary = text(alert.at("annotations"), "summary");
    world->say("webhook <-",
               text(alert, "status") + ": " + summary + " (owner " + text(labels, "owner") + ", " +
                   text(labels, "criticality") + ")");
  }
  co_return text_reply(200, "thanks\n");
}

// The first line of the text part: behind the first empty line that follows `text/plain`.
std::string first_line(const std::string& message) {
  const std::size_t part = message.find("text/plain");
  const std::size_t body = message.find("\r\n\r\n", part == std::string::npos ? 0 : part);
  if (body == std::string::npos) {
    return "";
  }
  std::string line = message.substr(body + 4, 400);
  // Soft line breaks of quoted-printable.
  for (std::size_t at = line.find("=\r\n"); at != std::string::npos; at = line.find("=\r\n")) {
    line.erase(at, 3);
  }
  return line.substr(0, line.find("\r\n"));
}

asio::awaitable<void> live(World* world) {
  for (;;) {
    DemoQueue& orders = world->queues["orders"];
    if (world->fault("broker") == Fault::no_reader) {
      orders.consumers = 0;
      orders.messages += kQueueGrowth;
    } else {
      orders.consumers = 1;
      orders.messages = orders.messages > 400 ? orders.messages - 400 : 3;
    }
    const MonoTime next = world->real.clock.mono_now() + kSecond;
    co_await world->real.clock.sleep_until(next);
  }
}

asio::awaitable<void> report_exports(World* world) {
  for (;;) {
    if (world->fault("erp") != Fault::no_reports) {
      HttpRequest request;
      request.url =
          Secret("http://127.0.0.1:" + std::to_string(world->agent_port) + "/ping/" + kExportKey);
      const MonoTime deadline = world->real.clock.mono_now() + kSecond;
      co_await world->real.http.send(std::move(request), deadline);
    }
    const MonoTime next = world->real.clock.mono_now() + 4 * kSecond;
    co_await world->real.clock.sleep_until(next);
  }
}

asio::awaitable<void> tell_story(World* world) {
  MonoTime start = world->began;
  for (;;) {
    for (const Turn& turn : story()) {
      const MonoTime at = start + turn.at;
      co_await world->real.clock.sleep_until(at);
      world->faults[std::string(turn.system)] = turn.fault;
      world->warehouse.set_expired(world->fault("warehouse") == Fault::expired);
      world->say("story     ", turn.told);
    }
    start += kStoryLength;
  }
}

std::vector<Route> system_routes(World* world, const std::string& system) {
  return {Route{{"GET"}, "/*", [world, system](HttpCall call) {
                  return answer(world, system, std::move(call));
                }}};
}

void print_where_to_look(const asio::ip::tcp::endpoint& address, const Folder& folder) {
  const std::string base =
      "http://" + address.address().to_string() + ":" + std::to_string(address.port());
  std::printf(
      "\nSeamwatch watches five simulated systems. Look at:\n"
      "  %s/                what is wrong, since when, whose it is\n"
      "  %s/metrics         for Prometheus\n"
      "  %s/api/v1/alerts   pending and firing alerts\n"
      "  %s   the files that made this\n"
      "Stop with Ctrl-C. Webhooks and mails that were sent show up below.\n\n",
      base.c_str(),
      base.c_str(),
      base.c_str(),
      folder.file("*.yml").c_str());
  std::fflush(stdout);
}

// Starts the simulated systems and catchers; they live as long as `tasks`.
class Systems {
 public:
  Systems(RealWorld& real, World& world, TaskGroup& tasks)
      : shop_(make_server(real, tasks)),
        bank_(make_server(real, tasks)),
        webhook_(make_server(real, tasks)) {
    ports_.shop = serve(*shop_, system_routes(&world, "shop"));
    ports_.bank = serve(*bank_, system_routes(&world, "bank"));
    World* const self = &world;
    ports_.webhook = serve(*webhook_, {Route{{"POST"}, "/webhook", [self](HttpCall call) {
                                               return catch_webhook(self, std::move(call));
                                             }}});
    const auto executor = real.io.get_executor();
    ports_.warehouse =
        listen_on_loopback(tasks, executor, "warehouse", [self](asio::ip::tcp::socket socket) {
          return self->warehouse.serve(std::move(socket));
        });
    ports_.broker =
        listen_on_loopback(tasks, executor, "broker", [self](asio::ip::tcp::socket socket) {
          return serve_amqp(std::move(socket), &self->queues);
        });
    ports_.mail = listen_on_loopback(tasks, executor, "mail", [self](asio::ip::tcp::socket socket) {
      return serve_smtp(std::move(socket), [self](const std::string& message) {
        self->say("mail    <-", first_line(message));
      });
    });
  }

  const DemoPorts& ports() const { return ports_; }

 private:
  static std::unique_ptr<HttpServer> make_server(RealWorld& real, TaskGroup& tasks) {
    return std::make_unique<HttpServer>(
        real.io.get_executor(),
        real.clock,
        ServerOptions{},
        [&tasks](std::string name, asio::awaitable<void> task) {
          tasks.spawn(std::move(name), std::move(task));
        },
        [](const std::string& path, const std::string& what) {
          log(LogLevel::error, "demo system failed", {{"path", path}, {"reason", what}});
        });
  }

  static std::uint16_t serve(HttpServer& server, std::vector<Route> routes) {
    server.set_routes(std::move(routes));
    const auto bound = server.listen("127.0.0.1:0");
    return bound ? bound->port() : 0;
  }

  std::unique_ptr<HttpServer> shop_;
  std::unique_ptr<HttpServer> bank_;
  std::unique_ptr<HttpServer> webhook_;
  DemoPorts ports_;
};

asio::awaitable<void> stop_all(TaskGroup& systems) {
  systems.cancel();
  co_await systems.join();
}

}  // namespace

int run_demo(const DemoOptions& options) {
  set_log_level(options.log ? LogLevel::info : LogLevel::error);
  const Folder folder;
  RealWorld real;
  World world(real);
  TaskGroup systems(real.io.get_executor(), [](const std::string& task, const std::string& what) {
    log(LogLevel::error, "demo task failed", {{"task", task}, {"reason", what}});
  });
  Systems peers(real, world, systems);
  folder.write("authority.pem", world.warehouse.authority_pem());
  folder.write("rules.yml", rules_yml());
  folder.write("notify.yml", notify_yml(peers.ports()));
  folder.write("seamwatch.yml", seamwatch_yml(peers.ports(), options.listen));
  ConfigSources sources;
  sources.config_file = folder.file("seamwatch.yml");
  const auto load = [sources] { return load_all(sources, process_environment()); };
  const LoadResult result = load();
  std::fprintf(stderr, "%s", result.problems.to_string().c_str());
  if (!result.loaded) {
    TaskGroup end(real.io.get_executor(), [](const std::string&, const std::string&) {});
    end.spawn("stop", stop_all(systems));
    real.io.run();
    return 1;
  }
  ServiceHooks hooks;
  hooks.on_started = [&](Agent& agent, TaskGroup& guests) {
    world.agent_port = agent.address().port();
    world.began = real.clock.mono_now();
    print_where_to_look(agent.address(), folder);
    guests.spawn("story", tell_story(&world));
    guests.spawn("queue", live(&world));
    guests.spawn("export job", report_exports(&world));
  };
  hooks.on_stopped = [&systems] { return stop_all(systems); };
  return run_service(real, result.loaded, load, hooks);
}

}  // namespace seamwatch::agent::demo
