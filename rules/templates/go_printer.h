// Printer: one value printed with one verb and its flags, as Go's fmt does. The parts of
// go_format.h that deal with single values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/templates/value.h"

namespace seamwatch::rules::templates {

// Of one value: padding and repetition cannot fill the memory.
inline constexpr std::size_t kPrintedBytesMax = 16 << 20;

// What may stand between % and the verb.
struct PrintFlags {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  std::optional<int> width = std::nullopt;
  std::optional<int> precision = std::nullopt;
};

class Printer {
 public:
  explicit Printer(PrintFlags flags = {}) : flags_(flags) {}

  void print(const Value& value, char32_t verb);

  std::string take() { return std::move(out_); }

 private:
  void pad(std::string text);
  void print_string(std::string_view text, const Value& value, char32_t verb);
  void print_integer(std::int64_t number, const Value& value, char32_t verb);
  void print_number(double number, const Value& value, char32_t verb);
  void print_list(const Value& value, char32_t verb);
  void print_map(const Value& value, char32_t verb);
  void print_struct(const Value& value, char32_t verb);
  void bad_verb(const Value& value, char32_t verb);

  PrintFlags flags_;
  std::string out_;
};

}  // namespace seamwatch::rules::templates
