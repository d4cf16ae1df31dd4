#include "rules/routing/notify_vendor.h"

#include <algorithm>

#include "agent/core/ascii.h"
#include "rules/routing/notify_reader.h"
#include "rules/routing/notify_vendor_schema.h"
#include "rules/templates/template_engine.h"

namespace seamwatch::rules {
namespace {

Node scalar_node(std::string_view text, const Node& place) {
  Node out;
  out.kind = Node::Kind::scalar;
  out.scalar = text;
  out.line = place.line;
  out.column = place.column;
  return out;
}

void put(Node& map, std::string_view name, Node value) {
  map.kind = Node::Kind::map;
  map.entries.push_back(NodeEntry{scalar_node(name, value), std::move(value)});
}

std::string_view text_of(const Node& fields, std::string_view key) {
  const Node* node = fields.find(key);
  return node == nullptr ? std::string_view() : std::string_view(node->scalar);
}

// Reads one map by its schema into `out`; secrets go into `secrets`.
class FieldReader {
 public:
  FieldReader(MapReader& reader, VendorConfig& out, const GlobalDefaults& defaults)
      : reader_(reader), out_(out), defaults_(defaults) {}

  void read(std::span<const VendorKey> keys, Node& fields) {
    fields.kind = Node::Kind::map;
    for (const VendorKey& key : keys) {
      read_one(key, fields);
    }
  }

 private:
  void read_one(const VendorKey& key, Node& fields) {
    switch (key.kind) {
      case KeyKind::secret:
        return read_secret_key(key);
      case KeyKind::text:
      case KeyKind::flag:
      case KeyKind::number:
      case KeyKind::duration:
      case KeyKind::go_duration:
        return read_scalar(key, fields);
      case KeyKind::texts: {
        std::vector<std::string> ignored;
        reader_.read(key.name, ignored);
        break;
      }
      case KeyKind::map: {
        Labels ignored;
        reader_.read(key.name, ignored);
        break;
      }
      case KeyKind::tree:
        break;
      case KeyKind::list:
      case KeyKind::section:
        return read_maps(key, fields);
    }
    if (const Node* node = reader_.find(key.name)) {
      put(fields, key.name, *node);
    }
  }

  void read_secret_key(const VendorKey& key) {
    SecretSource source;
    const std::string file_key = std::string(key.name) + "_file";
    const bool written =
        !text_of(reader_.node(), key.name).empty() || !text_of(reader_.node(), file_key).empty();
    if (!read_secret(reader_, key.name, source) && !written) {
      const auto global = defaults_.secrets.find(key.global);
      if (global != defaults_.secrets.end()) {
        source = global->second;
      }
    }
    if (source.empty() && !written && !key.missing.empty()) {
      report_missing(key);
    }
    if (key.address) {
      check_address(key);
    }
    out_.secrets.emplace(key.name, std::move(source));
  }

  // Says nothing of the text, which may be a secret. What `global` gives is checked there.
  void check_address(const VendorKey& key) {
    const Node* node = reader_.find(key.name);
    if (node != nullptr && node->is_scalar() && !is_http_url(node->scalar)) {
      reader_.report(*node,
                     std::string(key.name) + " is not an http or https address with a host",
                     "write it as https://host/path");
    }
  }

  void read_scalar(const VendorKey& key, Node& fields) {
    std::string text;
    bool there = false;
    if (key.kind == KeyKind::flag) {
      bool on = false;
      there = reader_.read(key.name, on);
      text = on ? "true" : "false";
    } else if (key.kind == KeyKind::number) {
      std::int64_t number = 0;
      there = reader_.read(key.name, number);
      text = std::to_string(number);
    } else if (key.kind == KeyKind::duration) {
      Millis span{0};
      there = reader_.read(key.name, span);
      text = format_duration(span);
    } else if (key.kind == KeyKind::go_duration) {
      Nanos span{0};
      there = reader_.read(key.name, span);
      text = text_of(reader_.node(), key.name);
    } else {
      there = reader_.read(key.name, text);
    }
    if (!there) {
      const auto global = defaults_.texts.find(key.global);
      text = global != defaults_.texts.end() ? global->second
             : key.value.empty()             ? std::string(key.global_default)
                                             : std::string(key.value);
    }
    if (text.empty() && !key.missing.empty()) {
      report_missing(key);
    }
    if (key.address && there) {
      check_address(key);
    }
    if (!text.empty() || there) {
      const Node* node = reader_.find(key.name);
      put(fields, key.name, scalar_node(text, node == nullptr ? reader_.node() : *node));
    }
  }

