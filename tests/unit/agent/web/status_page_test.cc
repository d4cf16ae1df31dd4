#include "agent/web/status_page.h"

#include <catch2/catch.hpp>

#include "agent/web/html.h"
#include "agent/web/http_call.h"

namespace seamwatch::agent {
namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);

StatusIntegration integration(const std::string& name, IntegrationState state) {
  StatusIntegration one;
  one.name = name;
  one.state = state;
  return one;
}

// Whether every element that is opened is closed, in order.
bool balanced(const std::string& html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find_first_of(" >", at);
    const std::string name = html.substr(at + 1, end - at - 1);
    if (name == "!DOCTYPE" || name == "meta" || name == "br") {
      continue;
    }
    if (name[0] != '/') {
      open.push_back(name);
    } else if (open.empty() || open.back() != name.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

}  // namespace

TEST_CASE("status page: escaping") {
  CHECK(html_escape("a<b>&\"'\n\t\x01\x7f\xff") ==
        "a&lt;b&gt;&amp;&quot;&#39;\n\t\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(html_element("td", "<", "a\"b") == "<td class=\"a&quot;b\">&lt;</td>");
  CHECK(html_element("td", "") == "<td></td>");
}

TEST_CASE("status page: nothing to show") {
  StatusPage page;
  page.now = kNow;
  page.version = "1.0";
  const std::string html = render_status_page(page);
  CHECK(balanced(html));
  CHECK_THAT(html, Catch::Contains("nothing is watched yet"));
  CHECK_THAT(html, Catch::Contains("No alerts."));
  CHECK_THAT(html, Catch::Contains("No errors were seen."));
}

