#include "agent/config/substitute.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <openssl/evp.h>

#include "agent/config/files.h"
#include "agent/core/assert.h"
#include "agent/core/labels.h"

namespace seamwatch::agent {
namespace {

constexpr std::size_t kHiddenBytesMin = 4;  // shorter ones would tear messages apart

bool is_variable_name(std::string_view name) {
  return is_classic_label_name(name);  // the same alphabet as POSIX gives environment names
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
    if (end == std::string::npos || !is_variable_name(name)) {
      faults.push_back({{},
                        "`${` does not begin a variable like ${NAME}",
                        "correct the name, or write `$${` for a plain `${`"});
      return text;
    }
    if (const auto value = reading.environment(name)) {
      out += *value;
      reading.hidden.push_back({*value, "${" + name + "}"});
    } else {
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

// Walks the options of one module or heartbeat.
class FileSubstitution {
 public:
  FileSubstitution(const Document& document, const std::string& folder, Reading& reading)
      : document_(document), folder_(folder), reading_(reading) {}

  void walk(Node& node) {
    for (Node& item : node.items) {
      walk(item);
    }
    for (std::size_t i = 0; i < node.entries.size(); ++i) {
      const std::string key = node.entries[i].key.scalar;
      Node& value = node.entries[i].value;
      if (key == "tls_config" && value.is_map()) {
        certificates(value);
      } else if (key == "http_headers" && value.is_map()) {
        headers(value);
      } else if (key.ends_with("_file") && value.is_scalar()) {
        secret(node, node.entries[i]);
      } else {
        walk(value);
      }
    }
  }

 private:
  std::optional<std::string> read(const std::string& key, const Node& path) {
    return read_named_file(reading_, key, join_path(folder_, path.scalar), document_.place(path));
  }

  // Stands for the text of a file that could not be read, which is reported: no second fault
  // follows from it, and no two are the same.
  static std::string unreadable(const Node& path) {
    return "unreadable-" + std::to_string(path.line) + '-' + std::to_string(path.column);
  }

  void certificates(Node& options) {
    for (NodeEntry& entry : options.entries) {
      const std::string& key = entry.key.scalar;
      if (!key.ends_with("_file") || !entry.value.is_scalar() || entry.value.scalar.empty()) {
        continue;
      }
      // The path stays, because TLS libraries want one; that it can be read is told now.
      const auto text = read(key, entry.value);
      entry.value.scalar = join_path(folder_, entry.value.scalar);
      if (text) {
        reading_.file_digests[entry.value.scalar] = *text;
      }
    }
  }

  void secret(Node& options, NodeEntry& entry) {
    const std::string file_key = entry.key.scalar;
    const std::string key = file_key.substr(0, file_key.size() - std::string_view("_file").size());
    const Node* plain = options.find(key);
    if (plain != nullptr && !plain->is_null()) {
      reading_.problems.add(document_.place(entry.key),
                            quoted(key) + " and " + quoted(file_key) + " are both there",
                            "keep one of them");
      return;
    }
    const auto text = read(file_key, entry.value);
    entry.key.scalar = key;
    entry.value.quoted = true;
    entry.value.scalar = text.value_or(unreadable(entry.value));
    if (text && key != "body") {
      entry.value.scalar = trimmed(entry.value.scalar);
      reading_.hidden.push_back({entry.value.scalar, "<redacted>"});
    }
  }

  void headers(Node& all) {
    for (NodeEntry& header : all.entries) {
      if (!header.value.is_map()) {
        continue;
      }
      const Node* files = header.value.find("files");
      if (files == nullptr || !files->is_list()) {
        continue;
      }
      std::vector<Node> secrets;
      for (const Node& path : files->items) {
        if (!path.is_scalar()) {
          return;  // the prober reports it
        }
        Node text = path;
        text.scalar = trimmed(read("files", path).value_or(unreadable(path)));
        text.quoted = true;
        reading_.hidden.push_back({text.scalar, "<redacted>"});
        secrets.push_back(std::move(text));
      }
      join_secrets(header.value, std::move(secrets));
    }
  }

  // Moves `texts` from key `files` to the end of the list at key `secrets`.
  static void join_secrets(Node& header, std::vector<Node> texts) {
    const auto with_key = [&](std::string_view key) {
      return std::find_if(header.entries.begin(),
                          header.entries.end(),
                          [&](const NodeEntry& entry) { return entry.key.scalar == key; });
    };
    const auto files = with_key("files");
    const auto secrets = with_key("secrets");
    if (secrets == header.entries.end()) {
      files->key.scalar = "secrets";
      files->value.items = std::move(texts);
      return;
    }
    secrets->value.items.insert(secrets->value.items.end(), texts.begin(), texts.end());
    header.entries.erase(files);
  }

  const Document& document_;
  const std::string& folder_;
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
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += kDigits[bytes[i] >> 4U];
    out += kDigits[bytes[i] & 15U];
  }
  return out;
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

void substitute_files(const Document& document,
                      const std::string& folder,
                      Node& options,
                      Reading& reading) {
  FileSubstitution(document, folder, reading).walk(options);
}

std::string digest(const std::string& prefix, const Node& options, const Reading& reading) {
  std::string text;
  append_sized(text, prefix);
  append_canonical(text, options, reading);
  return sha256_hex(text);
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
