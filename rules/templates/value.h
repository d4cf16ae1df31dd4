// Value: the dynamic values that templates work on, modelled on what Go's text/template sees: nil,
// bool, int64, float64, string, list, map with string keys, struct, time, duration, function. A
// value may carry a Type, which gives it a Go name, methods and its own way to print. Copies are
// cheap (lists, maps and structs are shared and immutable); free to read from several threads.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/core/result.h"
#include "rules/templates/go_time.h"

namespace seamwatch::rules::templates {

class Value;
struct Function;
struct Struct;

using List = std::vector<Value>;
using Map = std::map<std::string, Value, std::less<>>;

// What a function takes; the names are Go's in error messages.
enum class Parameter { any, boolean, integer, number, string, strings, list, time, duration };

// A named Go type. Types are static objects: a Value holds a pointer.
struct Type {
  struct Field {
    std::string name;         // "StartsAt"
    std::string json_name;    // "startsAt"; empty: not in JSON
    bool omit_empty = false;  // left out of JSON where it is not true
  };

  struct Method {
    std::string name;
    std::vector<Parameter> parameters;
    std::function<Result<Value>(const Value& self, const List& args)> call;
  };

  std::string name;           // as %T prints it: "template.KV"
  std::vector<Field> fields;  // of a struct
  std::vector<Method> methods;
  // How print shows the value, where it is not Go's plain way. Source: fmt.Stringer.
  std::function<std::string(const Value&)> to_string;

  const Method* method(std::string_view method_name) const;
};

class Value {
 public:
  enum class Kind {
    nil,
    boolean,
    integer,
    number,
    string,
    list,
    map,
    structure,
    time,
    duration,
    function,
  };

  Value() = default;  // nil

  template <std::same_as<bool> T>
  Value(T flag) : data_(flag) {}

  template <std::integral T>

  requires(!std::same_as<T, bool>) Value(T number) : data_(static_cast<std::int64_t>(number)) {}

  Value(double number) : data_(number) {}

  Value(std::string text, const Type* type = nullptr) : data_(std::move(text)), type_(type) {}

  Value(std::string_view text) : data_(std::string(text)) {}

  Value(const char* text) : data_(std::string(text)) {}

  Value(List items, const Type* type = nullptr);
  Value(Map entries, const Type* type = nullptr);
  Value(Struct fields);

  Value(GoTime at) : data_(std::make_shared<const GoTime>(std::move(at))) {}

  Value(GoDuration span) : data_(span) {}

  Value(std::shared_ptr<const Function> function) : data_(std::move(function)) {}

  // An integer of a named type: time.Month.
  static Value named_integer(std::int64_t number, const Type* type);

  // Go's nil slice and nil map: empty, but `null` in JSON.
  static Value nil_list(const Type* type);
  static Value nil_map(const Type* type);

  Kind kind() const { return static_cast<Kind>(data_.index()); }

  bool is_nil() const { return kind() == Kind::nil; }

  const Type* type() const { return type_; }

  // Go's name of the type: "int", "map[string]string", "template.KV".
  std::string type_name() const;

  // Each requires the kind.
  bool as_boolean() const { return std::get<bool>(data_); }

  std::int64_t as_integer() const { return std::get<std::int64_t>(data_); }

  double as_number() const { return std::get<double>(data_); }

  const std::string& as_string() const { return std::get<std::string>(data_); }

  const List& as_list() const;
  const Map& as_map() const;
  const Struct& as_struct() const;

  const GoTime& as_time() const { return *std::get<std::shared_ptr<const GoTime>>(data_); }

  GoDuration as_duration() const { return std::get<GoDuration>(data_); }

  const std::shared_ptr<const Function>& as_function() const;

  // A nil slice or nil map.
  bool is_null_container() const;

  // Go's truth: not the zero value of its type; structs and times are always true.
  bool truth() const;

 private:
  std::variant<std::monostate,
               bool,
               std::int64_t,
               double,
               std::string,
               std::shared_ptr<const List>,
               std::shared_ptr<const Map>,
               std::shared_ptr<const Struct>,
               std::shared_ptr<const GoTime>,
               GoDuration,
               std::shared_ptr<const Function>>
      data_;
  const Type* type_ = nullptr;
};

// A value of a struct type; `values` stand in the order of the type's fields.
struct Struct {
  const Type* type;
  List values;

  // The field called `name`, or nullptr.
  const Value* field(std::string_view name) const;
};

struct Function {
  std::vector<Parameter> parameters;  // the last one repeats where `variadic`
  bool variadic = false;
  std::function<Result<Value>(const List& args)> call;
};

using Functions = std::map<std::string, Function, std::less<>>;

// A function of one text.
Function text_function(std::string (*map)(std::string_view));

// Types that several function sets share. The first five mark text that html mode need not escape.
const Type* html_type();        // template.HTML
const Type* url_type();         // template.URL
const Type* css_type();         // template.CSS
const Type* js_type();          // template.JS
const Type* attribute_type();   // template.HTMLAttr
const Type* strings_type();     // []string
const Type* string_map_type();  // map[string]string: a missing key is "" under MissingKey::zero
const Type* month_type();       // time.Month
const Type* weekday_type();     // time.Weekday
const Type* time_type();        // methods of every time value
const Type* duration_type();    // methods of every duration value

// JSON as Go's encoding/json writes it: map keys sorted, <, > and & escaped.
// Errors: NaN and infinities, functions, more than 100 levels.
[[nodiscard]] Result<std::string> to_json(const Value& value);

// Reads JSON text: objects become maps, whole numbers integers, others floats.
// Error: text that is not JSON.
[[nodiscard]] Result<Value> value_from_json(std::string_view json);

}  // namespace seamwatch::rules::templates
