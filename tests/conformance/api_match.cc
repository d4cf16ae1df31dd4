#include "tests/conformance/api_match.h"

#include <algorithm>
#include <vector>

#include <boost/json.hpp>

#include "agent/core/times.h"

namespace seamwatch::conformance {
namespace {

namespace json = boost::json;

bool is_uuid(std::string_view text) {
  return text.size() == 36 &&
         text.find_first_not_of("0123456789abcdef-") == std::string_view::npos && text[8] == '-' &&
         text[13] == '-' && text[18] == '-' && text[23] == '-';
}

bool scalar_matches(const Node& want, const json::value& got) {
  if (got.is_string()) {
    const std::string text(got.as_string());
    return want.scalar == "<time>"   ? parse_rfc3339(text).has_value()
           : want.scalar == "<uuid>" ? is_uuid(text)
                                     : want.scalar == "<str>" || want.scalar == text;
  }
  return json::serialize(got) == want.scalar;
}

bool keys_match(const std::vector<Node>& names, const json::object& got) {
  return names.size() == got.size() &&
         std::all_of(names.begin(), names.end(), [&](const Node& name) {
           return got.contains(name.scalar);
         });
}

bool list_matches(const std::vector<Node>& want, const json::array& got) {
  std::vector<bool> used(got.size());
  for (const Node& item : want) {
    std::size_t at = 0;
    while (at < got.size() && (used[at] || !matches(item, got[at]))) {
      ++at;
    }
    if (at == got.size()) {
      return false;
    }
    used[at] = true;
  }
  return want.size() == got.size();
}

}  // namespace

bool matches(const Node& want, const json::value& got) {
  switch (want.kind) {
    case Node::Kind::null:
      return got.is_null();
    case Node::Kind::scalar:
      return scalar_matches(want, got);
    case Node::Kind::list:
      return got.is_object() ? keys_match(want.items, got.as_object())
                             : got.is_array() && list_matches(want.items, got.as_array());
    case Node::Kind::map:
      return got.is_object() && want.entries.size() == got.as_object().size() &&
             std::all_of(want.entries.begin(), want.entries.end(), [&](const NodeEntry& entry) {
               const json::value* value = got.as_object().if_contains(entry.key.scalar);
               return value != nullptr && matches(entry.value, *value);
             });
  }
  return false;
}

json::value to_json(const Node& node, const std::function<std::string(const std::string&)>& fill) {
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar:
      if (!node.quoted && (node.scalar == "true" || node.scalar == "false")) {
        return node.scalar == "true";
      }
      return json::value(fill(node.scalar));
    case Node::Kind::list: {
      json::array out;
      for (const Node& item : node.items) {
        out.push_back(to_json(item, fill));
      }
      return out;
    }
    case Node::Kind::map: {
      json::object out;
      for (const NodeEntry& entry : node.entries) {
        out[entry.key.scalar] = to_json(entry.value, fill);
      }
      return out;
    }
  }
  return nullptr;
}

json::value at_path(const json::value& value, const std::string& path) {
  if (path.empty()) {
    return value;
  }
  const std::size_t dot = path.find('.');
  const std::string head = path.substr(0, dot);
  const std::string rest = dot == std::string::npos ? "" : path.substr(dot + 1);
  if (value.is_array() && std::stoul(head) < value.as_array().size()) {
    return at_path(value.as_array()[std::stoul(head)], rest);
  }
  const json::value* found = value.is_object() ? value.as_object().if_contains(head) : nullptr;
  return found == nullptr ? json::value() : at_path(*found, rest);
}

}  // namespace seamwatch::conformance
