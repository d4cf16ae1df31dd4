#include "agent/web/alertmanager/config_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <boost/json.hpp>

#include "agent/core/labels.h"
#include "agent/core/utf8.h"
#include "rules/routing/notify_vendor_schema.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kSecret = "<secret>";
constexpr std::string_view kSecretUrl = "http://<secret>";  // amtool before 0.26 wants a URL there

// Keys with secret values beside those of the vendors' types, which the schema knows; those that
// end in _file hold paths.
constexpr std::array<std::string_view, 14> kSecretKeys = {"slack_api_url",
                                                          "slack_app_token",
                                                          "smtp_auth_password",
                                                          "smtp_auth_secret",
                                                          "auth_password",
                                                          "auth_secret",
                                                          "password",
                                                          "credentials",
                                                          "bearer_token",
                                                          "client_secret",
                                                          "client_certificate_key",
                                                          "routing_key",
                                                          "secret_key",
                                                          "secrets"};

// Of endpoint_params what is no proof of who asks; anything else may be one.
constexpr std::array<std::string_view, 6> kPlainParams = {
    "audience", "resource", "scope", "grant_type", "client_assertion_type", "requested_token_use"};

// Keys of maps all of whose values are secret.
constexpr std::array<std::string_view, 2> kSecretMaps = {"proxy_connect_header", "headers_secret"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// "slack" of "slack_configs"; else empty.
std::string_view type_of(std::string_view list) {
  constexpr std::string_view kEnd = "_configs";
  return list.ends_with(kEnd) ? list.substr(0, list.size() - kEnd.size()) : std::string_view();
}

bool is_secret_of(const rules::VendorType& type, std::string_view key) {
  return std::any_of(type.keys.begin(), type.keys.end(), [&](const rules::VendorKey& one) {
    return one.kind == rules::KeyKind::secret && one.name == key;
  });
}

// Whether a vendor's type takes its secret from there.
bool is_secret_of_global(std::string_view key) {
  const auto types = rules::vendor_types();
  return std::any_of(types.begin(), types.end(), [&](const rules::VendorType& type) {
    return std::any_of(type.keys.begin(), type.keys.end(), [&](const rules::VendorKey& one) {
      return one.kind == rules::KeyKind::secret && one.global == key;
    });
  });
}

// Where the user's part of an address ends, "user:password" of "https://user:password@host"; npos
// where there is none. `start`: just behind the slashes.
std::size_t user_end(std::string_view text, std::size_t start) {
  const std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"'<>{}", start), text.size());
  const std::size_t at = text.substr(start, end - start).rfind('@');
  return at == std::string_view::npos ? at : start + at;
}

// A webhook's URL is secret, those that merely lead somewhere are not.
bool is_secret(std::string_view key, std::string_view below, const Node& value) {
  if (below == "webhook_configs") {
    return key == "url";
  }
  if (below == "global" && is_secret_of_global(key)) {
    return true;
  }
  const rules::VendorType* type = rules::find_vendor_type(type_of(below));
  if (type != nullptr && is_secret_of(*type, key)) {
    return true;
  }
  if (key == "key") {
    return below == "tls_config" || below == "smtp_tls_config";
  }
  if (below == "endpoint_params") {
    return !is_one_of(kPlainParams, key);
  }
  const std::size_t slashes = value.scalar.find("://");
  if (key.ends_with("url") && slashes != std::string::npos &&
      user_end(value.scalar, slashes + 3) != std::string_view::npos) {
    return true;
  }
  return is_one_of(kSecretKeys, key);
}

// A key of ours that Alertmanager does not know: what reads the text with its own types, as amtool
// does, would refuse all of it. See agent/decisions/keys-beyond-alertmanager.md.
bool is_ours(std::string_view key, std::string_view below) {
  return (key == "signing" && below == "webhook_configs") ||
         (key == "fallback_receiver" && below == "receivers") ||
         (key == "escalate" && (below == "route" || below == "routes"));
}

// Without the user's parts of the addresses in it.
std::string without_users(std::string_view text) {
  std::string out;
  for (std::size_t slashes; (slashes = text.find("://")) != std::string_view::npos;) {
    out += text.substr(0, slashes + 3);
    const std::size_t end = user_end(text, slashes + 3);
    if (end != std::string_view::npos) {
      out += kSecret;
    }
    text.remove_prefix(end == std::string_view::npos ? slashes + 3 : end);
  }
  return out += text;
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
  const std::string text = without_users(node.scalar);
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
      const std::string_view key = entry.key.scalar;
      if (is_ours(key, below)) {
        continue;
      }
      indent(depth);
      out_ += scalar_text(entry.key) + ":";
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
