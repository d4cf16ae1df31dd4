#include "rules/testing/routing_diff.h"

#include <algorithm>

#include "rules/testing/pairing.h"

namespace seamwatch::rules::testing {
namespace {

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& each : all) {
    out += (out.empty() ? "" : ", ") + each;
  }
  return out;
}

std::string listed(const std::vector<std::string>& all) {
  return all.empty() ? "nothing" : joined(all);
}

std::string listed(const std::vector<Labels>& all) {
  std::vector<std::string> texts;
  for (const Labels& labels : all) {
    texts.push_back(labels.to_string());
  }
  return listed(texts);
}

std::string listed(const std::vector<LabelTexts>& all) {
  std::vector<std::string> texts;
  for (const LabelTexts& labels : all) {
    texts.push_back(to_string(labels));
  }
  return listed(texts);
}

std::string_view status(const SentNotification& sent) {
  return sent.firing.empty() ? "resolved" : "firing";
}

// One alert of a notification.
struct ToldAlert {
  LabelTexts labels;
  LabelTexts annotations;
  std::string_view status;
};

std::vector<ToldAlert> told(const SentNotification& sent) {
  std::vector<ToldAlert> out;
  for (const auto& [alerts, word] :
       {std::pair(&sent.firing, "firing"), std::pair(&sent.resolved, "resolved")}) {
    for (const Alert& alert : *alerts) {
      out.push_back({texts_of(alert.labels), texts_of(alert.annotations), word});
    }
  }
  return out;
}

// The agent adds it to alerts of rules that wait (agent/core/failing_since.h): no test has to.
constexpr std::string_view kAdded = "failing_since";

// Whether these are all the annotations but that, unless it is asked for.
bool are_all(const LabelTexts& want, LabelTexts got) {
  const auto is_added = [](const auto& text) { return text.first == kAdded; };
  if (std::none_of(want.begin(), want.end(), is_added)) {
    got.erase(std::remove_if(got.begin(), got.end(), is_added), got.end());
  }
  return want == got;
}

bool fits(const ExpectedAlert& want, const ToldAlert& got, Compare compare) {
  const bool subset = compare == Compare::subset;
  return (want.status.empty() || want.status == got.status) &&
         (subset ? holds_all(want.labels, got.labels) : want.labels == got.labels) &&
         (!want.asks_annotations || (subset ? holds_all(want.annotations, got.annotations)
                                            : are_all(want.annotations, got.annotations)));
}

std::string shown(const ToldAlert& alert) {
  return to_string(alert.labels) + " " + std::string(alert.status);
}

std::string shown(const ExpectedAlert& alert) {
  return to_string(alert.labels) + (alert.status.empty() ? "" : " " + alert.status);
}

// Adds what differs between the alerts of one notification and those expected of it.
void add_alerts(DiffLines& lines,
                const std::vector<ExpectedAlert>& expected,
                const SentNotification& sent,
                Compare compare) {
  const std::vector<ToldAlert> got = told(sent);
  const Pairs partner = matched(expected.size(), got.size(), [&](std::size_t i, std::size_t j) {
    return fits(expected[i], got[j], compare);
  });
  if (is_complete(partner, got.size(), compare)) {
    return;
  }
  const std::vector<bool> taken = taken_by(partner, got.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (partner[i] == kNone) {
      lines.add("    - alert " + shown(expected[i]));
      for (const auto& [name, text] : expected[i].annotations) {
        lines.add("        - annotation " + name + "=" + quoted(text));
      }
    }
  }
  for (std::size_t j = 0; j < got.size(); ++j) {
    if (!taken[j] && compare == Compare::exact) {
      lines.add("    + alert " + shown(got[j]));
      for (const auto& [name, text] : got[j].annotations) {
        lines.add("        + annotation " + name + "=" + quoted(text));
      }
    }
  }
}

void add_field(DiffLines& lines,
               const std::string& name,
               const std::string& expected,
               const std::string& got) {
  if (expected != got) {
    lines.add("    - " + name + ": " + expected);
    lines.add("    + " + name + ": " + got);
  }
}

// What differs between a notification and what is expected of one.
DiffLines differences(const ExpectedNotification& want,
                      const SentNotification& got,
                      Compare compare) {
  DiffLines lines;
  add_field(lines, "receiver", want.receiver, got.receiver);
  if (want.sent_at) {
    add_field(lines, "sent_at", format_duration(*want.sent_at), format_duration(got.sent_at));
  }
  if (want.status) {
    add_field(lines, "status", *want.status, std::string(status(got)));
  }
  if (want.reason) {
    add_field(lines, "reason", *want.reason, got.reason);
  }
  if (want.sinks) {
    add_field(lines, "sinks", joined(*want.sinks), joined(got.sinks));
  }
  if (want.group_labels) {
    add_field(lines, "group_labels", want.group_labels->to_string(), got.group_labels.to_string());
  }
  if (want.alerts) {
    add_alerts(lines, *want.alerts, got, compare);
  }
  return lines;
}

