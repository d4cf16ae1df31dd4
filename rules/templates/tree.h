// The parsed form of templates. Made by parser.cc, walked by executor.cc, immutable and shared
// afterwards. Source: Go, text/template/parse/node.go.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace seamwatch::rules::templates {

// The text a node came from, for messages.
struct Source {
  std::string name;
  std::string text;
};

enum class ExprKind {
  dot,
  nil,
  boolean,
  number,
  string,
  field,       // .A.B
  variable,    // $x.A
  chain,       // (pipe).A or function.A
  identifier,  // a function
  pipe,
  command,
};

struct Expr {
  ExprKind kind = ExprKind::dot;
  std::size_t position = 0;
  std::string text;                // as written; of a string: its value
  std::string original;            // of a string: as written
  std::vector<std::string> names;  // fields; a variable's own name first; of a pipe: declared ones
  std::vector<Expr> parts;         // of a pipe: commands; of a command: words; of a chain: its root
  bool assigns = false;            // of a pipe: "=" rather than ":="
  bool flag = false;               // of a boolean
  std::optional<std::int64_t> integer = std::nullopt;  // of a number that is one
  double number = 0;
  bool is_character = false;  // of a number: written as 'x'
  bool looks_float = false;   // of a number: has a dot, an exponent or is hexadecimal with p
};

enum class NodeKind { text, action, condition, with, range, call, stop, next };

struct Node;
using NodeList = std::vector<Node>;

struct Node {
  NodeKind kind = NodeKind::text;
  std::size_t position = 0;
  std::string text;  // of a text; of a call: the template's name
  std::optional<Expr> pipe = std::nullopt;
  NodeList list;
  NodeList else_list;
};

// One named template.
struct Definition {
  std::string name;
  std::shared_ptr<const Source> source;
  NodeList nodes;

  // Nothing but spaces and definitions: does not replace an earlier template of that name.
  bool is_empty() const;
};

// As Go prints them in messages.
std::string to_string(const Expr& expr);
std::string to_string(const Node& node);

}  // namespace seamwatch::rules::templates
