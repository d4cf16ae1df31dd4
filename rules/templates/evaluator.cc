#include <algorithm>

#include "rules/templates/executor.h"
#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

// The methods of a value: its own type's, or those that all times and durations have.
const Type::Method* find_method(const Value& value, std::string_view name) {
  if (value.type() != nullptr) {
    return value.type()->method(name);
  }
  if (value.kind() == Value::Kind::time) {
    return time_type()->method(name);
  }
  return value.kind() == Value::Kind::duration ? duration_type()->method(name) : nullptr;
}

bool fits(const Value& value, Parameter wanted) {
  const bool plain = value.type() == nullptr;
  switch (wanted) {
    case Parameter::any:
      return true;
    case Parameter::boolean:
      return value.kind() == Value::Kind::boolean;
    case Parameter::integer:
      return value.kind() == Value::Kind::integer && plain;
    case Parameter::number:
      return value.kind() == Value::Kind::number;
    case Parameter::string:
      return value.kind() == Value::Kind::string && plain;
    case Parameter::strings:
      return value.kind() == Value::Kind::list && value.type() == strings_type();
    case Parameter::list:
      return value.kind() == Value::Kind::list && plain;
    case Parameter::time:
      return value.kind() == Value::Kind::time;
    case Parameter::duration:
      return value.kind() == Value::Kind::duration;
  }
  return false;
}

bool may_be_nil(Parameter wanted) {
  return wanted == Parameter::any || wanted == Parameter::list || wanted == Parameter::strings;
}

std::size_t argument_count(const Expr* command) {
  return command != nullptr ? command->parts.size() - 1 : 0;
}

Value nil_of(Parameter wanted) {
  return wanted == Parameter::any
             ? Value()
             : Value::nil_list(wanted == Parameter::strings ? strings_type() : nullptr);
}

}  // namespace

std::string_view type_name(Parameter parameter) {
  switch (parameter) {
    case Parameter::any:
      return "interface {}";
    case Parameter::boolean:
      return "bool";
    case Parameter::integer:
      return "int";
    case Parameter::number:
      return "float64";
    case Parameter::string:
      return "string";
    case Parameter::strings:
      return "[]string";
    case Parameter::list:
      return "[]interface {}";
    case Parameter::time:
      return "time.Time";
    case Parameter::duration:
      return "time.Duration";
  }
  return "";
}

Value Executor::variable(const std::string& name) {
  for (std::size_t i = variables_.size(); i > scope_; --i) {
    if (variables_[i - 1].first == name) {
      charge_text(variables_[i - 1].second);
      return variables_[i - 1].second;
    }
  }
  return fail("undefined variable: " + name);
}

void Executor::set_variable(const std::string& name, const Value& value) {
  for (std::size_t i = variables_.size(); i > scope_; --i) {
    if (variables_[i - 1].first == name) {
      variables_[i - 1].second = value;
      return;
    }
  }
  fail("undefined variable: " + name);
}

Value Executor::pipeline(const Expr& pipe, const Value& dot) {
  at(pipe);
  Value value;
  bool first = true;
  for (const Expr& part : pipe.parts) {
    value = word(part.parts.front(), &part, dot, first ? nullptr : &value);
    first = false;
    if (failed()) {
      return Value();
    }
  }
  for (const std::string& name : pipe.names) {
    if (pipe.assigns) {
      set_variable(name, value);
    } else {
      variables_.emplace_back(name, value);
    }
  }
  return value;
}

bool Executor::no_arguments(const Expr& word, const Expr* command, const Value* final) {
  if (argument_count(command) > 0 || final != nullptr) {
    fail("can't give argument to non-function " + to_string(word));
    return false;
  }
  return true;
}

// The value of one word: the head of `command`, or (with a null command) one that stands alone.
Value Executor::word(const Expr& word, const Expr* command, const Value& dot, const Value* final) {
  if (!step()) {
    return Value();
  }
  switch (word.kind) {
    case ExprKind::field:
      at(word);
      return fields(dot, dot, word.names, command, final);
    case ExprKind::chain: {
      at(word);
      const Value root = argument(word.parts.front(), Parameter::any, dot);
      return failed() ? Value() : fields(dot, root, word.names, command, final);
    }
    case ExprKind::identifier:
      return function_call(word, command, dot, final);
    case ExprKind::pipe:
      return no_arguments(word, command, final) ? pipeline(word, dot) : Value();
    case ExprKind::variable: {
      at(word);
      const Value value = variable(word.names.front());
      if (word.names.size() == 1) {
        return no_arguments(word, command, final) ? value : Value();
      }
      const std::vector<std::string> names(word.names.begin() + 1, word.names.end());
      return failed() ? Value() : fields(dot, value, names, command, final);
    }
    default:
      break;
  }
  at(word);
  if (!no_arguments(word, command, final)) {
    return Value();
  }
  return word.kind == ExprKind::nil ? fail("nil is not a command") : operand(word, dot);
}

