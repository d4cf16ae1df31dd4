// Recursive descent. Source: cel-spec, langdef.md, "Syntax" and "Macros".
#include <algorithm>
#include <array>
#include <optional>

#include <re2/re2.h>

#include "agent/core/diagnostics.h"
#include "agent/core/labels.h"
#include "probes/cel/lexer.h"
#include "probes/cel/syntax.h"

namespace seamwatch::probes::cel {
namespace {

constexpr std::size_t kBytesMax = 8 * 1024;
constexpr int kDepthMax = 100;

using Kind = Node::Kind;

// The functions that there are, with how many arguments; `method` where the first may stand before
// the dot.
struct Function {
  std::string_view name;
  std::size_t arguments;
  bool global;
  bool method;
};

constexpr std::array kFunctions = {Function{"size", 1, true, true},
                                   Function{"contains", 2, false, true},
                                   Function{"startsWith", 2, false, true},
                                   Function{"endsWith", 2, false, true},
                                   Function{"matches", 2, true, true},
                                   Function{"int", 1, true, false},
                                   Function{"uint", 1, true, false},
                                   Function{"double", 1, true, false},
                                   Function{"string", 1, true, false},
                                   Function{"bool", 1, true, false},
                                   Function{"dyn", 1, true, false}};

struct Macro {
  std::string_view name;
  Kind kind;
};

constexpr std::array kMacros = {Macro{"all", Kind::all},
                                Macro{"exists", Kind::exists},
                                Macro{"exists_one", Kind::exists_one},
                                Macro{"filter", Kind::filter},
                                Macro{"map", Kind::transform}};

// The operators of one level, all of which group to the left.
struct Level {
  std::array<std::string_view, 7> symbols;

  bool has(const Token& token) const {
    return token.kind == Token::Kind::symbol &&
           std::find(symbols.begin(), symbols.end(), token.text) != symbols.end();
  }
};

constexpr std::array kLevels = {Level{{"||"}},
                                Level{{"&&"}},
                                Level{{"<", "<=", ">", ">=", "==", "!=", "in"}},
                                Level{{"+", "-"}},
                                Level{{"*", "/", "%"}}};

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<Node> whole() {
    auto first = advance();
    auto node = first ? expression() : Result<Node>(first.error());
    if (node && token_.kind != Token::Kind::end) {
      return fault("something stands behind the end of the expression");
    }
    return node;
  }

 private:
  Result<Node> expression();
  Result<Node> binary(std::size_t level);
  Result<Node> unary();
  Result<Node> member();
  Result<Node> primary();
  Result<Node> method(Node on, const std::string& name);
  Result<Node> macro(Node on, const Macro& which);
  Result<Node> call(const std::string& name, std::vector<Node> arguments, bool method);
  Result<Node> test_of_presence();
  Result<Node> map_literal();
  Result<std::vector<Node>> list_until(std::string_view close);
  Result<Node> name();
  Status advance();
  Status take(std::string_view symbol);

  bool at(std::string_view symbol) const {
    return token_.kind == Token::Kind::symbol && token_.text == symbol;
  }

  Error fault(const std::string& what) const { return Lexer::fault(token_.at, what); }

