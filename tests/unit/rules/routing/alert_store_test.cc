#include "rules/routing/alert_store.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

const Labels kLabels{{"alertname", "A"}};

WallTime at(std::int64_t seconds) {
  return wall_from_unix_millis(seconds * 1000);
}

// From `start` to `end` seconds, as said at `updated`; no end where `end` is negative.
IncomingAlert alert(int start, int end, int updated, bool by_timeout = false) {
  IncomingAlert out;
  out.alert.labels = kLabels;
  out.alert.starts_at = at(start);
  if (end >= 0) {
    out.alert.ends_at = at(end);
  }
  out.alert.updated_at = at(updated);
  out.by_timeout = by_timeout;
  return out;
}

}  // namespace

TEST_CASE("alert_store: what a post without times means") {
  struct Case {
    const char* name;
    std::optional<WallTime> starts_at, ends_at;
    WallTime want_start, want_end;
    bool by_timeout;
  };

  const auto c = GENERATE(values<Case>({
      {"neither", {}, {}, at(100), at(400), true},
      {"start only", at(50), {}, at(50), at(400), true},
      {"end only", {}, at(80), at(80), at(80), false},
      {"both", at(50), at(120), at(50), at(120), false},
  }));
  DYNAMIC_SECTION(c.name) {
    const auto accepted =
        accept_post({kLabels, {}, c.starts_at, c.ends_at, ""}, at(100), Millis(300'000));
    REQUIRE(accepted.has_value());
    CHECK(accepted->alert.starts_at == c.want_start);
    CHECK(accepted->alert.ends_at == c.want_end);
    CHECK(accepted->alert.updated_at == at(100));
    CHECK(accepted->by_timeout == c.by_timeout);
  }
}

TEST_CASE("alert_store: posts that are refused") {
  CHECK_FALSE(accept_post({}, at(0), Millis(1)).has_value());
  CHECK_FALSE(accept_post({kLabels, {}, at(2), at(1), ""}, at(0), Millis(1)).has_value());
  CHECK_FALSE(accept_post({{{"a", "\xff"}}, {}, {}, {}, ""}, at(0), Millis(1)).has_value());
  CHECK(accept_post({kLabels, {}, at(1), at(1), ""}, at(0), Millis(1)).has_value());
  const Labels nameless{{"", "x"}};
  CHECK_FALSE(accept_post({nameless, {}, {}, {}, ""}, at(0), Millis(1)).has_value());
  CHECK_FALSE(accept_post({kLabels, nameless, {}, {}, ""}, at(0), Millis(1)).has_value());
  const auto twice_wrong = accept_post({nameless, {}, at(2), at(1), ""}, at(0), Millis(1));
  CHECK(twice_wrong.error().message == "start time must be before end time");
}

TEST_CASE("alert_store: merging what is said of one alert") {
  struct Case {
    const char* name;
    IncomingAlert first, second;
    WallTime want_start;
    std::optional<WallTime> want_end;
  };

  // All is said at 20 or later; `now` is 20.
  const auto c = GENERATE(values<Case>({
      {"the earliest start counts", alert(10, 100, 1), alert(15, 110, 20), at(10), at(110)},
      {"also where it comes later", alert(15, 100, 1), alert(10, 50, 20), at(10), at(100)},
      {"a later end that was said counts", alert(10, 100, 1), alert(11, 50, 20), at(10), at(100)},
      {"a later end that was assumed does not",
       alert(10, 100, 1, true),
       alert(11, 50, 20),
       at(10),
       at(50)},
      {"a word that it is resolved counts", alert(10, 100, 1), alert(11, 19, 20), at(10), at(19)},
      {"of two past ends the later", alert(10, 18, 1), alert(11, 17, 20), at(10), at(18)},
      {"no overlap: a new firing", alert(1, 5, 1), alert(10, 100, 20), at(10), at(100)},
      {"no end is later than any", alert(10, -1, 1), alert(11, 50, 20), at(10), std::nullopt},
      {"and can be resolved", alert(10, -1, 1), alert(11, 20, 20), at(10), at(20)},
      {"an older word that comes late", alert(10, 15, 20), alert(9, 12, 1), at(9), at(15)},
  }));
  DYNAMIC_SECTION(c.name) {
    AlertStore store;
    store.put(c.first, at(20));
    const AlertPtr merged = store.put(c.second, at(20));
    CHECK(merged->starts_at == c.want_start);
    CHECK(merged->ends_at == c.want_end);
    CHECK(store.find(kLabels.fingerprint()) == merged);
    CHECK(store.size() == 1);
  }
}

TEST_CASE("alert_store: forgets what is long resolved") {
  AlertStore store;
  store.put(alert(1, 10, 1), at(5));
  const auto nobody = [](std::uint64_t) { return false; };
  const auto all = [](std::uint64_t) { return true; };
  store.forget(at(10), nobody);
  store.forget(at(11), all);
  CHECK(store.size() == 1);
  CHECK(store.forget(at(11), nobody).size() == 1);
  CHECK(store.size() == 0);
  store.put(alert(1, -1, 1), at(5));
  store.forget(at(1'000'000), nobody);
  CHECK(store.size() == 1);
  AlertStore of_posted;
  IncomingAlert posted = alert(1, 10, 1);
  posted.posted = true;
  of_posted.put(posted, at(5));
  of_posted.put(alert(1, 11, 2), at(5));
  CHECK(of_posted.posted(kLabels.fingerprint()));
  CHECK(of_posted.forget(at(12), nobody) == std::vector<std::uint64_t>{kLabels.fingerprint()});
}

TEST_CASE("alert_store: survives a restart") {
  AlertStore store;
  IncomingAlert incoming = alert(1, 10, 2, true);
  incoming.alert.annotations = Labels{{"summary", "\"quoted\"\n"}};
  incoming.alert.generator_url = "http://x";
  store.put(incoming, at(2));
  const std::string kept = store.to_json(kLabels.fingerprint());
  const auto restored = incoming_alert_from_json(kept);
  REQUIRE(restored.has_value());
  AlertStore next;
  CHECK(*next.put(*restored, at(3)) == *store.all()[0]);
  CHECK(next.to_json(kLabels.fingerprint()) == kept);
  CHECK(store.to_json(1).empty());
  CHECK_FALSE(incoming_alert_from_json("{").has_value());
  CHECK_FALSE(incoming_alert_from_json("{\"labels\": 1}").has_value());
}
