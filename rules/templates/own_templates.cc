#include "rules/templates/default_templates.h"

namespace seamwatch::rules::templates {
namespace {

// The words come from agent/core/notice_text.h, by functions of our own; see notice_functions.cc.
constexpr std::string_view kText = R"tmpl(
{{- /* For Slack, where & < > start its own markup: a label must not call a whole channel */ -}}
{{ define "__slack" -}}
{{ reReplaceAll "&" "&amp;" . | reReplaceAll "<" "&lt;" | reReplaceAll ">" "&gt;" }}
{{- end }}
{{- /* For Markdown, where a line ends only before an empty one */ -}}
{{ define "__teams" }}{{ reReplaceAll "\n+" "\n\n" . }}{{ end }}

{{ define "email.default.subject" }}{{ noticeSubject . }}{{ end }}
{{ define "email.default.html" }}{{ noticeHtml . }}{{ end }}
{{ define "email.default.text" }}{{ noticeText . }}{{ end }}

{{ define "slack.default.title" }}{{ template "__slack" (noticeSubject .) }}{{ end }}
{{ define "slack.default.text" }}{{ template "__slack" (noticeText .) }}{{ end }}
{{ define "slack.default.fallback" }}{{ template "__slack" (noticeLine .) }}{{ end }}
{{ define "slack.default.titlelink" }}{{ .ExternalURL }}{{ end }}
{{ define "slack.default.username" }}Seamwatch{{ end }}

{{ define "msteamsv2.default.title" }}{{ noticeSubject . }}{{ end }}
{{ define "msteamsv2.default.text" }}{{ template "__teams" (noticeText .) }}{{ end }}

{{ define "pagerduty.default.description" }}{{ noticeLine . }}{{ end }}
{{ define "pagerduty.default.client" }}Seamwatch{{ end }}
{{ define "pagerduty.default.clientURL" }}{{ .ExternalURL }}{{ end }}
{{ define "pagerduty.default.instances" }}{{ alertsText . }}{{ end }}

{{ define "opsgenie.default.message" }}{{ noticeSubject . }}{{ end }}
{{ define "opsgenie.default.description" }}{{ noticeText . }}{{ end }}
{{ define "opsgenie.default.source" }}{{ or .ExternalURL "Seamwatch" }}{{ end }}
)tmpl";

}  // namespace

std::string_view own_templates() {
  return kText;
}

}  // namespace seamwatch::rules::templates
