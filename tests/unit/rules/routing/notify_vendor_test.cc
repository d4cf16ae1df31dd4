#include "tests/unit/rules/routing/notify_text.h"

using namespace seamwatch;
using namespace seamwatch::rules;

// As amtool says of the same types.
TEST_CASE("notify_vendor: the type of a responder of Opsgenie") {
  struct Case {
    const char* name;
    std::string type;
    std::string want;
  };

  const std::string template_fault =
      "2:68 opsGenieConfig responder type is not a valid template: template: ";
  const std::vector<Case> cases = {
      {"as it is documented", "team", ""},
      {"several teams", "teams", ""},
      {"another case", "Team", ""},
      {"all capitals", "ESCALATION", ""},
      {"a blank before it",
       "' team'",
       "2:68 opsGenieConfig responder type \" team\" is not known\n"},
      {"none", "''", "2:68 opsGenieConfig responder type \"\" is not known\n"},
      {"another", "group", "2:68 opsGenieConfig responder type \"group\" is not known\n"},
      {"a template", "'{{ .CommonLabels.type }}'", ""},
      {"a template with a builtin function", "'{{ len .Alerts }}'", ""},
      {"a template that calls one that is not there", "'{{ template \"nope\" . }}'", ""},
      {"a template that does not end", "'{{ .x'", template_fault + ":1: unclosed action\n"},
      {"a template with a function of Alertmanager",
       "'{{ toUpper .x }}'",
       template_fault + ":1: function \"toUpper\" not defined\n"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(wrong("route: {receiver: r}\nreceivers: [{name: r, opsgenie_configs: [{api_key: k, "
                  "responders: [{name: a, type: " +
                  c.type + "}]}]}]") == c.want);
    }
  }
}

TEST_CASE("notify_vendor: an authorization counts where a receiver itself has it") {
  struct Case {
    const char* name;
    std::string receiver;
    std::string want;
  };

  const std::string webex = "webex_configs: [{room_id: r, api_url: 'http://x'";
  const std::string no_webex = "3:39 missing webex_configs.http_config.authorization\n";
  const std::string incident = "incidentio_configs: [{url: 'http://x'";
  const std::vector<Case> cases = {
      {"webex, nowhere", webex + "}]", no_webex},
      {"webex, an http_config that is nothing", webex + ", http_config: ~}]", no_webex},
      {"webex, an http_config without it", webex + ", http_config: {}}]", no_webex},
      {"webex, one that is nothing", webex + ", http_config: {authorization: ~}}]", no_webex},
      {"webex, another kind", webex + ", http_config: {basic_auth: {username: u}}}]", no_webex},
      {"webex, its own", webex + ", http_config: {authorization: {credentials: c}}}]", ""},
      {"webex, an empty one", webex + ", http_config: {authorization: {}}}]", ""},
      {"webex, a token", webex + ", http_config: {bearer_token: c}}]", ""},
      {"webex, a token of a file", webex + ", http_config: {bearer_token_file: c}}]", ""},
      {"webex, an empty token", webex + ", http_config: {bearer_token: ''}}]", no_webex},
      {"webex, a token that is nothing", webex + ", http_config: {bearer_token: ~}}]", no_webex},
      {"incident.io, nowhere", incident + "}]", ""},
      {"incident.io, an http_config without it",
       incident + ", http_config: {}}]",
       "3:44 at least one of alert_source_token, alert_source_token_file or "
       "http_config.authorization must be configured\n"},
      {"incident.io, a token", incident + ", alert_source_token: t, http_config: {}}]", ""},
      {"incident.io, its own", incident + ", http_config: {authorization: {}}}]", ""},
      {"incident.io, both",
       incident + ", alert_source_token_file: t, http_config: {bearer_token: c}}]",
       "3:103 cannot specify alert_source_token or alert_source_token_file when using "
       "http_config.authorization\n"},
  };
  const std::string global = "global: {http_config: {authorization: {credentials: c}}}\n";
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(wrong(global + "route: {receiver: r}\nreceivers: [{name: r, " + c.receiver + "}]") ==
            c.want);
    }
  }
}

TEST_CASE("notify_vendor: what Pushover cannot do at once") {
  const std::string file =
      "route: {receiver: r}\nreceivers: [{name: r, pushover_configs: [{user_key: u, token: t, ";
  CHECK(wrong(file + "html: true, monospace: true}]}]") ==
        "2:89 at most one of monospace & html must be configured\n");
  CHECK(wrong(file + "html: true, monospace: false}]}]") == "");
  CHECK(wrong(file + "html: false, monospace: true}]}]") == "");
}

// As amtool says of `retry`; a timeout is of the same kind.
TEST_CASE("notify_vendor: durations of Go") {
  struct Case {
    std::string text;
    std::string want;  // what is wrong, behind the key
  };

  const std::string no_duration = " is not a duration of h, m, s, ms, us and ns\n";
  const auto c = GENERATE_COPY(values<Case>({{"1.5s", ""},
                                             {"100us", ""},
                                             {"1h30m", ""},
                                             {".5s", ""},
                                             {"-5s", ""},
                                             {"0", ""},
                                             {"~", ""},
                                             {"1d", "\"1d\"" + no_duration},
                                             {"5", "\"5\"" + no_duration},
                                             {"''", "\"\"" + no_duration}}));
  const std::string route = "route: {receiver: r}\nreceivers: [{name: r, ";
  const auto want = [&](const std::string& place, const std::string& key) {
    return c.want.empty() ? "" : place + " \"" + key + "\": " + c.want;
  };
  DYNAMIC_SECTION(c.text) {
    for (const std::string key : {"retry", "expire", "ttl"}) {
      const std::string column = std::to_string(66 + key.size() + 2);
      CHECK(wrong(route + "pushover_configs: [{user_key: u, token: t, " + key + ": " + c.text +
                  "}]}]") == want("2:" + column, key));
    }
    CHECK(wrong(route + "webhook_configs: [{url: 'http://x', timeout: " + c.text + "}]}]") ==
          want("2:68", "timeout"));
    CHECK(wrong(route + "slack_configs: [{api_url: 'http://x', timeout: " + c.text + "}]}]") ==
          want("2:70", "timeout"));
  }
}

TEST_CASE("notify_vendor: a timeout is a number of milliseconds, rounded up") {
  struct Case {
    const char* text;
    int millis;
  };

  const auto c = GENERATE(values<Case>({{"1.5s", 1500},
                                        {"100us", 1},
                                        {"1ms", 1},
                                        {"1001us", 2},
                                        {"-5s", 0},
                                        {"0", 0},
                                        {"1m1.5s", 61'500}}));
  DYNAMIC_SECTION(c.text) {
    Diagnostics problems;
    const NotifyConfig file =
        load(std::string("route: {receiver: r}\nreceivers: [{name: r, webhook_configs: [{url: "
                         "'http://x', timeout: ") +
                 c.text + "}]}]",
             problems);
    CHECK(problems.to_string() == "");
    CHECK(file.receiver("r")->webhooks.at(0).timeout == Millis(c.millis));
  }
}

// They may be had by an interval, see time_interval_test.cc.
TEST_CASE("notify_vendor: all days of a month from before the first one are in no file") {
  const std::string file =
      "route: {receiver: r}\nreceivers: [{name: r}]\ntime_intervals: [{name: t, time_intervals: "
      "[{days_of_month: ";
  CHECK(wrong(file + "['-31:31']}]}]") ==
        "3:61 days_of_month: the end day must be negative where the start day is\n");
  CHECK(wrong(file + "['-31:-1', '-31']}]}]") == "");
}
