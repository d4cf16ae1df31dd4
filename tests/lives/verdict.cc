#include "tests/lives/verdict.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <boost/json.hpp>

namespace seamwatch::fakes {
namespace {

namespace json = boost::json;
using SeenAlert = SeenNotice::SeenAlert;

// What was answered is recorded at once; a kill at the same time may come before that.
constexpr Millis kToRecord = Millis(10);

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

std::string host_of(const std::string& url) {
  const std::size_t start = std::string("http://").size();
  return url.substr(start, url.find(".test") - start);
}

SeenNotice seen_notice(const SentWebhook& sent) {
  SeenNotice out;
  out.at = sent.at;
  out.host = host_of(sent.url);
  out.is_taken = sent.status >= 200 && sent.status <= 299;
  for (const auto& [name, value] : sent.headers) {
    if (name == "Idempotency-Key") {
      out.key = value;
    }
  }
  const json::value payload = json::parse(sent.body);
  out.group_key = text(payload.at("groupKey"));
  out.reason = text(payload.at("notification_reason"));
  for (const json::value& alert : payload.at("alerts").as_array()) {
    const json::value& labels = alert.at("labels");
    const json::value* service = labels.as_object().if_contains("service");
    out.alerts.push_back({text(labels.at("alertname")) + "/" + (service ? text(*service) : ""),
                          text(alert.at("startsAt")),
                          text(alert.at("status")) == "resolved"});
  }
  std::sort(out.alerts.begin(), out.alerts.end());
  return out;
}

// Where a receiver keeps what it is told of an alert: of each group by itself where a reload may
// make other groups.
std::string place_of(const SeenNotice& notice, const Setting& setting) {
  return setting.reroutes ? notice.group_key : "";
}

// Of a system that is down, in the place of all that goes through it.
constexpr std::string_view kStandsIn = "SystemDown/";

using Told = std::map<std::string, SeenAlert>;  // what was told last, by place

bool says_firing(const Told& told) {
  return std::any_of(
      told.begin(), told.end(), [](const auto& one) { return !one.second.is_resolved; });
}

}  // namespace

std::vector<SeenNotice> seen_notices(const SimNetwork& network,
                                     const std::vector<WallTime>& kills) {
  std::vector<SeenNotice> out;
  for (const SentWebhook& sent : network.webhooks()) {
    out.push_back(seen_notice(sent));
    const bool cut_short = std::any_of(kills.begin(), kills.end(), [&](WallTime kill) {
      return sent.heard_at && *sent.heard_at <= kill && kill < *sent.heard_at + kToRecord;
    });
    out.back().is_known = out.back().is_taken && sent.heard_at && !cut_short;
  }
  return out;
}

std::vector<std::string> wrong_in_the_end(const std::vector<SeenNotice>& seen,
                                          const std::vector<SourceAlert>& alerts,
                                          const Setting& setting,
                                          WallTime now) {
  std::map<std::pair<std::string, std::string>, Told> last;  // by host and alert
  for (const SeenNotice& notice : seen) {
    for (const SeenAlert& alert : notice.alerts) {
      if (notice.is_taken) {
        last[{notice.host, alert.id}][place_of(notice, setting)] = alert;
      }
    }
  }
  std::vector<std::string> out;
  for (const SourceAlert& alert : alerts) {
    const bool fires = alert.fires(now);
    const bool is_quiet = setting.inhibits && alert.name != "A" &&
                          std::any_of(alerts.begin(), alerts.end(), [&](const SourceAlert& one) {
                            return one.name == "A" && one.zone == alert.zone && one.fires(now);
                          });
    for (const std::string& host : setting.told) {
      const bool is_told = says_firing(last[{host, alert.id()}]) ||
                           (alert.is_own && says_firing(last[{host, std::string(kStandsIn)}]));
      if (fires && !is_quiet && !is_told) {
        out.push_back(alert.id() + " fires and " + host + " was not told:\n" +
                      story_of(seen, host, alert.id()));
      }
    }
    for (const std::string& host : setting.all) {
      if (!fires && setting.hears_of_ends(host) && says_firing(last[{host, alert.id()}])) {
        out.push_back(alert.id() + " has ended and " + host + " was not told:\n" +
                      story_of(seen, host, alert.id()));
      }
    }
  }
  const bool any_own = std::any_of(alerts.begin(), alerts.end(), [now](const SourceAlert& one) {
    return one.is_own && one.fires(now);
  });
  for (const std::string& host : setting.all) {
    const std::string stands_in(kStandsIn);
    if (!any_own && setting.hears_of_ends(host) && says_firing(last[{host, stands_in}])) {
      out.push_back("nothing fails and " + host + " was not told that the system is back:\n" +
                    story_of(seen, host, stands_in));
    }
  }
  return out;
}

std::vector<std::string> wrong_on_the_way(const std::vector<SeenNotice>& seen,
                                          const Setting& setting) {
  std::vector<std::string> out;
  std::map<std::string, std::string> group_of;  // by key
  using Content = std::tuple<std::string, std::string, std::vector<SeenAlert>>;
  std::map<Content, std::string> key_of;                           // by what is told
  std::map<std::pair<std::string, SeenAlert>, std::string> ended;  // the key, by host and alert
  std::map<std::tuple<std::string, std::string, std::string>, SeenAlert> last;  // taken
  const bool once = !setting.gives_up && !setting.storms && !setting.reroutes;
  for (const SeenNotice& notice : seen) {
    const auto group = group_of.emplace(notice.key, notice.host + notice.group_key).first;
    if (group->second != notice.host + notice.group_key) {
      out.push_back("key " + notice.key + " of " + group->second + " and of " + notice.host +
                    notice.group_key);
    }
    const Content content{notice.host, notice.group_key, notice.alerts};
    const auto key = key_of.emplace(content, notice.key).first;
    if (setting.is_plain() && key->second != notice.key) {
      out.push_back("one content, keys " + key->second + " and " + notice.key + ":\n" +
                    story_of(seen, notice.host, notice.alerts.front().id));
    }
    for (const SeenAlert& alert : notice.alerts) {
      const auto end = ended.find({notice.host, alert});
      if (end != ended.end() && once) {
        out.push_back("an end that was told by " + end->second + " told again:\n" +
                      story_of(seen, notice.host, alert.id));
      }
      if (alert.is_resolved && notice.is_known) {
        ended.emplace(std::pair(notice.host, alert), notice.key);
      }
      if (!notice.is_taken) {
        continue;
      }
      const auto before =
          last.emplace(std::tuple(notice.host, place_of(notice, setting), alert.id), alert).first;
      // A letter that was rejected long ago may tell late of what was over long ago.
      const bool is_late = setting.rejects && alert.is_resolved;
      if (alert < before->second && !is_late) {
        out.push_back("an older state after a newer one:\n" +
                      story_of(seen, notice.host, alert.id));
      }
      before->second = alert;
    }
  }
  return out;
}

std::string to_string(const SeenNotice& notice) {
  std::string out = to_rfc3339(notice.at) + " " + notice.host + " " + notice.key.substr(0, 8) +
                    (notice.is_known   ? " taken"
                     : notice.is_taken ? " taken, not heard"
                                       : " seen") +
                    ", " + notice.reason + ", " + notice.group_key + ":";
  for (const SeenAlert& alert : notice.alerts) {
    out += " " + alert.id + (alert.is_resolved ? " ended, " : " since ") +
           alert.starts_at.substr(alert.starts_at.find('T') + 1);
  }
  return out;
}

std::string story_of(const std::vector<SeenNotice>& seen,
                     const std::string& host,
                     const std::string& alert) {
  std::string out;
  for (const SeenNotice& notice : seen) {
    const bool shows = std::any_of(notice.alerts.begin(),
                                   notice.alerts.end(),
                                   [&](const SeenAlert& one) { return one.id == alert; });
    if (notice.host == host && shows) {
      out += "    " + to_string(notice) + "\n";
    }
  }
  return out;
}

}  // namespace seamwatch::fakes
