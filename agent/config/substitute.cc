#include "agent/config/substitute.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <string_view>

#include <openssl/evp.h>

#include "agent/config/files.h"
#include "agent/core/assert.h"
#include "agent/core/hex.h"
#include "agent/core/labels.h"

namespace seamwatch::agent {
namespace {

// What a string holds in itself.
constexpr std::size_t kDigestChars = 15;
constexpr std::size_t kHiddenBytesMin = 4;  // shorter ones would tear messages apart

bool is_variable_name(std::string_view name) {
  return is_classic_label_name(name);  // the same alphabet as POSIX gives environment names
}

// What is wrong with the `name` of a variable. Only what can be one is shown: it may be a secret.
Diagnostic no_variable(std::string_view name) {
  const std::string_view before = name.substr(0, name.find(":-"));
  if (before.size() < name.size() && is_variable_name(before)) {
    return {{},
            "a variable has no default here",
            "write ${" + std::string(before) + "} and set it, or write `$${` for a plain `${`"};
  }
  return {{},
          "`${` does not begin a variable like ${NAME}",
          "correct the name, or write `$${` for a plain `${`"};
}

// Whether a text at `at`, up to `end`, stands in the user part of a URL.
bool in_user_part(const std::string& text, std::size_t at, std::size_t end) {
  constexpr std::string_view kEnds = "/?#";
  const std::size_t scheme = text.rfind("://", at);
  if (scheme == std::string::npos || text.find_first_of(kEnds, scheme + 3) < at) {
    return false;
  }
  const std::size_t user_end = text.find('@', end);
  return user_end != std::string::npos && user_end < text.find_first_of(kEnds, end);
}

// Expands one scalar. Appends what was wrong to `faults`.
std::string expand(const std::string& text, Reading& reading, std::vector<Diagnostic>& faults) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (text[at] != '$' || (next != '$' && next != '{')) {
      out += text[at];
      continue;
    }
    if (next == '$') {
      out += '$';
      ++at;
      continue;
    }
    const std::size_t end = text.find('}', at);
    const std::string name = text.substr(at + 2, end == std::string::npos ? end : end - at - 2);
    // The group of a regular expression, in relabelling.
    if (end != std::string::npos && !name.empty() &&
        name.find_first_not_of("0123456789") == std::string::npos) {
      out += text.substr(at, end + 1 - at);
      at = end;
      continue;
    }
    if (end == std::string::npos || !is_variable_name(name)) {
      faults.push_back(no_variable(name));
      return text;
    }
    if (const auto value = reading.environment(name)) {
      out += *value;
      reading.hidden.push_back({*value, "${" + name + "}"});
      if (value->find_first_of("/?#\\") != std::string::npos && in_user_part(text, at, end)) {
        // What comes behind it would be taken for the host: it would be looked up, and shown.
        faults.push_back({{},
                          "environment variable " + name +
                              " holds one of / ? # \\, which ends the "
                              "user part of a URL",
                          "percent-encode it there, as in %2F for /"});
      }
    } else {
      out += "${" + name + "}";
      faults.push_back({{},
                        "environment variable " + name + " is not set",
                        "set it, or write `$${" + name + "}` for that text itself"});
    }
    at = end;
  }
  return out;
}

void expand_tree(const Document& document, Node& node, Reading& reading) {
  if (node.is_scalar() && node.scalar.find('$') != std::string::npos) {
    std::vector<Diagnostic> faults;
    node.scalar = expand(node.scalar, reading, faults);
    for (Diagnostic& fault : faults) {
      reading.unset.push_back(document.place(node));
      reading.problems.add(document.place(node), std::move(fault.what), std::move(fault.remedy));
    }
  }
  for (Node& item : node.items) {
    expand_tree(document, item, reading);
  }
  for (NodeEntry& entry : node.entries) {
    expand_tree(document, entry.value, reading);
  }
}

