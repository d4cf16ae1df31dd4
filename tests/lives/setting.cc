#include "tests/lives/setting.h"

namespace seamwatch::fakes {
namespace {

std::string receiver(const std::string& name, const std::string& fallback = "") {
  return "  - name: " + name + "\n" +
         (fallback.empty() ? "" : "    fallback_receiver: " + fallback + "\n") +
         "    webhook_configs: [{url: 'http://" + name + ".test/hook'}]\n";
}

}  // namespace

Setting draw_setting(Chance& chance) {
  Setting out;
  out.gives_up = chance.one_in(3);
  out.storms = chance.one_in(3);
  out.silences = chance.one_in(2);
  const bool audited = chance.one_in(2);
  const bool escalates = chance.one_in(2);
  const bool falls_back = out.gives_up && chance.one_in(2);
  out.files["seamwatch.yml"] =
      "default_rules: false\n"
      "storage: {history: {enabled: false}}\n"  // it has a thread of its own
      "alerting: {notification_file: notify.yml}\n"
      "notification:\n"
      "  timeout: 5s\n"
      "  retry_delay: 2s\n"
      "  retry_delay_max: 30s\n"
      "  retry_budget: " +
      std::string(out.gives_up ? "3m" : "3h") +
      "\n"
      "  noise:\n"
      "    flapping: {enabled: false}\n"
      "    storm: {" +
      std::string(out.storms ? "notices_per_minute: 3" : "enabled: false") + "}\n";
  std::string& notify = out.files["notify.yml"];
  notify = "route:\n  receiver: team\n  group_by: " +
           chance.of(std::vector<std::string>{"['...']", "[alertname]", "[service]", "[]"}) +
           "\n  group_wait: " + chance.of(std::vector<std::string>{"0s", "10s"}) +
           "\n  group_interval: " + chance.of(std::vector<std::string>{"10s", "30s", "2m"}) +
           "\n  repeat_interval: 100h\n";
  const std::string escalate = "escalate: [{after: 4m, receiver: lead" +
                               std::string(chance.one_in(2) ? ", unless: acked" : "") + "}]\n";
  out.told = {"team"};
  if (audited) {
    notify += "  routes:\n    - {receiver: audit, continue: true}\n    - receiver: team\n";
    notify += escalates ? "      " + escalate : "";
    out.told.push_back("audit");
  } else {
    notify += escalates ? "  " + escalate : "";
  }
  notify += "receivers:\n" + receiver("team", falls_back ? "night" : "");
  for (const auto& [name, is_there] : std::map<std::string, bool>{
           {"audit", audited}, {"lead", escalates}, {"night", falls_back}}) {
    if (is_there) {
      notify += receiver(name);
    }
  }
  for (const auto& [name, is_there] :
       std::map<std::string, bool>{{"lead", escalates}, {"night", falls_back}}) {
    if (is_there) {
      out.others.push_back(name);
    }
  }
  return out;
}

}  // namespace seamwatch::fakes
