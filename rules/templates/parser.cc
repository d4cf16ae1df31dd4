#include "rules/templates/parser.h"

#include <algorithm>
#include <utility>

#include "rules/templates/go_format.h"
#include "rules/templates/parse_state.h"

namespace seamwatch::rules::templates {
namespace {

std::string_view control_name(NodeKind kind) {
  return kind == NodeKind::condition ? "if" : kind == NodeKind::with ? "with" : "range";
}

std::string_view end_name(ListEnd end) {
  return end == ListEnd::end ? "{{end}}" : "{{else}}";
}

}  // namespace

void Parser::fail(std::string what) {
  if (!failed()) {
    failure_ = "template: " + source_->name + ":" + std::to_string(line_) + ": " + std::move(what);
    end_.line = line_;
  }
}

void Parser::unexpected(const Token& token, std::string_view context) {
  if (token.kind != TokenKind::error) {
    return fail("unexpected " + to_string(token) + " in " + std::string(context));
  }
  std::string extra;
  if (action_line_ != 0 && action_line_ != token.line) {
    extra = " in action started at " + source_->name + ":" + std::to_string(action_line_);
    // "unclosed action started at", not "unclosed action in action started at".
    if (token.text.ends_with(" action")) {
      extra.erase(0, std::string_view(" in action").size());
    }
  }
  fail(token.text + extra);
}

void Parser::expect_right_delim(std::string_view context) {
  const Token token = next_beyond_space();
  if (token.kind != TokenKind::right_delim) {
    unexpected(token, context);
  }
}

// Reads up to {{end}}, {{else}} or the end of the input.
ListEnd Parser::list(NodeList& out) {
  if (++depth_ > kDepthMax) {
    fail("max nesting depth exceeded");
  }
  ListEnd end = ListEnd::input;
  while (!failed()) {
    const Token token = next_beyond_space();
    if (token.kind == TokenKind::end) {
      break;
    }
    if (token.kind == TokenKind::text) {
      out.push_back(Node{NodeKind::text, token.position, token.text, std::nullopt, {}, {}});
    } else if (token.kind == TokenKind::left_delim) {
      action_line_ = token.line;
      end = action(out);
      action_line_ = 0;
      if (end != ListEnd::input) {
        break;
      }
    } else {
      unexpected(token, "input");
    }
  }
  --depth_;
  return end;
}

// One action; anything but ListEnd::input ends the list it stands in.
ListEnd Parser::action(NodeList& out) {
  const Token first = peek_beyond_space();
  if (first.kind >= TokenKind::keyword_block) {
    next();
  }
  switch (first.kind) {
    case TokenKind::keyword_end:
      expect_right_delim("end");
      return ListEnd::end;
    case TokenKind::keyword_else:
      return else_action();
    case TokenKind::keyword_if:
      control(NodeKind::condition, first, out);
      break;
    case TokenKind::keyword_with:
      control(NodeKind::with, first, out);
      break;
    case TokenKind::keyword_range:
      control(NodeKind::range, first, out);
      break;
    case TokenKind::keyword_break:
    case TokenKind::keyword_continue:
      stop_or_next(first, out);
      break;
    case TokenKind::keyword_template:
      call(out);
      break;
    case TokenKind::keyword_block:
      block(out);
      break;
    case TokenKind::keyword_define:
      // Only the top level of a text may hold definitions.
      if (depth_ > 1) {
        unexpected(first, "command");
        break;
      }
      define();
      break;
    default: {
      Node node{NodeKind::action, first.position, "", std::nullopt, {}, {}};
      node.pipe = pipeline("command", TokenKind::right_delim);
      out.push_back(std::move(node));
    }
  }
  return ListEnd::input;
}

ListEnd Parser::else_action() {
  const TokenKind after = peek_beyond_space().kind;
  if (after == TokenKind::keyword_if || after == TokenKind::keyword_with) {
    return after == TokenKind::keyword_if ? ListEnd::else_if : ListEnd::else_with;
  }
  expect_right_delim("else");
  return ListEnd::plain_else;
}

void Parser::control(NodeKind kind, const Token& keyword, NodeList& out) {
  const std::size_t scope = variables_.size();
  Node node{kind, keyword.position, "", std::nullopt, {}, {}};
  node.pipe = pipeline(control_name(kind), TokenKind::right_delim);
  range_depth_ += kind == NodeKind::range ? 1 : 0;
  const ListEnd end = list(node.list);
  range_depth_ -= kind == NodeKind::range ? 1 : 0;
  else_part(kind, keyword, end, node);
  variables_.resize(scope);
  out.push_back(std::move(node));
}

void Parser::else_part(NodeKind kind, const Token& keyword, ListEnd end, Node& node) {
  if (end == ListEnd::input) {
    return fail("unexpected EOF");
  }
  const bool chained = (end == ListEnd::else_if && kind == NodeKind::condition) ||
                       (end == ListEnd::else_with && kind == NodeKind::with);
  if (chained) {
    next();
    if (++depth_ > kDepthMax) {
      fail("max nesting depth exceeded");
    } else {
      control(kind, keyword, node.else_list);
    }
    --depth_;
    return;
  }
  if (end != ListEnd::end) {
    const ListEnd second = list(node.else_list);
    if (second == ListEnd::input) {
      return fail("unexpected EOF");
    }
    if (second != ListEnd::end) {
      fail("expected end; found {{else}}");
    }
  }
}

void Parser::stop_or_next(const Token& keyword, NodeList& out) {
  const bool stops = keyword.kind == TokenKind::keyword_break;
  const std::string text = stops ? "{{break}}" : "{{continue}}";
  const Token token = next_beyond_space();
  if (token.kind != TokenKind::right_delim) {
    unexpected(token, text);
  }
  if (range_depth_ == 0) {
    fail(text + " outside {{range}}");
  }
  const auto kind = stops ? NodeKind::stop : NodeKind::next;
  out.push_back(Node{kind, keyword.position, "", std::nullopt, {}, {}});
}

std::string Parser::template_name(const Token& token, std::string_view context) {
  if (token.kind != TokenKind::string && token.kind != TokenKind::raw_string) {
    unexpected(token, context);
    return "";
  }
  const auto name = unquote(token.text);
  if (!name) {
    fail("invalid syntax");
  }
  return name.value_or("");
}

void Parser::call(NodeList& out) {
  const Token token = next_beyond_space();
  Node node{NodeKind::call, token.position, template_name(token, "template clause"), {}, {}, {}};
  if (peek_beyond_space().kind == TokenKind::right_delim) {
    next();
  } else {
    node.pipe = pipeline("template clause", TokenKind::right_delim);
  }
  out.push_back(std::move(node));
}

void Parser::block(NodeList& out) {
  const Token token = next_beyond_space();
  Node node{NodeKind::call, token.position, template_name(token, "block clause"), {}, {}, {}};
  node.pipe = pipeline("block clause", TokenKind::right_delim);
  definition(node.text, "block clause");
  out.push_back(std::move(node));
}

void Parser::define() {
  const Token token = next_beyond_space();
  std::string name = template_name(token, "define clause");
  expect_right_delim("define clause");
  definition(std::move(name), "define clause");
}

// The body of a definition, which sees none of the variables around it.
void Parser::definition(std::string name, std::string_view context) {
  auto outer = std::exchange(variables_, {"$"});
  const int outer_range = std::exchange(range_depth_, 0);
  Definition made{std::move(name), source_, {}};
  const ListEnd end = list(made.nodes);
  if (end == ListEnd::input) {
    fail("unexpected EOF");
  } else if (end != ListEnd::end) {
    fail("unexpected {{else}} in " + std::string(context));
  }
  variables_ = std::move(outer);
  range_depth_ = outer_range;
  const auto same = std::find_if(
      definitions_.begin(), definitions_.end(), [&](const auto& d) { return d.name == made.name; });
  if (same == definitions_.end()) {
    definitions_.push_back(std::move(made));
  } else if (same->is_empty()) {
    *same = std::move(made);
  } else if (!made.is_empty()) {
    fail("template: multiple definition of template " + go_quote(made.name));
  }
}

Result<std::vector<Definition>> Parser::run() {
  Definition main{source_->name, source_, {}};
  const ListEnd end = list(main.nodes);
  if (end != ListEnd::input) {
    fail("unexpected " + std::string(end_name(end)));
  }
  if (failed()) {
    return error(failure_);
  }
  definitions_.insert(definitions_.begin(), std::move(main));
  return std::move(definitions_);
}

Result<std::vector<Definition>> parse_template(
    std::string name,
    std::string_view text,
    const std::function<bool(std::string_view)>& is_function) {
  return Parser(std::move(name), text, is_function).run();
}

}  // namespace seamwatch::rules::templates