std::string trimmed(const std::string& text) {
  const auto space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  const auto begin = std::find_if_not(text.begin(), text.end(), space);
  const auto end =
      std::find_if_not(text.rbegin(), std::string::const_reverse_iterator(begin), space);
  return {begin, end.base()};
}

bool names_file(const NodeEntry& entry) {
  return entry.key.scalar.ends_with("_file") && entry.value.is_scalar() &&
         !entry.value.scalar.empty();
}

// Stands for the text of a file that could not be read, which is reported: no second fault follows
// from it, and no two are the same.
std::string unreadable(const Node& path) {
  return "unreadable-" + std::to_string(path.line) + '-' + std::to_string(path.column);
}

// Walks the options of one module or heartbeat.
class FileSubstitution {
 public:
  FileSubstitution(const Document& document, FileUse use, Reading& reading)
      : document_(document), folder_(folder_of(document.file)), use_(use), reading_(reading) {}

  void walk(Node& node) {
    for (Node& item : node.items) {
      walk(item);
    }
    for (NodeEntry& entry : node.entries) {
      if (entry.key.scalar == "tls_config") {
        certificates(entry.value);
      } else if (entry.key.scalar == "http_headers") {
        headers(entry.value);
      } else if (names_file(entry)) {
        secret(node, entry);
      } else {
        walk(entry.value);
      }
    }
  }

 private:
  // Joins the path with the folder; the text of the file.
  std::optional<std::string> settle(const std::string& key, Node& path) {
    path.scalar = join_path(folder_, path.scalar);
    Diagnostics& sink = use_ == FileUse::path_or_warn ? reading_.warnings : reading_.problems;
    return read_named_file(reading_, key, path.scalar, document_.place(path), sink);
  }

  void certificates(Node& options) {
    for (NodeEntry& entry : options.entries) {
      if (names_file(entry)) {
        if (const auto text = settle(entry.key.scalar, entry.value)) {
          look_for_pem(entry, *text);
          reading_.file_digests[entry.value.scalar] = *text;
        }
      }
    }
  }

  // A probe would only say so at its first run.
  void look_for_pem(const NodeEntry& entry, const std::string& text) {
    const bool is_key = entry.key.scalar == "key_file";
    const std::string_view mark = is_key ? "PRIVATE KEY-----" : "-----BEGIN CERTIFICATE-----";
    if (text.find(mark) == std::string::npos &&
        (is_key || text.find("-----BEGIN TRUSTED CERTIFICATE-----") == std::string::npos)) {
      reading_.warnings.add(document_.place(entry.value),
                            quoted(entry.key.scalar) + ": " + quoted(entry.value.scalar) +
                                (is_key ? " holds no private key" : " holds no certificate"),
                            "name a file in PEM format");
    }
  }

  void warn_of_empty(const std::string& key, const Node& path, const std::string& text) {
    if (trimmed(text).empty()) {
      reading_.warnings.add(document_.place(path),
                            quoted(key) + ": " + quoted(path.scalar) + " is empty",
                            "write the secret into it");
    }
  }

  void secret(Node& options, NodeEntry& entry) {
    const std::string file_key = entry.key.scalar;
    const std::string key = file_key.substr(0, file_key.size() - std::string_view("_file").size());
    const Node* plain = options.find(key);
    if (use_ == FileUse::text && plain != nullptr && !plain->is_null()) {
      reading_.problems.add(document_.place(entry.key),
                            quoted(key) + " and " + quoted(file_key) + " are both there",
                            "keep one of them");
      entry.key.scalar = key;  // nobody knows the other one
      return;
    }
    const auto text = settle(file_key, entry.value);
    if (text) {
      warn_of_empty(file_key, entry.value, *text);
    }
    if (use_ == FileUse::text) {
      entry.key.scalar = key;
      entry.value.scalar = hide(text, entry.value);
      entry.value.quoted = true;
    }
  }