std::string line(const SentNotification& sent) {
  std::string out = format_duration(sent.sent_at) + " to " + sent.receiver + ", " +
                    std::string(status(sent)) + ", " + sent.reason + ":";
  for (const ToldAlert& alert : told(sent)) {
    out += " " + (sent.firing.empty() || alert.status == "firing" ? to_string(alert.labels)
                                                                  : shown(alert));
  }
  return out;
}

std::string line(const ExpectedNotification& want) {
  std::string out = (want.sent_at ? format_duration(*want.sent_at) + " " : "") + "to " +
                    want.receiver + (want.status ? ", " + *want.status : "") +
                    (want.reason ? ", " + *want.reason : "");
  if (want.alerts) {
    out += ":";
    for (const ExpectedAlert& alert : *want.alerts) {
      out += " " + shown(alert);
    }
  }
  return out;
}

// The free notification to the same receiver that differs the least from an expected one.
std::size_t nearest_to(const ExpectedNotification& want,
                       const std::vector<SentNotification>& got,
                       const std::vector<bool>& taken) {
  std::size_t best = kNone;
  std::size_t fewest = 0;
  for (std::size_t j = 0; j < got.size(); ++j) {
    if (taken[j] || got[j].receiver != want.receiver) {
      continue;
    }
    const std::size_t count = differences(want, got[j], Compare::exact).take().size();
    if (best == kNone || count < fewest) {
      best = j;
      fewest = count;
    }
  }
  return best;
}

bool says_the_same(const SentNotification& sent, const Notice& notice) {
  const auto same = [](const std::vector<Alert>& a, const std::vector<Alert>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Alert& x, const Alert& y) {
      return x.labels == y.labels;
    });
  };
  return sent.receiver == notice.receiver && sent.reason == notice.reason &&
         sent.group_labels == notice.group_labels && same(sent.firing, notice.firing) &&
         same(sent.resolved, notice.resolved);
}

}  // namespace

std::vector<SentNotification> sent_for(const NotificationCheck& check,
                                       const std::vector<Notice>& notices,
                                       WallTime start) {
  std::vector<SentNotification> out;
  for (const Notice& notice : notices) {
    const Millis at = std::chrono::duration_cast<Millis>(notice.at - start);
    if (at < check.from || at > check.at ||
        (!check.receiver.empty() && notice.receiver != check.receiver)) {
      continue;
    }
    const auto same = std::find_if(out.begin(), out.end(), [&](const SentNotification& sent) {
      return sent.sent_at == at && sent.group_key == notice.group_key &&
             says_the_same(sent, notice);
    });
    if (same != out.end()) {
      same->sinks.push_back(notice.sink);
      continue;
    }
    out.push_back({at,
                   notice.receiver,
                   {notice.sink},
                   notice.reason,
                   notice.group_labels,
                   notice.firing,
                   notice.resolved,
                   notice.group_key});
  }
  return out;
}

std::vector<std::string> diff_route(const RouteCheck& check, const RoutedAlert& got) {
  DiffLines lines;
  if (check.receivers) {
    lines.add_change("receivers: ", listed(*check.receivers), listed(got.receivers));
  }
  if (check.groups) {
    lines.add_change("groups: ", listed(*check.groups), listed(got.groups));
  }
  if (check.inhibited_by) {
    const std::vector<LabelTexts>& want = *check.inhibited_by;
    const bool same = want.size() == got.inhibited_by.size() &&
                      std::equal(want.begin(),
                                 want.end(),
                                 got.inhibited_by.begin(),
                                 [](const LabelTexts& part, const Labels& whole) {
                                   return holds_all(part, texts_of(whole));
                                 });
    if (!same) {
      lines.add_change("inhibited by: ", listed(want), listed(got.inhibited_by));
    }
  }
  if (check.silenced_by) {
    lines.add_change("silenced by: ", listed(*check.silenced_by), listed(got.silenced_by));
  }
  if (check.muted_by) {
    lines.add_change("muted by: ", listed(*check.muted_by), listed(got.muted_by));
  }
  return lines.take();
}

std::vector<std::string> diff_notifications(const NotificationCheck& check,
                                            const std::vector<SentNotification>& got) {
  const std::vector<ExpectedNotification>& want = check.notifications;
  const Pairs partner = matched(want.size(), got.size(), [&](std::size_t i, std::size_t j) {
    return differences(want[i], got[j], check.compare).empty();
  });
  if (is_complete(partner, got.size(), check.compare)) {
    return {};
  }
  std::vector<bool> taken = taken_by(partner, got.size());
  DiffLines lines;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (partner[i] != kNone) {
      continue;
    }
    const std::size_t j = nearest_to(want[i], got, taken);
    if (j == kNone) {
      lines.add("- " + line(want[i]));
      continue;
    }
    taken[j] = true;
    lines.add("~ " + line(got[j]));
    for (std::string& each : differences(want[i], got[j], check.compare).take()) {
      lines.add(std::move(each));
    }
  }
  for (std::size_t j = 0; j < got.size(); ++j) {
    if (!taken[j] && check.compare == Compare::exact) {
      lines.add("+ " + line(got[j]));
    }
  }
  return lines.take();
}

}  // namespace seamwatch::rules::testing
