#include "agent/web/alertmanager/config_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <boost/json.hpp>

#include "agent/core/labels.h"
#include "agent/core/utf8.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kSecret = "<secret>";
constexpr std::string_view kSecretUrl = "http://<secret>";  // amtool before 0.26 wants a URL there

// Keys with secret values, of all receiver types; those that end in _file hold paths.
constexpr std::array<std::string_view, 30> kSecretKeys = {"url",
                                                          "api_url",
                                                          "webhook_url",
                                                          "slack_api_url",
                                                          "slack_app_token",
                                                          "opsgenie_api_key",
                                                          "victorops_api_key",
                                                          "wechat_api_secret",
                                                          "telegram_bot_token",
                                                          "rocketchat_token",
                                                          "rocketchat_token_id",
                                                          "smtp_auth_password",
                                                          "smtp_auth_secret",
                                                          "auth_password",
                                                          "auth_secret",
                                                          "password",
                                                          "credentials",
                                                          "bearer_token",
                                                          "client_secret",
                                                          "client_certificate_key",
                                                          "service_key",
                                                          "routing_key",
                                                          "api_key",
                                                          "api_secret",
                                                          "bot_token",
                                                          "token",
                                                          "token_id",
                                                          "user_key",
                                                          "secret_key",
                                                          "secrets"};

// Keys of maps all of whose values are secret.
constexpr std::array<std::string_view, 2> kSecretMaps = {"proxy_connect_header", "headers_secret"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// A webhook's URL is secret, those that merely lead somewhere are not.
bool is_secret(std::string_view key, std::string_view below, const Node& value) {
  if (key == "url") {
    return below == "webhook_configs" || below == "discord_configs";
  }
  if (key == "key") {
    return below == "tls_config" || below == "smtp_tls_config";
  }
  if (key == "proxy_url") {
    return value.scalar.find('@') != std::string::npos;
  }
  return is_one_of(kSecretKeys, key);
}

// What plain YAML would take for something else than a text. Source: YAML 1.1, bool and null.
bool is_word_of_yaml(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  constexpr std::array<std::string_view, 9> kWords = {
      "true", "false", "yes", "no", "on", "off", "null", "y", "n"};
  return is_one_of(kWords, lower);
}

// A text that YAML might take for something else stands in double quotes.
std::string scalar_text(const Node& node) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-";
  const std::string& text = node.scalar;
  const bool plain =
      !text.empty() && text[0] != '-' && text.find_first_not_of(kPlain) == std::string::npos;
  const bool letter = !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) != 0;
  if (plain && (!node.quoted || (letter && !is_word_of_yaml(text)))) {
    return text;
  }
  // Source: YAML 1.2 section 1.3: a text of JSON is one of YAML.
  return boost::json::serialize(boost::json::string(to_valid_utf8(text)));
}

class Writer {
 public:
  std::string text(const Node& root) {
    write_value(root, 0, "", false);
    return std::move(out_);
  }

 private:
  // Writes what stands after `key:` or `-`. `below` is the key of the list or map around it.
  void write_value(const Node& node, int depth, std::string_view below, bool secret) {
    if (node.is_map() && !node.entries.empty()) {
      write_map(node, depth, below, secret);
    } else if (node.is_list() && !node.items.empty()) {
      write_list(node, depth, below, secret);
    } else {
      out_ += depth == 0 ? "" : " ";
      out_ += node.is_map()    ? "{}"
              : node.is_list() ? "[]"
              : node.is_null() ? "null"
              : secret         ? std::string(hidden_text_)
                               : scalar_text(node);
      out_ += "\n";
    }
  }

  void write_map(const Node& node, int depth, std::string_view below, bool secret) {
    start_block(depth);
    for (const NodeEntry& entry : node.entries) {
      indent(depth);
      out_ += scalar_text(entry.key) + ":";
      const std::string_view key = entry.key.scalar;
      const bool hidden =
          secret || is_secret(key, below, entry.value) || is_one_of(kSecretMaps, key);
      hidden_text_ = key.ends_with("url") ? kSecretUrl : kSecret;
      write_value(entry.value, depth + 1, key, hidden);
    }
  }

  void write_list(const Node& node, int depth, std::string_view below, bool secret) {
    start_block(depth);
    for (const Node& item : node.items) {
      indent(depth);
      out_ += "-";
      after_dash_ = item.is_map() && !item.entries.empty();
      write_value(item, depth + 1, below, secret);
    }
  }

  void start_block(int depth) {
    if (!after_dash_ && depth > 0) {
      out_ += "\n";
    }
  }

  // The first key of a map in a list stands beside the dash.
  void indent(int depth) {
    if (after_dash_) {
      out_ += " ";
      after_dash_ = false;
    } else {
      out_.append(static_cast<std::size_t>(2 * depth), ' ');
    }
  }

  std::string out_;
  bool after_dash_ = false;
  std::string_view hidden_text_ = kSecret;
};

}  // namespace

std::string config_text(const Document& notification_file) {
  return Writer().text(notification_file.root);
}

}  // namespace seamwatch::agent
