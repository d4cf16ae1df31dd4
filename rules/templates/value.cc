#include "rules/templates/value.h"

#include <algorithm>

#include "agent/core/assert.h"
#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

const List kNoItems;
const Map kNoEntries;

}  // namespace

const Type::Method* Type::method(std::string_view method_name) const {
  const auto found = std::find_if(
      methods.begin(), methods.end(), [&](const Method& m) { return m.name == method_name; });
  return found == methods.end() ? nullptr : &*found;
}

Value::Value(List items, const Type* type)
    : data_(std::make_shared<const List>(std::move(items))), type_(type) {}

Value::Value(Map entries, const Type* type)
    : data_(std::make_shared<const Map>(std::move(entries))), type_(type) {}

Value::Value(Struct fields) : type_(fields.type) {
  SW_ASSERT(type_ != nullptr && fields.values.size() == type_->fields.size());
  data_ = std::make_shared<const Struct>(std::move(fields));
}

Value Value::named_integer(std::int64_t number, const Type* type) {
  Value value(number);
  value.type_ = type;
  return value;
}

Value Value::nil_list(const Type* type) {
  Value value;
  value.data_ = std::shared_ptr<const List>();
  value.type_ = type;
  return value;
}

Value Value::nil_map(const Type* type) {
  Value value;
  value.data_ = std::shared_ptr<const Map>();
  value.type_ = type;
  return value;
}

const List& Value::as_list() const {
  const auto& items = std::get<std::shared_ptr<const List>>(data_);
  return items ? *items : kNoItems;
}

const Map& Value::as_map() const {
  const auto& entries = std::get<std::shared_ptr<const Map>>(data_);
  return entries ? *entries : kNoEntries;
}

const Struct& Value::as_struct() const {
  return *std::get<std::shared_ptr<const Struct>>(data_);
}

const std::shared_ptr<const Function>& Value::as_function() const {
  return std::get<std::shared_ptr<const Function>>(data_);
}

bool Value::is_null_container() const {
  const auto* items = std::get_if<std::shared_ptr<const List>>(&data_);
  const auto* entries = std::get_if<std::shared_ptr<const Map>>(&data_);
  return (items != nullptr && *items == nullptr) || (entries != nullptr && *entries == nullptr);
}

std::string Value::type_name() const {
  if (type_ != nullptr) {
    return type_->name;
  }
  switch (kind()) {
    case Kind::nil:
      return "nil";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::number:
      return "float64";
    case Kind::string:
      return "string";
    case Kind::list:
      return "[]interface {}";
    case Kind::map:
      return "map[string]interface {}";
    case Kind::structure:
      return "struct";
    case Kind::time:
      return "time.Time";
    case Kind::duration:
      return "time.Duration";
    case Kind::function:
      return "func()";
  }
  return "";
}

bool Value::truth() const {
  switch (kind()) {
    case Kind::nil:
      return false;
    case Kind::boolean:
      return as_boolean();
    case Kind::integer:
      return as_integer() != 0;
    case Kind::number:
      return as_number() != 0;
    case Kind::string:
      return !as_string().empty();
    case Kind::list:
      return !as_list().empty();
    case Kind::map:
      return !as_map().empty();
    case Kind::duration:
      return as_duration().nanos != 0;
    case Kind::structure:
    case Kind::time:
    case Kind::function:
      return true;
  }
  return false;
}

const Value* Struct::field(std::string_view name) const {
  for (std::size_t i = 0; i < type->fields.size(); ++i) {
    if (type->fields[i].name == name) {
      return &values[i];
    }
  }
  return nullptr;
}

const Type* html_type() {
  static const Type type{"template.HTML", {}, {}, {}};
  return &type;
}

const Type* url_type() {
  static const Type type{"template.URL", {}, {}, {}};
  return &type;
}

const Type* css_type() {
  static const Type type{"template.CSS", {}, {}, {}};
  return &type;
}

const Type* js_type() {
  static const Type type{"template.JS", {}, {}, {}};
  return &type;
}

const Type* attribute_type() {
  static const Type type{"template.HTMLAttr", {}, {}, {}};
  return &type;
}

const Type* strings_type() {
  static const Type type{"[]string", {}, {}, {}};
  return &type;
}

const Type* string_map_type() {
  static const Type type{"map[string]string", {}, {}, {}};
  return &type;
}

Function text_function(std::string (*map)(std::string_view)) {
  return {{Parameter::string}, false, [map](const List& args) -> Result<Value> {
            return Value(map(args[0].as_string()));
          }};
}

}  // namespace seamwatch::rules::templates
