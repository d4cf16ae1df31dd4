#include "rules/routing/alert_queue.h"

#include <string>

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);

// An alert that ends so long after kNow; not later than kNow is resolved.
AlertPtr alert(const std::string& name, Millis ends_in, WallTime updated_at = kNow) {
  Alert out;
  out.labels = Labels{{"alertname", name}};
  out.starts_at = kNow - Millis(600'000);
  out.ends_at = kNow + ends_in;
  out.updated_at = updated_at;
  return std::make_shared<const Alert>(std::move(out));
}

AlertPtr firing(const std::string& name) {
  return alert(name, Millis(240'000));
}

AlertPtr resolved(const std::string& name) {
  return alert(name, Millis(-1'000));
}

std::string names(const std::vector<AlertPtr>& alerts) {
  std::string out;
  for (const AlertPtr& each : alerts) {
    out += std::string(each->labels.get("alertname")) + (each->resolved(kNow) ? "- " : "+ ");
  }
  return out;
}

AlertQueue queue_of(std::size_t capacity, const std::vector<AlertPtr>& alerts) {
  AlertQueue queue(AlertQueuePolicy{capacity, Millis(3'600'000)});
  for (const AlertPtr& each : alerts) {
    queue.put(each, kNow);
  }
  return queue;
}

}  // namespace

TEST_CASE("batches come in order and hold the newest word on each alert") {
  AlertQueue queue = queue_of(10, {firing("a"), firing("b"), firing("c"), resolved("a")});
  CHECK(queue.size() == 3);
  CHECK(names(queue.batch(2, kNow)) == "a- b+ ");
  CHECK(names(queue.batch(3, kNow)) == "a- b+ c+ ");
  CHECK(names(queue.batch(4, kNow)) == "a- b+ c+ ");
  CHECK(queue.size() == 3);
}

TEST_CASE("what was told leaves, unless there is a newer word on it") {
  AlertQueue queue = queue_of(10, {firing("a"), firing("b")});
  const auto batch = queue.batch(10, kNow);
  queue.put(resolved("a"), kNow);
  queue.sent(batch);
  CHECK(names(queue.batch(10, kNow)) == "a- ");
  queue.reject(batch);
  CHECK(queue.drops().rejected == 0);
  queue.reject(queue.batch(10, kNow));
  CHECK(queue.drops().rejected == 1);
  CHECK(queue.empty());
}

TEST_CASE("past the capacity firing alerts go first, the oldest first") {
  struct Case {
    const char* name;
    std::vector<AlertPtr> alerts;
    const char* want;
    std::uint64_t dropped;
  };

  const Case cases[] = {
      {"at the capacity", {firing("a"), firing("b")}, "a+ b+ ", 0},
      {"one more", {firing("a"), firing("b"), firing("c")}, "b+ c+ ", 1},
      {"a resolved one is older", {resolved("a"), firing("b"), firing("c")}, "a- c+ ", 1},
      {"the new one alone is firing", {resolved("a"), resolved("b"), firing("c")}, "a- b- ", 1},
      {"all are resolved", {resolved("a"), resolved("b"), resolved("c")}, "b- c- ", 1},
      {"a newer word takes no room", {firing("a"), firing("b"), resolved("a")}, "a- b+ ", 0},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      AlertQueue queue = queue_of(2, c.alerts);
      CHECK(names(queue.batch(10, kNow)) == c.want);
      CHECK(queue.drops().queue_full == c.dropped);
    }
  }
  AlertQueue queue = queue_of(3, {firing("a"), resolved("b"), firing("c")});
  queue.set_capacity(1);
  CHECK(names(queue.batch(10, kNow)) == "b- ");
  CHECK(queue.drops().queue_full == 2);
}

TEST_CASE("what has expired is not told") {
  struct Case {
    const char* name;
    AlertPtr alert;
    Millis later;
    bool told;
  };

  const Case cases[] = {
      {"firing, just before its end", firing("a"), Millis(239'999), true},
      {"firing, at its end", firing("a"), Millis(240'000), false},
      {"resolved, kept to the last moment", resolved("a"), Millis(3'599'000), true},
      {"resolved, a moment longer", resolved("a"), Millis(3'599'001), false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      AlertQueue queue = queue_of(2, {c.alert});
      CHECK(queue.batch(10, kNow + c.later).size() == (c.told ? 1 : 0));
      CHECK(queue.drops().expired == (c.told ? 0U : 1U));
      CHECK(queue.empty() == !c.told);
    }
  }
}

TEST_CASE("resolved alerts are kept until they are told") {
  AlertQueue queue = queue_of(10, {firing("a"), resolved("b")});
  AlertQueue::Changes changes = queue.take_changes();
  CHECK(names(changes.keep) == "b- ");
  CHECK(changes.forget.empty());

  SECTION("nothing changed") {
    changes = queue.take_changes();
    CHECK(changes.keep.empty());
    CHECK(changes.forget.empty());
  }
  SECTION("the same resolution is said again") {
    queue.put(alert("b", Millis(-1'000), kNow + Millis(60'000)), kNow);
    CHECK(queue.take_changes().keep.empty());
  }
  SECTION("a resolution of another time") {
    queue.put(alert("b", Millis(-500)), kNow);
    CHECK(names(queue.take_changes().keep) == "b- ");
  }
  SECTION("it fires again") {
    queue.put(firing("b"), kNow);
    CHECK(queue.take_changes().forget.size() == 1);
  }
  SECTION("it was told") {
    queue.sent(queue.batch(10, kNow));
    CHECK(queue.take_changes().forget ==
          std::vector<std::uint64_t>{resolved("b")->labels.fingerprint()});
  }
  SECTION("nobody is to be told any more") {
    queue.clear();
    CHECK(queue.take_changes().forget.size() == 1);
    CHECK(queue.empty());
  }
  SECTION("it came and went between two looks") {
    queue.put(resolved("c"), kNow);
    queue.sent(queue.batch(10, kNow));
    changes = queue.take_changes();
    CHECK(changes.keep.empty());
    CHECK(changes.forget.size() == 1);
  }
}

TEST_CASE("what was kept comes back and is kept no second time") {
  AlertQueue queue;
  queue.restore(resolved("a"));
  CHECK(queue.take_changes().keep.empty());
  CHECK(names(queue.batch(10, kNow)) == "a- ");
  queue.sent(queue.batch(10, kNow));
  CHECK(queue.take_changes().forget.size() == 1);
}
