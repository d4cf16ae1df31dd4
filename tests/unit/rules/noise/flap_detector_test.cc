#include "rules/noise/flap_detector.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kStart = wall_from_unix_millis(1'795'420'800'000);
constexpr Millis kMinute{60'000};

Alert alert_of(Labels labels,
               Labels annotations,
               WallTime starts_at,
               std::optional<WallTime> ends_at = std::nullopt) {
  Alert out;
  out.labels = std::move(labels);
  out.annotations = std::move(annotations);
  out.starts_at = starts_at;
  out.ends_at = ends_at;
  return out;
}

// One alert that is told as firing or ended, minute by minute.
struct Story {
  FlapDetector detector;
  FlapPolicy policy;
  std::optional<Alert> known;

  FlapDetector::Noted tell(bool fires, Millis at) {
    Alert alert = known.value_or(alert_of({{"alertname", "Down"}}, {}, kStart + at));
    if (fires && (!known || known->resolved(kStart + at))) {
      alert.starts_at = kStart + at;
    }
    alert.ends_at = fires ? std::nullopt : std::optional<WallTime>(kStart + at);
    const auto noted = detector.note(known ? &*known : nullptr, alert, policy, kStart + at);
    known = alert;
    return noted;
  }

  std::uint64_t fingerprint() const { return known->labels.fingerprint(); }
};

constexpr auto nothing = FlapDetector::Noted::nothing;
constexpr auto counted = FlapDetector::Noted::counted;
constexpr auto began = FlapDetector::Noted::began;

}  // namespace

TEST_CASE("an alert flaps from its third start within the window on") {
  Story story;
  CHECK(story.tell(true, 0 * kMinute) == nothing);
  CHECK(story.tell(true, 1 * kMinute) == nothing);
  CHECK(story.tell(false, 2 * kMinute) == nothing);
  CHECK(story.detector.all().empty());  // nothing is remembered of what fires once
  CHECK(story.tell(true, 3 * kMinute) == counted);
  CHECK(story.tell(true, 4 * kMinute) == nothing);
  CHECK(story.tell(false, 5 * kMinute) == counted);
  CHECK_FALSE(story.detector.flaps(story.fingerprint()));
  CHECK(story.tell(true, 6 * kMinute) == began);
  CHECK(story.detector.flaps(story.fingerprint()));
  CHECK(flap_text(*story.detector.find(story.fingerprint()), story.policy) ==
        "changed 5 times within 30 min");
  CHECK(story.tell(false, 7 * kMinute) == counted);
  CHECK(story.tell(true, 8 * kMinute) == counted);
}

TEST_CASE("changes count for exactly as long as the window") {
  struct Case {
    std::string name;
    Millis last_start;
    FlapDetector::Noted want;
  };

  const std::vector<Case> cases = {
      {"the first start is just within", 30 * kMinute - Millis(1), began},
      {"the first start is just out", 30 * kMinute, counted},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Story story;
      story.tell(true, Millis(0));
      story.tell(false, kMinute);
      story.tell(true, 2 * kMinute);
      story.tell(false, 3 * kMinute);
      CHECK(story.tell(true, c.last_start) == c.want);
    }
  }
}

TEST_CASE("it is stable when few enough changes are left, and told so once") {
  Story story;
  for (int i = 0; i < 5; ++i) {
    story.tell(i % 2 == 0, i * kMinute);
  }
  REQUIRE(story.detector.flaps(story.fingerprint()));
  // Changes at 0, 1, 2, 3 and 4 min: from 32 min on only two are left.
  CHECK(story.detector.settle(story.policy, kStart + 32 * kMinute - Millis(1)).empty());
  CHECK(story.detector.settle(story.policy, kStart + 32 * kMinute) ==
        std::vector<Labels>{story.known->labels});
  CHECK(story.detector.settle(story.policy, kStart + 33 * kMinute).empty());
  CHECK_FALSE(story.detector.flaps(story.fingerprint()));
  story.detector.settle(story.policy, kStart + 40 * kMinute);
  CHECK(story.detector.all().empty());
}

TEST_CASE("an end that came by the mere passing of time counts") {
  FlapDetector detector;
  const FlapPolicy policy;
  Alert first = alert_of({{"alertname", "Down"}}, {}, kStart, kStart + kMinute);
  Alert second = alert_of(first.labels, {}, kStart + 2 * kMinute, kStart + 3 * kMinute);
  Alert third = alert_of(first.labels, {}, kStart + 4 * kMinute, kStart + 5 * kMinute);
  CHECK(detector.note(&first, second, policy, second.starts_at) == counted);
  CHECK(detector.note(&second, third, policy, third.starts_at) == began);
  CHECK(detector.find(first.labels.fingerprint())->changes.size() == 5);
}

TEST_CASE("switched off, nothing flaps, and what flapped is stable at once") {
  Story story;
  for (int i = 0; i < 5; ++i) {
    story.tell(i % 2 == 0, i * kMinute);
  }
  story.policy.enabled = false;
  CHECK(story.detector.settle(story.policy, kStart + 5 * kMinute).size() == 1);
  CHECK(story.detector.all().empty());
  for (int i = 6; i < 20; ++i) {
    CHECK(story.tell(i % 2 == 0, i * kMinute) == nothing);
  }
}

TEST_CASE("a clock that is set back forgets what lies ahead") {
  Story story;
  for (int i = 0; i < 5; ++i) {
    story.tell(i % 2 == 0, i * kMinute);
  }
  CHECK(story.detector.settle(story.policy, kStart - kMinute).size() == 1);
  CHECK(story.detector.all().empty());
}

TEST_CASE("what an alert did outlives a restart") {
  FlapStanding standing{
      {{"alertname", "Down"}}, {kStart, kStart + kMinute}, true, kStart + kMinute};
  CHECK(*flap_standing_from_json(to_json(standing)) == standing);
  standing.flapping_since.reset();
  CHECK(*flap_standing_from_json(to_json(standing)) == standing);
  CHECK_FALSE(flap_standing_from_json("[]").has_value());
  FlapDetector detector;
  detector.restore(7, standing);
  CHECK(*detector.find(7) == standing);
}

TEST_CASE("what is told of an alert that flaps, and when it is stable") {
  const Alert alert =
      alert_of({{"alertname", "Down"}, {"q", "x"}}, {{"summary", "No answer"}}, kStart);
  const Alert flapping = flapping_alert(alert, "changed 5 times within 30 min", kStart + kMinute);
  CHECK(flapping.labels == Labels{{"alertname", "Down"}, {"flapping", "true"}, {"q", "x"}});
  CHECK(flapping.starts_at == kStart + kMinute);
  CHECK_FALSE(flapping.ends_at);
  CHECK(flapping.annotations.get("summary") ==
        "It flaps (changed 5 times within 30 min) and is not told again until it is stable: "
        "No answer");
  const Alert stable = stable_alert(flapping, true, kStart + 2 * kMinute);
  CHECK(stable.labels == flapping.labels);
  CHECK(stable.resolved(kStart + 2 * kMinute));
  CHECK(stable.annotations.get("summary") == "It is stable: it no longer comes and goes, it fires");
}
