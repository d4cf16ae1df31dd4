#include "tests/lives/setting.h"

#include <algorithm>

namespace seamwatch::fakes {
namespace {

using Texts = std::vector<std::string>;

std::string watched(const Setting& setting, Chance& chance) {
  if (setting.probed.empty()) {
    return "";
  }
  std::string out = "global: {interval: 15s, timeout: 5s, evaluation_interval: " +
                    chance.of(Texts{"5s", "15s", "30s"}) +
                    "}\nrule_files: [rules.yml]\nsystems: {shop: {}, erp: {}}\nintegrations:\n";
  for (const std::string& name : setting.probed) {
    out += "  " + name + ": {source: shop, target: erp, probes: [{name: api, target: 'http://" +
           name + ".test/'}]}\n";
  }
  return out;
}

std::string rules(Chance& chance) {
  return "groups:\n  - name: own\n    rules:\n      - alert: P\n        expr: probe_success == 0\n"
         "        for: " +
         chance.of(Texts{"0s", "30s"}) +
         "\n        keep_firing_for: " + chance.of(Texts{"0s", "1m"}) +
         "\n        labels: {service: '{{ $labels.integration }}', zone: \"0\"}\n";
}

std::string agent_file(const Setting& setting, Chance& chance) {
  return "default_rules: false\n" + watched(setting, chance) +
         "storage: {history: {enabled: false}}\n"  // it has a thread of its own
         "alerting: {notification_file: notify.yml}\n"
         "notification:\n"
         "  timeout: 5s\n"
         "  retry_delay: 2s\n"
         "  retry_delay_max: 30s\n"
         "  retry_budget: " +
         std::string(setting.gives_up ? "3m" : "3h") + "\n" +
         (chance.one_in(4) ? "  outbox_max: 4\n" : "") +
         (chance.one_in(4) ? "  concurrency: 1\n" : "") +
         "  noise:\n"
         "    dependencies: {enabled: " +
         std::string(setting.stands_in ? "true" : "false") +
         "}\n"
         "    flapping: {enabled: false}\n"
         "    storm: {" +
         std::string(setting.storms ? "notices_per_minute: 3" : "enabled: false") + "}\n";
}

std::string receivers(const Setting& setting, bool falls_back) {
  std::string out = "receivers:\n";
  for (const std::string& name : setting.all) {
    out += "  - name: " + name + "\n" +
           (falls_back && name == "team" ? "    fallback_receiver: night\n" : "") +
           "    webhook_configs: [{url: 'http://" + name + ".test/hook'" +
           (setting.hears_of_ends(name) ? "" : ", send_resolved: false") + "}]\n";
  }
  return out;
}

}  // namespace

bool Setting::hears_of_ends(const std::string& receiver) const {
  return std::find(not_of_ends.begin(), not_of_ends.end(), receiver) == not_of_ends.end();
}

Setting draw_setting(Chance& chance) {
  Setting out;
  out.all = {"team", "audit", "lead", "night"};
  out.gives_up = chance.one_in(3);
  out.rejects = out.gives_up && chance.one_in(3);
  out.storms = chance.one_in(3);
  out.silences = chance.one_in(2);
  out.inhibits = chance.one_in(3);
  out.reroutes = chance.one_in(3) && !out.storms;
  out.locks = chance.one_in(4);
  if (chance.one_in(3)) {
    out.not_of_ends.push_back("audit");
  }
  const int probed = chance.one_in(2) ? 0 : 1 + chance.below(3);
  for (int i = 0; i < probed; ++i) {
    out.probed.push_back("s" + std::to_string(i));
  }
  out.stands_in = probed >= 2 && chance.one_in(2);
  out.files["seamwatch.yml"] = agent_file(out, chance);
  out.files["rules.yml"] = rules(chance);
  reroute(out, chance);
  return out;
}

std::string to_string(const Setting& setting) {
  std::string out;
  for (const auto& [name, is_so] : std::map<std::string, bool>{{"gives_up", setting.gives_up},
                                                               {"rejects", setting.rejects},
                                                               {"storms", setting.storms},
                                                               {"silences", setting.silences},
                                                               {"inhibits", setting.inhibits},
                                                               {"reroutes", setting.reroutes},
                                                               {"locks", setting.locks},
                                                               {"stands_in", setting.stands_in}}) {
    out += is_so ? (out.empty() ? "" : " ") + name : "";
  }
  return out.empty() ? "plain" : out;
}

void reroute(Setting& setting, Chance& chance) {
  const std::string group_by =
      chance.of(Texts{"['...']", "[alertname]", "[service]", "[zone]", "[]"});
  std::string& notify = setting.files["notify.yml"];
  notify = "route:\n  receiver: team\n  group_by: " + group_by +
           "\n  group_wait: " + chance.of(Texts{"0s", "10s"}) +
           "\n  group_interval: " + chance.of(Texts{"10s", "30s", "2m"}) +
           "\n  repeat_interval: 100h\n";
  const std::string escalate =
      chance.one_in(2) ? "escalate: [{after: 4m, receiver: lead" +
                             std::string(chance.one_in(2) ? ", unless: acked" : "") + "}]\n"
                       : "";
  setting.told = {"team"};
  if (chance.one_in(2)) {
    setting.told.push_back("audit");
    notify += "  routes:\n    - {receiver: audit, continue: true}\n    - receiver: team\n";
    notify += escalate.empty() ? "" : "      " + escalate;
  } else {
    notify += escalate.empty() ? "" : "  " + escalate;
  }
  if (setting.inhibits) {
    notify +=
        "inhibit_rules:\n  - {source_matchers: [alertname=A], target_matchers: "
        "[alertname!=A], equal: [zone]}\n";
  }
  notify += receivers(setting, setting.gives_up && chance.one_in(2));
}

}  // namespace seamwatch::fakes
