#include "agent/deliver/receiver_sinks.h"

#include <filesystem>
#include <fstream>

#include "tests/unit/agent/agent_fixture.h"
#include "tests/unit/agent/store/store_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

struct ReceiverSinksWorld : SimPorts {
  explicit ReceiverSinksWorld(const std::string& receivers)
      : sinks(notify_config("route: {receiver: team}\nreceivers:\n" + receivers),
              std::make_shared<const rules::templates::NotificationTemplates>(
                  *rules::templates::NotificationTemplates::make({})),
              exporters::SinkPorts{loop.clock, network, network}) {}

  Notification notification(const std::string& receiver, const std::string& sink) {
    Notification out;
    out.id = "id-1";
    out.receiver = receiver;
    out.sink = sink;
    out.group_key = "{}";
    out.alerts.push_back(
        Alert{Labels{{"alertname", "Down"}}, {}, loop.clock.wall_now(), {}, {}, ""});
    return out;
  }

  // Empty, or the code of the fault.
  std::string made(const std::string& receiver, const std::string& sink) {
    const auto sink_or_fault = sinks.sink_for(notification(receiver, sink));
    return sink_or_fault ? "" : sink_or_fault.error().signal.code;
  }

  ReceiverSinks sinks;
};

constexpr const char* kOneWebhook = "  - {name: team, webhook_configs: [{url: http://h.test/x}]}\n";

}  // namespace

TEST_CASE("a notification finds the sink that it names, and no other") {
  struct Case {
    std::string receiver;
    std::string sink;
    std::string want;
  };

  ReceiverSinksWorld world(kOneWebhook);
  for (const Case& c : {Case{"team", "webhook[0]", ""},
                        Case{"team", "webhook[1]", "no_such_sink"},
                        Case{"team", "webhook[-1]", "no_such_sink"},
                        Case{"team", "webhook[]", "no_such_sink"},
                        Case{"team", "webhook[0", "no_such_sink"},
                        Case{"team", "webhook[18446744073709551616]", "no_such_sink"},
                        Case{"team", "email[0]", "no_such_sink"},
                        Case{"team", "", "no_such_sink"},
                        Case{"gone", "webhook[0]", "no_such_sink"}}) {
    DYNAMIC_SECTION(c.receiver << " " << c.sink) {
      CHECK(world.made(c.receiver, c.sink) == c.want);
    }
  }
}

TEST_CASE("a secret in a file is read at each delivery, and one that is missing may come back") {
  const TempFolder folder;
  const std::string file = folder.path() + "/url";
  ReceiverSinksWorld world("  - name: team\n    webhook_configs: [{url_file: " + file + "}]\n");
  CHECK(world.made("team", "webhook[0]") == "secret_unreadable");
  for (const std::string path : {"/first", "/rotated"}) {
    std::ofstream(file) << "http://h.test" << path << "\n";
    const Notification notification = world.notification("team", "webhook[0]");
    auto sink = world.sinks.sink_for(notification);
    REQUIRE(sink.has_value());
    const Delivery delivery = world.run(
        (*sink)->deliver(notification, world.loop.clock.wall_now(), MonoTime(Millis(60'000))));
    CHECK(delivery.outcome == DeliveryOutcome::delivered);
    CHECK(world.network.webhooks().back().url == "http://h.test" + path);
    CHECK(header(world.network.webhooks().back().headers, "idempotency-key").size() <= 64);
  }
}
