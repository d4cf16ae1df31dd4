#include "rules/templates/go_printer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agent/core/utf8.h"
#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

std::size_t rune_count(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    next_code_point(text, at);
  }
  return count;
}

std::string rune_text(std::int64_t rune) {
  std::string text;
  const bool good = rune >= 0 && rune <= 0x10FFFF && !(rune >= 0xD800 && rune <= 0xDFFF);
  append_utf8(text, good ? static_cast<char32_t>(rune) : U'\uFFFD');
  return text;
}

std::string hex_text(std::string_view bytes, bool upper, const PrintFlags& flags) {
  const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  const std::string prefix = !flags.sharp ? "" : upper ? "0X" : "0x";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (text.empty() || flags.space) {
      text += (text.empty() ? "" : " ") + prefix;
    }
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::string radix_text(std::uint64_t number, unsigned radix, bool upper) {
  const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[number % radix]);
    number /= radix;
  } while (number > 0);
  return text;
}

// Only ASCII stays as it is; used by %+q.
std::string ascii_quote(std::string_view text) {
  const std::string quoted_text = go_quote(text);
  std::string out;
  for (std::size_t at = 0; at < quoted_text.size();) {
    const char32_t rune = next_code_point(quoted_text, at);
    if (rune < 0x80) {
      out += static_cast<char>(rune);
    } else {
      std::string digits = radix_text(rune, 16, false);
      const std::size_t width = rune > 0xFFFF ? 8 : 4;
      out += (width == 8 ? "\\U" : "\\u") + std::string(width - digits.size(), '0') + digits;
    }
  }
  return out;
}

}  // namespace

void Printer::pad(std::string text) {
  const auto width = static_cast<std::size_t>(flags_.width.value_or(0));
  const std::size_t size = width == 0 ? 0 : rune_count(text);
  if (size < width) {
    const std::size_t room = kPrintedBytesMax - std::min(kPrintedBytesMax, out_.size());
    const std::size_t missing = std::min(width - size, room);
    if (flags_.minus) {
      text.append(missing, ' ');
    } else {
      text.insert(0, missing, flags_.zero ? '0' : ' ');
    }
  }
  out_ += text;
}

void Printer::bad_verb(const Value& value, char32_t verb) {
  out_ += "%!";
  append_utf8(out_, verb);
  if (value.is_nil()) {
    out_ += "(<nil>)";
    return;
  }
  out_ += "(" + value.type_name() + "=" + sprint(value) + ")";
}

void Printer::print_string(std::string_view text, const Value& value, char32_t verb) {
  std::string cut(text);
  if (flags_.precision) {
    std::size_t at = 0;
    for (int i = 0; i < *flags_.precision && at < cut.size(); ++i) {
      next_code_point(cut, at);
    }
    cut.resize(at);
  }
  switch (verb) {
    case 'v':
    case 's':
      return pad(flags_.sharp && verb == 'v' ? go_quote(cut) : std::move(cut));
    case 'q':
      if (flags_.sharp && cut.find_first_of("`\n\r") == std::string::npos) {
        return pad("`" + cut + "`");
      }
      return pad(flags_.plus ? ascii_quote(cut) : go_quote(cut));
    case 'x':
      return pad(hex_text(cut, false, flags_));
    case 'X':
      return pad(hex_text(cut, true, flags_));
    default:
      return bad_verb(value, verb);
  }
}

void Printer::print_integer(std::int64_t number, const Value& value, char32_t verb) {
  unsigned radix = 10;
  std::string prefix;
  switch (verb) {
    case 'v':
    case 'd':
      break;
    case 'b':
      radix = 2;
      prefix = flags_.sharp ? "0b" : "";
      break;
    case 'o':
    case 'O':
      radix = 8;
      prefix = verb == 'O' ? "0o" : flags_.sharp ? "0" : "";
      break;
    case 'x':
    case 'X':
      radix = 16;
      prefix = !flags_.sharp ? "" : verb == 'x' ? "0x" : "0X";
      break;
    case 'c':
      return pad(rune_text(number));
    case 'q': {
      const std::string rune = rune_text(number);
      return pad(rune == "'"    ? "'\\''"
                 : rune == "\"" ? "'\"'"
                                : [&] {
                                    const std::string inner = go_quote(rune);
                                    return "'" + inner.substr(1, inner.size() - 2) + "'";
                                  }());
    }
    case 'U': {
      std::string digits = radix_text(static_cast<std::uint64_t>(number), 16, true);
      digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
      return pad("U+" + digits + (flags_.sharp ? " '" + rune_text(number) + "'" : ""));
    }
    default:
      return bad_verb(value, verb);
  }
  const bool negative = number < 0;
  const auto size =
      negative ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  std::string digits = radix_text(size, radix, verb == 'X');
  const std::string sign = negative ? "-" : flags_.plus ? "+" : flags_.space ? " " : "";
  std::size_t least = 0;
  if (flags_.precision) {
    least = static_cast<std::size_t>(*flags_.precision);
    digits = least == 0 && number == 0 ? "" : digits;
  } else if (flags_.zero && !flags_.minus && flags_.width) {
    const auto width = static_cast<std::size_t>(*flags_.width);
    least = width > sign.size() ? width - sign.size() : 0;
  }
  digits.insert(0, digits.size() < least ? least - digits.size() : 0, '0');
  const bool zero = std::exchange(flags_.zero, false);
  pad(sign + prefix + digits);
  flags_.zero = zero;
}

