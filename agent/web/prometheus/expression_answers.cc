#include "agent/web/prometheus/expression_answers.h"

#include "agent/web/prometheus/json_text.h"
#include "rules/promql/ast.h"
#include "rules/promql/literals.h"
#include "rules/promql/prettier.h"

namespace seamwatch::agent {
namespace {

namespace promql = rules::promql;

void append_tree(std::string& out, const promql::Expr& expr);

// Appends `,"NAME":`; the first member of an object goes without the comma.
void append_name(std::string& out, std::string_view name) {
  out += out.back() == '{' ? "\"" : ",\"";
  out.append(name).append("\":");
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  append_name(out, name);
  append_json_string(out, text);
}

void append_flag(std::string& out, std::string_view name, bool flag) {
  append_name(out, name);
  out += flag ? "true" : "false";
}

void append_millis(std::string& out, std::string_view name, Millis span) {
  append_name(out, name);
  out += std::to_string(span.count());
}

void append_child(std::string& out, std::string_view name, const promql::ExprPtr& child) {
  append_name(out, name);
  if (child == nullptr) {
    out += "null";
  } else {
    append_tree(out, *child);
  }
}

void append_modifiers(std::string& out, const promql::TimeModifiers& modifiers) {
  using Anchor = promql::TimeModifiers::Anchor;
  append_millis(out, "offset", promql::instant_length(modifiers.offset, modifiers.offset_expr));
  append_name(out, "startOrEnd");
  const bool start = modifiers.anchor == Anchor::start;
  out += modifiers.anchor == Anchor::none ? "null" : start ? "\"start\"" : "\"end\"";
  append_name(out, "timestamp");
  out += modifiers.at ? std::to_string(unix_millis(*modifiers.at)) : "null";
}

void append_selector(std::string& out, const promql::VectorSelector& node) {
  append_text(out, "name", node.name);
  append_name(out, "matchers");
  out += '[';
  for (const rules::Matcher& matcher : node.matchers) {
    out += out.back() == '[' ? "{" : ",{";
    append_text(out, "name", matcher.name);
    append_text(out, "type", rules::to_string(matcher.type));
    append_text(out, "value", matcher.value);
    out += '}';
  }
  out += ']';
  append_modifiers(out, node.modifiers);
  if (node.borders != promql::Borders::plain) {
    append_flag(out, "anchored", node.borders == promql::Borders::anchored);
    append_flag(out, "smoothed", node.borders == promql::Borders::smoothed);
  }
}

std::string_view type_name(promql::ValueType type) {
  switch (type) {
    case promql::ValueType::scalar:
      return "scalar";
    case promql::ValueType::vector:
      return "vector";
    case promql::ValueType::matrix:
      return "matrix";
    case promql::ValueType::string:
      return "string";
    case promql::ValueType::none:
      break;
  }
  return "none";
}

void append_call(std::string& out, const promql::Call& node) {
  append_text(out, "type", "call");
  append_name(out, "func");
  out += '{';
  append_text(out, "name", node.function->name);
  append_name(out, "argTypes");
  out += '[';
  for (int i = 0; i < node.function->arg_count(); ++i) {
    out += i == 0 ? "" : ",";
    append_json_string(out, type_name(node.function->args[i]));
  }
  out += ']';
  append_text(out, "returnType", type_name(node.function->returns));
  append_name(out, "variadic");
  out += std::to_string(node.function->variadic) + "}";
  append_name(out, "args");
  out += '[';
  for (const promql::ExprPtr& arg : node.args) {
    out += out.back() == '[' ? "" : ",";
    append_tree(out, *arg);
  }
  out += ']';
}

void append_aggregate(std::string& out, const promql::Aggregate& node) {
  append_text(out, "type", "aggregation");
  append_text(out, "op", to_string(node.op));
  append_child(out, "expr", node.expr);
  append_child(out, "param", node.param);
  append_name(out, "grouping");
  append_json_strings(out, node.grouping);
  append_flag(out, "without", node.without);
}

std::string_view cardinality_name(promql::VectorMatching::Cardinality cardinality) {
  using Cardinality = promql::VectorMatching::Cardinality;
  switch (cardinality) {
    case Cardinality::one_to_one:
      return "one-to-one";
    case Cardinality::many_to_one:
      return "many-to-one";
    case Cardinality::one_to_many:
      return "one-to-many";
    case Cardinality::many_to_many:
      break;
  }
  return "many-to-many";
}

void append_fill(std::string& out, std::string_view name, std::optional<double> value) {
  append_name(out, name);
  if (value) {
    append_json_number(out, *value);
  } else {
    out += "null";
  }
}

void append_binary(std::string& out, const promql::Binary& node) {
  append_text(out, "type", "binaryExpr");
  append_text(out, "op", to_string(node.op));
  append_child(out, "lhs", node.lhs);
  append_child(out, "rhs", node.rhs);
  append_flag(out, "bool", node.return_bool);
  append_name(out, "matching");
  const bool vectors = promql::value_type(*node.lhs) == promql::ValueType::vector &&
                       promql::value_type(*node.rhs) == promql::ValueType::vector;
  if (!vectors) {
    out += "null";
    return;
  }
  out += '{';
  append_text(out,
              "card",
              promql::is_set(node.op)
                  ? cardinality_name(promql::VectorMatching::Cardinality::many_to_many)
                  : cardinality_name(node.matching.cardinality));
  append_name(out, "include");
  append_json_strings(out, node.matching.include);
  append_name(out, "labels");
  append_json_strings(out, node.matching.labels);
  append_flag(out, "on", node.matching.on);
  if (node.matching.fills()) {
    append_name(out, "fillValues");
    out += '{';
    append_fill(out, "lhs", node.matching.fill_left);
    append_fill(out, "rhs", node.matching.fill_right);
    out += '}';
  }
  out += '}';
}

void append_literal(std::string& out, const promql::Expr& expr) {
  if (const auto* number = promql::as_if<promql::NumberLiteral>(expr)) {
    append_text(out, "type", "numberLiteral");
    append_text(out, "val", promql::format_plain(number->value));
  } else {
    append_text(out, "type", "stringLiteral");
    append_text(out, "val", promql::as<promql::StringLiteral>(expr).value);
  }
}

void append_range(std::string& out, const promql::Expr& expr) {
  if (const auto* subquery = promql::as_if<promql::Subquery>(expr)) {
    append_text(out, "type", "subquery");
    append_child(out, "expr", subquery->expr);
    append_millis(out, "range", promql::instant_length(subquery->range, subquery->range_expr));
    append_millis(out, "step", promql::instant_length(subquery->step, subquery->step_expr));
    append_modifiers(out, subquery->modifiers);
  } else {
    const auto& matrix = promql::as<promql::MatrixSelector>(expr);
    append_text(out, "type", "matrixSelector");
    append_millis(out, "range", promql::instant_length(matrix.range, matrix.range_expr));
    append_selector(out, *matrix.selector);
  }
}

void append_tree(std::string& out, const promql::Expr& expr) {
  out += '{';
  switch (expr.kind) {
    case promql::ExprKind::number:
    case promql::ExprKind::string:
      append_literal(out, expr);
      break;
    case promql::ExprKind::vector_selector:
      append_text(out, "type", "vectorSelector");
      append_selector(out, promql::as<promql::VectorSelector>(expr));
      break;
    case promql::ExprKind::matrix_selector:
    case promql::ExprKind::subquery:
      append_range(out, expr);
      break;
    case promql::ExprKind::call:
      append_call(out, promql::as<promql::Call>(expr));
      break;
    case promql::ExprKind::aggregate:
      append_aggregate(out, promql::as<promql::Aggregate>(expr));
      break;
    case promql::ExprKind::binary:
      append_binary(out, promql::as<promql::Binary>(expr));
      break;
    case promql::ExprKind::unary: {
      const auto& unary = promql::as<promql::Unary>(expr);
      append_text(out, "type", "unaryExpr");
      append_text(out, "op", unary.minus ? "-" : "+");
      append_child(out, "expr", unary.expr);
      break;
    }
    case promql::ExprKind::paren:
      append_text(out, "type", "parenExpr");
      append_child(out, "expr", promql::as<promql::Paren>(expr).expr);
      break;
  }
  out += '}';
}

}  // namespace

ApiAnswer format_answer(const Form& form, promql::Features features) {
  const auto expr = promql::parse_expr(form.value("query"), features);
  if (!expr) {
    return invalid_parameter("query", expr.error().message);
  }
  ApiAnswer answer;
  append_json_string(answer.data, promql::prettify(**expr));
  return answer;
}

ApiAnswer parse_answer(const Form& form, promql::Features features) {
  const auto expr = promql::parse_expr(form.value("query"), features);
  if (!expr) {
    return invalid_parameter("query", expr.error().message);
  }
  ApiAnswer answer;
  append_tree(answer.data, **expr);
  return answer;
}

ApiAnswer exemplars_answer(const Form& form, promql::Features features, WallTime now) {
  const auto start = time_parameter(form, "start", now);
  if (!start) {
    return invalid_parameter("start", start.error().message);
  }
  const auto end = time_parameter(form, "end", now);
  if (!end) {
    return invalid_parameter("end", end.error().message);
  }
  if (*end < *start) {
    return bad_data("end timestamp must not be before start timestamp");
  }
  const auto expr = promql::parse_expr(form.value("query"), features);
  if (!expr) {
    return bad_data(expr.error().message);
  }
  return api_data("[]");
}

}  // namespace seamwatch::agent