TEST_CASE("status page: the worst first, with evidence, owner and advice") {
  StatusPage page;
  page.now = kNow;
  page.integrations = {integration("b-ok", IntegrationState::ok),
                       integration("a-ok", IntegrationState::ok),
                       integration("c-down", IntegrationState::down),
                       integration("d-down", IntegrationState::down),
                       integration("e-unknown", IntegrationState::unknown),
                       integration("f-throttled", IntegrationState::throttled),
                       integration("g-degraded", IntegrationState::degraded)};
  StatusIntegration& worst = page.integrations[3];
  worst.criticality = Criticality::critical;
  worst.source = "erp";
  worst.target = "wms";
  worst.since = kNow - Millis(2 * 3600 * 1000);
  worst.owner = "Logistics <ops@example.com>";
  worst.advice = "Wait: it is being retried";
  StatusEvidence evidence;
  evidence.probe = "http";
  evidence.category = Category::unavailable;
  evidence.persistence = Persistence::transient;
  evidence.words = "HTTP 503 Service Unavailable";
  evidence.signal = "HTTP 503";
  evidence.detail = "the gateway says <maintenance>";
  evidence.row = "http 503";
  evidence.retry_at = kNow + Millis(60'000);
  worst.evidence = {evidence};
  page.integrations_left_out = 4;
  const std::string html = render_status_page(page);
  CHECK(balanced(html));
  std::size_t last = 0;
  for (const char* name :
       {"d-down", "c-down", "f-throttled", "g-degraded", "e-unknown", "a-ok", "b-ok"}) {
    INFO(name);
    const std::size_t at = html.find(name);
    REQUIRE(at != std::string::npos);
    CHECK(at > last);
    last = at;
  }
  CHECK_THAT(html, Catch::Contains("2 down"));
  CHECK_THAT(html, Catch::Contains("4 more are not shown."));
  CHECK_THAT(html, Catch::Contains("erp &rarr; wms"));
  CHECK_THAT(html, Catch::Contains("2 h <span"));
  CHECK_THAT(html, Catch::Contains("Logistics &lt;ops@example.com&gt;"));
  CHECK_THAT(
      html,
      Catch::Contains("<strong>HTTP 503 Service Unavailable</strong> (<code>HTTP 503</code>) in "
                      "http: unavailable, "
                      "<strong>transient</strong>. the gateway says "
                      "&lt;maintenance&gt;. Not before <time"));
  CHECK_THAT(html, Catch::Contains("(decided by http 503)"));
  CHECK_THAT(html, !Catch::Contains("<script"));
}

TEST_CASE("status page: integrations as people call them, with where to read more") {
  StatusPage page;
  page.now = kNow;
  page.integrations = {integration("orders", IntegrationState::down),
                       integration("stock", IntegrationState::down)};
  page.integrations[0].display = "Orders <to> the ERP";
  page.integrations[0].advice = "Call them.";
  page.integrations[0].faq_url = "https://faq.example/?a=\"b";
  page.integrations[1].display = "stock";
  const std::string html = render_status_page(page);
  CHECK(balanced(html));
  CHECK_THAT(html,
             Catch::Contains("<strong>Orders &lt;to&gt; the ERP</strong> <code>orders</code>"));
  CHECK_THAT(html, Catch::Contains("<strong>stock</strong></th>"));
  CHECK_THAT(html,
             Catch::Contains("Call them. <a href=\"https://faq.example/?a=&quot;b\">FAQ of Orders "
                             "&lt;to&gt; the ERP</a>"));
}

TEST_CASE("status page: alerts, errors and health") {
  StatusPage page;
  page.now = kNow;
  StatusAlert pending;
  pending.labels = Labels{{"alertname", "Slow"}};
  pending.active_at = kNow + Millis(1000);  // the clock was set back meanwhile
  StatusAlert firing;
  firing.labels = Labels{{"alertname", "<Late>"}, {"integration", "orders"}};
  firing.annotations = Labels{{"summary", "Orders are late"}};
  firing.firing = true;
  firing.active_at = kNow - Millis(5000);
  firing.receivers = "logistics";
  page.alerts = {pending, firing};
  StatusError error;
  error.at = kNow;
  error.integration = "orders";
  error.signal = "NXDOMAIN(3)";
  error.category = Category::dns;
  page.errors = {error};
  page.health = {{"outbox", "3 pending", true}, {"store", "disk is full", false}};
  const std::string html = render_status_page(page);
  CHECK(balanced(html));
  CHECK(html.find("&lt;Late&gt;") < html.find("Slow"));
  CHECK_THAT(html, Catch::Contains("<code>integration=orders</code>"));
  CHECK_THAT(html, Catch::Contains("Orders are late"));
  CHECK_THAT(html, Catch::Contains("<code>NXDOMAIN(3)</code>"));
  CHECK_THAT(html, Catch::Contains("<td class=\"state bad\">bad</td><td>disk is full</td>"));
}

TEST_CASE(
    "status page: what is bad of the agent itself stands before all, and nothing seems well") {
  StatusPage page;
  page.now = kNow;
  CHECK_THAT(render_status_page(page),
             Catch::Contains("<p>No alerts.</p>") && Catch::Contains("No errors were seen.") &&
                 !Catch::Contains("role=\"alert\""));
  page.health = {{"agent", "nobody is told: <locked>", false}, {"outbox", "0 to deliver", true}};
  page.rules_evaluated = false;
  page.errors_known = false;
  const std::string html = render_status_page(page);
  CHECK(balanced(html));
  const std::string warning =
      "<p class=\"bad\" role=\"alert\"><strong>agent</strong>: nobody is told: &lt;locked&gt;</p>";
  CHECK(html.find(warning) < html.find("<h2>Integrations</h2>"));
  CHECK_THAT(html, !Catch::Contains("No alerts.") && !Catch::Contains("No errors were seen."));
  CHECK_THAT(html, !Catch::Contains("role=\"alert\"><strong>outbox"));
}

TEST_CASE("status page: replies carry the security headers") {
  const HttpReply reply = html_reply(200, "x");
  CHECK(header(reply.headers, "X-Content-Type-Options") == "nosniff");
  CHECK(header(reply.headers, "Cache-Control") == "no-store");
  CHECK_THAT(std::string(header(reply.headers, "Content-Security-Policy")),
             Catch::Contains("default-src 'none'"));
}

}  // namespace seamwatch::agent