  void read_maps(const VendorKey& key, Node& fields) {
    const auto read_map = [&](const Node& item) {
      Node map;
      map.line = item.line;
      map.column = item.column;
      MapReader reader(reader_.document(), item, quoted(key.name), reader_.problems());
      FieldReader(reader, out_, defaults_).read(key.keys, map);
      reader.done();
      return map;
    };
    if (key.kind == KeyKind::section) {
      if (const Node* node = reader_.find(key.name)) {
        put(fields, key.name, read_map(*node));
      }
      return;
    }
    Node list;
    list.kind = Node::Kind::list;
    reader_.each(key.name, [&](const Node& item) { list.items.push_back(read_map(item)); });
    if (!list.items.empty()) {
      put(fields, key.name, std::move(list));
    }
  }

  void report_missing(const VendorKey& key) {
    std::string remedy = "add " + std::string(key.name) + " here";
    if (!key.global.empty()) {
      remedy += " or " + std::string(key.global) + " to global";
    }
    reader_.report(reader_.node(), std::string(key.missing), std::move(remedy));
  }

  MapReader& reader_;
  VendorConfig& out_;
  const GlobalDefaults& defaults_;
};

bool has(const VendorConfig& config, std::string_view secret) {
  const auto at = config.secrets.find(secret);
  return at != config.secrets.end() && !at->second.empty();
}

// A webhook address, or an app's token with the address of the API.
void check_slack(MapReader& reader, const GlobalDefaults& defaults, VendorConfig& out) {
  if (has(out, "api_url") && has(out, "app_token")) {
    reader.report(
        reader.node(),
        "at most one of api_url/api_url_file & app_token/app_token_file must be configured",
        "keep api_url for an incoming webhook, app_token for an app");
  }
  if (!has(out, "api_url") && !has(out, "app_token")) {
    const auto url = defaults.secrets.find("slack_api_url");
    const auto token = defaults.secrets.find("slack_app_token");
    if (url != defaults.secrets.end()) {
      out.secrets["api_url"] = url->second;
    } else if (token != defaults.secrets.end()) {
      out.secrets["app_token"] = token->second;
    } else {
      reader.report(reader.node(),
                    "no Slack API URL nor App token set either inline or in a file",
                    "add api_url or app_token here, or slack_api_url or slack_app_token to global");
    }
  }
  const bool by_app = has(out, "app_token") || out.secrets["api_url"].text.reveal() ==
                                                   "https://slack.com/api/chat.postMessage";
  if (text_of(out.fields, "update_message") == "true" && !by_app) {
    reader.report(*reader.find("update_message"),
                  "update_message can only be used with bot tokens. api_url must be set to "
                  "https://slack.com/api/chat.postMessage",
                  "remove it, or use a bot token");
  }
  for (const NodeEntry& entry : out.fields.entries) {
    if (entry.key.scalar != "actions") {
      continue;
    }
    for (const Node& action : entry.value.items) {
      if (text_of(action, "url").empty() && text_of(action, "name").empty()) {
        reader.problems().add(reader.document().place(action),
                              "missing name or url in Slack action configuration",
                              "add url: or name: and value:");
      }
    }
  }
}

void check_pagerduty(MapReader& reader, const VendorConfig& out) {
  if (const Node* details = reader.find("details"); details != nullptr && !details->is_map()) {
    reader.report(*details,
                  "details of the PagerDuty config must be a map",
                  "write `name: text` lines below it");
  }
  const bool written = std::any_of(out.secrets.begin(), out.secrets.end(), [&](const auto& secret) {
    return !text_of(reader.node(), secret.first).empty() ||
           !text_of(reader.node(), secret.first + "_file").empty();
  });
  if (!has(out, "routing_key") && !has(out, "service_key") && !written) {
    reader.report(reader.node(),
                  "missing service or routing key in PagerDuty config",
                  "add routing_key: of an Events API v2 integration");
  }
}

// A template may call Go's own functions alone. Source: Alertmanager, OpsGenieConfig.Validate.
void check_responder_type(std::string_view type, const Place& place, Diagnostics& problems) {
  if (type.find("{{") != std::string_view::npos) {
    templates::TemplateSet set;
    if (const Status parsed = set.add("", type, {}); !parsed) {
      problems.add(
          place,
          "opsGenieConfig responder type is not a valid template: " + parsed.error().message,
          "correct it; only Go's own functions can be called there");
    }
    return;
  }
  constexpr std::string_view kTypes[] = {"team", "teams", "user", "escalation", "schedule"};
  if (std::find(std::begin(kTypes), std::end(kTypes), ascii_lower(type)) == std::end(kTypes)) {
    problems.add(place,
                 "opsGenieConfig responder type " + quoted(type) + " is not known",
                 "use team, teams, user, escalation or schedule");
  }
}

void check_opsgenie(MapReader& reader, const VendorConfig& out) {
  const Node* responders = out.fields.find("responders");
  for (const Node& one : responders == nullptr ? std::vector<Node>() : responders->items) {
    const Place place = reader.document().place(one);
    if (text_of(one, "id").empty() && text_of(one, "username").empty() &&
        text_of(one, "name").empty()) {
      reader.problems().add(place,
                            "opsGenieConfig responder has to have at least one of id, username or "
                            "name specified",
                            "add name:");
    }
    check_responder_type(text_of(one, "type"), place, reader.problems());
  }
}

// Its custom fields stand beside those that every event has.
void check_victorops(MapReader& reader, const VendorConfig& out) {
  constexpr std::string_view kFixed[] = {"routing_key",
                                         "message_type",
                                         "state_message",
                                         "entity_display_name",
                                         "monitoring_tool",
                                         "entity_id",
                                         "entity_state"};
  const Node* custom = out.fields.find("custom_fields");
  for (const NodeEntry& entry : custom == nullptr ? std::vector<NodeEntry>() : custom->entries) {
    if (std::find(std::begin(kFixed), std::end(kFixed), entry.key.scalar) != std::end(kFixed)) {
      reader.report(entry.key,
                    "custom field " + quoted(entry.key.scalar) +
                        " of the VictorOps config conflicts with a field that every event has",
                    "call it otherwise");
    }
  }
}

void check_sns(MapReader& reader, const VendorConfig& out) {
  const Node& fields = out.fields;
  const int targets = int{!text_of(fields, "topic_arn").empty()} +
                      int{!text_of(fields, "target_arn").empty()} +
                      int{!text_of(fields, "phone_number").empty()};
  if (targets != 1) {
    reader.report(reader.node(),
                  "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config",
                  "add topic_arn:");
  }
  const Node* sigv4 = fields.find("sigv4");
  if (sigv4 != nullptr &&
      text_of(*sigv4, "access_key").empty() != text_of(*sigv4, "secret_key").empty()) {
    reader.report(*reader.find("sigv4"),
                  "must provide a AWS SigV4 Access key and Secret Key if credentials are specified "
                  "in the SNS config",
                  "add access_key: and secret_key:, or neither");
  }
}

// Whether its own http_config has an authorization: Alertmanager looks before it fills in that of
// `global`. An empty one counts.
bool authorizes(MapReader& reader) {
  const Node* http = reader.find("http_config");
  if (http == nullptr) {
    return false;
  }
  const Node* authorization = http->find("authorization");
  const auto given = [http](std::string_view key) {
    const Node* node = http->find(key);
    return node != nullptr && !node->is_null() && !node->scalar.empty();
  };
  return (authorization != nullptr && !authorization->is_null()) || given("bearer_token") ||
         given("bearer_token_file");
}

// Without an http_config of its own nothing is missing. Source: Alertmanager,
// notify/incidentio/config.go.
void check_incidentio(MapReader& reader, const VendorConfig& out) {
  const bool token = has(out, "alert_source_token");
  if (token && authorizes(reader)) {
    reader.report(*reader.find("http_config"),
                  "cannot specify alert_source_token or alert_source_token_file when using "
                  "http_config.authorization",
                  "remove one");
  } else if (!token && reader.find("http_config") != nullptr && !authorizes(reader)) {
    reader.report(reader.node(),
                  "at least one of alert_source_token, alert_source_token_file or "
                  "http_config.authorization must be configured",
                  "add alert_source_token_file:");
  }
}

// What the table cannot say, of types that are not sent.
void check_others(MapReader& reader, const VendorConfig& out) {
  const Node& fields = out.fields;
  if (out.type == "telegram") {
    const std::string_view chat = text_of(fields, "chat_id");
    if ((chat.empty() || chat == "0") && text_of(fields, "chat_id_file").empty()) {
      reader.report(reader.node(), "missing chat_id on telegram_config", "add chat_id:");
    }
    const std::string_view mode = text_of(fields, "parse_mode");
    if (!mode.empty() && mode != "Markdown" && mode != "MarkdownV2" && mode != "HTML") {
      reader.report(*reader.find("parse_mode"),
                    "unknown parse_mode on telegram_config",
                    "use Markdown, MarkdownV2, HTML or nothing");
    }
  } else if (out.type == "sns") {
    check_sns(reader, out);
  } else if (out.type == "victorops") {
    check_victorops(reader, out);
  } else if (out.type == "wechat") {
    const std::string_view type = text_of(fields, "message_type");
    if (!type.empty() && type != "text" && type != "markdown") {
      reader.report(*reader.find("message_type"),
                    "weChat message type " + quoted(type) + " is not known",
                    "use text or markdown");
    }
  } else if (out.type == "webex" && !authorizes(reader)) {
    reader.report(reader.node(),
                  "missing webex_configs.http_config.authorization",
                  "add http_config: {authorization: {credentials_file: ...}} here; that of global "
                  "does not count");
  } else if (out.type == "incidentio") {
    check_incidentio(reader, out);
  } else if (out.type == "pushover" && text_of(fields, "html") == "true" &&
             text_of(fields, "monospace") == "true") {
    reader.report(*reader.find("monospace"),
                  "at most one of monospace & html must be configured",
                  "remove one");
  }
}

}  // namespace

VendorConfig read_vendor(const Document& document,
                         const Node& node,
                         const VendorType& type,
                         const GlobalDefaults& defaults,
                         Diagnostics& problems) {
  VendorConfig out;
  out.type = type.name;
  out.sent = type.sent;
  out.send_resolved = type.send_resolved;
  out.http = defaults.http;
  out.place = document.place(node);
  MapReader reader(document, node, std::string(type.name) + " config", problems);
  reader.read("send_resolved", out.send_resolved);
  if (const Node* http = reader.find("http_config")) {
    out.http = read_http_config(document, *http, problems);
  }
  read_timeout(reader, out.timeout, out.http.unserved);
  FieldReader(reader, out, defaults).read(type.keys, out.fields);
  if (out.type == "slack") {
    check_slack(reader, defaults, out);
  } else if (out.type == "pagerduty") {
    check_pagerduty(reader, out);
  } else if (out.type == "opsgenie") {
    check_opsgenie(reader, out);
  } else {
    check_others(reader, out);
  }
  reader.done();
  return out;
}

}  // namespace seamwatch::rules
