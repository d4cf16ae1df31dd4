#include "agent/web/alertmanager/alerts_json.h"

#include <algorithm>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

namespace seamwatch::agent {
namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);  // 2023-11-14T22:13:20Z

GettableAlert gettable(const std::string& name) {
  GettableAlert one;
  one.alert.labels = Labels{{"alertname", name}};
  one.alert.starts_at = kNow;
  one.alert.updated_at = kNow + Millis(20);
  one.alert.ends_at = kNow + Millis(240'000);
  one.receivers = {Labels{{"name", "sales"}}};
  return one;
}

AlertSource source_of(std::vector<GettableAlert> alerts) {
  return [alerts = std::move(alerts), at = std::size_t{0}](GettableAlert& next) mutable {
    if (at == alerts.size()) {
      return false;
    }
    next = alerts[at];
    ++at;
    return true;
  };
}

// The whole body, also where it comes in chunks.
std::string body_of(HttpReply reply) {
  std::string out = reply.body;
  for (std::string chunk; reply.chunks && reply.chunks(chunk);) {
    out += chunk;
  }
  return out;
}

std::string list(std::vector<GettableAlert> alerts, const QueryParameters& query = {}) {
  HttpCall call;
  call.query = query;
  auto read = read_alert_query(call);
  REQUIRE(read.has_value());
  return body_of(api_v2_alerts(std::move(*read), source_of(std::move(alerts)), kNow));
}

TEST_CASE("api v2: an alert in full") {
  GettableAlert one = gettable("Late");
  one.alert.annotations = Labels{{"summary", "s"}};
  one.alert.generator_url = "http://x";
  one.silenced_by = {"id"};
  const std::string fingerprint = fingerprint_hex(one.alert.labels.fingerprint());
  CHECK(list({one}) ==
        R"([{"annotations":{"summary":"s"},"endsAt":"2023-11-14T22:17:20.000Z","fingerprint":")" +
            fingerprint +
            R"(","receivers":[{"name":"sales"}],"startsAt":"2023-11-14T22:13:20.000Z",)"
            R"("status":{"inhibitedBy":[],"mutedBy":[],"silencedBy":["id"],"state":"suppressed"},)"
            R"("updatedAt":"2023-11-14T22:13:20.020Z","generatorURL":"http://x",)"
            R"("labels":{"alertname":"Late"}}])"
            "\n");
  one = gettable("Late");
  one.ack = rules::Ack{one.alert.labels, "me", "on it", kNow, kNow + Millis(60'000)};
  const std::string body = list({one});
  CHECK_THAT(body, !Catch::Contains("generatorURL"));
  CHECK_THAT(body,
             Catch::Contains(R"("acknowledgement":{"acknowledgedBy":"me","comment":"on it",)"));
  CHECK(list({}) == "[]\n");
}

TEST_CASE("api v2: which alerts a query gives") {
  GettableAlert active = gettable("Active");
  GettableAlert silenced = gettable("Silenced");
  silenced.silenced_by = {"id"};
  GettableAlert inhibited = gettable("Inhibited");
  inhibited.inhibited_by = {"fp"};
  GettableAlert muted = gettable("Muted");
  muted.muted_by = {"nights"};
  GettableAlert fresh = gettable("Fresh");
  fresh.processed = false;
  fresh.receivers = {Labels{{"name", "ops"}, {"team", "a"}}, Labels{{"name", "sales2"}}};
  GettableAlert ending = gettable("Ending");
  ending.alert.ends_at = kNow;
  GettableAlert ended = gettable("Ended");
  ended.alert.ends_at = kNow - Millis(1);
  GettableAlert endless = gettable("Endless");
  endless.alert.ends_at = std::nullopt;
  const std::vector<GettableAlert> alerts = {
      active, silenced, inhibited, muted, fresh, ending, ended, endless};

  struct Case {
    const char* name;
    QueryParameters query;
    std::vector<std::string> left_out;
  };

  const Case cases[] = {
      {"all", {}, {}},
      {"explicitly all", {{"active", "true"}, {"silenced", "1"}}, {}},
      {"not active", {{"active", "false"}}, {"Active", "Muted", "Ending", "Endless"}},
      {"a word that is no flag is no",
       {{"active", "maybe"}},
       {"Active", "Muted", "Ending", "Endless"}},
      {"not silenced", {{"silenced", "false"}}, {"Silenced"}},
      {"not inhibited", {{"inhibited", "false"}}, {"Inhibited"}},
      {"not muted", {{"muted", "false"}}, {"Muted"}},
      {"not unprocessed", {{"unprocessed", "false"}}, {"Fresh"}},
      {"receiver, anchored",
       {{"receiver", "ops|sal"}},
       {"Active", "Silenced", "Inhibited", "Muted", "Ending", "Endless"}},
      {"filter",
       {{"filter", "alertname=\"Muted\""}},
       {"Active", "Silenced", "Inhibited", "Fresh", "Ending", "Endless"}},
      {"of receivers with a label",
       {{"receiver_matchers", "team=\"a\""}},
       {"Active", "Silenced", "Inhibited", "Muted", "Ending", "Endless"}},
      {"two filters exclude each other",
       {{"filter", "alertname=Muted"}, {"filter", "alertname=~A.+"}},
       {"Active", "Silenced", "Inhibited", "Muted", "Fresh", "Ending", "Endless"}},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const std::string body = list(alerts, c.query);
      CHECK_THAT(body, !Catch::Contains("\"Ended\""));
      for (const GettableAlert& one : alerts) {
        const std::string name(one.alert.labels.get("alertname"));
        if (name != "Ended") {
          INFO(name);
          const bool shown = body.find("\"" + name + "\"") != std::string::npos;
          const bool want =
              std::find(c.left_out.begin(), c.left_out.end(), name) == c.left_out.end();
          CHECK(shown == want);
        }
      }
    }
  }
}

