#include "exporters/sinks/alertmanager.h"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "tests/unit/exporters/sinks/http_world.h"

using namespace seamwatch;
using namespace seamwatch::exporters;
namespace json = boost::json;

namespace {

Alert alert(Labels labels) {
  Alert out;
  out.labels = std::move(labels);
  out.annotations = Labels{{"summary", "s"}};
  out.starts_at = kNow - Millis(5'500);
  out.ends_at = kNow + Millis(240'000);
  out.generator_url = "http://agent.test/graph?g0.expr=up&g0.tab=1";
  return out;
}

struct AlertmanagerWorld : HttpWorld {
  AlertmanagerOptions options;

  AlertmanagerWorld() { options.url = Secret("https://am.test:9093/api/v2/alerts"); }

  Delivery send() {
    Notification batch;
    batch.alerts = {alert(Labels{{"alertname", "a"}}), alert(Labels{{"alertname", "b"}})};
    return deliver(*make_alertmanager(options, http, clock), std::move(batch));
  }
};

}  // namespace

TEST_CASE("alertmanager_payload: every field of a postable alert") {
  CHECK(json::parse(alertmanager_payload({alert(Labels{{"alertname", "a"}})}, false)) ==
        json::parse(R"([{"labels": {"alertname": "a"}, "annotations": {"summary": "s"},
                         "startsAt": "2023-11-14T22:13:14.5Z", "endsAt": "2023-11-14T22:17:20Z",
                         "generatorURL": "http://agent.test/graph?g0.expr=up&g0.tab=1"}])"));
  CHECK(alertmanager_payload({}, false) == "[]");
}

TEST_CASE("alertmanager_payload: what no Alertmanager would take is made good or left out") {
  struct Case {
    const char* name;
    Alert alert;
    bool classic_names;
    std::string want;  // the labels; empty: no alert at all
  };

  const Case cases[] = {
      {"no labels", alert(Labels()), false, ""},
      {"broken value", alert(Labels{{"a", "x\xffy"}}), false, "{\"a\":\"x\xEF\xBF\xBDy\"}"},
      {"control characters", alert(Labels{{"a", "\n\x01"}}), false, R"({"a":"\n\u0001"})"},
      {"a dot stays", alert(Labels{{"host.name", "x"}}), false, R"({"host.name":"x"})"},
      {"a dot goes", alert(Labels{{"host.name", "x"}}), true, R"({"host_name":"x"})"},
      {"first digit", alert(Labels{{"1st", "x"}}), true, R"({"_1st":"x"})"},
      {"two names become one", alert(Labels{{"a-b", "1"}, {"a_b", "2"}}), true, R"({"a_b":"1"})"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const json::value all = json::parse(alertmanager_payload({c.alert}, c.classic_names));
      REQUIRE(all.as_array().size() == (c.want.empty() ? 0 : 1));
      if (!c.want.empty()) {
        CHECK(all.as_array()[0].at("labels") == json::parse(c.want));
      }
    }
  }
  Alert relative = alert(Labels{{"alertname", "a"}});
  relative.generator_url = "/graph?g0.expr=up";
  CHECK(alertmanager_payload({relative}, false).find("generatorURL") == std::string::npos);
}

TEST_CASE("has_other_names: in labels and annotations") {
  Alert other = alert(Labels{{"alertname", "a"}});
  CHECK_FALSE(has_other_names({other}));
  other.annotations.set("run.book", "x");
  CHECK(has_other_names({other}));
  CHECK(has_other_names({alert(Labels{{"host.name", "x"}})}));
}

TEST_CASE("a batch is one request with the credentials of the configuration") {
  AlertmanagerWorld world;
  world.options.http.basic_user = "agent";
  world.options.http.basic_password = Secret("secret");
  world.options.http.tls.ca_file = "/ca.pem";
  world.options.timeout = Millis(3'000);
  CHECK(world.send().outcome == DeliveryOutcome::delivered);
  REQUIRE(world.http.requests().size() == 1);
  const auto& [request, deadline] = world.http.requests()[0];
  CHECK(request.method == "POST");
  CHECK(request.url.reveal() == "https://am.test:9093/api/v2/alerts");
  CHECK(header(request.headers, "Content-Type") == "application/json");
  CHECK(request.basic_user == "agent");
  CHECK(request.basic_password == Secret("secret"));
  CHECK(request.tls.ca_file == "/ca.pem");
  CHECK(json::parse(request.body).as_array().size() == 2);
  CHECK(deadline == world.clock.mono_now() + Nanos(Millis(3'000)));
}

TEST_CASE("outcomes by status") {
  struct Case {
    int status;
    DeliveryOutcome want;
  };

  for (const Case& c : {Case{200, DeliveryOutcome::delivered},
                        Case{299, DeliveryOutcome::delivered},
                        Case{400, DeliveryOutcome::rejected},
                        Case{401, DeliveryOutcome::rejected},
                        Case{408, DeliveryOutcome::retry},
                        Case{413, DeliveryOutcome::rejected},
                        Case{429, DeliveryOutcome::retry},
                        Case{499, DeliveryOutcome::rejected},
                        Case{500, DeliveryOutcome::retry},
                        Case{503, DeliveryOutcome::retry}}) {
    DYNAMIC_SECTION(c.status) {
      AlertmanagerWorld world;
      world.http.answer(c.status, {{"retry-after", "7"}});
      const Delivery delivery = world.send();
      CHECK(delivery.outcome == c.want);
      if (c.status == 503) {
        CHECK(delivery.fault->retry_after == Millis(7'000));
      }
    }
  }
  AlertmanagerWorld world;
  world.http.answer_with_fault(
      Fault{Signal{"curl", "CURLE_COULDNT_CONNECT", "", ""}, "connect", ""});
  CHECK(world.send().outcome == DeliveryOutcome::retry);
}
