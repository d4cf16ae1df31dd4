#include "agent/core/notice_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/core/failing_since.h"
#include "agent/core/html_escape.h"
#include "agent/core/notice_names.h"
#include "agent/core/utf8.h"

namespace seamwatch {
namespace {

constexpr std::size_t kAlertsShownMax = 100;  // in one notice; the others are counted

// One alert, or what several have in common, in the words of a notice.
struct Block {
  std::string sentence;  // what, since when, will it fix itself, whose, what to do
  std::string description;
  std::vector<std::pair<std::string, std::string>> facts;
};

// "2026-11-23 20:58:14 UTC"
std::string utc(WallTime at) {
  const std::string iso = to_rfc3339(std::chrono::floor<std::chrono::seconds>(at));
  return iso.substr(0, 10) + " " + iso.substr(11, 8) + " UTC";
}

// A sentence of its own, closed with a full stop.
std::string sentence(std::string text) {
  text = one_line(text);
  const bool closed =
      !text.empty() && std::string_view(".!?").find(text.back()) != std::string::npos;
  return text.empty() ? "" : " " + text + (closed ? "" : ".");
}

// Whether what the landscape knows was added, and all of it may be told: then what is not there is
// nowhere.
bool tells_all(const Labels& labels, const Labels& annotations) {
  return labels.has("integration") && annotations.has("expected") && !labels.has("alert_id");
}

// Will it fix itself, whose is it, what to do.
std::string outlook(const Labels& labels, const Labels& annotations) {
  std::string out;
  if (annotations.has("expected")) {
    const std::string expected(annotations.get("expected"));
    out += sentence((expected.starts_with("expected ") ? "It is " : "Expected: ") + expected);
  } else if (labels.get("persistence") == "transient") {
    out += " It is expected to fix itself.";
  } else if (labels.get("persistence") == "persistent") {
    out += " It will not fix itself.";
  }
  const std::string_view display = annotations.get("owner_display");
  if (labels.has("owner") || !display.empty()) {
    const std::string contact = one_line(annotations.get("contact"));
    out += sentence("Owner: " + std::string(display.empty() ? labels.get("owner") : display) +
                    (contact.empty() ? "" : " (" + contact + ")"));
  } else if (annotations.has("contact")) {
    out += sentence("Contact: " + std::string(annotations.get("contact")));
  } else if (tells_all(labels, annotations)) {
    out += " No owner is named in the landscape.";
  }
  if (annotations.has("advice")) {
    out += sentence("What to do: " + std::string(annotations.get("advice")));
  } else if (tells_all(labels, annotations)) {
    out += " What to do: the landscape gives no advice.";
  }
  return out;
}

// When what the alert is about began.
WallTime began(const Alert& alert) {
  return std::min(failing_since(alert.annotations).value_or(alert.starts_at), alert.starts_at);
}

std::string firing_text(const Alert& alert, WallTime now) {
  const WallTime since = began(alert);
  const std::string state = one_line(alert.labels.get("state"));
  const bool integration = alert.labels.has("integration");
  std::string out = name_of(alert.labels, alert.annotations);
  out += !state.empty() ? " is " + state : integration ? " fails" : " fires";
  out += " since " + utc(since);
  out += now > since ? " (" + humanize_duration(now - since) + ")" : "";
  return out;
}

std::string resolved_text(const Alert& alert) {
  return name_of(alert.labels, alert.annotations) + " is resolved since " + utc(*alert.ends_at) +
         ", it lasted " + humanize_duration(std::max(Millis(0), *alert.ends_at - began(alert)));
}

std::string alert_sentence(const Alert& alert, WallTime now) {
  const std::string summary = one_line(alert.annotations.get("summary"));
  std::string out = alert.ends_at ? resolved_text(alert) : firing_text(alert, now);
  out += summary.empty() ? "." : ":" + sentence(summary);
  return out + (alert.ends_at ? "" : outlook(alert.labels, alert.annotations));
}

// Whether an annotation stands in the sentence of `alert` or in a line of its own.
bool is_told(const Alert& alert, const std::string& annotation) {
  static constexpr std::string_view kTold[] = {"summary",
                                               "description",
                                               "advice",
                                               "contact",
                                               "expected",
                                               "faq_url",
                                               "fallback_for",
                                               "ack_url",
                                               "failing_since",
                                               "runbook",
                                               "runbook_url"};
  return std::find(std::begin(kTold), std::end(kTold), annotation) != std::end(kTold) ||
         (annotation == "display" && alert.labels.has("integration")) ||
         annotation == "owner_display";
}

Block alert_block(const Alert& alert, WallTime now) {
  Block out{alert_sentence(alert, now), to_valid_utf8(alert.annotations.get("description")), {}};
  const auto add = [&](std::string name, std::string_view value) {
    if (!value.empty()) {
      out.facts.emplace_back(std::move(name), one_line(value));
    }
  };
  if (!alert.ends_at) {
    add("Take it on", alert.annotations.get("ack_url"));
  }
  add("Criticality", alert.labels.get("criticality"));
  add("Persistence", alert.labels.get("persistence"));
  add("Category", alert.labels.get("category"));
  add("Instead of", alert.annotations.get("fallback_for"));
  add("Runbook", alert.annotations.get("runbook_url"));
  add("Runbook", alert.annotations.get("runbook"));
  add("FAQ", alert.annotations.get("faq_url"));
  for (const auto& [name, value] : alert.annotations) {
    if (!is_told(alert, std::string(name))) {
      add(one_line(name), value);
    }
  }
  add("Source", alert.generator_url);
  add("Labels", alert.labels.to_string());
  return out;
}

// What all have in common. Where they differ in owner or advice, each says its own below.
std::string common_outlook(const std::vector<Alert>& about) {
  Labels labels = common_labels(about);
  const Labels annotations = common_annotations(about);
  const bool differ = std::any_of(about.begin(), about.end(), [&](const Alert& alert) {
    return alert.labels.has("owner") != labels.has("owner") ||
           alert.annotations.has("contact") != annotations.has("contact") ||
           alert.annotations.has("advice") != annotations.has("advice");
  });
  if (differ) {
    labels.erase("integration");
  }
  return outlook(labels, annotations);
}

// The different names of `alerts`: "Orders, Invoices, Stock and 2 more".
std::string names_of(const std::vector<Alert>& alerts) {
  std::vector<std::string> names;
  for (const Alert& alert : alerts) {
    names.push_back(name_of(alert.labels, alert.annotations));
  }
  return list_of_names(names);
}

std::string several_sentence(const Notification& notification, WallTime now) {
  std::vector<Alert> firing;
  std::vector<Alert> resolved;
  for (const Alert& alert : notification.alerts) {
    (alert.ends_at ? resolved : firing).push_back(alert);
  }
  const std::vector<Alert>& about = firing.empty() ? resolved : firing;
  WallTime oldest = began(about.front());
  for (const Alert& alert : about) {
    oldest = std::min(oldest, began(alert));
  }
  const std::string count = std::to_string(about.size());
  if (firing.empty()) {
    return names_of(about) + ": all " + count + " alerts are resolved; the first began " +
           utc(oldest) + ".";
  }
  std::string out = alert_sentence(firing.front(), now);
  if (firing.size() > 1) {
    out = names_of(about) + ": " + count + " alerts fire, the oldest since " + utc(oldest) + " (" +
          humanize_duration(std::max(Millis(0), now - oldest)) + ")." + common_outlook(about);
  }
  return resolved.empty() ? out : out + sentence("Resolved: " + names_of(resolved));
}

// What fires, then what is resolved.
std::vector<const Alert*> by_status(const std::vector<Alert>& alerts) {
  std::vector<const Alert*> out;
  for (const Alert& alert : alerts) {
    out.push_back(&alert);
  }
  std::stable_partition(out.begin(), out.end(), [](const Alert* alert) { return !alert->ends_at; });
  return out;
}

// The blocks below the first line: of a single alert, its details without the sentence.
std::vector<Block> blocks(const Notification& notification, WallTime now) {
  std::vector<Block> out;
  for (const Alert* alert : by_status(notification.alerts)) {
    if (out.size() == kAlertsShownMax) {
      const std::size_t more = notification.alerts.size() - kAlertsShownMax;
      out.push_back({"And " + std::to_string(more) + " more.", "", {}});
      break;
    }
    out.push_back(alert_block(*alert, now));
  }
  if (notification.alerts.size() == 1) {
    out.front().sentence.clear();
  }
  return out;
}

std::string block_text(const Block& block) {
  std::string out = block.sentence.empty() ? "\n" : "\n- " + block.sentence + "\n";
  out += block.description.empty() ? "" : block.description + "\n";
  for (const auto& [name, value] : block.facts) {
    out += "  ";
    out += name;
    out += ": ";
    out += value;
    out += '\n';
  }
  return out;
}

bool is_web_address(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

std::string html_value(const std::string& value) {
  const std::string safe = html_escape(value);
  return is_web_address(value) ? "<a href=\"" + safe + "\">" + safe + "</a>" : safe;
}

// Line ends of `text` as <br>.
std::string html_lines(std::string_view text) {
  std::string out;
  for (const char c : html_escape(text)) {
    out += c == '\n' ? std::string("<br>\n") : std::string(1, c);
  }
  return out;
}

}  // namespace

std::string notice_line(const Notification& notification, WallTime now) {
  std::string out;
  // The one group label of a summary: rules/noise/storm_summary.h.
  if (const std::string_view storm = notification.group_labels.get("storm");
      notification.group_labels.size() == 1 && storm.ends_with(" in one")) {
    out = "There is a storm of notices: this one sums up " +
          one_line(storm.substr(0, storm.find(" in one"))) + ". ";
  }
  if (notification.late) {
    out += "Late notice, as you could not be reached before. ";
  }
  if (!notification.instead_of.empty()) {
    out += "In place of " + one_line(notification.instead_of) + ", which could not be told. ";
  }
  if (escalates(notification)) {
    out += "Escalation:" + sentence(notification.escalation) + " ";
  }
  if (notification.alerts.size() == 1) {
    return out + alert_sentence(notification.alerts.front(), now);
  }
  return notification.alerts.empty() ? out + "A notice without alerts."
                                     : out + several_sentence(notification, now);
}

std::string notice_text(const Notification& notification, WallTime now) {
  std::string out = notice_line(notification, now) + "\n";
  for (const Block& block : blocks(notification, now)) {
    out += block_text(block);
  }
  out += "\nReceiver: " + one_line(notification.receiver) + "\n";
  if (!notification.external_url.empty()) {
    out += "Open Seamwatch: " + one_line(notification.external_url) + "\n";
  }
  return out;
}

std::string notice_rest(const Notification& notification) {
  std::string out;
  const std::vector<const Alert*> all = by_status(notification.alerts);
  for (std::size_t i = kAlertsShownMax; i < all.size(); ++i) {
    const Alert& alert = *all[i];
    out += alert.ends_at ? "- resolved: " : "- ";
    out += one_line(alert.labels.to_string()) + "\n";
  }
  return out;
}

std::string notice_text_of(const std::vector<Alert>& alerts, WallTime now) {
  std::string out;
  for (const Alert& alert : alerts) {
    out += block_text(alert_block(alert, now));
  }
  return out;
}

std::string notice_html(const Notification& notification, WallTime now) {
  std::string out =
      "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head>\n"
      "<body style=\"font-family:sans-serif\">\n<p><strong>" +
      html_escape(notice_line(notification, now)) + "</strong></p>\n";
  for (const Block& block : blocks(notification, now)) {
    out += "<div style=\"margin:1em 0\">\n";
    out += block.sentence.empty() ? "" : "<p>" + html_escape(block.sentence) + "</p>\n";
    out += block.description.empty() ? "" : "<p>" + html_lines(block.description) + "</p>\n";
    if (!block.facts.empty()) {
      out += "<table>\n";
      for (const auto& [name, value] : block.facts) {
        out += "<tr><th align=\"left\" valign=\"top\">" + html_escape(name) + "</th><td>" +
               html_value(value) + "</td></tr>\n";
      }
      out += "</table>\n";
    }
    out += "</div>\n";
  }
  out += "<p>Receiver: " + html_escape(notification.receiver);
  if (is_web_address(notification.external_url)) {
    out += "<br>\nOpen Seamwatch: " + html_value(notification.external_url);
  }
  return out + "</p>\n</body></html>\n";
}

}  // namespace seamwatch