  void headers(Node& all) {
    for (NodeEntry& header : all.entries) {
      for (NodeEntry& entry : header.value.entries) {
        if (entry.key.scalar != "files") {
          continue;
        }
        for (Node& path : entry.value.items) {
          if (path.is_scalar()) {
            settle("files", path);
          }
        }
      }
    }
  }

  // The secret in `text`, which messages will not show.
  std::string hide(const std::optional<std::string>& text, const Node& path) {
    if (!text) {
      return unreadable(path);
    }
    reading_.hidden.push_back({trimmed(*text), "<redacted>"});
    return trimmed(*text);
  }

  const Document& document_;
  const std::string folder_;
  const FileUse use_;
  Reading& reading_;
};

void append_sized(std::string& out, std::string_view text) {
  out += std::to_string(text.size()) + ':';
  out += text;
}

// An unambiguous text of the tree: kinds, sizes and values in file order.
void append_canonical(std::string& out, const Node& node, const Reading& reading) {
  switch (node.kind) {
    case Node::Kind::null:
      out += 'n';
      return;
    case Node::Kind::scalar: {
      out += node.quoted ? 'q' : 's';
      append_sized(out, node.scalar);
      const auto file = reading.file_digests.find(node.scalar);
      if (file != reading.file_digests.end()) {
        append_sized(out, file->second);
      }
      return;
    }
    case Node::Kind::list:
      out += '[';
      for (const Node& item : node.items) {
        append_canonical(out, item, reading);
      }
      out += ']';
      return;
    case Node::Kind::map:
      out += '{';
      for (const NodeEntry& entry : node.entries) {
        append_canonical(out, entry.key, reading);
        append_canonical(out, entry.value, reading);
      }
      out += '}';
      return;
  }
}

std::string sha256_hex(std::string_view text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  SW_ASSERT(EVP_Digest(text.data(), text.size(), bytes, &size, EVP_sha256(), nullptr) == 1);
  return hex(std::span(bytes).first(size));
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

void substitute_environment(Document& document, Reading& reading) {
  expand_tree(document, document.root, reading);
}

void substitute_files(const Document& document, Node& options, FileUse use, Reading& reading) {
  FileSubstitution(document, use, reading).walk(options);
}

void substitute_module_files(const Document& document,
                             Node& modules,
                             bool foreign,
                             Reading& reading) {
  for (NodeEntry& module : modules.entries) {
    for (NodeEntry& entry : module.value.entries) {
      const std::string& prober = entry.key.scalar;
      const bool reads_files = prober == "http" || prober == "tcp";
      const FileUse path = foreign ? FileUse::path_or_warn : FileUse::path;
      substitute_files(document, entry.value, reads_files ? path : FileUse::text, reading);
    }
  }
}

std::string digest(const std::string& prefix, const Node& options, const Reading& reading) {
  std::string text;
  append_sized(text, prefix);
  append_canonical(text, options, reading);
  return sha256_hex(text).substr(0, kDigestChars);
}

Diagnostics without_secrets(const Diagnostics& problems, const Reading& reading) {
  // Longest first, so that a secret that holds another one goes as a whole.
  std::vector<HiddenText> hidden = reading.hidden;
  std::stable_sort(hidden.begin(), hidden.end(), [](const HiddenText& a, const HiddenText& b) {
    return a.text.size() > b.text.size();
  });
  Diagnostics out;
  for (Diagnostic entry : problems.entries()) {
    for (const HiddenText& each : hidden) {
      if (each.text.size() < kHiddenBytesMin) {
        break;
      }
      const std::string escaped = quoted(each.text);
      for (std::string* text : {&entry.what, &entry.remedy}) {
        replace_all(*text, each.text, each.shown);
        replace_all(*text, std::string_view(escaped).substr(1, escaped.size() - 2), each.shown);
      }
    }
    out.add(std::move(entry.place), std::move(entry.what), std::move(entry.remedy));
  }
  return out;
}

}  // namespace seamwatch::agent
