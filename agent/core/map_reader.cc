#include "agent/core/map_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace seamwatch {
namespace {

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "a single value";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "nothing";
}

std::optional<bool> to_bool(std::string_view text) {
  for (const std::string_view yes :
       {"true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON"}) {
    if (text == yes) {
      return true;
    }
  }
  for (const std::string_view no :
       {"false", "False", "FALSE", "no", "No", "NO", "n", "N", "off", "Off", "OFF"}) {
    if (text == no) {
      return false;
    }
  }
  return std::nullopt;
}

}  // namespace

MapReader::MapReader(const Document& document,
                     const Node& node,
                     std::string what,
                     Diagnostics& problems)
    : document_(document), node_(node), what_(std::move(what)), problems_(problems) {
  if (!node.is_map() && !node.is_null()) {
    report(node,
           what_ + " must be a map, not " + std::string(kind_name(node)),
           "write `key: value` lines");
  }
}

const Node* MapReader::find(std::string_view key) {
  known_.emplace_back(key);
  const Node* value = node_.find(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

const Node* MapReader::require(std::string_view key, std::string_view remedy) {
  const Node* value = find(key);
  if (value == nullptr && (node_.is_map() || node_.is_null())) {
    report(node_, what_ + " has no \"" + std::string(key) + "\"", std::string(remedy));
  }
  return value;
}

const Node* MapReader::scalar(std::string_view key, std::string_view wanted) {
  const Node* value = find(key);
  if (value != nullptr && !value->is_scalar()) {
    report(*value,
           "\"" + std::string(key) + "\" must be " + std::string(wanted) + ", not " +
               std::string(kind_name(*value)),
           "write one value after the colon");
    return nullptr;
  }
  return value;
}

bool MapReader::read(std::string_view key, std::string& out) {
  const Node* value = scalar(key, "a text");
  if (value == nullptr) {
    return false;
  }
  out = value->scalar;
  return true;
}

bool MapReader::read(std::string_view key, Secret& out) {
  const Node* value = scalar(key, "a text");
  if (value == nullptr) {
    return false;
  }
  out = Secret(value->scalar);
  return true;
}

bool MapReader::read(std::string_view key, bool& out) {
  const Node* value = scalar(key, "true or false");
  if (value == nullptr) {
    return false;
  }
  const auto parsed = value->quoted ? std::nullopt : to_bool(value->scalar);
  if (!parsed) {
    report(*value,
           "\"" + std::string(key) + "\" must be true or false, not " + quoted(value->scalar),
           "write true or false, without quotes");
    return false;
  }
  out = *parsed;
  return true;
}

bool MapReader::read(std::string_view key, std::int64_t& out) {
  const Node* value = scalar(key, "a whole number");
  if (value == nullptr) {
    return false;
  }
  std::int64_t parsed = 0;
  const std::string& text = value->scalar;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (value->quoted || failure != std::errc() || end != text.data() + text.size()) {
    report(*value,
           "\"" + std::string(key) + "\" must be a whole number, not " + quoted(text),
           "write digits alone, like 10");
    return false;
  }
  out = parsed;
  return true;
}

bool MapReader::read(std::string_view key, double& out) {
  const Node* value = scalar(key, "a number");
  if (value == nullptr) {
    return false;
  }
  double parsed = 0;
  const std::string& text = value->scalar;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (value->quoted || failure != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(parsed)) {
    report(*value,
           "\"" + std::string(key) + "\" must be a number, not " + quoted(text),
           "write one like 10 or 0.5");
    return false;
  }
  out = parsed;
  return true;
}

bool MapReader::read(std::string_view key, Millis& out) {
  const Node* value = scalar(key, "a duration");
  if (value == nullptr) {
    return false;
  }
  const auto parsed = parse_duration(value->scalar);
  if (!parsed) {
    report(*value,
           "\"" + std::string(key) + "\": " + parsed.error().message,
           "write a duration like 30s, 5m or 1h30m");
    return false;
  }
  out = *parsed;
  return true;
}

bool MapReader::read(std::string_view key, Nanos& out) {
  const Node* value = scalar(key, "a duration");
  if (value == nullptr) {
    return false;
  }
  const auto parsed = parse_go_duration(value->scalar);
  if (!parsed) {
    report(*value,
           "\"" + std::string(key) + "\": " + parsed.error().message,
           "write a duration like 500ms, 1.5s or 1h30m");
    return false;
  }
  out = *parsed;
  return true;
}

bool MapReader::read(std::string_view key, std::vector<std::string>& out) {
  const Node* value = find(key);
  if (value == nullptr) {
    return false;
  }
  std::vector<std::string> parsed;
  bool good = value->is_list();
  for (const Node& item : value->items) {
    good = good && item.is_scalar();
    parsed.push_back(item.scalar);
  }
  if (!good) {
    report(*value,
           "\"" + std::string(key) + "\" must be a list of texts",
           "write [a, b], or start each with `- `");
    return false;
  }
  out = std::move(parsed);
  return true;
}

bool MapReader::read(std::string_view key, Labels& out) {
  const Node* value = find(key);
  if (value == nullptr) {
    return false;
  }
  if (!value->is_map()) {
    report(
        *value, "\"" + std::string(key) + "\" must be a map of texts", "write `name: value` lines");
    return false;
  }
  std::vector<Labels::Pair> parsed;
  for (const NodeEntry& entry : value->entries) {
    if (entry.value.is_scalar() || entry.value.is_null()) {
      parsed.emplace_back(entry.key.scalar, entry.value.scalar);
    } else {
      report(entry.value,
             quoted(entry.key.scalar) + " in \"" + std::string(key) + "\" must be a text, not " +
                 std::string(kind_name(entry.value)),
             "write one value after the colon");
    }
  }
  out = Labels(std::move(parsed));
  return true;
}

void MapReader::each(std::string_view key, const std::function<void(const Node&)>& each) {
  const Node* value = find(key);
  if (value == nullptr) {
    return;
  }
  if (!value->is_list()) {
    report(*value,
           "\"" + std::string(key) + "\" must be a list, not " + std::string(kind_name(*value)),
           "start each item with `- `");
    return;
  }
  for (const Node& item : value->items) {
    each(item);
  }
}

void MapReader::each_entry(
    std::string_view key,
    const std::function<void(const std::string& name, const Node& key, const Node& value)>& each) {
  const Node* value = find(key);
  if (value == nullptr) {
    return;
  }
  if (!value->is_map()) {
    report(*value,
           "\"" + std::string(key) + "\" must be a map, not " + std::string(kind_name(*value)),
           "write `name:` lines");
    return;
  }
  for (const NodeEntry& entry : value->entries) {
    each(entry.key.scalar, entry.key, entry.value);
  }
}

void MapReader::done() {
  for (const NodeEntry& entry : node_.entries) {
    const std::string& key = entry.key.scalar;
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) {
      continue;
    }
    const std::vector<std::string_view> candidates(known_.begin(), known_.end());
    const std::string guess = nearest(key, candidates);
    report(entry.key,
           "unknown key " + quoted(key) + " in " + what_,
           guess.empty() ? "remove it" : "did you mean " + quoted(guess) + "?");
  }
}

void MapReader::report(const Node& node, std::string what, std::string remedy) {
  problems_.add(document_.place(node), std::move(what), std::move(remedy));
}

}  // namespace seamwatch
