#include "rules/routing/notify_config.h"

#include <catch2/catch.hpp>

#include "tests/unit/rules/routing/notify_text.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr const char* kGood = R"(
global:
  resolve_timeout: 10m
  smtp_from: seamwatch@example.org
  smtp_smarthost: mail.example.org:587
  smtp_auth_username: user
  smtp_auth_password_file: secrets/smtp
  smtp_require_tls: false
  slack_api_url: https://example.org/hook
  http_config:
    proxy_url: http://proxy:3128
templates: ['*.tmpl', /etc/seamwatch/x.tmpl]
tracing: {endpoint: 'localhost:4317'}
route:
  receiver: web
receivers:
  - name: web
    labels: {owner: team}
    webhook_configs:
      - url: https://example.org/hook?token=s3cret
        max_alerts: 5
        timeout: 10s
        send_resolved: false
        http_config:
          authorization: {type: Token, credentials_file: /run/token}
          tls_config: {ca_file: ca.pem, server_name: example.org, min_version: TLS13}
          follow_redirects: false
          enable_http2: false
          http_headers:
            X-Tenant: {values: [a, b], secrets: [c], files: [d]}
      - url_file: hook.url
      - url: 'https://example.org/{{ .GroupLabels.team }}'
        http_config:
          basic_auth: {username: u, password: p}
  - name: mail
    email_configs:
      - to: 'a@example.org, b@example.org'
        headers: {subject: 'Hello {{ .Status }}', reply-TO: c@example.org}
        html: ''
        auth_password: inline
        require_tls: true
        threading: {enabled: true, thread_by_date: none}
      - to: c@example.org
        smarthost: other:25
        force_implicit_tls: true
        send_resolved: true
)";

}  // namespace

