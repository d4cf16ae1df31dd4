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
