#include "rules/routing/notice_parts.h"

#include "rules/routing/late_notice.h"
#include "rules/routing/lost_notice.h"
#include "tests/unit/rules/routing/decision_world.h"

namespace seamwatch::rules::deciding {
namespace {

Notification held(const std::string& id, const std::string& group, std::vector<Alert> alerts) {
  Notification out;
  out.id = id;
  out.receiver = "r";
  out.sink = "email[0]";
  out.group_key = group;
  out.group_labels = Labels{{"g", group}};
  out.reason = id.ends_with("again") ? "again" : "new_alerts";
  out.created_at = kNow;
  out.alerts = std::move(alerts);
  return out;
}

// Of notices in the order of their groups.
Notification summary_of(const std::vector<Notification>& all) {
  Notification out = held("", "{storm}", {});
  for (const Notification& one : all) {
    out.id += one.id;
  }
  for (const Notification& one : all) {
    out.alerts.insert(out.alerts.end(), one.alerts.begin(), one.alerts.end());
    out.parts.push_back(part_of(one, out.id));
  }
  out.group_labels = summary_labels(all.size());
  return out;
}

// The log's entry of a group of which `summary` says that these alerts fire.
NotificationLogEntry told(const Notification& summary,
                          const std::string& group,
                          std::vector<std::uint64_t> firing) {
  NotificationLogEntry out;
  out.key = {group, summary.receiver, summary.sink};
  std::sort(firing.begin(), firing.end());
  out.firing = std::move(firing);
  out.at = kNow;
  out.notice = summary.id;
  return out;
}

}  // namespace

TEST_CASE("a summary knows what it stands for, also after it was kept") {
  const Notification summary =
      summary_of({held("1", "x", {alert("a")}), held("2 again", "y", {alert("b"), alert("c")})});
  CHECK(notification_from_json(to_json(summary)).value() == summary);
  const std::vector<LogPlace> places = log_places(summary);
  REQUIRE(places.size() == 2);
  CHECK(places[0].key == NotificationKey{"x", "r", "email[0]"});
  CHECK(places[0].notice == summary.id);
  CHECK(places[0].holds(fingerprint("a")));
  CHECK_FALSE(places[0].holds(fingerprint("b")));
  const std::vector<Notification> apart = taken_apart(summary);
  REQUIRE(apart.size() == 2);
  CHECK(apart[0].alerts == std::vector{alert("a")});
  CHECK(apart[0].reason == "new_alerts");
  CHECK(apart[1].alerts == std::vector{alert("b"), alert("c")});
  CHECK(apart[1].group_key == "y");
  CHECK(apart[1].group_labels == Labels{{"g", "y"}});
  CHECK(apart[1].reason == "again");
  CHECK(apart[1].parts.empty());
}

TEST_CASE("any other notice stands for its own group") {
  const Notification notice = held("1", "x", {alert("a")});
  CHECK(to_json(notice).find("parts") == std::string::npos);
  CHECK(taken_apart(notice) == std::vector{notice});
  REQUIRE(log_places(notice).size() == 1);
  CHECK(log_places(notice)[0].notice == "1");
  CHECK(log_places(notice)[0].holds(fingerprint("anything")));
}

TEST_CASE("where a summary that became part of another is lost, all its groups are told again") {
  const Notification first =
      summary_of({held("1", "x", {alert("a", true)}), held("2", "y", {alert("b")})});
  const Notification second = summary_of({held("3", "y", {alert("c")}), held("4", "z", {})});
  const Notification both = coalesce(first, second);
  CHECK(both.id == second.id);
  CHECK(both.group_labels == Labels{{"storm", "3 notices in one"}});
  const std::vector<LogPlace> places = log_places(both);
  REQUIRE(places.size() == 3);
  CHECK(places[0].notice == first.id);
  CHECK(places[1].notice == second.id);
  CHECK(places[1].holds(fingerprint("b")));
  CHECK(places[1].holds(fingerprint("c")));
  SECTION("with the ends of their own alerts") {
    NotificationLogEntry before = told(first, "x", {});
    before.resolved = {fingerprint("a")};
    const auto x = concluded(before, places[0], Loss::given_up, lost_alerts(both));
    REQUIRE(x);
    CHECK(x->loss == Loss::given_up);
    CHECK(x->held == std::vector{fingerprint("a")});
    const auto y = concluded(told(second, "y", {fingerprint("b"), fingerprint("c")}),
                             places[1],
                             Loss::given_up,
                             lost_alerts(both));
    REQUIRE(y);
    CHECK(y->loss == Loss::given_up);
    CHECK(y->held.empty());
  }
  SECTION("but for those that were told by a notice of their own since") {
    NotificationLogEntry since = told(first, "x", {});
    since.notice = "newer";
    since.resolved = {fingerprint("a")};
    CHECK_FALSE(concluded(since, places[0], Loss::given_up, lost_alerts(both)));
  }
}

}  // namespace seamwatch::rules::deciding
