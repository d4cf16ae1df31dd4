#include "rules/templates/tree.h"

#include <algorithm>

#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

std::string joined(const std::vector<std::string>& names, std::string_view before) {
  std::string text;
  for (const std::string& name : names) {
    text += std::string(before) + name;
  }
  return text;
}

std::string pipe_text(const Expr& pipe) {
  std::string text;
  for (std::size_t i = 0; i < pipe.names.size(); ++i) {
    text += (i > 0 ? ", " : "") + pipe.names[i];
  }
  if (!pipe.names.empty()) {
    text += pipe.assigns ? " = " : " := ";
  }
  for (std::size_t i = 0; i < pipe.parts.size(); ++i) {
    text += (i > 0 ? " | " : "") + to_string(pipe.parts[i]);
  }
  return text;
}

std::string command_text(const Expr& command) {
  std::string text;
  for (const Expr& word : command.parts) {
    text += text.empty() ? "" : " ";
    text += word.kind == ExprKind::pipe ? "(" + to_string(word) + ")" : to_string(word);
  }
  return text;
}

}  // namespace

bool Definition::is_empty() const {
  return std::all_of(nodes.begin(), nodes.end(), [](const Node& node) {
    return node.kind == NodeKind::text &&
           node.text.find_first_not_of(" \t\r\n") == std::string::npos;
  });
}

std::string to_string(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::dot:
      return ".";
    case ExprKind::nil:
      return "nil";
    case ExprKind::boolean:
      return expr.flag ? "true" : "false";
    case ExprKind::number:
    case ExprKind::identifier:
      return expr.text;
    case ExprKind::string:
      return expr.original;
    case ExprKind::field:
      return joined(expr.names, ".");
    case ExprKind::variable: {
      const std::string text = joined(expr.names, ".");
      return text.substr(1);
    }
    case ExprKind::chain: {
      const Expr& root = expr.parts.front();
      const std::string text = to_string(root);
      return (root.kind == ExprKind::pipe ? "(" + text + ")" : text) + joined(expr.names, ".");
    }
    case ExprKind::pipe:
      return pipe_text(expr);
    case ExprKind::command:
      return command_text(expr);
  }
  return "";
}

std::string to_string(const Node& node) {
  const std::string pipe = node.pipe ? to_string(*node.pipe) : "";
  switch (node.kind) {
    case NodeKind::text:
      return node.text;
    case NodeKind::action:
      return "{{" + pipe + "}}";
    case NodeKind::condition:
      return "{{if " + pipe + "}}";
    case NodeKind::with:
      return "{{with " + pipe + "}}";
    case NodeKind::range:
      return "{{range " + pipe + "}}";
    case NodeKind::call:
      return "{{template " + go_quote(node.text) + (node.pipe ? " " + pipe : "") + "}}";
    case NodeKind::stop:
      return "{{break}}";
    case NodeKind::next:
      return "{{continue}}";
  }
  return "";
}

}  // namespace seamwatch::rules::templates