TEST_CASE("notify_config: values and defaults") {
  Diagnostics problems;
  const NotifyConfig file = load(kGood, problems);
  REQUIRE(problems.to_string() == "");
  CHECK(file.resolve_timeout == Millis(600'000));
  CHECK(file.templates == std::vector<std::string>{"dir/*.tmpl", "/etc/seamwatch/x.tmpl"});
  REQUIRE(file.receiver("web") != nullptr);
  CHECK(file.receiver("none") == nullptr);
  const auto& hooks = file.receiver("web")->webhooks;
  REQUIRE(hooks.size() == 3);
  CHECK(hooks[0].url.text.reveal() == "https://example.org/hook?token=s3cret");
  CHECK(hooks[0].alerts_max == 5);
  CHECK(hooks[0].timeout == Millis(10'000));
  CHECK_FALSE(hooks[0].send_resolved);
  CHECK(hooks[0].http.authorization_type == "Token");
  CHECK(hooks[0].http.authorization.file == "/run/token");
  CHECK(hooks[0].http.tls.ca_file == "dir/ca.pem");
  CHECK_FALSE(hooks[0].http.follow_redirects);
  CHECK(hooks[0].http.proxy.url.empty());  // its own http_config replaces the global one
  REQUIRE(hooks[0].http.headers.size() == 1);
  CHECK(hooks[0].http.headers[0].values == std::vector<std::string>{"a", "b"});
  CHECK(hooks[0].http.headers[0].files == std::vector<std::string>{"dir/d"});
  CHECK(hooks[1].send_resolved);
  CHECK(hooks[1].url.file == "dir/hook.url");
  CHECK(hooks[1].http.proxy.url == "http://proxy:3128");
  CHECK(hooks[2].http.basic_password.text.reveal() == "p");
}

TEST_CASE("notify_config: mail takes from global what it does not say") {
  Diagnostics problems;
  const NotifyConfig file = load(kGood, problems);
  const auto& mails = file.receiver("mail")->emails;
  REQUIRE(mails.size() == 2);
  CHECK(mails[0].from == "seamwatch@example.org");
  CHECK(mails[0].smarthost == "mail.example.org:587");
  CHECK(mails[0].auth_password.text.reveal() == "inline");
  CHECK(mails[0].auth_password.file.empty());
  CHECK(mails[0].require_tls);
  CHECK_FALSE(mails[0].send_resolved);
  CHECK(mails[0].html == "");
  CHECK_FALSE(mails[0].text);
  CHECK(mails[0].headers.at(1).first == "Reply-To");
  CHECK(mails[0].threading);
  CHECK(mails[0].thread_by_date == "none");
  CHECK(mails[1].smarthost == "other:25");
  CHECK(mails[1].auth_password.file == "dir/secrets/smtp");
  CHECK_FALSE(mails[1].require_tls);
  CHECK(mails[1].force_implicit_tls == true);
  CHECK(mails[1].hello == "localhost");
}

TEST_CASE("notify_config: what is wrong, all in one go") {
  CHECK(wrong(R"(route:
  recever: web
  match: {a: b}
  group_by: [a, a, '...']
  group_interval: 0s
  repeat_interval: 4 h
  continue: true
  routes:
    - receiver: wep
      matchers: ['a', 'b=~"("']
      mute_time_intervals: [night]
receivers:
  - name: web
  - name: web
time_intervals:
  - name: nigth
    time_intervals: []
)") == "14:11 receiver name \"web\" is not unique\n"
       "4:17 duplicated label \"a\" in group_by\n"
       "4:13 group_by has '...' beside other labels\n"
       "5:19 group_interval cannot be zero\n"
       "6:20 \"repeat_interval\": \"4 h\" is not a duration\n"
       "2:3 root route must specify a default receiver\n"
       "3:10 root route must not have any matchers\n"
       "7:13 cannot have continue in root route\n"
       "10:18 bad matcher format: a\n"
       "10:23 error parsing regexp: missing ): (\n"
       "2:3 unknown key \"recever\" in route\n"
       "9:17 undefined receiver \"wep\" used in route\n"
       "11:29 undefined time interval \"night\" used in route\n");
}

TEST_CASE("notify_config: single faults") {
  const std::string route = "route: {receiver: r}\n";

  struct Case {
    const char* name;
    std::string text;
    std::string want;
  };

  const auto c = GENERATE_COPY(values<Case>({
      {"empty file", "", "0:0 no routes provided\n"},
      {"not a map",
       "BAD",
       "1:1 notification file must be a map, not a single value\n1:1 no routes "
       "provided\n"},
      {"unknown key",
       route + "receivers: [{name: r}]\nroutes: []",
       "3:1 unknown key \"routes\" in notification file\n"},
      {"vendor",
       route + "receivers: [{name: r, slack_configs: [{channel: x}]}]",
       "2:39 no Slack API URL nor App token set either inline or in a file\n"},
      {"key that a vendor does not have",
       route + "receivers: [{name: r, discord_configs: [{webhook_url: 'http://x', titel: y}]}]",
       "2:67 unknown key \"titel\" in discord config\n"},
      {"key of a list that a vendor does not have",
       route + "receivers: [{name: r, pagerduty_configs: [{routing_key: k, links: [{url: x}]}]}]",
       "2:69 unknown key \"url\" in \"links\"\n"},
      {"responder without a name",
       route + "receivers: [{name: r, opsgenie_configs: [{api_key: k, responders: [{type: "
               "team}]}]}]",
       "2:68 opsGenieConfig responder has to have at least one of id, username or name "
       "specified\n"},
      {"signing without a secret",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', signing: {}}]}]",
       "2:68 signing needs a secret\n"},
      {"fallback that is not there",
       route + "receivers: [{name: r, fallback_receiver: x}]",
       "2:13 undefined receiver \"x\" used as fallback_receiver\n"},
      {"fallback in a circle",
       route + "receivers: [{name: r, fallback_receiver: s}, {name: s, fallback_receiver: r}]",
       "2:13 fallback_receiver of \"r\" leads in a circle\n2:46 fallback_receiver of \"s\" "
       "leads in a circle\n"},
      {"fallback that tells nobody",
       route + "receivers: [{name: r, fallback_receiver: s}, {name: s}]",
       "2:13 fallback_receiver of \"r\" tells nobody\n"},
      {"escalation to someone who is not there",
       "route: {receiver: r, escalate: [{after: 15m, receiver: x}]}\n"
       "receivers: [{name: r, webhook_configs: [{url: 'http://x'}]}]",
       "1:56 undefined receiver \"x\" used in route\n"},
      {"escalation steps without time, receiver, and with another word",
       "route: {receiver: r, escalate: [{unless: seen, after: 0s}, {}]}\n"
       "receivers: [{name: r, webhook_configs: [{url: 'http://x'}]}]",
       "1:55 after cannot be zero\n1:33 escalation step has no \"receiver\"\n"
       "1:42 unless: knows only the word acked, not \"seen\"\n"
       "1:60 escalation step has no \"after\"\n1:60 escalation step has no \"receiver\"\n"},
      {"escalation to the route's own receiver, and to one twice",
       "route: {receiver: r, escalate: [{after: 1h, receiver: r}, {after: 1h, receiver: s}, "
       "{after: 2h, receiver: s, unless: acked}]}\n"
       "receivers: [{name: r, webhook_configs: [{url: 'http://x'}]}, "
       "{name: s, webhook_configs: [{url: 'http://y'}]}]",
       "1:33 escalate names \"r\", which the route tells anyway\n"
       "1:32 escalate names \"s\" twice\n"},
      {"escalation from and to nobody",
       "route: {receiver: r, escalate: [{after: 1h, receiver: s}]}\n"
       "receivers: [{name: r}, {name: s}]",
       "1:32 escalate counts from the first notice, and receiver \"r\" of this route tells "
       "nobody\n1:55 receiver \"s\" used in escalate tells nobody\n"},
      {"no such vendor",
       route + "receivers: [{name: r, slak_configs: []}]",
       "2:23 unknown key \"slak_configs\" in receiver\n"},
      {"receiver without a name",
       route + "receivers: [{name: r}, {labels: {}}]",
       "2:24 missing name in receiver\n"},
      {"webhook without url",
       route + "receivers: [{name: r, webhook_configs: [{}]}]",
       "2:41 one of url or url_file must be configured\n"},
      {"webhook with both",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', url_file: y}]}]",
       "2:69 at most one of url & url_file must be configured\n"},
      {"url without host",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http:///x'}]}]",
       "2:47 url is not an http or https address with a host\n"},
      {"mail without anything",
       route + "receivers: [{name: r, email_configs: [{}]}]",
       "2:39 missing to address in email config\n2:39 no global SMTP smarthost set\n2:39 no global "
       "SMTP from set\n"},
      {"smarthost without port",
       route + "receivers: [{name: r}]\nglobal: {smtp_smarthost: mail}",
       "3:26 \"mail\" is not a host with a port\n"},
      {"smarthosts that are none",
       route +
           "receivers: [{name: r, email_configs: [{to: a@x, from: b@x, smarthost: '[::1]'}, {to: "
           "a@x, from: b@x, smarthost: 'a]b:25'}, {to: a@x, from: b@x, smarthost: '[::1:25'}]}]",
       "2:71 \"[::1]\" is not a host with a port\n2:113 \"a]b:25\" is not a host with a port\n"
       "2:156 \"[::1:25\" is not a host with a port\n"},
      {"addresses that Go cannot read",
       route +
           "receivers: [{name: r, webhook_configs: [{url: 'http://x/%zz'}, {url: 'http://x#%4'}]}]",
       "2:47 url is not an http or https address with a host\n"
       "2:70 url is not an http or https address with a host\n"},
      {"secrets that are empty",
       route +
           "receivers: [{name: r, pushover_configs: [{user_key: '', token: t}], pagerduty_configs: "
           "[{routing_key: ''}], wechat_configs: [{api_secret: '', corp_id: c}]}]",
       "2:89 missing service or routing key in PagerDuty config\n2:42 one of user_key or "
       "user_key_file must be configured\n2:126 no global Wechat Api Secret set either inline or "
       "in "
       "a file\n"},
      {"texts that must not be empty",
       route + "receivers: [{name: r, slack_configs: [{api_url: '', actions: [{type: a, "
               "text: b, "
               "url: c, confirm: {title: t}}]}], telegram_configs: [{bot_token: t, chat_id: 0}]}]\n"
               "global: {slack_api_url: '', victorops_api_url: ''}",
       "3:48 victorops_api_url is not an http or https address with a host\n"
       "3:25 slack_api_url is not an http or https address with a host\n"
       "2:49 api_url is not an http or https address with a host\n"
       "2:99 missing text in Slack confirmation configuration\n"
       "2:39 no Slack API URL nor App token set either inline or in a file\n"
       "2:134 missing chat_id on telegram_config\n"},
      {"a receiver's configuration that is nothing",
       route + "receivers: [{name: r, opsgenie_configs: [~]}]\nglobal: {opsgenie_api_key: k}",
       "2:42 a config of opsgenie is empty\n"},
      {"details that are no map",
       route + "receivers: [{name: r, pagerduty_configs: [{routing_key: k, details: x}]}]",
       "2:69 details of the PagerDuty config must be a map\n"},
      {"a route that is nothing",
       "route: {receiver: r, routes: [~, {match: {a: b}}]}\nreceivers: [{name: r}]",
       "1:31 a route is empty\n"},
      {"more alerts than a number can say",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', max_alerts: "
               "18446744073709551616}]}]",
       "2:71 \"max_alerts\" must be a whole number, not \"18446744073709551616\"\n"},
      {"a custom field of VictorOps that every event has",
       route + "receivers: [{name: r, victorops_configs: [{api_key: k, routing_key: x, "
               "custom_fields: {a: b, entity_id: c}}]}]",
       "2:94 custom field \"entity_id\" of the VictorOps config conflicts with a field that every "
       "event has\n"},
      {"a message type that WeChat does not have",
       route + "receivers: [{name: r, wechat_configs: [{api_secret: s, corp_id: c, "
               "message_type: foo}]}]",
       "2:82 weChat message type \"foo\" is not known\n"},
      {"half of the credentials of SNS",
       route + "receivers: [{name: r, sns_configs: [{topic_arn: t, sigv4: {access_key: a}}]}]",
       "2:59 must provide a AWS SigV4 Access key and Secret Key if credentials are specified in "
       "the SNS config\n"},
      {"patterns of templates that are none",
       route + "receivers: [{name: r}]\ntemplates: ['[', 'a[b-]', 'x/[]a]', '[^]', '[a-', 'a\\']",
       "3:13 syntax error in pattern \"[\"\n3:18 syntax error in pattern \"a[b-]\"\n"
       "3:27 syntax error in pattern \"x/[]a]\"\n3:37 syntax error in pattern \"[^]\"\n"
       "3:44 syntax error in pattern \"[a-\"\n3:51 syntax error in pattern \"a\\\\\"\n"},
      {"a negative number of alerts",
       route + "receivers: [{name: r, webhook_configs: [{url: 'http://x', max_alerts: -1}]}]",
       "2:71 max_alerts cannot be negative\n"},
      {"headers that differ by case",
       route + "receivers: [{name: r, email_configs: [{to: a@x, from: b@x, smarthost: 'h:25', "
               "headers: {subject: a, Subject: b}}]}]",
       "2:101 duplicate header \"Subject\" in email config\n"},
      {"password and file",
       route +
           "receivers: [{name: r}]\nglobal: {smtp_auth_password: a, smtp_auth_password_file: b}",
       "3:58 at most one of smtp_auth_password & smtp_auth_password_file must be configured\n"},
      {"label name in match",
       "route: {receiver: r, routes: [{match: {'a-b': c}}]}\nreceivers: [{name: r}]",
       "1:40 invalid label name \"a-b\"\n"},
      {"nothing as a regexp",
       route + "receivers: [{name: r}]\ninhibit_rules: [{source_match_re: {a: }}]",
       "3:36 invalid regexp value for \"a\"\n"},
      {"interval names over both lists",
       route + "receivers: [{name: r}]\nmute_time_intervals: [{name: n}]\ntime_intervals: [{name: "
               "n}]",
       "4:25 time interval \"n\" is not unique\n"},
      {"root with active times",
       "route: {receiver: r, active_time_intervals: [n]}\nreceivers: [{name: r}]\ntime_intervals: "
       "[{name: n}]",
       "1:45 root route must not have any active time intervals\n"},
  }));
  DYNAMIC_SECTION(c.name) {
    CHECK(wrong(c.text) == c.want);
  }
}

TEST_CASE("notify_config: good in odd ways") {
  const auto c = GENERATE(values<std::string>({
      "route: {receiver: r, group_by: ['-odd-']}\nreceivers: [{name: r}]",
      "route:\n  receiver: r\n  group_by: [...]\nreceivers: [{name: r}]",
      "route: {receiver: r}\nreceivers: [{name: r}]\nglobal:\ninhibit_rules:\n  -",
      "route: {receiver: r, routes: [{match: {a: ''}}, {match: {a: 2}}]}\nreceivers: [{name: r}]",
      "route: {receiver: r, matchers: [], mute_time_intervals: []}\nreceivers: [{name: r}]",
      "route: {receiver: r, group_wait: 0s}\nreceivers: [{name: r, slack_configs: []}]",
      "route: {receiver: r}\nreceivers: [{name: r}]\nglobal: {smtp_smarthost: 'h:smtp'}",
      "route: {receiver: r}\nreceivers: [{name: r}]\nglobal: {smtp_smarthost: 'h:odd'}",
      "route: {receiver: r}\nreceivers: [{name: r}]\ntemplates: ['[a-z^]*', '[^\\]]', '?/*.tmpl']",
      "route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'http://x', max_alerts: "
      "18446744073709551615}]}]",
      "route: {receiver: r, routes: [{}, {match: {a: b}, continue: y}, {match: {a: c}, continue: "
      "N}]}\nreceivers: [{name: r}]",
      "route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'http://x/%20?%zz', "
      "http_config: {authorization: {type: ' Bearer ', credentials: x}}}, {url: 'http://x', "
      "http_config: {authorization: {type: '', credentials: x}}}]}]",
      "route: {receiver: r}\nreceivers: [{name: r, victorops_configs: [{api_key: '', routing_key: "
      "x}]}]\nglobal: {victorops_api_key: k}",
      "route: {receiver: r}\nreceivers: [{name: r, sns_configs: [{topic_arn: t, sigv4: "
      "{access_key: "
      "a, secret_key: b}}]}]",
  }));
  CHECK(wrong(c) == "");
}

TEST_CASE("notify_config: vendors take defaults, and from global what they do not say") {
  Diagnostics problems;
  const NotifyConfig file = load(R"(
global:
  slack_api_url_file: slack.url
  pagerduty_url: https://pd.test/v2/enqueue
  opsgenie_api_key: k1
route: {receiver: r}
receivers:
  - name: r
    slack_configs:
      - channel: '#ops'
        fields: [{title: a, value: b, short: true}]
      - api_url: https://hooks.test/x
        send_resolved: true
    pagerduty_configs: [{routing_key_file: pd.key, timeout: 5s}]
    opsgenie_configs: [{api_key: k2}, {}]
    msteamsv2_configs: [{webhook_url: 'https://teams.test/x', title: t}]
    telegram_configs: [{bot_token: b, chat_id: 5}]
    fallback_receiver: mail
  - name: mail
    webhook_configs: [{url: 'http://h/x'}]
)",
                                 problems);
  REQUIRE(problems.to_string() == "");
  const Receiver& receiver = *file.receiver("r");
  REQUIRE(receiver.vendors.size() == 7);
  const VendorConfig& slack = receiver.vendors[0];
  CHECK(slack.secrets.at("api_url").file == "dir/slack.url");
  CHECK_FALSE(slack.send_resolved);
  CHECK(slack.fields.find("title")->scalar == R"({{ template "slack.default.title" . }})");
  CHECK(slack.fields.find("fields")->items.at(0).find("short")->scalar == "true");
  CHECK(receiver.vendors[1].secrets.at("api_url").text.reveal() == "https://hooks.test/x");
  CHECK(receiver.vendors[1].send_resolved);
  CHECK(receiver.vendors[2].type == "msteamsv2");
  const VendorConfig& pagerduty = receiver.vendors[3];
  CHECK(pagerduty.fields.find("url")->scalar == "https://pd.test/v2/enqueue");
  CHECK(pagerduty.secrets.at("routing_key").file == "dir/pd.key");
  CHECK(pagerduty.timeout == Millis(5000));
  CHECK(receiver.vendors[4].secrets.at("api_key").text.reveal() == "k2");
  CHECK(receiver.vendors[5].secrets.at("api_key").text.reveal() == "k1");
  CHECK(receiver.vendors[5].fields.find("api_url")->scalar == "https://api.opsgenie.com/");
  std::string sinks;
  for (const SinkRef& sink : file.sinks_of("r")) {
    sinks += sink.receiver + "/" + sink.sink + (sink.send_resolved ? "+ " : " ");
  }
  // The fallback takes what Telegram would get.
  CHECK(sinks ==
        "r/slack[0] r/slack[1]+ r/msteamsv2[0]+ r/pagerduty[0]+ r/opsgenie[0]+ "
        "r/opsgenie[1]+ mail/webhook[0]+ ");
  CHECK(find_unserved(file).empty());
}

TEST_CASE("notify_config: a type that is not sent is good, and reported apart") {
  Diagnostics problems;
  const NotifyConfig file = load(
      "route: {receiver: r}\nreceivers: [{name: r, telegram_configs: [{bot_token: b, chat_id: "
      "5}]}]",
      problems);
  CHECK(problems.to_string() == "");
  CHECK(find_unserved(file).to_string() ==
        "dir/n.yml:2:42: receiver \"r\": Seamwatch does not send telegram_configs; "
        "write it as webhook_configs with the address of its API and a payload: of its own, or add "
        "fallback_receiver: with the name of a receiver that takes its notices\n");
}

TEST_CASE("notify_config: a port that Alertmanager takes and no mail goes to is reported apart") {
  const auto unserved = [](const std::string& smarthost) {
    Diagnostics problems;
    const NotifyConfig file = load("global: {smtp_from: a@b, smtp_smarthost: '" + smarthost +
                                       "'}\nroute: {receiver: r}\nreceivers: [{name: r, "
                                       "email_configs: [{to: c@d}]}]",
                                   problems);
    CHECK(problems.to_string() == "");
    return find_unserved(file).to_string();
  };
  for (const char* good : {"h:25", "h:65535", "[::1]:587", "h:smtp", "h:submission"}) {
    CHECK(unserved(good) == "");
  }
  for (const char* odd : {"h:0", "h:65536", "h:odd", ":25", "h:+25"}) {
    CHECK(unserved(odd).find("receiver \"r\": no mail can go to") != std::string::npos);
  }
}

TEST_CASE("notify_config: a secret is never part of a message") {
  const std::string text = wrong(
      "route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: 'ftp://s3cret'}]}]");
  CHECK(text.find("s3cret") == std::string::npos);
}
