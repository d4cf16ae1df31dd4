#include "agent/notify/first_told.h"

#include "tests/unit/agent/agent_fixture.h"

namespace seamwatch::agent {
namespace {

Alert raw() {
  Alert out;
  out.labels = Labels{{"alertname", "Down"}, {"integration", "orders"}};
  out.annotations = Labels{{"summary", "it fails"}};
  return out;
}

// As the landscape of `owner` has it.
Alert told_by(const std::string& owner) {
  Alert out = raw();
  out.labels.set("owner", owner);
  out.annotations.set("contact", owner + "@desk");
  out.annotations.set("expected", "expected to fix itself");
  return out;
}

const FirstTold::Known kFires{true, true, "confidential"};
const FirstTold::Known kGone{false, false, ""};

struct FirstToldWorld : SimPorts {
  Alert tell(Alert now, const FirstTold::Known& known, Millis later = Millis(0)) {
    Alert rules = raw();
    rules.starts_at += later;
    return told.as_first_told(rules, std::move(now), known);
  }

  FirstTold told{*store};
};

}  // namespace

TEST_CASE("an alert keeps the labels it was first told with while it fires, and what else is new") {
  FirstToldWorld world;
  CHECK(world.tell(told_by("ops"), kFires) == told_by("ops"));
  const Alert later = world.tell(told_by("lab"), kFires);
  CHECK(later.labels == told_by("ops").labels);
  CHECK(later.annotations == told_by("lab").annotations);
}

TEST_CASE("the end of an alert of an integration that is gone is told as its beginning was") {
  FirstToldWorld world;
  world.tell(told_by("ops"), kFires);
  const Alert end = world.tell(raw(), kGone);
  CHECK(end.labels == told_by("ops").labels);
  CHECK(end.annotations == told_by("ops").annotations);
  REQUIRE(world.told.privacy_of(end.labels) != nullptr);
  CHECK(*world.told.privacy_of(end.labels) == "confidential");
  CHECK(world.told.privacy_of(raw().labels) == nullptr);
}

TEST_CASE("what fires anew is told as things are now") {
  FirstToldWorld world;
  world.tell(told_by("ops"), kFires);
  CHECK(world.tell(told_by("lab"), kFires, Millis(1)) == told_by("lab"));
  CHECK(world.tell(told_by("ops"), kFires, Millis(1)).labels == told_by("lab").labels);
}

TEST_CASE("an end whose beginning nobody was told of is no telling") {
  FirstToldWorld world;
  CHECK(world.tell(raw(), kGone) == raw());
  CHECK(world.told.size() == 0);
}

TEST_CASE("how alerts were told survives a restart, and what to expect is not lost by it") {
  FirstToldWorld world;
  world.tell(told_by("ops"), kFires);
  Alert persistent = told_by("ops");
  persistent.annotations.set("expected", "needs someone");
  world.tell(persistent, kFires);
  REQUIRE(world.run(world.told.keep()).has_value());
  FirstTold next(*world.store);
  std::vector<KeyValue> kept = *world.run(world.store->load_all(std::string(kFirstToldSpace)));
  kept.push_back({"0123", "{}"});
  kept.push_back({"no key", "{}"});
  next.restore(kept);
  CHECK(next.size() == 1);
  Alert unseen = told_by("lab");
  unseen.annotations.erase("expected");
  const Alert after = next.as_first_told(raw(), unseen, kFires);
  CHECK(after.labels == told_by("ops").labels);
  CHECK(after.annotations.get("expected") == "needs someone");
  CHECK(after.annotations.get("contact") == "lab@desk");
  next.forget([](const Labels&) { return false; });
  CHECK(next.size() == 0);
  REQUIRE(world.run(next.keep()).has_value());
  CHECK(world.run(world.store->load_all(std::string(kFirstToldSpace)))->empty());
}

}  // namespace seamwatch::agent