void Printer::print_number(double number, const Value& value, char32_t verb) {
  constexpr std::u32string_view kVerbs = U"vbgGxXfFeE";
  if (kVerbs.find(verb) == std::u32string_view::npos) {
    return bad_verb(value, verb);
  }
  std::string text;
  if (verb == 'x' || verb == 'X' || verb == 'b') {
    text = format_float(number, 'g', -1);
  } else {
    const char letter = verb == 'v' ? 'g' : static_cast<char>(verb);
    const bool six = letter != 'g' && letter != 'G';
    text = format_float(number, letter, flags_.precision.value_or(six ? 6 : -1));
  }
  std::string sign;
  if (text.front() == '-' || text.front() == '+') {
    sign = text.substr(0, 1);
    text.erase(0, 1);
  }
  // The sign of +Inf is shown only where asked for; Go's %v of +Inf does show it.
  if (sign.empty() || sign == "+") {
    const bool shown = flags_.plus || (std::isinf(number) && !flags_.space);
    sign = shown ? "+" : flags_.space ? " " : "";
  }
  const bool finite = std::isfinite(number);
  const auto width = static_cast<std::size_t>(flags_.width.value_or(0));
  if (finite && flags_.zero && !flags_.minus && width > sign.size() + text.size()) {
    text.insert(0, width - sign.size() - text.size(), '0');
  }
  const bool zero = std::exchange(flags_.zero, false);
  pad(sign + text);
  flags_.zero = zero;
}

void Printer::print_list(const Value& value, char32_t verb) {
  out_ += flags_.sharp && verb == 'v' ? value.type_name() + "{" : "[";
  bool first = true;
  for (const Value& item : value.as_list()) {
    if (!std::exchange(first, false)) {
      out_ += flags_.sharp && verb == 'v' ? ", " : " ";
    }
    print(item, verb);
  }
  out_ += flags_.sharp && verb == 'v' ? "}" : "]";
}

void Printer::print_map(const Value& value, char32_t verb) {
  const bool go_syntax = flags_.sharp && verb == 'v';
  out_ += go_syntax ? value.type_name() + "{" : "map[";
  bool first = true;
  for (const auto& [key, item] : value.as_map()) {
    if (!std::exchange(first, false)) {
      out_ += go_syntax ? ", " : " ";
    }
    print(Value(key), verb);
    out_ += ':';
    print(item, verb);
  }
  out_ += go_syntax ? "}" : "]";
}

void Printer::print_struct(const Value& value, char32_t verb) {
  const Struct& fields = value.as_struct();
  out_ += flags_.sharp && verb == 'v' ? value.type_name() + "{" : "{";
  for (std::size_t i = 0; i < fields.values.size(); ++i) {
    if (i > 0) {
      out_ += flags_.sharp && verb == 'v' ? ", " : " ";
    }
    if (flags_.plus || flags_.sharp) {
      out_ += fields.type->fields[i].name + ":";
    }
    print(fields.values[i], verb);
  }
  out_ += '}';
}

void Printer::print(const Value& value, char32_t verb) {
  if (out_.size() > kPrintedBytesMax) {
    return;
  }
  if (verb == 'T') {
    return pad(value.is_nil() ? "<nil>" : value.type_name());
  }
  constexpr std::u32string_view kStringVerbs = U"vsxXq";
  const bool as_text = kStringVerbs.find(verb) != std::u32string_view::npos;
  if (as_text && !flags_.sharp && value.type() != nullptr && value.type()->to_string) {
    return print_string(value.type()->to_string(value), value, verb);
  }
  switch (value.kind()) {
    case Value::Kind::nil:
      return verb == 'v' ? pad("<nil>") : bad_verb(value, verb);
    case Value::Kind::boolean:
      if (verb != 'v' && verb != 't') {
        return bad_verb(value, verb);
      }
      return pad(value.as_boolean() ? "true" : "false");
    case Value::Kind::integer:
      return print_integer(value.as_integer(), value, verb);
    case Value::Kind::number:
      return print_number(value.as_number(), value, verb);
    case Value::Kind::string:
      return print_string(value.as_string(), value, verb);
    case Value::Kind::list:
      return print_list(value, verb);
    case Value::Kind::map:
      return print_map(value, verb);
    case Value::Kind::structure:
      return print_struct(value, verb);
    case Value::Kind::time:
      return print_string(to_string(value.as_time()), value, as_text ? verb : U's');
    case Value::Kind::duration:
      if (as_text) {
        return print_string(to_string(value.as_duration()), value, verb);
      }
      return print_integer(value.as_duration().nanos, value, verb);
    case Value::Kind::function:
      return pad("func");
  }
}

}  // namespace seamwatch::rules::templates
