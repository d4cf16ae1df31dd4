// The syntax tree of a CEL expression, and the parser that makes it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "agent/core/result.h"

namespace re2 {
class RE2;
}

namespace seamwatch::probes::cel {

// Shared, as a part of a value keeps the whole of it.
using Value = std::shared_ptr<const boost::json::value>;

Value make(boost::json::value value);

struct Node {
  enum class Kind {
    literal,
    name,     // `body`, or the variable of a macro
    select,   // children[0].name
    has,      // has(children[0].name)
    index,    // children[0][children[1]]
    negate,   // -children[0]
    invert,   // !children[0]
    both,     // children[0] && children[1]
    either,   // ||
    choose,   // children[0] ? children[1] : children[2]
    operate,  // children[0] name children[1]
    call,     // name(children...); of a method, what it is called on stands first
    list,     // [children...]
    map,      // {children[0]: children[1], ...}
    all,      // children[0].all(name, children[1]), and so the other macros
    exists,
    exists_one,
    filter,
    transform,  // children[0].map(name, children[1]); with a condition it is the third child
  };

  Kind kind = Kind::literal;
  std::string name = {};
  Value value = {};  // of a literal
  std::vector<Node> children = {};
  int depth = 1;
  std::shared_ptr<const re2::RE2> regexp = {};  // of a call of matches with a literal
};

[[nodiscard]] Result<Node> parse(std::string_view text);

}  // namespace seamwatch::probes::cel
