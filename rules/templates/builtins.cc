#include <optional>

#include "rules/templates/go_format.h"
#include "rules/templates/template_engine.h"
#include "rules/templates/text_escapes.h"

namespace seamwatch::rules::templates {
namespace {

using P = Parameter;
using Kind = Value::Kind;

std::string concatenated(List args) {
  for (Value& arg : args) {
    arg = arg.is_nil() ? Value("<no value>") : arg;
  }
  return args.size() == 1 ? sprint(args.front()) : sprint(args);
}

// The zero value of what a map holds.
Value zero_entry(const Value& map) {
  return map.type() != nullptr ? Value("") : Value();
}

Result<std::int64_t> index_arg(const Value& index, std::size_t limit) {
  if (index.is_nil()) {
    return error("cannot index slice/array with nil");
  }
  if (index.kind() != Kind::integer) {
    return error("cannot index slice/array with type " + index.type_name());
  }
  const std::int64_t at = index.as_integer();
  if (at < 0 || at > static_cast<std::int64_t>(limit)) {
    return error("index out of range: " + std::to_string(at));
  }
  return at;
}

Result<Value> index_once(const Value& item, const Value& index) {
  if (item.kind() == Kind::map) {
    if (index.kind() != Kind::string || index.type() != nullptr) {
      return error(index.is_nil() ? std::string("value is nil; should be of type string")
                                  : "value has type " + index.type_name() + "; should be string");
    }
    const auto found = item.as_map().find(index.as_string());
    return found == item.as_map().end() ? zero_entry(item) : found->second;
  }
  if (item.kind() != Kind::list && item.kind() != Kind::string) {
    return error(item.is_nil() ? std::string("index of nil pointer")
                               : "can't index item of type " + item.type_name());
  }
  const bool is_list = item.kind() == Kind::list;
  const std::size_t size = is_list ? item.as_list().size() : item.as_string().size();
  const auto at = index_arg(index, size);
  if (!at) {
    return at.error();
  }
  const auto position = static_cast<std::size_t>(*at);
  if (position == size) {
    return error(is_list ? "reflect: slice index out of range"
                         : "reflect: string index out of range");
  }
  if (is_list) {
    return item.as_list()[position];
  }
  return Value(static_cast<unsigned char>(item.as_string()[position]));
}

Result<Value> index(const List& args) {
  if (args.front().is_nil()) {
    return error("index of untyped nil");
  }
  Value item = args.front();
  for (std::size_t i = 1; i < args.size(); ++i) {
    auto next = index_once(item, args[i]);
    if (!next) {
      return next.error();
    }
    item = std::move(*next);
  }
  return item;
}

Result<Value> slice(const List& args) {
  const Value& item = args.front();
  if (item.is_nil()) {
    return error("slice of untyped nil");
  }
  if (args.size() > 4) {
    return error("too many slice indexes: " + std::to_string(args.size() - 1));
  }
  const bool is_list = item.kind() == Kind::list;
  if (!is_list && item.kind() != Kind::string) {
    return error("can't slice item of type " + item.type_name());
  }
  if (!is_list && args.size() == 4) {
    return error("cannot 3-index slice a string");
  }
  const std::size_t size = is_list ? item.as_list().size() : item.as_string().size();
  std::int64_t bounds[3] = {0, static_cast<std::int64_t>(size), static_cast<std::int64_t>(size)};
  for (std::size_t i = 1; i < args.size(); ++i) {
    const auto at = index_arg(args[i], size);
    if (!at) {
      return at.error();
    }
    bounds[i - 1] = *at;
  }
  for (int i = 0; i < 2; ++i) {
    if (bounds[i] > bounds[i + 1]) {
      return error("invalid slice index: " + std::to_string(bounds[i]) + " > " +
                   std::to_string(bounds[i + 1]));
    }
  }
  if (!is_list) {
    return Value(item.as_string().substr(static_cast<std::size_t>(bounds[0]),
                                         static_cast<std::size_t>(bounds[1] - bounds[0])));
  }
  const List& items = item.as_list();
  return Value(List(items.begin() + bounds[0], items.begin() + bounds[1]), item.type());
}

Result<Value> length(const List& args) {
  const Value& item = args.front();
  switch (item.kind()) {
    case Kind::list:
      return Value(item.as_list().size());
    case Kind::map:
      return Value(item.as_map().size());
    case Kind::string:
      return Value(item.as_string().size());
    case Kind::nil:
      return error("len of nil pointer");
    default:
      return error("len of type " + item.type_name());
  }
}

Result<Value> call(const List& args) {
  if (args.front().is_nil()) {
    return error("call of nil");
  }
  if (args.front().kind() != Kind::function) {
    return error("non-function of type " + args.front().type_name());
  }
  const Function& function = *args.front().as_function();
  const List rest(args.begin() + 1, args.end());
  const std::size_t fixed = function.parameters.size() - (function.variadic ? 1 : 0);
  if (function.variadic ? rest.size() < fixed : rest.size() != fixed) {
    return error("wrong number of args: got " + std::to_string(rest.size()) + " want " +
                 (function.variadic ? "at least " : "") + std::to_string(fixed));
  }
  return function.call(rest);
}

bool is_basic(const Value& value) {
  return value.kind() == Kind::boolean || value.kind() == Kind::integer ||
         value.kind() == Kind::number || value.kind() == Kind::string ||
         value.kind() == Kind::duration;
}

std::string incompatible(const Value& a, const Value& b) {
  return "incompatible types for comparison: " + a.type_name() + " and " + b.type_name();
}

// Durations compare as the integers they are.
Value basic(const Value& value) {
  return value.kind() == Kind::duration ? Value(value.as_duration().nanos) : value;
}

Result<bool> equal(const Value& first, const Value& second) {
  const Value a = basic(first);
  const Value b = basic(second);
  if (a.is_nil() || b.is_nil()) {
    return (a.is_nil() || a.is_null_container()) && (b.is_nil() || b.is_null_container());
  }
  if (a.kind() != b.kind()) {
    return error(incompatible(first, second));
  }
  switch (a.kind()) {
    case Kind::boolean:
      return a.as_boolean() == b.as_boolean();
    case Kind::integer:
      return a.as_integer() == b.as_integer();
    case Kind::number:
      return a.as_number() == b.as_number();
    case Kind::string:
      return a.as_string() == b.as_string();
    case Kind::time:
      return a.as_time() == b.as_time() && a.as_time().zone == b.as_time().zone;
    default:
      break;
  }
  if (a.is_null_container() || b.is_null_container()) {
    return a.is_null_container() == b.is_null_container();
  }
  return error("non-comparable type " + sprint(b) + ": " + b.type_name());
}

Result<Value> eq(const List& args) {
  if (args.size() == 1) {
    return error("missing argument for comparison");
  }
  for (std::size_t i = 1; i < args.size(); ++i) {
    const auto same = equal(args[0], args[i]);
    if (!same) {
      return same.error();
    }
    if (*same) {
      return Value(true);
    }
  }
  return Value(false);
}

Result<bool> less(const Value& first, const Value& second) {
  if (!is_basic(first) || !is_basic(second)) {
    return error("invalid type for comparison");
  }
  const Value a = basic(first);
  const Value b = basic(second);
  if (a.kind() != b.kind()) {
    return error(incompatible(first, second));
  }
  switch (a.kind()) {
    case Kind::integer:
      return a.as_integer() < b.as_integer();
    case Kind::number:
      return a.as_number() < b.as_number();
    case Kind::string:
      return a.as_string() < b.as_string();
    default:
      return error("invalid type for comparison");
  }
}

Result<bool> less_or_equal(const Value& a, const Value& b) {
  const auto is_less = less(a, b);
  if (!is_less || *is_less) {
    return is_less;
  }
  return equal(a, b);
}

// A comparison of two arguments, its result turned round where `inverted`.
Function comparison(Result<bool> (*compare)(const Value&, const Value&), bool inverted) {
  return {{P::any, P::any}, false, [compare, inverted](const List& args) -> Result<Value> {
            const auto holds = compare(args[0], args[1]);
            if (!holds) {
              return holds.error();
            }
            return Value(*holds != inverted);
          }};
}

// A function of all its arguments' text.
Function text_function(std::string (*escape)(std::string_view)) {
  return {{P::any}, true, [escape](const List& args) -> Result<Value> {
            return Value(escape(concatenated(args)));
          }};
}

Functions make_builtins() {
  Functions all;
  all["and"] = {{P::any, P::any}, true, [](const List& args) -> Result<Value> {
                  return args.front();  // the executor decides it, see Executor::logic
                }};
  all["or"] = all["and"];
  all["not"] = {
      {P::any}, false, [](const List& args) -> Result<Value> { return Value(!args[0].truth()); }};
  all["index"] = {{P::any, P::any}, true, index};
  all["slice"] = {{P::any, P::any}, true, slice};
  all["len"] = {{P::any}, false, length};
  all["call"] = {{P::any, P::any}, true, call};
  all["html"] = text_function(html_escape);
  all["js"] = text_function(js_escape);
  all["urlquery"] = text_function(query_escape);
  all["print"] = {
      {P::any}, true, [](const List& args) -> Result<Value> { return Value(sprint(args)); }};
  all["println"] = {
      {P::any}, true, [](const List& args) -> Result<Value> { return Value(sprintln(args)); }};
  all["printf"] = {{P::string, P::any}, true, [](const List& args) -> Result<Value> {
                     return Value(sprintf(args[0].as_string(), List(args.begin() + 1, args.end())));
                   }};
  all["eq"] = {{P::any, P::any}, true, eq};
  all["ne"] = comparison(equal, true);
  all["lt"] = comparison(less, false);
  all["le"] = comparison(less_or_equal, false);
  all["gt"] = comparison(less_or_equal, true);
  all["ge"] = comparison(less, true);
  return all;
}

}  // namespace

const Functions& builtin_functions() {
  static const Functions all = make_builtins();
  return all;
}

}  // namespace seamwatch::rules::templates
