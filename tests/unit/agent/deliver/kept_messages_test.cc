#include "agent/deliver/kept_messages.h"

#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

Notification notice(const std::string& group) {
  Notification out;
  out.receiver = "ops";
  out.sink = "slack[0]";
  out.group_key = group;
  return out;
}

std::string id_of(const KeptMessages& messages, const std::string& group) {
  const auto found = messages.find(notice(group));
  return found ? found->channel + " " + found->id : "none";
}

}  // namespace

TEST_CASE("sent messages come back after a restart, erased ones and old ones do not") {
  SimPorts sim;
  KeptMessages before(*sim.store, sim.loop.clock);
  before.set(notice("long ago"), {"C1", "0.1"});
  sim.loop.clock.jump_wall(std::chrono::hours(1));
  before.set(notice("stays"), {"C1", "1.1"});
  before.set(notice("changed"), {"C1", "1.2"});
  before.set(notice("changed"), {"C2", "2.2"});
  before.set(notice("over"), {"C1", "1.3"});
  before.erase(notice("over"));
  REQUIRE(sim.run(before.flush()).has_value());
  sim.loop.clock.jump_wall(Millis(std::chrono::hours(14 * 24)));

  KeptMessages after(*sim.store, sim.loop.clock);
  std::vector<KeyValue> kept = *sim.run(sim.store->load_all(std::string(kSentMessageSpace)));
  kept.push_back(KeyValue{"damaged", "{"});
  after.restore(kept);
  CHECK(id_of(after, "stays") == "C1 1.1");
  CHECK(id_of(after, "changed") == "C2 2.2");
  CHECK(id_of(after, "over") == "none");
  CHECK(id_of(after, "long ago") == "none");
  REQUIRE(sim.run(after.flush()).has_value());
  CHECK(sim.run(sim.store->load_all(std::string(kSentMessageSpace)))->size() == 2);
}

TEST_CASE("another sink of the receiver has a message of its own") {
  SimPorts sim;
  KeptMessages messages(*sim.store, sim.loop.clock);
  messages.set(notice("g"), {"C1", "1"});
  Notification second = notice("g");
  second.sink = "slack[1]";
  CHECK_FALSE(messages.find(second).has_value());
}

TEST_CASE("of too many messages the one goes that was changed longest ago") {
  SimPorts sim;
  KeptMessages messages(*sim.store, sim.loop.clock);
  for (int i = 0; i < 10'000; ++i) {
    messages.set(notice(std::to_string(i)), {"C", "1"});
    sim.loop.clock.jump_wall(Millis(1));
  }
  messages.set(notice("0"), {"C", "2"});
  sim.loop.clock.jump_wall(Millis(1));
  messages.set(notice("one more"), {"C", "3"});
  CHECK(id_of(messages, "0") == "C 2");
  CHECK(id_of(messages, "1") == "none");
  CHECK(id_of(messages, "2") == "C 1");
  CHECK(id_of(messages, "one more") == "C 3");
}
