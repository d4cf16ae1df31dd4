#include "rules/templates/default_templates.h"

namespace seamwatch::rules::templates {
namespace {

// One comment ends each line that must not end its text there.
constexpr std::string_view kText = R"tmpl(
{{- /* Building blocks */ -}}
{{ define "__alertmanager" }}Alertmanager{{ end }}
{{ define "__alertmanagerURL" -}}
{{ .ExternalURL }}/#/alerts?receiver={{ urlquery .Receiver }}
{{- end }}
{{ define "__subject" -}}
[{{ toUpper .Status }}{{ if eq "firing" .Status }}:{{ len .Alerts.Firing }}{{ end }}]
{{- " " }}{{ join " " .GroupLabels.SortedPairs.Values }}{{ " " -}}
{{ if lt (len .GroupLabels) (len .CommonLabels) -}}
({{ join " " (.CommonLabels.Remove .GroupLabels.Names).Values }})
{{- end }}{{ end }}
{{ define "__description" }}{{ end }}
{{ define "__annotations" }}{{ join " " .CommonAnnotations.SortedPairs.Values }}{{ end }}
{{ define "__pairs" }}{{ range . }} - {{ .Name }} = {{ .Value }}{{ "\n" }}{{ end }}{{ end }}
{{ define "__markdown_pairs" -}}
{{ range . }}{{ "  - " }}{{ .Name }} = {{ .Value }}{{ "\n" }}{{ end }}
{{- end }}
{{ define "__text_alert_list" -}}
{{ range . -}}
Labels:
{{ template "__pairs" .Labels.SortedPairs -}}
Annotations:
{{ template "__pairs" .Annotations.SortedPairs -}}
Source: {{ .GeneratorURL }}
{{ end }}{{ end }}
{{ define "__text_alert_list_markdown" -}}
{{ range . }}
Labels:
{{ template "__markdown_pairs" .Labels.SortedPairs }}
Annotations:
{{ template "__markdown_pairs" .Annotations.SortedPairs }}
Source: {{ .GeneratorURL }}

{{ end }}{{ end }}
{{- /* Firing alerts, then resolved ones: in short, spaced out, and as Markdown */ -}}
{{ define "__short_lists" }}
{{ with .Alerts.Firing }}Alerts Firing:
{{ template "__text_alert_list" . }}{{ end }}
{{ with .Alerts.Resolved }}Alerts Resolved:
{{ template "__text_alert_list" . }}{{ end }}{{ end }}
{{ define "__spaced_lists" }}
{{ with .Alerts.Firing }}
Alerts Firing:
{{ template "__text_alert_list" . }}
{{ end }}
{{ with .Alerts.Resolved }}
Alerts Resolved:
{{ template "__text_alert_list" . }}
{{ end }}
{{ end }}
{{ define "__markdown_lists" }}
{{ with .Alerts.Firing }}
# Alerts Firing:
{{ template "__text_alert_list_markdown" . }}
{{ end }}
{{ with .Alerts.Resolved }}
# Alerts Resolved:
{{ template "__text_alert_list_markdown" . }}
{{ end }}
{{ end }}
{{ define "__color" }}{{ if eq "firing" .Status }}danger{{ else }}good{{ end }}{{ end }}
{{ define "__fallback" -}}
{{ template "__subject" . }} | {{ template "__alertmanagerURL" . }}
{{- end }}

{{- /* Email */ -}}
{{ define "email.default.subject" }}{{ template "__subject" . }}{{ end }}

{{- /* Chat and paging services */ -}}
{{ define "slack.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "slack.default.username" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "slack.default.fallback" }}{{ template "__fallback" . }}{{ end }}
{{ define "slack.default.callbackid" }}{{ end }}
{{ define "slack.default.pretext" }}{{ end }}
{{ define "slack.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "slack.default.iconemoji" }}{{ end }}
{{ define "slack.default.iconurl" }}{{ end }}
{{ define "slack.default.text" }}{{ end }}
{{ define "slack.default.footer" }}{{ end }}
{{ define "slack.default.color" }}{{ template "__color" . }}{{ end }}
{{ define "pagerduty.default.description" }}{{ template "__subject" . }}{{ end }}
{{ define "pagerduty.default.client" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "pagerduty.default.clientURL" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "pagerduty.default.instances" }}{{ template "__text_alert_list" . }}{{ end }}
{{ define "opsgenie.default.message" }}{{ template "__subject" . }}{{ end }}
{{ define "opsgenie.default.description" -}}
{{ template "__annotations" . }}{{ template "__short_lists" . }}
{{- end }}
{{ define "opsgenie.default.source" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "wechat.default.message" -}}
{{ template "__subject" . }}
{{ template "__annotations" . }}{{ template "__short_lists" . }}
AlertmanagerUrl:
{{ template "__alertmanagerURL" . }}
{{- end }}
{{ define "wechat.default.to_user" }}{{ end }}
{{ define "wechat.default.to_party" }}{{ end }}
{{ define "wechat.default.to_tag" }}{{ end }}
{{ define "wechat.default.agent_id" }}{{ end }}
{{ define "victorops.default.state_message" -}}
{{ template "__annotations" . }}{{ template "__short_lists" . }}
{{- end }}
{{ define "victorops.default.entity_display_name" }}{{ template "__subject" . }}{{ end }}
{{ define "victorops.default.monitoring_tool" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "pushover.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "pushover.default.message" -}}
{{ template "__annotations" . }}{{ template "__spaced_lists" . }}
{{- end }}
{{ define "pushover.default.url" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "sns.default.subject" }}{{ template "__subject" . }}{{ end }}
{{ define "sns.default.message" -}}
{{ template "__annotations" . }}{{ template "__spaced_lists" . }}
{{- end }}
{{ define "telegram.default.message" }}{{ template "__spaced_lists" . }}{{ end }}
{{ define "discord.default.content" }}{{ end }}
{{ define "discord.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "discord.default.message" }}{{ template "__spaced_lists" . }}{{ end }}
{{ define "webex.default.message" -}}
{{ template "__annotations" . }}{{ template "__spaced_lists" . }}
{{- end }}
{{ define "msteams.default.summary" }}{{ template "__subject" . }}{{ end }}
{{ define "msteams.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "msteams.default.text" }}{{ template "__markdown_lists" . }}{{ end }}
{{ define "msteamsv2.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "msteamsv2.default.text" }}{{ template "__markdown_lists" . }}{{ end }}
{{ define "jira.default.summary" }}{{ template "__subject" . }}{{ end }}
{{ define "jira.default.description" }}{{ template "__markdown_lists" . }}{{ end }}
{{ define "jira.default.priority" -}}
{{ $best := "" -}}
{{ range .Alerts.Firing -}}
  {{ if eq .Labels.severity "critical" -}}
    {{ $best = "High" -}}
  {{ else if and (eq .Labels.severity "warning") (ne $best "High") -}}
    {{ $best = "Medium" -}}
  {{ else if and (eq .Labels.severity "info") (not $best) -}}
    {{ $best = "Low" -}}
  {{ end -}}
{{ end -}}
{{ $best }}
{{- end }}
{{ define "rocketchat.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "rocketchat.default.alias" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "rocketchat.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "rocketchat.default.emoji" }}{{ end }}
{{ define "rocketchat.default.iconurl" }}{{ end }}
{{ define "rocketchat.default.text" }}{{ end }}
{{ define "mattermost.default.color" }}{{ template "__color" . }}{{ end }}
{{ define "mattermost.default.username" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "mattermost.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "mattermost.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "mattermost.default.fallback" }}{{ template "__fallback" . }}{{ end }}
{{ define "mattermost.default.text" }}{{ template "__markdown_lists" . }}{{ end }}

{{- /* The HTML body of emails: readable without images, scripts or style sheets */ -}}
{{ define "__email_alerts" }}
{{ range . }}
<table role="presentation" cellpadding="0" cellspacing="0" width="100%" style="margin:0 0 16px 0;border-left:4px solid #c9d1d9">
<tr><td style="padding:0 0 0 12px">
{{ with .Annotations.summary }}<p style="margin:0 0 6px 0;font-weight:bold">{{ . }}</p>{{ end }}
{{ with .Annotations.description }}<p style="margin:0 0 6px 0">{{ . }}</p>{{ end }}
{{ with .Annotations.advice }}<p style="margin:0 0 6px 0"><b>What to do:</b> {{ . }}</p>{{ end }}
<p style="margin:0 0 6px 0;color:#57606a">
{{ range .Labels.SortedPairs }}{{ .Name }} = {{ .Value }}<br>
{{ end }}</p>
{{ range .Annotations.SortedPairs }}
{{ if not (match "^(summary|description|advice)$" .Name) }}<p style="margin:0 0 6px 0">{{ .Name }}: {{ .Value }}</p>{{ end }}
{{ end }}
{{ with .GeneratorURL }}<p style="margin:0"><a href="{{ . }}">Source</a></p>{{ end }}
</td></tr>
</table>
{{ end }}
{{ end }}
{{ define "email.default.html" -}}
<!DOCTYPE html>
<html>
<head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ template "__subject" . }}</title>
</head>
<body style="margin:0;padding:16px;font-family:Helvetica,Arial,sans-serif;font-size:14px;line-height:1.4;color:#24292f">
<h2 style="margin:0 0 12px 0;font-size:18px">{{ len .Alerts }} alert{{ if ne 1 (len .Alerts) }}s{{ end }} for
{{- range .GroupLabels.SortedPairs }} {{ .Name }}={{ .Value }}{{ end }}</h2>
<p style="margin:0 0 16px 0"><a href="{{ template "__alertmanagerURL" . }}">View in {{ template "__alertmanager" . }}</a></p>
{{ with .Alerts.Firing }}
<h3 style="margin:0 0 8px 0;font-size:16px;color:#b42318">[{{ len . }}] Firing</h3>
{{ template "__email_alerts" . }}
{{ end }}
{{ with .Alerts.Resolved }}
<h3 style="margin:0 0 8px 0;font-size:16px;color:#1a7f37">[{{ len . }}] Resolved</h3>
{{ template "__email_alerts" . }}
{{ end }}
<p style="margin:0;color:#57606a"><a href="{{ .ExternalURL }}">Sent by {{ template "__alertmanager" . }}</a></p>
</body>
</html>
{{ end }}
)tmpl";

}  // namespace

std::string_view alertmanager_templates() {
  return kText;
}

}  // namespace seamwatch::rules::templates
