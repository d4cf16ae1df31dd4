#include "agent/notify/kept_alerts.h"

#include <algorithm>
#include <set>

#include "tests/unit/agent/agent_fixture.h"
#include "tests/unit/agent/store/store_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

// Alerts in memory, and what keeps them.
struct Kept {
  explicit Kept(Store& where) : store(where), kept(where, alerts) {}

  std::uint64_t put(const std::string& name, const std::string& text = "first") {
    rules::IncomingAlert incoming;
    incoming.alert.labels = Labels{{"alertname", name}};
    incoming.alert.annotations = Labels{{"text", text}};
    incoming.posted = true;
    const std::uint64_t fingerprint = incoming.alert.labels.fingerprint();
    alerts.put(std::move(incoming), WallTime{});
    kept.set(fingerprint);
    return fingerprint;
  }

  Store& store;
  rules::AlertStore alerts;
  KeptAlerts kept;
};

std::set<std::string> names(const std::vector<rules::IncomingAlert>& alerts) {
  std::set<std::string> out;
  for (const rules::IncomingAlert& one : alerts) {
    out.emplace(one.alert.labels.get("alertname"));
  }
  return out;
}

std::vector<KeyValue> rows(SimPorts& sim) {
  return *sim.run(sim.store->load_all(std::string(kPostedAlertSpace)));
}

// What the next start finds.
std::vector<rules::IncomingAlert> restored(SimPorts& sim) {
  return Kept(*sim.store).kept.restore(rows(sim));
}

}  // namespace

TEST_CASE("kept alerts: each comes back as it was last written, and an erased one does not") {
  SimPorts sim;
  Kept kept(*sim.store);
  CHECK_FALSE(kept.kept.dirty());
  kept.put("a");
  const std::uint64_t b = kept.put("b");
  kept.put("c");
  REQUIRE(sim.run(kept.kept.flush()).has_value());
  CHECK_FALSE(kept.kept.dirty());
  kept.put("a", "second");
  kept.kept.erase(b);
  REQUIRE(sim.run(kept.kept.flush()).has_value());
  const auto found = restored(sim);
  REQUIRE(names(found) == std::set<std::string>{"a", "c"});
  for (const rules::IncomingAlert& one : found) {
    const bool again = one.alert.labels.get("alertname") == "a";
    CHECK(one.posted);
    CHECK(one.alert.annotations.get("text") == (again ? "second" : "first"));
  }
}

TEST_CASE("kept alerts: a block goes with its last current alert") {
  SimPorts sim;
  Kept kept(*sim.store);
  const std::uint64_t a = kept.put("a");
  REQUIRE(sim.run(kept.kept.flush()).has_value());
  kept.put("b");
  REQUIRE(sim.run(kept.kept.flush()).has_value());
  CHECK(rows(sim).size() == 2);
  SECTION("all that were posted are posted again") {
    kept.put("a");
    kept.put("b");
    REQUIRE(sim.run(kept.kept.flush()).has_value());
    CHECK(rows(sim).size() == 1);
    CHECK(names(restored(sim)) == std::set<std::string>{"a", "b"});
  }
  SECTION("all are erased: nothing is left") {
    kept.kept.erase(a);
    REQUIRE(sim.run(kept.kept.flush()).has_value());
    CHECK(names(restored(sim)) == std::set<std::string>{"b"});
    kept.kept.erase(Labels{{"alertname", "b"}}.fingerprint());
    REQUIRE(sim.run(kept.kept.flush()).has_value());
    CHECK(rows(sim).empty());
  }
}

TEST_CASE("kept alerts: one that stays for long does not keep all that came after it") {
  SimPorts sim;
  Kept kept(*sim.store);
  kept.put("stays");
  for (int round = 0; round < 3000; ++round) {
    kept.put("again", std::to_string(round));
    REQUIRE(sim.run(kept.kept.flush()).has_value());
  }
  CHECK(rows(sim).size() < 1100);
  CHECK(names(restored(sim)) == std::set<std::string>{"again", "stays"});
}

TEST_CASE("kept alerts: after a restart it goes on where it was") {
  SimPorts sim;
  Kept first(*sim.store);
  first.put("a");
  first.put("b");
  REQUIRE(sim.run(first.kept.flush()).has_value());
  Kept next(*sim.store);
  for (rules::IncomingAlert& alert : next.kept.restore(rows(sim))) {
    next.alerts.put(std::move(alert), WallTime{});
  }
  next.kept.erase(Labels{{"alertname", "a"}}.fingerprint());
  next.put("c");
  REQUIRE(sim.run(next.kept.flush()).has_value());
  CHECK(names(restored(sim)) == std::set<std::string>{"b", "c"});
}

