#include "exporters/sinks/email.h"

#include <catch2/catch.hpp>

#include "agent/core/notice_text.h"
#include "tests/fakes/fake_mail_client.h"
#include "tests/unit/exporters/sinks/deliver.h"

using namespace seamwatch;
using namespace seamwatch::exporters;

namespace {

EmailOptions options() {
  EmailOptions out;
  out.to = "Ann <ann@example.org>, bob@example.org";
  out.from = "Seamwatch <watch@example.org>";
  out.smarthost = "mail.example.org:587";
  return out;
}

struct EmailWorld {
  fakes::FakeMailClient client;

  Delivery send(EmailOptions options, Notification notification = orders_notice()) {
    return deliver(*make_email(std::move(options), client), std::move(notification));
  }

  const std::string& message() const { return client.mails().at(0).mail.message; }

  bool has(const std::string& text) const { return message().find(text) != std::string::npos; }
};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("notice_text: the first line says it all") {
  const Notification notice = orders_notice();
  CHECK(first_line(notice_text(notice, kNow)) ==
        "Orders to warehouse is down since 2023-11-14 22:03:20 UTC (10 min): HTTP 401 from the "
        "warehouse. It will not fix itself. Owner: logistics (+43 1 234). What to do: renew the "
        "token of user svc-orders.");
}

TEST_CASE("notice_text: what is not there is left out") {
  Notification notice = orders_notice();
  Alert& alert = notice.alerts.front();
  SECTION("nothing but a name") {
    alert.labels = Labels{{"alertname", "A"}};
    alert.annotations = {};
    CHECK(first_line(notice_text(notice, kNow)) ==
          "A fires since 2023-11-14 22:03:20 UTC (10 min).");
  }
  SECTION("transient") {
    alert.labels.set("persistence", "transient");
    alert.annotations = {};
    CHECK(first_line(notice_text(notice, kNow)) ==
          "Orders to warehouse is down since 2023-11-14 22:03:20 UTC (10 min). It is expected to "
          "fix itself. Owner: logistics.");
  }
  SECTION("what the admins expect counts more") {
    alert.annotations = Labels{{"expected", "back by 23:00!"}, {"contact", "x"}};
    alert.labels.erase("owner");
    CHECK(first_line(notice_text(notice, kNow)) ==
          "Orders to warehouse is down since 2023-11-14 22:03:20 UTC (10 min). Expected: back by "
          "23:00! Contact: x. What to do: the landscape gives no advice.");
  }
}

TEST_CASE("notice_text: resolved and late") {
  Notification notice = orders_notice();
  notice.alerts.front().ends_at = kNow - Millis(60'000);
  CHECK(notice_subject(notice) ==
        "[RESOLVED] IntegrationDown: Orders to warehouse (critical, persistent)");
  notice.late = true;
  CHECK(notice_subject(notice) ==
        "[LATE] [RESOLVED] IntegrationDown: Orders to warehouse (critical, persistent)");
  CHECK(first_line(notice_text(notice, kNow)) ==
        "Late notice, as you could not be reached before. Orders to warehouse is resolved since "
        "2023-11-14 22:12:20 UTC, it lasted 9 min: HTTP 401 from the warehouse.");
}

TEST_CASE("notice_text: the link by which an alert is taken on, while it fires") {
  const std::string url = "http://agent/ack/0123";
  Notification notice = orders_notice();
  notice.alerts.front().annotations.set("ack_url", url);
  CHECK_THAT(notice_text(notice, kNow), Catch::Contains("\n  Take it on: " + url + "\n"));
  CHECK_THAT(notice_html(notice, kNow),
             Catch::Contains("Take it on</th><td><a href=\"" + url + "\">" + url + "</a></td>"));
  CHECK(notice_line(notice, kNow).find("ack") == std::string::npos);
  notice.alerts.push_back(orders_alert());
  notice.alerts.back().annotations.set("ack_url", url + "4");
  CHECK_THAT(notice_text(notice, kNow),
             Catch::Contains(": " + url + "\n") && Catch::Contains(": " + url + "4\n"));
  notice.alerts.front().ends_at = kNow;
  CHECK_THAT(notice_text(notice, kNow), !Catch::Contains(": " + url + "\n"));
}

TEST_CASE("notice_text: several alerts") {
  Notification notice = orders_notice();
  Alert second = orders_alert();
  second.labels.set("target", "b");
  second.starts_at -= Millis(3'600'000);
  Alert third = second;
  third.labels.set("target", "c");
  third.ends_at = kNow;
  notice.alerts.push_back(second);
  notice.alerts.push_back(third);
  CHECK(notice_subject(notice) ==
        "[FIRING:2] IntegrationDown: Orders to warehouse (critical, persistent)");
  const std::string text = notice_text(notice, kNow);
  CHECK(
      first_line(text) ==
      "Orders to warehouse: 2 alerts fire, the oldest since 2023-11-14 21:03:20 UTC (1 h 10 min). "
      "It will not fix itself. Owner: logistics (+43 1 234). What to do: renew the token of user "
      "svc-orders. Resolved: Orders to warehouse.");
  CHECK(text.find("\n- Orders to warehouse is resolved since") != std::string::npos);
  CHECK(text.find("target=\"b\"") != std::string::npos);
  std::rotate(notice.alerts.begin(), notice.alerts.end() - 1, notice.alerts.end());
  CHECK(notice_text(notice, kNow) == text);  // what fires comes first
}

TEST_CASE("notice_text: a fallback says in whose place it is told") {
  Notification notice = orders_notice();
  notice.instead_of = "logistics";
  CHECK_THAT(
      first_line(notice_text(notice, kNow)),
      Catch::StartsWith(
          "In place of logistics, which could not be told. Orders to warehouse is down since"));
}

TEST_CASE("notice_text: several names in the first line") {
  Notification notice = orders_notice();
  notice.alerts.clear();
  for (const char* name : {"A", "B", "A", "C", "D", "E"}) {
    notice.alerts.push_back(orders_alert());
    notice.alerts.back().labels.set("integration", name);
    notice.alerts.back().annotations = {};
    notice.alerts.back().labels.erase("owner");
  }
  CHECK(first_line(notice_text(notice, kNow)) ==
        "A, B, C and 2 more: 6 alerts fire, the oldest since 2023-11-14 22:03:20 UTC (10 min). It "
        "will not fix itself.");
  for (std::size_t i = 1; i < notice.alerts.size(); ++i) {
    notice.alerts[i].ends_at = kNow;
  }
  CHECK(
      first_line(notice_text(notice, kNow)) ==
      "A is down since 2023-11-14 22:03:20 UTC (10 min). It will not fix itself. Resolved: B, A, C "
      "and 2 more.");
  notice.alerts.front().ends_at = kNow;
  CHECK(first_line(notice_text(notice, kNow)) ==
        "A, B, C and 2 more: all 6 alerts are resolved; the first began 2023-11-14 22:03:20 UTC.");
}

TEST_CASE("notice_text: more alerts than a mail can show are counted") {
  Notification notice = orders_notice();
  notice.alerts.assign(100, orders_alert());
  CHECK(notice_text(notice, kNow).find("more.") == std::string::npos);
  notice.alerts.assign(103, orders_alert());
  CHECK(notice_text(notice, kNow).find("- And 3 more.") != std::string::npos);
  CHECK(notice_html(notice, kNow).find("And 3 more.") != std::string::npos);
}

TEST_CASE("notice_text: every annotation is told, that of a runbook first") {
  Notification notice = orders_notice();
  Alert& alert = notice.alerts.front();
  alert.annotations.set("dashboard", "https://grafana.test/d/1");
  alert.annotations.set("impact", "Orders wait\nin the shop <b>");
  alert.annotations.set("runbook_url", "https://wiki.test/orders");
  alert.annotations.set("ack_url", "https://seamwatch.test/ack/1");
  const std::string facts =
      "  Runbook: https://wiki.test/orders\n  FAQ: https://wiki.example.org/orders\n"
      "  dashboard: https://grafana.test/d/1\n"
      "  impact: Orders wait in the shop <b>\n";
  CHECK(notice_text(notice, kNow).find(facts) != std::string::npos);
  CHECK(notice_text_of(notice.alerts, kNow).find(facts) != std::string::npos);
  const std::string html = notice_html(notice, kNow);
  CHECK(html.find("impact</th><td>Orders wait in the shop &lt;b&gt;</td>") != std::string::npos);
  CHECK(html.find("<a href=\"https://wiki.test/orders\">") != std::string::npos);
  // What the sentence says is not said again; where it does not say it, a line does.
  CHECK(notice_text(notice, kNow).find("  advice:") == std::string::npos);
  alert.labels = Labels{{"alertname", "A"}};
  alert.annotations.set("display", "Shop");
  CHECK(notice_text(notice, kNow).find("  display: Shop\n") != std::string::npos);
}

TEST_CASE("notice_rest: a line for each alert that is only counted") {
  Notification notice = orders_notice();
  notice.alerts.assign(100, orders_alert());
  CHECK(notice_rest(notice).empty());
  notice.alerts.push_back(orders_alert());
  notice.alerts.back().labels = Labels{{"alertname", "Lost"}, {"n", "101"}};
  CHECK(notice_rest(notice) == "- {alertname=\"Lost\", n=\"101\"}\n");
  notice.alerts.back().ends_at = kNow;
  CHECK(notice_rest(notice) == "- resolved: {alertname=\"Lost\", n=\"101\"}\n");
}

TEST_CASE("notice_text: a long subject is cut between characters") {
  Notification notice = orders_notice();
  std::string name;
  for (int i = 0; i < 100; ++i) {
    name += "\xe2\x82\xac";
  }
  notice.alerts.front().labels.set("integration", name);
  const std::string subject = notice_subject(notice);
  CHECK(subject.size() <= 183);
  CHECK(subject.ends_with("\xe2\x82\xac..."));
}

TEST_CASE("notice_text: HTML is escaped") {
  Notification notice = orders_notice();
  Alert& alert = notice.alerts.front();
  alert.labels.set("integration", "<script>alert('x')</script>");
  alert.annotations = Labels{{"summary", "a & b"},
                             {"description", "<img src=x>\nnext"},
                             {"faq_url", "javascript:alert(1)"}};
  alert.generator_url = "https://x.org/?a=\"><b>";
  const std::string html = notice_html(notice, kNow);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("&lt;script&gt;alert(&#39;x&#39;)") != std::string::npos);
  CHECK(html.find("a &amp; b") != std::string::npos);
  CHECK(html.find("&lt;img src=x&gt;<br>\nnext") != std::string::npos);
  CHECK(html.find("href=\"javascript") == std::string::npos);
  CHECK(html.find("<a href=\"https://x.org/?a=&quot;&gt;&lt;b&gt;\">") != std::string::npos);
}

TEST_CASE("email: envelope and headers") {
  EmailWorld world;
  EmailOptions given = options();
  given.auth_username = "u";
  given.auth_password = Secret("s3cret");
  given.hello = "agent";
  CHECK(world.send(given).outcome == DeliveryOutcome::delivered);
  const Mail& mail = world.client.mails().at(0).mail;
  CHECK(mail.from == "watch@example.org");
  CHECK(mail.to == std::vector<std::string>{"ann@example.org", "bob@example.org"});
  CHECK(mail.smarthost == "mail.example.org:587");
  CHECK(mail.hello == "agent");
  CHECK(mail.auth_username == "u");
  CHECK(mail.auth_password.reveal() == "s3cret");
  CHECK(mail.require_tls);
  CHECK(world.client.mails().at(0).deadline == kDeadline);
  CHECK(world.has("From: Seamwatch <watch@example.org>\r\n"));
  CHECK(world.has("To: Ann <ann@example.org>, bob@example.org\r\n"));
  CHECK(world.has(
      "Subject: [FIRING:1] IntegrationDown: Orders to warehouse (critical,\r\n persistent)\r\n"));
  CHECK(world.has("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
  CHECK(world.has("Message-ID: <0123456789abcdef0123456789abcdef@example.org>\r\n"));
  CHECK(world.has("Auto-Submitted: auto-generated\r\n"));
  CHECK(world.has("X-Seamwatch-Idempotency-Key: 0123456789abcdef0123456789abcdef\r\n"));
  CHECK_FALSE(world.has("References:"));
  CHECK_FALSE(world.has("s3cret"));
}

TEST_CASE("email: the same notice gives the same message") {
  EmailWorld world;
  world.send(options());
  world.send(options());
  CHECK(world.client.mails()[0].mail.message == world.client.mails()[1].mail.message);
}

TEST_CASE("email: configured headers take the place of ours") {
  EmailWorld world;
  EmailOptions given = options();
  given.headers = {{"Subject", "J\xc3\xbc"},
                   {"Reply-To", "J\xc3\xbc <j@x.org>"},
                   {"Content-Type", "text/plain"},
                   {"X-Note", "a\r\nBcc: evil@x.org"}};
  world.send(given);
  CHECK(world.has("Subject: =?utf-8?q?J=C3=BC?=\r\n"));
  CHECK(world.has("Reply-To: =?utf-8?q?J=C3=BC?= <j@x.org>\r\n"));
  CHECK(world.has("X-Note: a  Bcc: evil@x.org\r\n"));
  CHECK_FALSE(world.has("FIRING:1] IntegrationDown"));
  CHECK_FALSE(world.has("Content-Type: text/plain\r\n"));
}

TEST_CASE("email: a subject of which a template leaves nothing is ours") {
  EmailWorld world;
  EmailOptions given = options();
  given.headers = {{"subject", "{{ .CommonAnnotations.summary }}"}};
  given.render_text = [&](const std::string&, const Notification&) { return std::string(" "); };
  world.send(given);
  CHECK(world.has("Subject: [FIRING:1] IntegrationDown"));
}

TEST_CASE("email: threads, one a group and a day, as Alertmanager has them") {
  EmailOptions given = options();
  given.threading = true;
  const auto thread_of = [&](const Notification& notice) {
    EmailWorld world;
    world.send(given, notice);
    const std::string& message = world.message();
    const std::size_t at = message.find("\r\nReferences: <");
    REQUIRE(at != std::string::npos);
    const std::string id = message.substr(at + 14, message.find('>', at) - at - 13);
    CHECK(world.has("\r\nIn-Reply-To: " + id + "\r\n"));
    return id;
  };
  Notification notice = orders_notice();
  const std::string first = thread_of(notice);
  CHECK_THAT(first, Catch::EndsWith("-2023-11-14@example.org>"));
  notice.id[0] = 'f';
  notice.alerts.front().ends_at = kNow;  // another subject, the same thread
  CHECK(thread_of(notice) == first);
  notice.group_key = "{}:{integration=\"Invoices\"}";
  CHECK(thread_of(notice) != first);
  given.thread_daily = false;
  CHECK(thread_of(notice).find("2023-11-14") == std::string::npos);
}

TEST_CASE("email: own texts and templates") {
  EmailWorld world;
  EmailOptions given = options();
  given.text = "plain {{ .Status }}";
  given.html = "";
  bool fails = false;
  given.render_text = [&](const std::string&, const Notification&) -> Result<std::string> {
    return fails ? Result<std::string>(error("no such field"))
                 : Result<std::string>("plain firing");
  };
  SECTION("expanded") {
    world.send(given);
    CHECK(world.has("plain firing"));
    CHECK_FALSE(world.has("text/html"));
  }
  SECTION("of which templates leave nothing are ours") {
    given.html = "<p>{{ .CommonAnnotations.description }}</p>\n";
    given.render_html = [](const std::string&, const Notification&) {
      return std::string("<p></p>\n");
    };
    world.send(given);
    CHECK(world.has("text/html"));
    CHECK(world.has("Orders to warehouse is down"));
  }
  SECTION("a template that fails does not hold the notice back") {
    fails = true;
    CHECK(world.send(given).outcome == DeliveryOutcome::delivered);
    CHECK(world.has("Orders to warehouse is down since"));
    CHECK(world.has("could not be expanded: no such"));
  }
  SECTION("and loses no alert") {
    fails = true;
    Notification many = orders_notice();
    many.alerts.assign(130, orders_alert());
    many.alerts.back().labels = Labels{{"alertname", "TheLastOne"}};
    CHECK(world.send(given, many).outcome == DeliveryOutcome::delivered);
    CHECK(world.has("TheLastOne"));
  }
  SECTION("nothing to expand it") {
    given.render_text = nullptr;
    CHECK(world.send(given).outcome == DeliveryOutcome::delivered);
    CHECK(world.has("Orders to warehouse is down since"));
  }
}

TEST_CASE("email: addresses that cannot be used are rejected unsent") {
  EmailWorld world;
  EmailOptions given = options();
  SECTION("to") {
    given.to = "nobody";
  }
  SECTION("from") {
    given.from = "a@x.org, b@x.org";
  }
  SECTION("a template without a renderer") {
    given.to = "{{ .x }}@example.org";
  }
  const Delivery delivery = world.send(given);
  CHECK(delivery.outcome == DeliveryOutcome::rejected);
  CHECK(delivery.fault->signal.protocol == "sink");
  CHECK(world.client.mails().empty());
}

TEST_CASE(
    "email: of an address that privacy redacted it is said why there is none, and what to do") {
  EmailWorld world;
  EmailOptions given = options();
  given.to = "<email>#0123456789";
  const Delivery delivery = world.send(given);
  CHECK(delivery.outcome == DeliveryOutcome::rejected);
  CHECK(delivery.fault->detail ==
        "\"to\" of the mail: \"<email>#0123456789\" is no mail address any more: privacy redacted "
        "it in the label or annotation it comes from; list the address under privacy.allow");
}

TEST_CASE("email: people read the names that are meant for them, and no name starts a header") {
  Notification notice = orders_notice();
  notice.alerts.front().annotations.set("display", "Orders\r\nBcc: evil@x.org");
  notice.alerts.front().annotations.set("owner_display", "Logistics night shift");
  CHECK(notice_subject(notice) ==
        "[FIRING:1] IntegrationDown: Orders  Bcc: evil@x.org (critical, persistent)");
  const std::string text = notice_text(notice, kNow);
  CHECK(text.find("Orders  Bcc: evil@x.org is down") == 0);
  CHECK(text.find("Owner: Logistics night shift (+43 1 234).") != std::string::npos);
  EmailWorld world;
  world.send(options(), notice);
  CHECK_FALSE(world.has("\r\nBcc:"));
}

TEST_CASE("email: outcomes come from the server") {
  EmailWorld world;
  Fault busy;
  busy.signal = {"smtp", "451", "4.7.1", ""};
  world.client.answer(busy);
  CHECK(world.send(options()).outcome == DeliveryOutcome::retry);
  Fault refused;
  refused.signal = {"smtp", "550", "", ""};
  world.client.answer(refused);
  CHECK(world.send(options()).outcome == DeliveryOutcome::rejected);
  busy.signal.when = kOthersHaveTheMail;  // to send it again would tell those twice
  world.client.answer(busy);
  Notification old = orders_notice();
  old.some_will_do = true;
  CHECK(world.send(options(), old).outcome == DeliveryOutcome::rejected);
  CHECK(world.client.mails().back().mail.some_will_do);
}
