#include "agent/web/status_page.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "agent/web/html.h"

namespace seamwatch::agent {
namespace {

// Colours have a contrast of at least 4.5:1 to their ground in both schemes, and never say anything
// that the text beside them does not.
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--ink:#1b1f24;--ground:#fff;--soft:#57606a;--line:#d0d7de;
--good:#116329;--bad:#b3122a;--warn:#7a4a00;--none:#4c545c}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--ground:#0d1117;--soft:#9aa4ae;
--line:#30363d;--good:#56d364;--bad:#ff8f87;--warn:#e3b341;--none:#aab4be}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);margin:0 auto;
max-width:75rem;padding:1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;
border-bottom:1px solid var(--line)}
.wide{overflow-x:auto}.soft{color:var(--soft)}
.state{font-weight:600;white-space:nowrap}
.ok,.good{color:var(--good)}.down,.bad,.firing{color:var(--bad)}
.throttled,.degraded,.pending{color:var(--warn)}.unknown{color:var(--none)}
ul{margin:0;padding-left:1.1rem}code{font-size:.9em;overflow-wrap:anywhere}
)css";

// Worst first.
constexpr std::array kOrder = {IntegrationState::down,
                               IntegrationState::throttled,
                               IntegrationState::degraded,
                               IntegrationState::unknown,
                               IntegrationState::ok};

std::size_t place_of(IntegrationState state) {
  return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), state) - kOrder.begin());
}

std::string time_element(WallTime at) {
  const std::string text = to_rfc3339(at);
  return "<time datetime=\"" + text + "\">" + text + "</time>";
}

std::string since_text(WallTime at, WallTime now) {
  const Millis span = now - at;
  if (span < Millis(0)) {
    return time_element(at);
  }
  return humanize_duration(span) + " <span class=\"soft\">since " + time_element(at) + "</span>";
}

std::string cell(const std::string& html) {
  return "<td>" + html + "</td>";
}

// A table with a caption for readers that cannot see its heading.
std::string table(std::string_view caption,
                  const std::vector<std::string_view>& columns,
                  const std::string& rows) {
  std::string out = "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"" +
                    html_escape(caption) + "\"><table><thead><tr>";
  for (const std::string_view column : columns) {
    out += "<th scope=\"col\">" + html_escape(column) + "</th>";
  }
  return out + "</tr></thead><tbody>\n" + rows + "</tbody></table></div>\n";
}

std::string evidence_item(const StatusEvidence& evidence) {
  std::string out = "<li>" + html_element("strong", evidence.words) + " (" +
                    html_element("code", evidence.signal) + ") in " + html_escape(evidence.probe) +
                    ": " + html_escape(to_string(evidence.category)) + ", " +
                    html_element("strong", to_string(evidence.persistence));
  if (!evidence.detail.empty()) {
    out += ". " + html_escape(evidence.detail);
  }
  if (evidence.retry_at) {
    out += ". Not before " + time_element(*evidence.retry_at);
  }
  if (!evidence.row.empty()) {
    out += " <span class=\"soft\">(decided by " + html_escape(evidence.row) + ")</span>";
  }
  return out + "</li>";
}

std::string integration_row(const StatusIntegration& one, WallTime now) {
  const std::string_view state = to_string(one.state);
  const bool has_display = !one.display.empty() && one.display != one.name;
  std::string name = html_element("strong", has_display ? one.display : one.name);
  if (has_display) {
    name += " " + html_element("code", one.name);
  }
  if (one.criticality == Criticality::critical) {
    name += " <span class=\"soft\">critical</span>";
  }
  if (!one.source.empty() || !one.target.empty()) {
    name += "<br><span class=\"soft\">" + html_escape(one.source) + " &rarr; " +
            html_escape(one.target) + "</span>";
  }
  std::string evidence;
  for (const StatusEvidence& each : one.evidence) {
    evidence += evidence_item(each);
  }
  if (!evidence.empty()) {
    evidence = "<ul>" + evidence + "</ul>";
  }
  std::string advice = html_escape(one.advice);
  if (!one.faq_url.empty()) {
    advice += (advice.empty() ? "<a href=\"" : " <a href=\"") + html_escape(one.faq_url) +
              "\">FAQ of " + html_escape(has_display ? one.display : one.name) + "</a>";
  }
  return "<tr><th scope=\"row\">" + name + "</th><td class=\"state " + std::string(state) + "\">" +
         std::string(state) + "</td>" + cell(one.since ? since_text(*one.since, now) : "") +
         cell(evidence) + cell(html_escape(one.owner)) + cell(advice) + "</tr>\n";
}

std::string integrations_section(const StatusPage& page) {
  if (page.integrations.empty()) {
    return "<p>No integrations are configured.</p>\n";
  }
  std::vector<const StatusIntegration*> sorted;
  for (const StatusIntegration& one : page.integrations) {
    sorted.push_back(&one);
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return std::make_tuple(place_of(a->state), a->criticality, std::string_view(a->name)) <
           std::make_tuple(place_of(b->state), b->criticality, std::string_view(b->name));
  });
  std::string rows;
  for (const StatusIntegration* one : sorted) {
    rows += integration_row(*one, page.now);
  }
  return table(
      "Integrations", {"Integration", "State", "For", "Evidence", "Owner", "What to do"}, rows);
}

