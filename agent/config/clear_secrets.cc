#include "agent/config/clear_secrets.h"

#include <algorithm>

#include "agent/privacy/redactor.h"

namespace seamwatch::agent {
namespace {

// Keys of seamwatch.yml that hold a secret and have an X_file beside them.
constexpr std::string_view kSecretKeys[] = {"bearer_token",
                                            "client_secret",
                                            "credentials",
                                            "password",
                                            "secret_access_key",
                                            "secret_key",
                                            "token"};

bool names_variable(const std::string& text) {
  return text.find("${") != std::string::npos;
}

void look(const Document& document, const NodeEntry& entry, Reading& reading) {
  static const Redactor redactor;
  const std::string& key = entry.key.scalar;
  const Node& node = entry.value;
  if (!node.is_scalar() || node.scalar.empty() || names_variable(node.scalar)) {
    return;
  }
  if (std::find(std::begin(kSecretKeys), std::end(kSecretKeys), key) != std::end(kSecretKeys)) {
    reading.warnings.add(document.place(node),
                         "`" + key + "` holds a secret in clear",
                         "write `" + key +
                             "_file:` and the path of a file, or ${NAME} for a "
                             "variable of the environment");
    return;
  }
  const bool is_url = node.scalar.find("://") != std::string::npos;
  if (is_url && redactor.redacted(node.scalar, RedactScope::secrets)) {
    reading.warnings.add(document.place(node),
                         "`" + key + "` holds a secret in clear in its URL",
                         "write ${NAME} in its place, for a variable of the environment");
  }
}

void walk(const Document& document, const Node& node, Reading& reading) {
  for (const Node& item : node.items) {
    walk(document, item, reading);
  }
  for (const NodeEntry& entry : node.entries) {
    look(document, entry, reading);
    walk(document, entry.value, reading);
  }
}

}  // namespace

void warn_of_clear_secrets(const Document& document, Reading& reading) {
  walk(document, document.root, reading);
}

}  // namespace seamwatch::agent