// Walks a chain of fields; only the last one may take arguments.
Value Executor::fields(const Value& dot,
                       const Value& receiver,
                       const std::vector<std::string>& names,
                       const Expr* command,
                       const Value* final) {
  Value value = receiver;
  bool held_nil = false;  // in a map, rather than missing from it
  for (std::size_t i = 0; i < names.size() && !failed(); ++i) {
    if (held_nil) {
      return fail("nil pointer evaluating interface {}." + names[i]);
    }
    const bool held = value.kind() == Value::Kind::map && value.as_map().contains(names[i]);
    const bool last = i + 1 == names.size();
    value = field(value, names[i], {last ? command : nullptr, dot, last ? final : nullptr});
    held_nil = held && value.is_nil();
  }
  return value;
}

Value Executor::map_entry(const Value& map, const std::string& name) {
  const auto found = map.as_map().find(name);
  if (found != map.as_map().end()) {
    return found->second;
  }
  switch (options_.missing_key) {
    case MissingKey::no_value:
      return Value();
    case MissingKey::zero:
      // Maps of a named type hold strings.
      return map.type() != nullptr ? Value("") : Value();
    case MissingKey::error:
      return fail("map has no entry for key " + go_quote(name));
  }
  return Value();
}

Value Executor::field(const Value& receiver, const std::string& name, const Invocation& with) {
  if (receiver.is_nil()) {
    if (options_.missing_key == MissingKey::error) {
      return fail("nil data; no entry for key " + go_quote(name));
    }
    return Value();
  }
  if (const Type::Method* method = find_method(receiver, name)) {
    return method_call(*method, receiver, with);
  }
  const bool has_arguments = argument_count(with.command) > 0 || with.final != nullptr;
  if (receiver.kind() == Value::Kind::structure) {
    if (const Value* found = receiver.as_struct().field(name)) {
      return has_arguments ? fail(name + " has arguments but cannot be invoked as function")
                           : *found;
    }
  }
  if (receiver.kind() == Value::Kind::map) {
    return has_arguments ? fail(name + " is not a method but has arguments")
                         : map_entry(receiver, name);
  }
  return fail("can't evaluate field " + name + " in type " + receiver.type_name());
}

Value Executor::method_call(const Type::Method& method,
                            const Value& receiver,
                            const Invocation& with) {
  List args;
  const Expr* const at_expr = at_expr_;
  if (!arguments(method.name, {method.parameters, false}, with, args)) {
    return Value();
  }
  auto result = method.call(receiver, args);
  if (!result) {
    if (at_expr != nullptr) {
      at(*at_expr);
    }
    return fail("error calling " + method.name + ": " + result.error().message);
  }
  if (!charge_text(*result)) {
    return Value();
  }
  return std::move(*result);
}

bool Executor::arguments(const std::string& name,
                         const Taken& taken,
                         const Invocation& with,
                         List& out) {
  const auto& [parameters, variadic] = taken;
  const std::size_t written = argument_count(with.command);
  const std::size_t given = written + (with.final != nullptr ? 1 : 0);
  const std::size_t fixed = parameters.size() - (variadic ? 1 : 0);
  if (variadic ? given < fixed : given != fixed) {
    fail("wrong number of args for " + name + ": want " + (variadic ? "at least " : "") +
         std::to_string(fixed) + " got " + std::to_string(variadic ? written : given));
    return false;
  }
  const auto wanted = [&all = taken.parameters](std::size_t i) {
    return all[std::min(i, all.size() - 1)];
  };
  out.reserve(given);
  for (std::size_t i = 0; i < written && !failed(); ++i) {
    out.push_back(argument(with.command->parts[i + 1], wanted(i), with.dot));
  }
  if (with.final != nullptr && !failed()) {
    out.push_back(checked(*with.final, wanted(written)));
  }
  return !failed();
}

