#include "agent/core/document_json.h"

#include <boost/json.hpp>

#include "agent/core/utf8.h"

namespace seamwatch {

namespace json = boost::json;

json::value scalar_json(const std::string& text, bool may_be_value) {
  if (may_be_value) {
    boost::system::error_code failure;
    json::value parsed = json::parse(text, failure);
    if (!failure && !parsed.is_string()) {
      return parsed;
    }
  }
  return json::value(text);
}

json::value json_of(const Node& tree,
                    const std::function<std::string(const Node& key)>& name,
                    const std::function<json::value(const Node& node)>& scalar) {
  switch (tree.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar:
      return scalar(tree);
    case Node::Kind::list: {
      json::array out;
      for (const Node& item : tree.items) {
        out.push_back(json_of(item, name, scalar));
      }
      return out;
    }
    case Node::Kind::map: {
      json::object out;
      for (const NodeEntry& entry : tree.entries) {
        out[name(entry.key)] = json_of(entry.value, name, scalar);
      }
      return out;
    }
  }
  return nullptr;
}

json::value json_of(const Node& tree) {
  return json_of(
      tree,
      [](const Node& key) { return to_valid_utf8(key.scalar); },
      [](const Node& each) { return scalar_json(to_valid_utf8(each.scalar), !each.quoted); });
}

}  // namespace seamwatch
