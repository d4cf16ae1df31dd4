#include "probes/cel/program.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include "agent/core/assert.h"
#include "agent/core/labels.h"
#include "probes/cel/operators.h"
#include "probes/cel/syntax.h"

namespace seamwatch::probes {
namespace cel {
namespace {

namespace json = boost::json;

using Kind = Node::Kind;

constexpr int kStepsMax = 100'000;
constexpr std::size_t kNewBytesMax = 16 << 20;

std::string_view text_of(const json::value& value) {
  const json::string& text = value.get_string();
  return {text.data(), text.size()};
}

// A part of `whole`, which it keeps.
Value part_of(const Value& whole, const json::value& part) {
  return Value(whole, &part);
}

Value truth(bool value) {
  return make(json::value(value));
}

// Runs one program over one body. Recursion is bounded by the depth of the tree.
class Run {
 public:
  explicit Run(Value body) { variables_.emplace_back("body", std::move(body)); }

  Result<Value> value_of(const Node& node);
  Result<bool> truth_of(const Node& node);

 private:
  Result<Value> variable(const std::string& name) const;
  Result<Value> selected(const Node& node);
  Result<Value> has(const Node& node);
  Result<Value> indexed(const Node& node);
  Result<Value> either_way(const Node& node, bool decisive);
  Result<Value> operated(const Node& node);
  Result<Value> called(const Node& node);
  Result<Value> text_function(const Node& node, const Value& on, const Value& what) const;
  Result<Value> list(const Node& node);
  Result<Value> map(const Node& node);
  Result<Value> macro(const Node& node);
  Result<Value> quantified(const Node& node, const std::vector<Value>& items);
  Result<Value> gathered(const Node& node, const std::vector<Value>& items);
  Status pay(std::size_t bytes);