TEST_CASE("api v2: parameters that cannot be read") {
  HttpCall call;
  call.query = {{"filter", ""}};
  CHECK_THAT(read_alert_query(call).error().message, Catch::StartsWith("bad matcher format: "));
  call.query = {{"receiver", "("}};
  CHECK(read_alert_query(call).error().message ==
        "failed to parse receiver param: error parsing regexp: missing closing ): `^(?:()$`");
}

TEST_CASE("api v2: a long list comes in chunks and is one list") {
  std::vector<GettableAlert> many;
  for (int i = 0; i < 3000; ++i) {
    many.push_back(gettable("A" + std::to_string(i)));
  }
  HttpReply reply = api_v2_alerts(AlertQuery{}, source_of(many), kNow);
  REQUIRE(reply.chunks);
  const std::string body = body_of(reply);
  CHECK(std::count(body.begin(), body.end(), '\n') == 1);
  CHECK(body.starts_with("[{"));
  CHECK(body.ends_with("}]\n"));
  std::size_t commas = 0;
  for (std::size_t at = body.find("},{\"annotations"); at != std::string::npos;
       at = body.find("},{\"annotations", at + 1)) {
    ++commas;
  }
  CHECK(commas == 2999);
}

// A group as it is asked for.
GettableGroup group_of(Labels labels,
                       Labels route_labels,
                       Labels receiver,
                       std::vector<GettableAlert> alerts) {
  GettableGroup out;
  out.labels = std::move(labels);
  out.receiver = std::move(receiver);
  out.route_labels = [route_labels = std::move(route_labels)] { return route_labels; };
  out.alerts = source_of(std::move(alerts));
  return out;
}

GroupSource groups_of(std::vector<GettableGroup> groups) {
  return [groups = std::move(groups), at = std::size_t{0}](GettableGroup& next) mutable {
    if (at == groups.size()) {
      return false;
    }
    next = groups[at];
    ++at;
    return true;
  };
}

