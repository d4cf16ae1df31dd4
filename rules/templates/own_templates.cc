#include <algorithm>
#include <array>

#include "rules/templates/default_templates.h"

namespace seamwatch::rules::templates {
namespace {

// The words come from agent/core/notice_text.h, by functions of our own; see notice_functions.cc.
constexpr std::string_view kBlocks = R"tmpl(
{{- /* For Slack, where & < > start its own markup: a label must not call a whole channel */ -}}
{{ define "__slack" -}}
{{ reReplaceAll "&" "&amp;" . | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;" }}
{{- end }}
{{- /* For Markdown, where a line ends only before an empty one */ -}}
{{ define "__teams" }}{{ reReplaceAll "\n+" "\n\n" . }}{{ end }}
)tmpl";

struct OwnTemplate {
  std::string_view name;
  std::string_view text;
  // Building blocks that Alertmanager's template of this name is made of.
  std::array<std::string_view, 3> blocks = {};
};

constexpr std::string_view kUrl = "__alertmanagerURL";
constexpr std::string_view kSubject = "__subject";

constexpr auto kTemplates = std::to_array<OwnTemplate>({
    {"email.default.subject", "{{ noticeSubject . }}", {kSubject}},
    {"email.default.html", "{{ noticeHtml . }}", {kUrl, "__alertmanager", "__email_alerts"}},
    {"email.default.text", "{{ noticeText . }}"},

    {"slack.default.title", R"({{ template "__slack" (noticeSubject .) }})", {kSubject}},
    {"slack.default.text", R"({{ template "__slack" (noticeText .) }})"},
    {"slack.default.fallback", R"({{ template "__slack" (noticeLine .) }})", {kSubject, kUrl}},
    {"slack.default.titlelink", "{{ .ExternalURL }}", {kUrl}},
    {"slack.default.username", "Seamwatch", {"__alertmanager"}},

    {"msteamsv2.default.title", "{{ noticeSubject . }}", {kSubject}},
    {"msteamsv2.default.text",
     R"({{ template "__teams" (noticeText .) }})",
     {"__text_alert_list_markdown"}},

    {"pagerduty.default.description", "{{ noticeLine . }}", {kSubject}},
    {"pagerduty.default.client", "Seamwatch", {"__alertmanager"}},
    {"pagerduty.default.clientURL", "{{ .ExternalURL }}", {kUrl}},
    {"pagerduty.default.instances", "{{ alertsText . }}", {"__text_alert_list"}},

    {"opsgenie.default.message", "{{ noticeSubject . }}", {kSubject}},
    {"opsgenie.default.description", "{{ noticeText . }}", {"__text_alert_list"}},
    {"opsgenie.default.source", R"({{ or .ExternalURL "Seamwatch" }})", {kUrl}},
});

}  // namespace

OwnTemplates own_templates(const IsRedefined& is_redefined) {
  OwnTemplates out;
  out.text = kBlocks;
  for (const OwnTemplate& own : kTemplates) {
    const bool gives_way =
        std::any_of(own.blocks.begin(), own.blocks.end(), [&](std::string_view block) {
          return !block.empty() && is_redefined(block);
        });
    if (gives_way) {
      out.given_way.emplace(own.name);
    } else {
      out.text +=
          "{{ define \"" + std::string(own.name) + "\" }}" + std::string(own.text) + "{{ end }}\n";
    }
  }
  return out;
}

}  // namespace seamwatch::rules::templates