// `and` and `or` stop at the first argument that decides.
Value Executor::logic(bool is_and, const Expr* command, const Value& dot, const Value* final) {
  Value value;
  const std::size_t written = argument_count(command);
  if (written + (final != nullptr ? 1 : 0) == 0) {
    return fail(std::string("wrong number of args for ") + (is_and ? "and" : "or") +
                ": want at least 1 got 0");
  }
  for (std::size_t i = 0; i < written; ++i) {
    value = argument(command->parts[i + 1], Parameter::any, dot);
    if (failed() || value.truth() != is_and) {
      return value;
    }
  }
  return final != nullptr ? *final : value;
}

Value Executor::function_call(const Expr& word,
                              const Expr* command,
                              const Value& dot,
                              const Value* final) {
  at(word);
  const std::string& name = word.text;
  auto found = functions_.find(name);
  if (found == functions_.end()) {
    if (name == "and" || name == "or") {
      return logic(name == "and", command, dot, final);
    }
    found = builtin_functions().find(name);
    if (found == builtin_functions().end()) {
      return fail(go_quote(name) + " is not a defined function");
    }
  }
  const Function& function = found->second;
  List args;
  if (!arguments(name, {function.parameters, function.variadic}, {command, dot, final}, args)) {
    return Value();
  }
  auto result = function.call(args);
  if (!result) {
    at(command != nullptr ? *command : word);
    return fail("error calling " + name + ": " + result.error().message);
  }
  for (const Value& arg : args) {
    charge_text(arg);
  }
  if (!charge(*result)) {
    return Value();
  }
  return std::move(*result);
}

Value Executor::checked(Value value, Parameter wanted) {
  if (value.is_nil()) {
    return may_be_nil(wanted) ? nil_of(wanted)
                              : fail("invalid value; expected " + std::string(type_name(wanted)));
  }
  if (!fits(value, wanted)) {
    return fail("wrong type for value; expected " + std::string(type_name(wanted)) + "; got " +
                value.type_name());
  }
  return value;
}

Value Executor::argument(const Expr& expr, Parameter wanted, const Value& dot) {
  at(expr);
  switch (expr.kind) {
    case ExprKind::nil:
      return may_be_nil(wanted) ? nil_of(wanted)
                                : fail("cannot assign nil to " + std::string(type_name(wanted)));
    case ExprKind::boolean:
    case ExprKind::number:
    case ExprKind::string:
      return constant(expr, wanted);
    default:
      break;
  }
  Value value = operand(expr, dot);
  return failed() ? Value() : checked(std::move(value), wanted);
}

// A constant takes on the type that is wanted, where it can.
Value Executor::constant(const Expr& expr, Parameter wanted) {
  const std::string found = "; found " + to_string(expr);
  switch (wanted) {
    case Parameter::any:
      return operand(expr, Value());
    case Parameter::boolean:
      return expr.kind == ExprKind::boolean ? Value(expr.flag) : fail("expected bool" + found);
    case Parameter::string:
      return expr.kind == ExprKind::string ? Value(expr.text) : fail("expected string" + found);
    case Parameter::integer:
      return expr.kind == ExprKind::number && expr.integer ? Value(*expr.integer)
                                                           : fail("expected integer" + found);
    case Parameter::duration:
      return expr.kind == ExprKind::number && expr.integer ? Value(GoDuration{*expr.integer})
                                                           : fail("expected integer" + found);
    case Parameter::number:
      return expr.kind == ExprKind::number ? Value(expr.number) : fail("expected float" + found);
    default:
      return fail("can't handle " + to_string(expr) + " for arg of type " +
                  std::string(type_name(wanted)));
  }
}

Value Executor::operand(const Expr& expr, const Value& dot) {
  switch (expr.kind) {
    case ExprKind::dot:
      return dot;
    case ExprKind::boolean:
      return Value(expr.flag);
    case ExprKind::string:
      return Value(expr.text);
    case ExprKind::number:
      return expr.looks_float ? Value(expr.number) : Value(*expr.integer);
    case ExprKind::pipe:
      return pipeline(expr, dot);
    case ExprKind::nil:
      return Value();
    default:
      break;
  }
  return word(expr, nullptr, dot, nullptr);
}

}  // namespace seamwatch::rules::templates
