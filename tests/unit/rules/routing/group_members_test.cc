#include "rules/routing/group_members.h"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

AlertPtr alert(Labels labels) {
  Alert out;
  out.labels = std::move(labels);
  return std::make_shared<const Alert>(std::move(out));
}

std::vector<AlertPtr> all_of(const GroupMembers& members) {
  std::vector<AlertPtr> out;
  members.each([&](const AlertPtr& one) { out.push_back(one); });
  return out;
}

// The alerts in the order of alert_before, as a set would have them.
std::vector<AlertPtr> in_order(std::vector<AlertPtr> alerts) {
  std::sort(alerts.begin(), alerts.end(), [](const AlertPtr& a, const AlertPtr& b) {
    return alert_before(*a, *b);
  });
  return alerts;
}

// 2,000 that differ in what the order looks at, in any order.
std::vector<AlertPtr> many(const std::vector<std::string>& jobs) {
  std::vector<AlertPtr> out;
  const std::string long_name = "node-with-a-long-name.example.net:";
  for (int i = 0; i < 2000; ++i) {
    const std::string number = std::to_string(i);
    Labels labels{{"alertname", "X"}, {"job", jobs[static_cast<std::size_t>(i) % jobs.size()]}};
    labels.set("instance", i % 5 == 0 ? "" : (i % 2 == 0 ? "n" : long_name) + number);
    labels.set(i % 3 == 0 ? "number" : "other", number);
    out.push_back(alert(std::move(labels)));
  }
  std::shuffle(out.begin(), out.end(), std::mt19937(7));
  return out;
}

}  // namespace

TEST_CASE("group members: in the order of a notice, each once") {
  const std::vector<std::vector<std::string>> cases = {{"api"}, {""}, {"api", "db", ""}};
  for (const std::vector<std::string>& jobs : cases) {
    GroupMembers members;
    const std::vector<AlertPtr> alerts = many(jobs);
    for (const AlertPtr& one : alerts) {
      REQUIRE(members.put(one));
    }
    CHECK(members.size() == alerts.size());
    CHECK(all_of(members) == in_order(alerts));
    for (const AlertPtr& one : alerts) {
      REQUIRE(members.find(*one) == one);
      REQUIRE_FALSE(members.put(alert(one->labels)));
      REQUIRE(members.find(*one) != one);
    }
    CHECK(members.size() == alerts.size());
    for (std::size_t i = 0; i < alerts.size(); i += 2) {
      members.erase(*alerts[i]);
      members.erase(*alerts[i]);
      REQUIRE(members.find(*alerts[i]) == nullptr);
    }
    CHECK(members.size() == alerts.size() / 2);
    CHECK(all_of(members).size() == members.size());
  }
}

TEST_CASE("group members: another job is another alert") {
  GroupMembers members;
  const AlertPtr api = alert({{"job", "api"}, {"instance", "n1"}});
  const AlertPtr db = alert({{"job", "db"}, {"instance", "n1"}});
  const AlertPtr none = alert({{"instance", "n1"}});
  CHECK(members.find(*api) == nullptr);
  CHECK(members.put(db));
  CHECK(members.find(*api) == nullptr);
  members.erase(*api);
  CHECK(members.put(none));
  CHECK(members.put(api));
  CHECK(all_of(members) == std::vector<AlertPtr>{api, db, none});
  members.erase(*api);
  members.erase(*db);
  members.erase(*none);
  CHECK(members.empty());
  CHECK(members.put(api));
  CHECK(members.find(*api) == api);
}