  Lexer lexer_;
  Token token_;
  std::vector<std::string> variables_ = {"body"};
  int nested_ = 0;
};

// A node of its parts. Errors: nested too deeply.
Result<Node> node_of(Kind kind, std::string name, std::vector<Node> children) {
  Node out;
  out.kind = kind;
  out.name = std::move(name);
  out.children = std::move(children);
  for (const Node& child : out.children) {
    out.depth = std::max(out.depth, child.depth + 1);
  }
  if (out.depth > kDepthMax) {
    return error("the expression is nested deeper than " + std::to_string(kDepthMax));
  }
  return out;
}

std::vector<Node> nodes(Node first, Node second) {
  std::vector<Node> out;
  out.push_back(std::move(first));
  out.push_back(std::move(second));
  return out;
}

Node literal(boost::json::value value) {
  Node out;
  out.value = make(std::move(value));
  return out;
}

Status Parser::advance() {
  auto next = lexer_.next();
  if (!next) {
    return next.error();
  }
  token_ = std::move(*next);
  return {};
}

Status Parser::take(std::string_view symbol) {
  if (!at(symbol)) {
    return fault("there should be " + quoted(symbol));
  }
  return advance();
}

Result<Node> Parser::expression() {
  if (++nested_ > kDepthMax) {
    return fault("the expression is nested deeper than " + std::to_string(kDepthMax));
  }
  auto condition = binary(0);
  if (condition && at("?")) {
    Status taken = advance();
    auto then = taken ? binary(0) : Result<Node>(taken.error());
    taken = then ? take(":") : Status(then.error());
    auto otherwise = taken ? expression() : Result<Node>(taken.error());
    if (!otherwise) {
      return otherwise;
    }
    std::vector<Node> parts = nodes(std::move(*condition), std::move(*then));
    parts.push_back(std::move(*otherwise));
    condition = node_of(Kind::choose, "", std::move(parts));
  }
  --nested_;
  return condition;
}

Result<Node> Parser::binary(std::size_t level) {
  if (level == kLevels.size()) {
    return unary();
  }
  auto left = binary(level + 1);
  while (left && kLevels[level].has(token_)) {
    const std::string symbol = token_.text;
    const Status taken = advance();
    auto right = taken ? binary(level + 1) : Result<Node>(taken.error());
    if (!right) {
      return right;
    }
    const Kind kind = level == 0 ? Kind::either : level == 1 ? Kind::both : Kind::operate;
    left = node_of(kind, symbol, nodes(std::move(*left), std::move(*right)));
  }
  return left;
}

Result<Node> Parser::unary() {
  for (const auto& [symbol, kind] : {std::pair("!", Kind::invert), {"-", Kind::negate}}) {
    if (!at(symbol)) {
      continue;
    }
    if (++nested_ > kDepthMax) {
      return fault("the expression is nested deeper than " + std::to_string(kDepthMax));
    }
    const Status taken = advance();
    auto operand = taken ? unary() : Result<Node>(taken.error());
    --nested_;
    if (!operand) {
      return operand;
    }
    std::vector<Node> parts;
    parts.push_back(std::move(*operand));
    return node_of(kind, "", std::move(parts));
  }
  return member();
}

Result<Node> Parser::member() {
  auto node = primary();
  while (node && (at(".") || at("["))) {
    const bool dot = at(".");
    const Status taken = advance();
    if (!taken) {
      return taken.error();
    }
    if (!dot) {
      auto key = expression();
      const Status closed = key ? take("]") : Status(key.error());
      if (!closed) {
        return closed.error();
      }
      node = node_of(Kind::index, "", nodes(std::move(*node), std::move(*key)));
      continue;
    }
    if (token_.kind != Token::Kind::name) {
      return fault("there should be a name behind the dot");
    }
    const std::string name = token_.text;
    const Status named = advance();
    if (!named) {
      return named.error();
    }
    if (at("(")) {
      node = method(std::move(*node), name);
      continue;
    }
    std::vector<Node> parts;
    parts.push_back(std::move(*node));
    node = node_of(Kind::select, name, std::move(parts));
  }
  return node;
}

Result<Node> Parser::primary() {
  if (token_.kind == Token::Kind::literal) {
    Node out = literal(token_.value);
    const Status taken = advance();
    return taken ? Result<Node>(std::move(out)) : taken.error();
  }
  if (token_.kind == Token::Kind::name) {
    return name();
  }
  if (at("(")) {
    const Status taken = advance();
    auto inner = taken ? expression() : Result<Node>(taken.error());
    const Status closed = inner ? take(")") : Status(inner.error());
    return closed ? std::move(inner) : Result<Node>(closed.error());
  }
  if (at("[")) {
    const Status taken = advance();
    auto items = taken ? list_until("]") : Result<std::vector<Node>>(taken.error());
    return items ? node_of(Kind::list, "", std::move(*items)) : Result<Node>(items.error());
  }
  if (at("{")) {
    return map_literal();
  }
  return fault(token_.kind == Token::Kind::end ? "the expression ends too soon"
                                               : "there should be a value");
}

// A variable, or a call of a function.
Result<Node> Parser::name() {
  const Token start = token_;
  const Status taken = advance();
  if (!taken) {
    return taken.error();
  }
  if (at("(")) {
    const Status opened = advance();
    if (!opened) {
      return opened.error();
    }
    if (start.text == "has") {
      return test_of_presence();
    }
    auto arguments = list_until(")");
    return arguments ? call(start.text, std::move(*arguments), false)
                     : Result<Node>(arguments.error());
  }
  if (std::find(variables_.begin(), variables_.end(), start.text) == variables_.end()) {
    return Lexer::fault(start.at, "there is no " + quoted(start.text) + ", only " + quoted("body"));
  }
  return node_of(Kind::name, start.text, {});
}

// `on` stands before the dot, the parenthesis is next.
Result<Node> Parser::method(Node on, const std::string& name) {
  const Status taken = advance();
  if (!taken) {
    return taken.error();
  }
  for (const Macro& one : kMacros) {
    if (one.name == name) {
      return macro(std::move(on), one);
    }
  }
  auto arguments = list_until(")");
  if (!arguments) {
    return arguments.error();
  }
  arguments->insert(arguments->begin(), std::move(on));
  return call(name, std::move(*arguments), true);
}

// The variable, and one part or, of map, two: a condition and what comes of the item.
Result<Node> Parser::macro(Node on, const Macro& which) {
  if (token_.kind != Token::Kind::name) {
    return fault(std::string(which.name) + "() begins with the name of a variable");
  }
  const std::string variable = token_.text;
  const Status named = advance();
  const Status taken = named ? take(",") : named;
  if (!taken) {
    return taken.error();
  }
  variables_.push_back(variable);
  auto parts = list_until(")");
  variables_.pop_back();
  if (!parts) {
    return parts.error();
  }
  const std::size_t most = which.kind == Kind::transform ? 2 : 1;
  if (parts->empty() || parts->size() > most) {
    return fault(std::string(which.name) + "() takes a variable and an expression");
  }
  if (parts->size() == 2) {
    std::swap(parts->front(), parts->back());  // the condition stands last
  }
  parts->insert(parts->begin(), std::move(on));
  return node_of(which.kind, variable, std::move(*parts));
}

Result<Node> Parser::call(const std::string& name, std::vector<Node> arguments, bool method) {
  std::vector<std::string_view> names;
  for (const Function& one : kFunctions) {
    names.push_back(one.name);
    const bool fits = method ? one.method : one.global;
    if (one.name != name || !fits) {
      continue;
    }
    if (arguments.size() != one.arguments) {
      return fault(name + "() takes another number of arguments");
    }
    auto out = node_of(Kind::call, name, std::move(arguments));
    const bool fixed = out && name == "matches" && out->children[1].kind == Kind::literal &&
                       out->children[1].value->is_string();
    if (fixed) {
      const auto& pattern = out->children[1].value->get_string();
      out->regexp = std::make_shared<const re2::RE2>(
          re2::StringPiece(pattern.data(), pattern.size()), re2::RE2::Quiet);
      if (!out->regexp->ok()) {
        return fault("cannot compile the regular expression: " + out->regexp->error());
      }
    }
    return out;
  }
  const std::string guess = nearest(name, names);
  return fault("there is no function " + quoted(name) +
               (guess.empty() || guess == name ? "" : "; did you mean " + quoted(guess) + "?"));
}

Result<Node> Parser::test_of_presence() {
  auto inner = expression();
  const Status closed = inner ? take(")") : Status(inner.error());
  if (!closed) {
    return closed.error();
  }
  if (inner->kind != Kind::select) {
    return fault("has() takes a field, like has(body.status)");
  }
  inner->kind = Kind::has;
  return inner;
}

Result<Node> Parser::map_literal() {
  Status taken = advance();
  std::vector<Node> parts;
  while (taken && !at("}")) {
    auto key = expression();
    taken = key ? take(":") : Status(key.error());
    auto value = taken ? expression() : Result<Node>(taken.error());
    if (!value) {
      return value;
    }
    parts.push_back(std::move(*key));
    parts.push_back(std::move(*value));
    if (!at("}")) {
      taken = take(",");
    }
  }
  taken = taken ? take("}") : taken;
  return taken ? node_of(Kind::map, "", std::move(parts)) : Result<Node>(taken.error());
}

Result<std::vector<Node>> Parser::list_until(std::string_view close) {
  std::vector<Node> out;
  while (!at(close)) {
    auto item = expression();
    if (!item) {
      return item.error();
    }
    out.push_back(std::move(*item));
    if (!at(close)) {
      const Status taken = take(",");
      if (!taken) {
        return taken.error();
      }
    }
  }
  const Status closed = take(close);
  return closed ? Result<std::vector<Node>>(std::move(out)) : closed.error();
}

}  // namespace

Value make(boost::json::value value) {
  return std::make_shared<const boost::json::value>(std::move(value));
}

Result<Node> parse(std::string_view text) {
  if (text.size() > kBytesMax) {
    return error("the expression is longer than 8 KiB");
  }
  return Parser(text).whole();
}

}  // namespace seamwatch::probes::cel
