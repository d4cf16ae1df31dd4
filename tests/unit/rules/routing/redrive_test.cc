#include "rules/routing/redrive.h"

#include <map>

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

const WallTime kThen = wall_from_unix_millis(1'700'000'000'000);
const WallTime kNow = kThen + Millis(3'600'000);

Alert alert(const std::string& name, std::optional<WallTime> ends_at = std::nullopt) {
  Alert out;
  out.labels = Labels{{"alertname", name}};
  out.starts_at = kThen;
  out.ends_at = ends_at;
  return out;
}

std::uint64_t print(const std::string& name) {
  return alert(name).labels.fingerprint();
}

Notification letter(std::vector<Alert> alerts) {
  Notification out;
  out.id = "n";
  out.reason = "first";
  out.created_at = kThen;
  out.alerts = std::move(alerts);
  return out;
}

// "a firing, b ended", or why it is left out.
std::string told(const Redriven& redriven) {
  std::string out = redriven.left_out;
  if (redriven.notice) {
    CHECK(redriven.notice->late);
    CHECK(redriven.notice->id == "n");
    for (const Alert& one : redriven.notice->alerts) {
      out += (out.empty() ? "" : ", ") + std::string(one.labels.get("alertname")) +
             (one.ends_at ? " ended" : " firing");
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a dead letter that is delivered again says what is true now and was not told") {
  struct Case {
    std::string name;
    std::vector<Alert> letter;
    std::vector<std::string> told_firing;
    std::vector<std::string> told_ended;
    std::vector<Alert> now;
    std::string want;
  };

  const WallTime ended = kThen + Millis(60'000);
  Alert anew = alert("a");
  anew.starts_at = ended;
  const std::string newer = "what it says was told by a newer notice at 2023-11-14 22:23:20 UTC";
  const Case cases[] = {
      {"it still fires", {alert("a")}, {}, {}, {alert("a")}, "a firing"},
      {"it fires, and that was told", {alert("a")}, {"a"}, {}, {alert("a")}, newer},
      {"it ended, untold", {alert("a")}, {}, {}, {alert("a", ended)}, "a ended"},
      {"it ended, and that was told", {alert("a")}, {}, {"a"}, {alert("a", ended)}, newer},
      {"it is gone", {alert("a")}, {}, {}, {}, "a ended"},
      {"it is gone, and its end was told", {alert("a")}, {}, {"a"}, {}, newer},
      {"it ended and fires anew, told", {alert("a")}, {"a"}, {}, {anew}, newer},
      {"an end, untold", {alert("a", ended)}, {}, {}, {alert("a", ended)}, "a ended"},
      {"an end, told since", {alert("a", ended)}, {}, {"a"}, {alert("a", ended)}, newer},
      {"an end, and it fires anew", {alert("a", ended)}, {"a"}, {}, {anew}, newer},
      {"one of two", {alert("a"), alert("b")}, {}, {"a"}, {alert("b")}, "b firing"},
      {"the order stays",
       {alert("a"), alert("b")},
       {},
       {},
       {alert("a", ended), alert("b")},
       "a ended, b firing"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      NotificationLogEntry entry;
      entry.at = kThen + Millis(600'000);
      for (const std::string& name : c.told_firing) {
        entry.firing.push_back(print(name));
      }
      for (const std::string& name : c.told_ended) {
        entry.resolved.push_back(print(name));
      }
      std::map<std::uint64_t, AlertPtr> current;
      for (const Alert& one : c.now) {
        current[one.labels.fingerprint()] = std::make_shared<const Alert>(one);
      }
      RedriveFacts facts;
      facts.now = kNow;
      if (!c.told_firing.empty() || !c.told_ended.empty()) {
        facts.told = [&entry](const NotificationKey&) { return &entry; };
      }
      facts.current = [&](std::uint64_t fingerprint) {
        const auto found = current.find(fingerprint);
        return found == current.end() ? nullptr : found->second;
      };
      CHECK(told(as_it_stands(letter(c.letter), facts)) == c.want);
    }
  }
}

TEST_CASE("what the letter itself said to the log is not taken for told since") {
  NotificationLogEntry entry;
  entry.at = kThen;
  entry.firing = {print("a")};
  RedriveFacts facts;
  facts.now = kNow;
  facts.told = [&entry](const NotificationKey&) { return &entry; };
  CHECK(told(as_it_stands(letter({alert("a")}), facts)) == "a firing");
  entry.at = kNow;  // a newer notice said it too, and was lost as well
  entry.loss = Loss::given_up;
  CHECK(told(as_it_stands(letter({alert("a")}), facts)) == "a firing");
}

TEST_CASE("what began anew since a letter was written") {
  const WallTime ended = kThen + Millis(60'000);
  Alert later = alert("a", ended + Millis(120'000));
  later.starts_at = ended + Millis(60'000);
  NotificationLogEntry entry;
  entry.at = kThen + Millis(600'000);
  RedriveFacts facts;
  facts.now = kNow;
  facts.current = [&](std::uint64_t) { return std::make_shared<const Alert>(later); };
  CHECK(told(as_it_stands(letter({alert("a", ended)}), facts)) == "a ended");
  // What fired was over when the later one began.
  const Redriven late = as_it_stands(letter({alert("a")}), facts);
  REQUIRE(late.notice);
  CHECK(late.notice->alerts.front().ends_at == later.starts_at);
  facts.told = [&entry](const NotificationKey&) { return &entry; };
  SECTION("its group tells it again, as the notice of it was lost") {
    entry.firing = {print("a")};
    entry.loss = Loss::given_up;
    CHECK(told(as_it_stands(letter({alert("a")}), facts)).starts_with("its group tells it again"));
    CHECK(told(as_it_stands(letter({alert("a", ended)}), facts)).starts_with("its group tells"));
  }
  SECTION("it was told as firing since: the end comes with its group") {
    entry.firing = {print("a")};
    CHECK(told(as_it_stands(letter({alert("a")}), facts)).starts_with("what it says was told"));
  }
}

TEST_CASE("where nothing is known of the present, only the log speaks") {
  NotificationLogEntry entry;
  entry.at = kThen + Millis(600'000);
  entry.resolved = {print("a")};
  RedriveFacts facts;
  facts.now = kNow;
  CHECK(told(as_it_stands(letter({alert("a")}), facts)) == "a firing");
  facts.told = [&entry](const NotificationKey&) { return &entry; };
  CHECK(as_it_stands(letter({alert("a")}), facts).left_out.starts_with("what it says was told"));
}

TEST_CASE("of the summary of a storm, what was told since in the group of each alert is left out") {
  NotificationLogEntry entry;
  entry.at = kThen + Millis(600'000);
  entry.firing = {print("a")};
  RedriveFacts facts;
  facts.now = kNow;
  facts.told = [&entry](const NotificationKey& key) {
    return key.group_key == "of a" ? &entry : nullptr;
  };
  Notification summary = letter({alert("a"), alert("b")});
  summary.parts = {{"of a", "1", "first", {}, {}, {print("a")}},
                   {"of b", "1", "first", {}, {}, {print("b")}}};
  CHECK(told(as_it_stands(summary, facts)) == "b firing");
  summary.alerts.pop_back();
  CHECK(as_it_stands(summary, facts).left_out.starts_with("what it says was told"));
}
