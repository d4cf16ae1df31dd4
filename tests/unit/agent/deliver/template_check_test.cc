#include "agent/deliver/template_check.h"

#include <fstream>

#include "tests/unit/agent/agent_fixture.h"
#include "tests/unit/agent/store/store_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

// What is found in a file with these receivers, of which the root route names `team`: syntax, then
// execution, without places.
std::string found_in(const std::string& receivers) {
  const auto notify = notify_config("route: {receiver: team}\nreceivers:\n" + receivers);
  const auto templates = rules::templates::NotificationTemplates::make({});
  const TemplateFindings findings = check_templates(*notify, *templates);
  std::string out;
  for (const Diagnostics& each : {findings.syntax, findings.execution}) {
    for (const Diagnostic& one : each.entries()) {
      out += one.what + "; " + one.remedy + "\n";
    }
  }
  return out;
}

std::string team(const std::string& entry) {
  return "  - {name: team, " + entry + "}\n";
}

const std::string kDeadLetter =
    "correct it; the notice cannot be sent where it fails, and becomes a dead letter\n";
const std::string kFails = "'{{ template \"s3cret\" . }}'";

}  // namespace

TEST_CASE("template_check: templates in secrets, of which nothing is shown") {
  struct Case {
    const char* name;
    std::string entry;
    std::string want;
  };

  const std::string pagerduty = "receiver \"team\", pagerduty_configs, ";
  const std::string opsgenie = "receiver \"team\", opsgenie_configs, ";
  const std::string no_syntax = "the template cannot be parsed; correct the template\n";
  const std::string no_sample = "the template cannot be expanded; " + kDeadLetter;
  const auto c = GENERATE_COPY(values<Case>({
      {"no template", "pagerduty_configs: [{routing_key: s3cret}]", ""},
      {"good", "pagerduty_configs: [{routing_key: '{{ .GroupLabels.key }}'}]", ""},
      {"routing key",
       "pagerduty_configs: [{routing_key: '{{ s3cret'}]",
       pagerduty + "routing_key: " + no_syntax},
      {"service key",
       "pagerduty_configs: [{service_key: '{{ \"s3cret\" | nope }}'}]",
       pagerduty + "service_key: " + no_syntax},
      {"routing key, not expanded",
       "pagerduty_configs: [{routing_key: " + kFails + "}]",
       pagerduty + "routing_key: " + no_sample},
      {"API key", "opsgenie_configs: [{api_key: '{{ s3cret'}]", opsgenie + "api_key: " + no_syntax},
      {"API key, not expanded",
       "opsgenie_configs: [{api_key: " + kFails + "}]",
       opsgenie + "api_key: " + no_sample},
      {"a key that is not expanded", "slack_configs: [{app_token: '{{ s3cret', channel: c}]", ""},
      {"a type that is not sent", "victorops_configs: [{api_key: '{{ x', routing_key: r}]", ""},
  }));
  DYNAMIC_SECTION(c.name) {
    CHECK(found_in(team(c.entry)) == c.want);
  }
}

TEST_CASE("template_check: templates in the files of secrets") {
  struct Case {
    std::string type;
    std::string key;
  };

  const TempFolder folder;
  const std::string file = folder.path() + "/secret";
  const auto c = GENERATE(values<Case>({{"webhook_configs", "url_file"},
                                        {"pagerduty_configs", "routing_key_file"},
                                        {"pagerduty_configs", "service_key_file"},
                                        {"opsgenie_configs", "api_key_file"}}));
  const std::string entry = team(c.type + ": [{" + c.key + ": " + file + "}]");
  const std::string where = "receiver \"team\", " + c.type + ", " + c.key;
  DYNAMIC_SECTION(c.key) {
    CHECK(found_in(entry) == "");  // it may come yet
    std::ofstream(file) << "s3cret\n";
    CHECK(found_in(entry) == "");
    std::ofstream(file) << "{{ s3cret\n";
    CHECK(found_in(entry) == where + ": the template in the file cannot be parsed; " + kDeadLetter);
    std::ofstream(file) << "{{ template \"s3cret\" . }}\n";
    CHECK(found_in(entry) ==
          where + ": the template in the file cannot be expanded; " + kDeadLetter);
  }
}

TEST_CASE("template_check: what comes of a text that fails") {
  struct Case {
    const char* name;
    std::string entry;
    std::string key;
    std::string want;
  };

  const std::string mail = "email_configs: [{smarthost: 'h:25', to: a@x, from: b@x, ";
  const auto c = GENERATE_COPY(values<Case>({
      {"url", "webhook_configs: [{url: " + kFails + "}]", "webhook_configs, url", kDeadLetter},
      {"payload",
       "webhook_configs: [{url: 'http://x', payload: {a: " + kFails + "}}]",
       "webhook_configs, payload.a",
       "correct it; Alertmanager's JSON of version 4 is sent where it fails\n"},
      {"to",
       "email_configs: [{smarthost: 'h:25', from: b@x, to: " + kFails + "}]",
       "email_configs, to",
       kDeadLetter},
      {"from",
       "email_configs: [{smarthost: 'h:25', to: a@x, from: " + kFails + "}]",
       "email_configs, from",
       kDeadLetter},
      {"html",
       mail + "html: " + kFails + "}]",
       "email_configs, html",
       "correct it; plain words are sent where it fails\n"},
      {"header",
       mail + "headers: {Subject: " + kFails + "}}]",
       "email_configs, headers.Subject",
       "correct it; the mail is sent with its own header or none where it fails\n"},
      {"vendor",
       "slack_configs: [{api_url: 'http://x', title: " + kFails + "}]",
       "slack_configs, title",
       "correct it; plain words are sent where it fails\n"},
  }));
  DYNAMIC_SECTION(c.name) {
    const std::string found = found_in(team(c.entry));
    CHECK(found.starts_with("receiver \"team\", " + c.key + ": template: "));
    CHECK(found.ends_with("; " + c.want));
  }
}

TEST_CASE("template_check: where there is a fallback, it is told of what cannot be sent") {
  CHECK(
      found_in(team("fallback_receiver: other, opsgenie_configs: [{api_key: " + kFails + "}]") +
               "  - {name: other, webhook_configs: [{url: 'http://x'}]}\n") ==
      "receiver \"team\", opsgenie_configs, api_key: the template cannot be expanded; correct it; "
      "the notice cannot be sent where it fails, and fallback_receiver is told instead\n");
}
