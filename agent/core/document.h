// Document: a parsed configuration file as a tree of nodes that know their place. agent/io reads
// YAML into it; config, rules, routing and probes read their values out of it with MapReader, so
// no other code depends on a YAML library.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/diagnostics.h"

namespace seamwatch {

struct NodeEntry;

struct Node {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string scalar;   // of a scalar: its text after YAML unquoting
  bool quoted = false;  // of a scalar: written in quotes or as a block, so always a string
  int line = 0;
  int column = 0;
  std::vector<Node> items;         // of a list
  std::vector<NodeEntry> entries;  // of a map, in file order, keys unique

  bool is_null() const { return kind == Kind::null; }

  bool is_scalar() const { return kind == Kind::scalar; }

  bool is_list() const { return kind == Kind::list; }

  bool is_map() const { return kind == Kind::map; }

  // The value of `key` in a map, or nullptr.
  const Node* find(std::string_view key) const;
};

struct NodeEntry {
  Node key;  // always a scalar
  Node value;
};

struct Document {
  std::string file;
  Node root;

  Place place(const Node& node) const { return Place{file, node.line, node.column}; }
};

}  // namespace seamwatch