  std::vector<std::pair<std::string, Value>> variables_;
  int steps_ = 0;
  std::size_t new_bytes_ = 0;
};

std::size_t bytes_of(const json::value& value) {
  return value.is_string()  ? value.get_string().size()
         : value.is_array() ? value.get_array().size() * sizeof(json::value)
                            : 0;
}

// What a copy of the whole of `value` takes.
std::size_t all_bytes_of(const json::value& value) {
  std::size_t out = sizeof value + (value.is_string() ? value.get_string().size() : 0);
  if (const json::array* items = value.if_array()) {
    for (const json::value& item : *items) {
      out += all_bytes_of(item);
    }
  } else if (const json::object* entries = value.if_object()) {
    for (const auto& entry : *entries) {
      out += entry.key().size() + all_bytes_of(entry.value());
    }
  }
  return out;
}

Status Run::pay(std::size_t bytes) {
  new_bytes_ += bytes;
  if (new_bytes_ > kNewBytesMax) {
    return error("it makes more than 16 MiB of values");
  }
  return {};
}

Result<Value> Run::value_of(const Node& node) {
  if (++steps_ > kStepsMax) {
    return error("it takes more than " + std::to_string(kStepsMax) + " steps");
  }
  switch (node.kind) {
    case Kind::literal:
      return node.value;
    case Kind::name:
      return variable(node.name);
    case Kind::select:
      return selected(node);
    case Kind::has:
      return has(node);
    case Kind::index:
      return indexed(node);
    case Kind::negate: {
      const auto operand = value_of(node.children[0]);
      auto out = operand ? negated(**operand) : Result<json::value>(operand.error());
      return out ? Result<Value>(make(std::move(*out))) : out.error();
    }
    case Kind::invert: {
      const auto operand = truth_of(node.children[0]);
      return operand ? Result<Value>(truth(!*operand)) : operand.error();
    }
    case Kind::both:
      return either_way(node, false);
    case Kind::either:
      return either_way(node, true);
    case Kind::choose: {
      const auto condition = truth_of(node.children[0]);
      return condition ? value_of(node.children[*condition ? 1 : 2]) : condition.error();
    }
    case Kind::operate:
      return operated(node);
    case Kind::call:
      return called(node);
    case Kind::list:
      return list(node);
    case Kind::map:
      return map(node);
    default:
      return macro(node);
  }
}

Result<bool> Run::truth_of(const Node& node) {
  const auto value = value_of(node);
  if (!value) {
    return value.error();
  }
  return (*value)->is_bool()
             ? Result<bool>((*value)->get_bool())
             : error("a " + std::string(type_name(**value)) + " stands where a bool should");
}

// The innermost of that name.
Result<Value> Run::variable(const std::string& name) const {
  const auto found = std::find_if(variables_.rbegin(), variables_.rend(), [&](const auto& entry) {
    return entry.first == name;
  });
  SW_ASSERT(found != variables_.rend());  // the parser knows them all
  return found->second;
}

Result<Value> Run::selected(const Node& node) {
  const auto from = value_of(node.children[0]);
  if (!from) {
    return from;
  }
  const json::object* map = (*from)->if_object();
  if (map == nullptr) {
    return no_overload("." + node.name, **from);
  }
  const json::value* found = map->if_contains(node.name);
  return found != nullptr ? Result<Value>(part_of(*from, *found))
                          : error("there is no key " + quoted(node.name));
}

Result<Value> Run::has(const Node& node) {
  const auto from = value_of(node.children[0]);
  if (!from) {
    return from;
  }
  const json::object* map = (*from)->if_object();
  return map != nullptr ? Result<Value>(truth(map->contains(node.name)))
                        : no_overload("has(." + node.name + ")", **from);
}

Result<Value> Run::indexed(const Node& node) {
  const auto from = value_of(node.children[0]);
  const auto key = from ? value_of(node.children[1]) : from;
  if (!key) {
    return key;
  }
  if (const json::object* map = (*from)->if_object()) {
    const json::value* found =
        (*key)->is_string() ? map->if_contains((*key)->get_string()) : nullptr;
    return found != nullptr ? Result<Value>(part_of(*from, *found))
                            : error("there is no such key in a map");
  }
  const json::array* items = (*from)->if_array();
  if (items == nullptr) {
    return no_overload("[]", **from);
  }
  const auto index = index_of(**key);
  return index && *index < items->size() ? Result<Value>(part_of(*from, (*items)[*index]))
                                         : error("an index is out of range");
}

// && and ||: what one side decides holds whatever the other comes to, an error included.
Result<Value> Run::either_way(const Node& node, bool decisive) {
  const auto left = truth_of(node.children[0]);
  if (left && *left == decisive) {
    return truth(decisive);
  }
  const auto right = truth_of(node.children[1]);
  if (right && *right == decisive) {
    return truth(decisive);
  }
  return !left    ? Result<Value>(left.error())
         : !right ? Result<Value>(right.error())
                  : truth(!decisive);
}

Result<Value> Run::operated(const Node& node) {
  const auto left = value_of(node.children[0]);
  const auto right = left ? value_of(node.children[1]) : left;
  if (!right) {
    return right;
  }
  const json::value& a = **left;
  const json::value& b = **right;
  if (node.name == "==" || node.name == "!=") {
    return truth(equal(a, b) == (node.name == "=="));
  }
  const bool joins = node.name == "+" && (bytes_of(a) > 0 || bytes_of(b) > 0);
  const Status paid = joins ? pay(all_bytes_of(a) + all_bytes_of(b)) : Status();
  auto out = paid ? operate(a, node.name, b) : Result<json::value>(paid.error());
  return out ? Result<Value>(make(std::move(*out))) : out.error();
}

Result<Value> Run::called(const Node& node) {
  std::vector<Value> arguments;
  for (const Node& child : node.children) {
    auto value = value_of(child);
    if (!value) {
      return value;
    }
    arguments.push_back(std::move(*value));
  }
  if (arguments.size() == 2) {
    return text_function(node, arguments[0], arguments[1]);
  }
  if (node.name == "dyn") {
    return arguments[0];
  }
  auto out = node.name == "size" ? size_of(*arguments[0]) : converted(*arguments[0], node.name);
  return out ? Result<Value>(make(std::move(*out))) : out.error();
}

Result<Value> Run::text_function(const Node& node, const Value& on, const Value& what) const {
  if (!on->is_string() || !what->is_string()) {
    return no_overload(node.name + "()", on->is_string() ? *what : *on);
  }
  const std::string_view text = text_of(*on);
  const std::string_view part = text_of(*what);
  if (node.name == "contains") {
    return truth(text.find(part) != std::string_view::npos);
  }
  if (node.name == "startsWith") {
    return truth(text.starts_with(part));
  }
  if (node.name == "endsWith") {
    return truth(text.ends_with(part));
  }
  const re2::StringPiece subject(text.data(), text.size());
  if (node.regexp) {
    return truth(re2::RE2::PartialMatch(subject, *node.regexp));
  }
  re2::RE2::Options quiet(re2::RE2::Quiet);
  const re2::RE2 expression(re2::StringPiece(part.data(), part.size()), quiet);
  return expression.ok() ? Result<Value>(truth(re2::RE2::PartialMatch(subject, expression)))
                         : error("a regular expression does not compile");
}

Result<Value> Run::list(const Node& node) {
  json::array out;
  for (const Node& child : node.children) {
    const auto item = value_of(child);
    const Status paid = item ? pay(all_bytes_of(**item)) : Status(item.error());
    if (!paid) {
      return paid.error();
    }
    out.push_back(**item);
  }
  return make(std::move(out));
}

Result<Value> Run::map(const Node& node) {
  json::object out;
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    const auto key = value_of(node.children[i]);
    const auto item = key ? value_of(node.children[i + 1]) : key;
    const Status paid = item ? pay(all_bytes_of(**item)) : Status(item.error());
    if (!paid) {
      return paid.error();
    }
    if (!(*key)->is_string()) {
      return error("the keys of a map must be texts");
    }
    const bool fresh = out.emplace((*key)->get_string(), **item).second;
    if (!fresh) {
      return error("a key of a map stands twice");
    }
  }
  return make(std::move(out));
}

Result<Value> Run::macro(const Node& node) {
  const auto range = value_of(node.children[0]);
  if (!range) {
    return range;
  }
  std::vector<Value> items;
  if (const json::array* list = (*range)->if_array()) {
    for (const json::value& item : *list) {
      items.push_back(part_of(*range, item));
    }
  } else if (const json::object* map = (*range)->if_object()) {
    for (const auto& entry : *map) {
      items.push_back(make(json::value(entry.key())));
    }
  } else {
    return no_overload("a macro", **range);
  }
  variables_.emplace_back(node.name, nullptr);
  const bool gathers = node.kind == Kind::filter || node.kind == Kind::transform;
  auto out = gathers ? gathered(node, items) : quantified(node, items);
  variables_.pop_back();
  return out;
}

// all is &&, exists is ||, over all items; exists_one takes no errors.
Result<Value> Run::quantified(const Node& node, const std::vector<Value>& items) {
  const bool decisive = node.kind == Kind::exists;
  std::optional<Error> failed;
  int met = 0;
  for (const Value& item : items) {
    variables_.back().second = item;
    const auto one = truth_of(node.children[1]);
    if (!one) {
      failed = failed ? failed : one.error();
      continue;
    }
    met += *one ? 1 : 0;
    if (node.kind != Kind::exists_one && *one == decisive) {
      return truth(decisive);
    }
  }
  if (failed) {
    return *failed;
  }
  return truth(node.kind == Kind::exists_one ? met == 1 : !decisive);
}

Result<Value> Run::gathered(const Node& node, const std::vector<Value>& items) {
  const bool maps = node.kind == Kind::transform;
  const Node* condition = !maps                       ? &node.children[1]
                          : node.children.size() == 3 ? &node.children[2]
                                                      : nullptr;
  json::array out;
  for (const Value& item : items) {
    variables_.back().second = item;
    const auto wanted = condition != nullptr ? truth_of(*condition) : Result<bool>(true);
    if (!wanted) {
      return wanted.error();
    }
    if (!*wanted) {
      continue;
    }
    const auto value = maps ? value_of(node.children[1]) : Result<Value>(item);
    const Status paid = value ? pay(all_bytes_of(**value)) : Status(value.error());
    if (!paid) {
      return paid.error();
    }
    out.push_back(**value);
  }
  return make(std::move(out));
}

// The numbers of JSON have no type: they are doubles, as in Go.
void make_doubles(json::value& value) {
  if (value.is_int64() || value.is_uint64()) {
    value = value.to_number<double>();
  } else if (json::array* items = value.if_array()) {
    for (json::value& item : *items) {
      make_doubles(item);
    }
  } else if (json::object* entries = value.if_object()) {
    for (auto& entry : *entries) {
      make_doubles(entry.value());
    }
  }
}

}  // namespace
}  // namespace cel

Result<CelProgram> CelProgram::compile(std::string_view text) {
  auto root = cel::parse(text);
  if (!root) {
    return root.error();
  }
  return CelProgram(std::string(text), std::make_shared<const cel::Node>(std::move(*root)));
}

Result<bool> CelProgram::run(boost::json::value body) const {
  cel::make_doubles(body);
  cel::Run run(cel::make(std::move(body)));
  return run.truth_of(*root_);
}

}  // namespace seamwatch::probes
