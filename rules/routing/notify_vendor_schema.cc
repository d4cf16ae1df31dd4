#include "rules/routing/notify_vendor_schema.h"

#include <algorithm>

namespace seamwatch::rules {
namespace {

using enum KeyKind;

constexpr VendorKey kSlackConfirm[] = {
    {.name = "text", .missing = "missing text in Slack confirmation configuration"},
    {.name = "dismiss_text"},
    {.name = "ok_text"},
    {.name = "title"}};
constexpr VendorKey kSlackAction[] = {
    {.name = "type", .missing = "missing type in Slack action configuration"},
    {.name = "text", .missing = "missing text in Slack action configuration"},
    {.name = "url"},
    {.name = "name"},
    {.name = "value"},
    {.name = "style"},
    {.name = "confirm", .kind = section, .keys = kSlackConfirm}};
constexpr VendorKey kSlackField[] = {
    {.name = "title", .missing = "missing title in Slack field configuration"},
    {.name = "value", .missing = "missing value in Slack field configuration"},
    {.name = "short", .kind = flag}};
constexpr VendorKey kSlack[] = {
    {.name = "api_url", .kind = secret, .address = true},
    {.name = "app_token", .kind = secret},
    {.name = "app_url",
     .global = "slack_app_url",
     .global_default = "https://slack.com/api/chat.postMessage",
     .address = true},
    {.name = "channel"},
    {.name = "username", .value = R"({{ template "slack.default.username" . }})"},
    {.name = "color", .value = R"({{ template "slack.default.color" . }})"},
    {.name = "title", .value = R"({{ template "slack.default.title" . }})"},
    {.name = "title_link", .value = R"({{ template "slack.default.titlelink" . }})"},
    {.name = "pretext", .value = R"({{ template "slack.default.pretext" . }})"},
    {.name = "text", .value = R"({{ template "slack.default.text" . }})"},
    {.name = "message_text"},
    {.name = "fields", .kind = list, .keys = kSlackField},
    {.name = "short_fields", .kind = flag, .value = "false"},
    {.name = "footer", .value = R"({{ template "slack.default.footer" . }})"},
    {.name = "fallback", .value = R"({{ template "slack.default.fallback" . }})"},
    {.name = "callback_id", .value = R"({{ template "slack.default.callbackid" . }})"},
    {.name = "icon_emoji", .value = R"({{ template "slack.default.iconemoji" . }})"},
    {.name = "icon_url", .value = R"({{ template "slack.default.iconurl" . }})"},
    {.name = "image_url"},
    {.name = "thumb_url"},
    {.name = "link_names", .kind = flag, .value = "false"},
    {.name = "mrkdwn_in", .kind = texts},
    {.name = "actions", .kind = list, .keys = kSlackAction},
    {.name = "update_message", .kind = flag, .value = "false"}};

constexpr VendorKey kTeams2[] = {
    {.name = "webhook_url",
     .kind = secret,
     .missing = "one of webhook_url or webhook_url_file must be configured",
     .address = true},
    {.name = "title", .value = R"({{ template "msteamsv2.default.title" . }})"},
    {.name = "text", .value = R"({{ template "msteamsv2.default.text" . }})"}};

constexpr VendorKey kPagerDutyLink[] = {{.name = "href"}, {.name = "text"}};
constexpr VendorKey kPagerDutyImage[] = {{.name = "src"}, {.name = "alt"}, {.name = "href"}};
constexpr VendorKey kPagerDuty[] = {
    {.name = "service_key", .kind = secret},
    {.name = "routing_key", .kind = secret},
    {.name = "url",
     .global = "pagerduty_url",
     .global_default = "https://events.pagerduty.com/v2/enqueue",
     .address = true},
    {.name = "client", .value = R"({{ template "pagerduty.default.client" . }})"},
    {.name = "client_url", .value = R"({{ template "pagerduty.default.clientURL" . }})"},
    {.name = "description", .value = R"({{ template "pagerduty.default.description" .}})"},
    {.name = "details", .kind = tree},
    {.name = "images", .kind = list, .keys = kPagerDutyImage},
    {.name = "links", .kind = list, .keys = kPagerDutyLink},
    {.name = "source"},
    {.name = "severity", .value = "error"},
    {.name = "class"},
    {.name = "component"},
    {.name = "group"}};

constexpr VendorKey kOpsgenieResponder[] = {
    {.name = "id"}, {.name = "name"}, {.name = "username"}, {.name = "type"}};
constexpr VendorKey kOpsgenie[] = {
    {.name = "api_key",
     .kind = secret,
     .global = "opsgenie_api_key",
     .missing = "no global OpsGenie API Key set either inline or in a file"},
    {.name = "api_url",
     .global = "opsgenie_api_url",
     .global_default = "https://api.opsgenie.com/",
     .address = true},
    {.name = "message", .value = R"({{ template "opsgenie.default.message" . }})"},
    {.name = "description", .value = R"({{ template "opsgenie.default.description" . }})"},
    {.name = "source", .value = R"({{ template "opsgenie.default.source" . }})"},
    {.name = "details", .kind = map},
    {.name = "entity"},
    {.name = "responders", .kind = list, .keys = kOpsgenieResponder},
    {.name = "actions"},
    {.name = "tags"},
    {.name = "note"},
    {.name = "priority"},
    {.name = "update_alerts", .kind = flag, .value = "false"}};

// From here on: types that are not sent. Their defaults do not matter, only their keys.
constexpr VendorKey kDiscord[] = {
    {.name = "webhook_url",
     .kind = secret,
     .missing = "one of webhook_url or webhook_url_file must be configured",
     .address = true},
    {.name = "title"},
    {.name = "message"},
    {.name = "content"},
    {.name = "username"},
    {.name = "avatar_url"}};
constexpr VendorKey kIncidentIo[] = {{.name = "url",
                                      .kind = secret,
                                      .missing = "one of url or url_file must be configured",
                                      .address = true},
                                     {.name = "alert_source_token", .kind = secret},
                                     {.name = "max_alerts", .kind = number}};
constexpr VendorKey kJira[] = {
    {.name = "api_url",
     .global = "jira_api_url",
     .missing = "no global Jira Cloud URL set",
     .address = true},
    {.name = "api_type"},
    {.name = "project", .missing = "missing project in jira_config"},
    {.name = "summary", .kind = tree},
    {.name = "description", .kind = tree},
    {.name = "labels", .kind = texts},
    {.name = "priority"},
    {.name = "issue_type", .missing = "missing issue_type in jira_config"},
    {.name = "reopen_transition"},
    {.name = "resolve_transition"},
    {.name = "wont_fix_resolution"},
    {.name = "reopen_duration", .kind = duration},
    {.name = "fields", .kind = tree},
    {.name = "custom_fields", .kind = tree}};
constexpr VendorKey kMattermostField[] = {
    {.name = "title"}, {.name = "value"}, {.name = "short", .kind = flag}};
constexpr VendorKey kMattermostAttachment[] = {
    {.name = "fallback"},
    {.name = "color"},
    {.name = "pretext"},
    {.name = "text"},
    {.name = "author_name"},
    {.name = "author_link"},
    {.name = "author_icon"},
    {.name = "title"},
    {.name = "title_link"},
    {.name = "fields", .kind = list, .keys = kMattermostField},
    {.name = "thumb_url"},
    {.name = "footer"},
    {.name = "footer_icon"},
    {.name = "image_url"}};
constexpr VendorKey kMattermostPriority[] = {{.name = "priority"},
                                             {.name = "requested_ack", .kind = flag},
                                             {.name = "persistent_notifications", .kind = flag}};
constexpr VendorKey kMattermostProps[] = {{.name = "card"}};
constexpr VendorKey kMattermost[] = {
    {.name = "webhook_url",
     .kind = secret,
     .global = "mattermost_webhook_url",
     .missing = "no global Mattermost Webhook URL set either inline or in a file",
     .address = true},
    {.name = "channel"},
    {.name = "username"},
    {.name = "text"},
    {.name = "icon_url"},
    {.name = "icon_emoji"},
    {.name = "fallback"},
    {.name = "color"},
    {.name = "pretext"},
    {.name = "author_name"},
    {.name = "author_link"},
    {.name = "author_icon"},
    {.name = "title"},
    {.name = "title_link"},
    {.name = "fields", .kind = list, .keys = kMattermostField},
    {.name = "thumb_url"},
    {.name = "footer"},
    {.name = "footer_icon"},
    {.name = "image_url"},
    {.name = "attachments", .kind = list, .keys = kMattermostAttachment},
    {.name = "props", .kind = section, .keys = kMattermostProps},
    {.name = "priority", .kind = section, .keys = kMattermostPriority}};
constexpr VendorKey kTeams[] = {
    {.name = "webhook_url",
     .kind = secret,
     .missing = "one of webhook_url or webhook_url_file must be configured",
     .address = true},
    {.name = "title"},
    {.name = "summary"},
    {.name = "text"}};
constexpr VendorKey kPushover[] = {
    {.name = "user_key",
     .kind = secret,
     .missing = "one of user_key or user_key_file must be configured"},
    {.name = "token", .kind = secret, .missing = "one of token or token_file must be configured"},
    {.name = "title"},
    {.name = "message"},
    {.name = "url"},
    {.name = "url_title"},
    {.name = "device"},
    {.name = "sound"},
    {.name = "priority"},
    {.name = "retry", .kind = go_duration},
    {.name = "expire", .kind = go_duration},
    {.name = "ttl", .kind = go_duration},
    {.name = "html", .kind = flag},
    {.name = "monospace", .kind = flag}};
constexpr VendorKey kRocketchatField[] = {
    {.name = "title"}, {.name = "value"}, {.name = "short", .kind = flag}};
constexpr VendorKey kRocketchatAction[] = {
    {.name = "type"}, {.name = "text"}, {.name = "url"}, {.name = "msg"}};
constexpr VendorKey kRocketchat[] = {
    {.name = "api_url", .global = "rocketchat_api_url", .address = true},
    {.name = "channel"},
    {.name = "token",
     .kind = secret,
     .global = "rocketchat_token",
     .missing = "no global Rocketchat Token set either inline or in a file"},
    {.name = "token_id",
     .kind = secret,
     .global = "rocketchat_token_id",
     .missing = "no global Rocketchat TokenID set either inline or in a file"},
    {.name = "color"},
    {.name = "title"},
    {.name = "title_link"},
    {.name = "text"},
    {.name = "emoji"},
    {.name = "icon_url"},
    {.name = "image_url"},
    {.name = "thumb_url"},
    {.name = "link_names", .kind = flag},
    {.name = "short_fields", .kind = flag},
    {.name = "fields", .kind = list, .keys = kRocketchatField},
    {.name = "actions", .kind = list, .keys = kRocketchatAction}};
constexpr VendorKey kSigV4[] = {{.name = "region"},
                                {.name = "access_key"},
                                {.name = "secret_key"},
                                {.name = "profile"},
                                {.name = "role_arn"},
                                {.name = "external_id"},
                                {.name = "service_name"},
                                {.name = "use_fips_sts_endpoint", .kind = flag}};
constexpr VendorKey kSns[] = {{.name = "api_url"},
                              {.name = "sigv4", .kind = section, .keys = kSigV4},
                              {.name = "topic_arn"},
                              {.name = "phone_number"},
                              {.name = "target_arn"},
                              {.name = "subject"},
                              {.name = "message"},
                              {.name = "attributes", .kind = map}};
constexpr VendorKey kTelegram[] = {
    {.name = "api_url", .global = "telegram_api_url", .address = true},
    {.name = "bot_token",
     .kind = secret,
     .global = "telegram_bot_token",
     .missing = "missing bot_token or bot_token_file on telegram_config"},
    {.name = "chat_id", .kind = number},
    {.name = "chat_id_file"},
    {.name = "message_thread_id", .kind = number},
    {.name = "message"},
    {.name = "disable_notifications", .kind = flag},
    {.name = "parse_mode"}};
constexpr VendorKey kVictorOps[] = {
    {.name = "api_key",
     .kind = secret,
     .global = "victorops_api_key",
     .missing = "no global VictorOps API Key set"},
    {.name = "api_url", .global = "victorops_api_url", .address = true},
    {.name = "routing_key", .missing = "missing Routing key in VictorOps config"},
    {.name = "message_type"},
    {.name = "state_message"},
    {.name = "entity_display_name"},
    {.name = "monitoring_tool"},
    {.name = "custom_fields", .kind = map}};
constexpr VendorKey kWebex[] = {{.name = "api_url", .global = "webex_api_url", .address = true},
                                {.name = "message"},
                                {.name = "room_id", .missing = "missing room_id on webex_config"}};
constexpr VendorKey kWechat[] = {
    {.name = "api_secret",
     .kind = secret,
     .global = "wechat_api_secret",
     .missing = "no global Wechat Api Secret set either inline or in a file"},
    {.name = "corp_id", .global = "wechat_api_corp_id", .missing = "no global Wechat CorpID set"},
    {.name = "api_url", .global = "wechat_api_url", .address = true},
    {.name = "message"},
    {.name = "to_user"},
    {.name = "to_party"},
    {.name = "to_tag"},
    {.name = "agent_id"},
    {.name = "message_type"}};

constexpr VendorType kTypes[] = {
    {.name = "slack", .sent = true, .send_resolved = false, .keys = kSlack},
    {.name = "msteamsv2", .sent = true, .keys = kTeams2},
    {.name = "pagerduty", .sent = true, .keys = kPagerDuty},
    {.name = "opsgenie", .sent = true, .keys = kOpsgenie},
    {.name = "discord", .keys = kDiscord},
    {.name = "incidentio", .keys = kIncidentIo},
    {.name = "jira", .keys = kJira},
    {.name = "mattermost", .keys = kMattermost},
    {.name = "msteams", .keys = kTeams},
    {.name = "pushover", .keys = kPushover},
    {.name = "rocketchat", .send_resolved = false, .keys = kRocketchat},
    {.name = "sns", .keys = kSns},
    {.name = "telegram", .keys = kTelegram},
    {.name = "victorops", .keys = kVictorOps},
    {.name = "webex", .keys = kWebex},
    {.name = "wechat", .send_resolved = false, .keys = kWechat}};

}  // namespace

std::span<const VendorType> vendor_types() {
  return kTypes;
}

const VendorType* find_vendor_type(std::string_view name) {
  const auto* at = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const VendorType& type) {
    return type.name == name;
  });
  return at == std::end(kTypes) ? nullptr : at;
}

}  // namespace seamwatch::rules