TEST_CASE("kept alerts: rows of one alert each, as earlier versions wrote them, are read") {
  SimPorts sim;
  std::vector<KeyValue> earlier;
  {
    Kept kept(*sim.store);
    for (const char* name : {"a", "b", "c"}) {
      const std::uint64_t fingerprint = kept.put(name);
      earlier.push_back({fingerprint_hex(fingerprint), kept.alerts.to_json(fingerprint)});
    }
  }
  REQUIRE(sim.run(sim.store->put_all(std::string(kPostedAlertSpace), earlier, {})).has_value());
  CHECK(names(restored(sim)) == std::set<std::string>{"a", "b", "c"});
  Kept next(*sim.store);
  for (rules::IncomingAlert& alert : next.kept.restore(rows(sim))) {
    next.alerts.put(std::move(alert), WallTime{});
  }
  next.put("a", "second");
  next.kept.erase(Labels{{"alertname", "b"}}.fingerprint());
  REQUIRE(sim.run(next.kept.flush()).has_value());
  const auto found = restored(sim);
  REQUIRE(names(found) == std::set<std::string>{"a", "c"});
  for (const rules::IncomingAlert& one : found) {
    const bool again = one.alert.labels.get("alertname") == "a";
    CHECK(one.alert.annotations.get("text") == (again ? "second" : "first"));
  }
}

TEST_CASE("kept alerts: what the alerts of a block share comes back with each") {
  SimPorts sim;
  Kept kept(*sim.store);
  std::vector<rules::AlertPtr> before;
  for (int number = 0; number < 4; ++number) {
    rules::IncomingAlert incoming;
    Alert& alert = incoming.alert;
    alert.labels = Labels{{"alertname", "Down"}, {"number", std::to_string(number)}};
    alert.annotations = Labels{{"of all", "\"same\""}, {"of two", number < 2 ? "x" : ""}};
    alert.starts_at = wall_from_unix_millis(number / 3);
    alert.updated_at = wall_from_unix_millis(5);
    alert.ends_at = number == 1 ? std::nullopt : std::optional(wall_from_unix_millis(9));
    alert.generator_url = number == 2 ? "/two" : "/all";
    incoming.by_timeout = number == 3;
    incoming.posted = true;
    before.push_back(kept.alerts.put(std::move(incoming), WallTime{}));
    kept.kept.set(before.back()->labels.fingerprint());
  }
  REQUIRE(sim.run(kept.kept.flush()).has_value());
  const auto found = restored(sim);
  REQUIRE(found.size() == before.size());
  for (const rules::IncomingAlert& one : found) {
    const auto same = std::find_if(before.begin(), before.end(), [&](const rules::AlertPtr& known) {
      return *known == one.alert;
    });
    REQUIRE(same != before.end());
    CHECK(one.by_timeout == (one.alert.labels.get("number") == "3"));
    CHECK(one.posted);
  }
  std::vector<KeyValue> damaged = rows(sim);
  REQUIRE(damaged.at(0).value.starts_with("={"));
  damaged[0].value[1] = 'x';
  CHECK(Kept(*sim.store).kept.restore(damaged).empty());
}

TEST_CASE("kept alerts: a line that cannot be read costs only itself") {
  SimPorts sim;
  Kept kept(*sim.store);
  kept.put("a");
  REQUIRE(sim.run(kept.kept.flush()).has_value());
  std::vector<KeyValue> found = rows(sim);
  found[0].value = "not an alert\n\n" + found[0].value;
  CHECK(names(Kept(*sim.store).kept.restore(found)) == std::set<std::string>{"a"});
}

TEST_CASE(
    "kept alerts: what the store refuses is written with the next flush, newer ones winning") {
  const TempFolder folder;
  const auto store = open_store(impatient_options(folder.path()));
  boost::asio::io_context io;
  Kept kept(*store);
  const auto names_kept = [&] {
    return names(
        Kept(*store).kept.restore(*run_on(io, store->load_all(std::string(kPostedAlertSpace)))));
  };
  const std::uint64_t a = kept.put("a");
  REQUIRE(run_on(io, kept.kept.flush()).has_value());
  {
    const HeldDatabase held(folder);
    kept.kept.erase(a);
    kept.put("b");
    REQUIRE(run_on(io, kept.kept.flush()).has_error());
    CHECK(kept.kept.dirty());
  }
  CHECK(names_kept() == std::set<std::string>{"a"});
  SECTION("as it was") {
    REQUIRE(run_on(io, kept.kept.flush()).has_value());
    CHECK(names_kept() == std::set<std::string>{"b"});
  }
  SECTION("with what changed meanwhile") {
    kept.put("a");
    REQUIRE(run_on(io, kept.kept.flush()).has_value());
    CHECK(names_kept() == std::set<std::string>{"a", "b"});
  }
}
