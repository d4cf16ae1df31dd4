#include "rules/routing/inhibit.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'000'000);

Alert firing(Labels labels) {
  Alert out;
  out.labels = std::move(labels);
  return out;
}

InhibitRule rule(std::string_view source, std::string_view target, std::vector<std::string> equal) {
  return {"", parse_matchers(source).value(), parse_matchers(target).value(), std::move(equal)};
}

const Labels kCritical{{"severity", "critical"}, {"alertname", "A"}};
const Labels kWarning{{"severity", "warning"}, {"alertname", "A"}};

}  // namespace

TEST_CASE("inhibit: a firing source holds its targets back") {
  Inhibitor inhibitor({rule("severity=critical", "severity=warning", {"alertname", "cluster"})});
  CHECK_FALSE(inhibitor.inhibited_by(kWarning, kNow));
  inhibitor.insert(firing(kCritical));
  CHECK(inhibitor.inhibited_by(kWarning, kNow) == kCritical.fingerprint());
  SECTION("not itself") {
    CHECK_FALSE(inhibitor.inhibited_by(kCritical, kNow));
  }
  SECTION("not where a label differs") {
    CHECK_FALSE(inhibitor.inhibited_by(Labels{{"severity", "warning"}, {"alertname", "B"}}, kNow));
    Labels elsewhere = kWarning;
    elsewhere.set("cluster", "c");
    CHECK_FALSE(inhibitor.inhibited_by(elsewhere, kNow));
  }
  SECTION("until it is resolved") {
    Alert resolved = firing(kCritical);
    resolved.ends_at = kNow;
    inhibitor.insert(resolved);
    CHECK(inhibitor.inhibited_by(kWarning, kNow - Millis(1)));
    CHECK_FALSE(inhibitor.inhibited_by(kWarning, kNow));
    inhibitor.forget_resolved(kNow);
    CHECK_FALSE(inhibitor.inhibited_by(kWarning, kNow - Millis(1)));
  }
  SECTION("forget_resolved keeps what fires") {
    inhibitor.forget_resolved(kNow);
    CHECK(inhibitor.inhibited_by(kWarning, kNow));
  }
}

TEST_CASE("inhibit: an alert that is both source and target") {
  Inhibitor inhibitor({rule("", "", {"zone"})});
  const Labels one{{"zone", "z"}, {"n", "1"}};
  const Labels two{{"zone", "z"}, {"n", "2"}};
  inhibitor.insert(firing(one));
  inhibitor.insert(firing(two));
  CHECK_FALSE(inhibitor.inhibited_by(one, kNow));
  CHECK_FALSE(inhibitor.inhibited_by(two, kNow));
}

TEST_CASE("inhibit: the root of the trouble is named") {
  // Both sources hold the target back; the first is itself a target.
  Inhibitor inhibitor({rule("s=1", "t!=1", {})});
  const Labels middle{{"s", "1"}, {"t", "2"}};
  const Labels root{{"s", "1"}, {"t", "1"}};
  inhibitor.insert(firing(middle));
  const Labels leaf{{"x", "1"}};
  CHECK(inhibitor.inhibited_by(leaf, kNow) == middle.fingerprint());
  inhibitor.insert(firing(root));
  CHECK(inhibitor.inhibited_by(leaf, kNow) == root.fingerprint());
  CHECK(inhibitor.inhibited_by(middle, kNow) == root.fingerprint());
  CHECK_FALSE(inhibitor.inhibited_by(root, kNow));
}