std::string alert_row(const StatusAlert& alert, WallTime now) {
  const std::string_view state = alert.firing ? "firing" : "pending";
  std::string labels;
  for (const auto& [name, value] : alert.labels) {
    if (name != "alertname") {
      std::string label(name);
      label += '=';
      label += value;
      labels += labels.empty() ? "" : " ";
      labels += html_element("code", label);
    }
  }
  std::string_view says = alert.annotations.get("summary");
  if (says.empty()) {
    says = alert.annotations.get("description");
  }
  return "<tr><th scope=\"row\">" + html_escape(alert.labels.get("alertname")) +
         "</th><td class=\"state " + std::string(state) + "\">" + std::string(state) + "</td>" +
         cell(since_text(alert.active_at, now)) + cell(html_escape(says)) + cell(labels) +
         cell(html_escape(alert.receivers)) + "</tr>\n";
}

std::string alerts_section(const StatusPage& page) {
  if (page.alerts.empty()) {
    return page.rules_evaluated
               ? "<p>No alerts.</p>\n"
               : "<p class=\"bad\">No rule is evaluated: nobody is told of what fails now.</p>\n";
  }
  std::string rows;
  for (const bool firing : {true, false}) {
    for (const StatusAlert& alert : page.alerts) {
      rows += alert.firing == firing ? alert_row(alert, page.now) : "";
    }
  }
  return table("Alerts", {"Alert", "State", "For", "Summary", "Labels", "Told"}, rows);
}

std::string errors_section(const StatusPage& page) {
  if (page.errors.empty()) {
    return page.errors_known ? "<p>No errors were seen.</p>\n"
                             : "<p>They are not known while the store fails.</p>\n";
  }
  std::string rows;
  for (const StatusError& one : page.errors) {
    rows += "<tr>" + cell(time_element(one.at)) + cell(html_escape(one.integration)) +
            cell(html_escape(one.probe)) + cell(html_element("code", one.signal)) +
            cell(html_escape(to_string(one.category))) +
            cell(html_escape(to_string(one.persistence))) + cell(html_escape(one.detail)) +
            "</tr>\n";
  }
  return table("Last errors",
               {"Time", "Integration", "Probe", "Signal", "Category", "Persistence", "Detail"},
               rows);
}

std::string health_section(const StatusPage& page) {
  std::string rows;
  for (const StatusLine& line : page.health) {
    const std::string_view state = line.good ? "good" : "bad";
    rows += "<tr><th scope=\"row\">" + html_escape(line.name) + "</th><td class=\"state " +
            std::string(state) + "\">" + std::string(state) + "</td>" +
            cell(html_escape(line.value)) + "</tr>\n";
  }
  return table("The agent itself", {"Part", "State", "Detail"}, rows);
}

std::string left_out(std::size_t count) {
  return count == 0 ? "" : "<p>" + std::to_string(count) + " more are not shown.</p>\n";
}

// What is bad of the agent itself: whoever reads the page may trust the rest of it less.
std::string warnings(const StatusPage& page) {
  std::string out;
  for (const StatusLine& line : page.health) {
    if (!line.good) {
      out += "<p class=\"bad\" role=\"alert\">" + html_element("strong", line.name) + ": " +
             html_escape(line.value) + "</p>\n";
    }
  }
  return out;
}

// "2 down, 1 degraded, 40 ok": the answer before any scrolling.
std::string summary(const StatusPage& page) {
  std::string out;
  for (const IntegrationState state : kOrder) {
    const auto count = std::count_if(page.integrations.begin(),
                                     page.integrations.end(),
                                     [&](const auto& one) { return one.state == state; });
    if (count > 0) {
      const std::string_view name = to_string(state);
      std::string text = std::to_string(count) + " ";
      text += name;
      std::string css = "state ";
      css += name;
      out += out.empty() ? "" : ", ";
      out += html_element("span", text, css);
    }
  }
  return out.empty() ? "nothing is watched yet" : out;
}

}  // namespace

std::string render_status_page(const StatusPage& page) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta http-equiv=\"refresh\" content=\"30\"><title>Seamwatch</title><style>";
  out += kStyle;
  out += "</style></head><body><header><h1>Seamwatch</h1><p>" + summary(page) +
         " <span class=\"soft\">at " + time_element(page.now) + ", version " +
         html_escape(page.version) + "</span></p>" + warnings(page) +
         "</header>\n<main>\n<h2>Integrations</h2>\n";
  out += integrations_section(page) + left_out(page.integrations_left_out);
  out += "<h2>Alerts</h2>\n" + alerts_section(page) + left_out(page.alerts_left_out);
  out += "<h2>Last errors</h2>\n" + errors_section(page);
  out += "<h2>The agent itself</h2>\n" + health_section(page);
  return out + "</main></body></html>\n";
}

}  // namespace seamwatch::agent