TEST_CASE("api v2: a group in full, and where nothing in it is wanted, left out") {
  GettableAlert silenced = gettable("S");
  silenced.silenced_by = {"id"};
  const Labels first{{"name", "r"}, {"team", "x"}};
  const Labels second{{"name", "s"}};
  GettableAlert told = gettable("X");
  told.receivers = {first};
  const std::vector<GettableGroup> groups = {
      group_of(Labels{{"a", "1"}}, Labels{}, first, {silenced}),
      group_of(Labels{{"a", "1"}}, Labels{}, second, {gettable("Y"), silenced}),
      group_of(Labels{{"a", "2"}}, Labels{{"why", "it"}}, first, {told})};
  AlertQuery query;
  const auto body = [&] { return api_v2_groups(query, groups_of(groups), kNow).body; };
  const auto places = [&] {
    const std::string text = body();
    std::string out;
    for (std::size_t at = text.find("\"labels\":{\"a\":"); at != std::string::npos;
         at = text.find("\"labels\":{\"a\":", at + 1)) {
      out += text.substr(at + 15, 1);
      out += text.substr(text.find("\"name\":", at) + 8, 1) + " ";
    }
    return out;
  };
  CHECK(places() == "1r 1s 2r ");
  query.silenced = false;
  CHECK(places() == "1s 2r ");
  const std::string one = list({told});
  CHECK_THAT(body(),
             Catch::EndsWith(R"(,{"alerts":)" + one.substr(0, one.size() - 1) +
                             R"(,"labels":{"a":"2"},"receiver":{"name":"r"},)"
                             R"("routeLabels":{"why":"it"}}])"
                             "\n"));
  query.receiver = rules::Matcher::make(rules::MatchType::regexp, "receiver", "sales|s").value();
  CHECK(places() == "1s ");
  GettableAlert twice = gettable("Z");
  twice.receivers = {first, second};
  const auto of_both = [&] {
    return api_v2_groups(query, groups_of({group_of(Labels{}, Labels{}, second, {twice})}), kNow)
        .body;
  };
  CHECK_THAT(of_both(), Catch::Contains(R"("receivers":[{"name":"s"}])"));  // as it was asked for
  query.receiver.reset();
  CHECK_THAT(of_both(), Catch::Contains(R"("receivers":[{"name":"r"},{"name":"s"}])"));
  query.receiver_matchers = {rules::Matcher::make(rules::MatchType::equal, "team", "x").value()};
  CHECK(places() == "2r ");
  query.active = false;
  CHECK(body() == "[]\n");
}

TEST_CASE("api v2: long lists of groups come in chunks, many groups and a large one") {
  const Labels receiver{{"name", "r"}};
  std::vector<GettableGroup> many;
  std::vector<GettableAlert> alerts;
  for (int i = 0; i < 3000; ++i) {
    alerts.push_back(gettable("A" + std::to_string(i)));
    many.push_back(group_of(Labels{{"n", std::to_string(i)}}, Labels{}, receiver, {alerts[0]}));
  }
  const bool large = GENERATE(false, true);
  many = large ? std::vector<GettableGroup>{group_of(Labels{}, Labels{}, receiver, alerts)} : many;
  HttpReply reply = api_v2_groups(AlertQuery{}, groups_of(many), kNow);
  REQUIRE(reply.chunks);
  const std::string body = body_of(reply);
  const boost::json::value parsed = boost::json::parse(body);
  std::size_t shown = 0;
  for (const boost::json::value& group : parsed.as_array()) {
    shown += group.at("alerts").as_array().size();
  }
  CHECK(parsed.as_array().size() == many.size());
  CHECK(shown == 3000);
}

TEST_CASE("api v2: a turn that finds nothing wanted among many sends a space and goes on") {
  std::vector<GettableAlert> many(2500, gettable("A"));
  many.push_back(gettable("Last"));
  AlertQuery query;
  query.matchers = {rules::Matcher::make(rules::MatchType::equal, "alertname", "Last").value()};
  HttpReply reply = api_v2_alerts(query, source_of(many), kNow);
  REQUIRE(reply.chunks);
  std::vector<std::string> chunks;
  for (std::string chunk; reply.chunks(chunk);) {
    chunks.push_back(chunk);
  }
  REQUIRE(chunks.size() == 2);
  CHECK(chunks[0] == " ");
  CHECK(chunks[1].starts_with(R"([{"annotations")"));
  CHECK(chunks[1].ends_with("}]\n"));
}

}  // namespace
}  // namespace seamwatch::agent
