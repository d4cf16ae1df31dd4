#include "agent/web/alertmanager/plain_alerts.h"

#include <boost/algorithm/string/replace.hpp>
#include <catch2/catch.hpp>

#include "agent/web/alertmanager/posted_body.h"

namespace seamwatch::agent {
namespace {

// The same alerts with a member more, which makes them be read by way of a tree.
std::vector<rules::PostedAlert> by_tree(const std::string& body) {
  HttpCall call;
  call.method = "POST";
  call.headers = {{"content-type", "application/json"}};
  call.body = boost::algorithm::replace_all_copy(body, R"("labels")", R"("more":0,"labels")");
  CHECK(read_plain_alerts(call.body).has_value() == (call.body == body));
  PostedAlerts out = read_posted_alerts(call);
  CHECK_FALSE(out.refused.has_value());
  return out.alerts;
}

void check_as_tree(const std::vector<rules::PostedAlert>& plain, const std::string& body) {
  const std::vector<rules::PostedAlert> tree = by_tree(body);
  REQUIRE(plain.size() == tree.size());
  for (std::size_t i = 0; i < tree.size(); ++i) {
    CHECK(plain[i].labels == tree[i].labels);
    CHECK(plain[i].annotations == tree[i].annotations);
    CHECK(plain[i].starts_at == tree[i].starts_at);
    CHECK(plain[i].ends_at == tree[i].ends_at);
    CHECK(plain[i].generator_url == tree[i].generator_url);
  }
}

TEST_CASE("plain alerts: read as by way of a tree") {
  for (
      const std::string body : {
          R"([])",
          " [ ] \r\n",
          R"([{"labels":{}}])",
          R"([{"labels":{"b":"2","a":"1","a":"3","e":""}}])",
          "\t[\n{ \"labels\" : { \"a\" : \"1\" , \"b\" : \"\" } , \"annotations\" : { } } ]",
          R"([{"labels":{"alertname":"A","long":"0123456789 0123456789/+:{}[],"},)"
          R"("annotations":{"summary":"seven chars 1234567"},"startsAt":"2026-11-23T20:00:00.5+01:00",)"
          R"("endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p/graph?g0.expr=up"},)"
          R"({"labels":{"alertname":"B"},"endsAt":"2026-11-23T20:00:00Z","generatorURL":"/x"},)"
          R"({"labels":{"alertname":"C"},"startsAt":"","generatorURL":""}])",
          R"([{"labels":{"a":"1"},"startsAt":"2026-11-23T20:00:00Z","endsAt":"2026-11-23T21:00:00Z",)"
          R"("generatorURL":"/x"},)"
          R"({"labels":{"a":"2"},"startsAt":"2026-11-23T20:00:00Z","endsAt":"2026-11-23T21:00:00Z",)"
          R"("generatorURL":"/x"},)"
          R"({"labels":{"a":"3"},"startsAt":"2026-11-23T21:00:00Z","endsAt":"","generatorURL":""},)"
          R"({"labels":{"a":"4"},"startsAt":"2026-11-23T21:00:00Z","endsAt":"","generatorURL":"/x"}])",
      }) {
    const auto plain = read_plain_alerts(body);
    REQUIRE(plain.has_value());
    check_as_tree(*plain, body);
  }
}

TEST_CASE("plain alerts: whatever is changed in them, the tree agrees with what is read") {
  const std::string body =
      R"([{"labels":{"alertname":"A","n":"12345678"},"startsAt":"2026-11-23T20:00:00Z"},)"
      R"({"annotations":{"s":"t"},"generatorURL":"/x","labels":{}} ])";
  int read = 0;
  for (std::size_t at = 0; at < body.size(); ++at) {
    CHECK_FALSE(read_plain_alerts(body.substr(0, at)).has_value());
    for (const char other : std::string("\"\\{}[],:n0 /\n\x01\xc3")) {
      std::string changed = body;
      changed[at] = other;
      if (const auto plain = read_plain_alerts(changed)) {
        ++read;
        check_as_tree(*plain, changed);
      }
    }
  }
  CHECK(read > 100);
}

TEST_CASE("plain alerts: all else is left to the tree") {
  for (const std::string body : {
           "",
           " ",
           "null",
           "[",
           "[]x",
           "[],",
           "[,]",
           "[{}]",
           R"({"labels":{}})",
           R"([{"labels":{}},])",
           R"([{"labels":{}} {"labels":{}}])",
           R"([{"labels":{},}])",
           R"([{"labels":{}])",
           R"([{"labels":{"a":"1"})",
           R"([{"labels":{"a":"1)",
           R"([{"labels":{"a":1}}])",
           R"([{"labels":{"a":null}}])",
           R"([{"labels":{"a":"1",}}])",
           R"([{"labels":{"a" "1"}}])",
           R"([{"labels":[]}])",
           R"([{"labels":null}])",
           R"([{"labels":{},"labels":{}}])",
           R"([{"annotations":{}}])",
           R"([{"labels":{},"other":"1"}])",
           R"([{"labels":{"a":"1\n2"}}])",
           R"([{"labels":{"a":"12345678\""}}])",
           "[{\"labels\":{\"a\":\"1\n2\"}}]",
           "[{\"labels\":{\"a\":\"12345678\t90\"}}]",
           "[{\"labels\":{\"a\":\"\xc3\xa9\"}}]",
           "[{\"labels\":{\"a\":\"12345678\xc3\xa9\"}}]",
           R"([{"labels":{},"startsAt":"yesterday"}])",
           R"([{"labels":{},"endsAt":null}])",
           R"([{"labels":{},"generatorURL":"no address"}])",
       }) {
    INFO(body);
    CHECK_FALSE(read_plain_alerts(body).has_value());
  }
}

}  // namespace
}  // namespace seamwatch::agent
