#include <cmath>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "agent/core/utf8.h"
#include "rules/templates/go_format.h"
#include "rules/templates/text_escapes.h"
#include "rules/templates/value.h"

namespace seamwatch::rules::templates {
namespace {

constexpr int kLevelsMax = 100;

void write_text(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t rune = next_code_point(text, at);
    switch (rune) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default: {
        const bool bad_byte = rune == U'\uFFFD' && at - start == 1;
        const bool escaped = rune < 0x20 || rune == '<' || rune == '>' || rune == '&' ||
                             rune == 0x2028 || rune == 0x2029 || bad_byte;
        out += escaped ? unicode_escape(rune) : std::string(text.substr(start, at - start));
      }
    }
  }
  out += '"';
}

Status write_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    return error("json: unsupported value: " + format_float(number, 'g', -1));
  }
  const double size = std::fabs(number);
  if (size == 0 || (size >= 1e-6 && size < 1e21)) {
    out += format_float(number, 'f', -1);
    return {};
  }
  std::string text = format_float(number, 'e', -1);
  // JSON exponents of Go have no leading zero: 1e-9, not 1e-09.
  if (text.size() >= 4 && text[text.size() - 4] == 'e' && text[text.size() - 2] == '0') {
    text.erase(text.size() - 2, 1);
  }
  out += text;
  return {};
}

Status write(std::string& out, const Value& value, int levels);

Status write_struct(std::string& out, const Struct& fields, int levels) {
  out += '{';
  bool first = true;
  for (std::size_t i = 0; i < fields.values.size(); ++i) {
    const Type::Field& field = fields.type->fields[i];
    if (field.json_name.empty() || (field.omit_empty && !fields.values[i].truth())) {
      continue;
    }
    out += first ? "" : ",";
    first = false;
    write_text(out, field.json_name);
    out += ':';
    if (auto written = write(out, fields.values[i], levels); !written) {
      return written;
    }
  }
  out += '}';
  return {};
}

Status write_map(std::string& out, const Map& entries, int levels) {
  out += '{';
  bool first = true;
  for (const auto& [key, item] : entries) {
    out += first ? "" : ",";
    first = false;
    write_text(out, key);
    out += ':';
    if (auto written = write(out, item, levels); !written) {
      return written;
    }
  }
  out += '}';
  return {};
}

Status write_list(std::string& out, const List& items, int levels) {
  out += '[';
  bool first = true;
  for (const Value& item : items) {
    out += first ? "" : ",";
    first = false;
    if (auto written = write(out, item, levels); !written) {
      return written;
    }
  }
  out += ']';
  return {};
}

Status write(std::string& out, const Value& value, int levels) {
  if (levels <= 0) {
    return error("json: more than " + std::to_string(kLevelsMax) + " levels");
  }
  if (value.is_null_container()) {
    out += "null";
    return {};
  }
  switch (value.kind()) {
    case Value::Kind::nil:
      out += "null";
      return {};
    case Value::Kind::boolean:
      out += value.as_boolean() ? "true" : "false";
      return {};
    case Value::Kind::integer:
      out += std::to_string(value.as_integer());
      return {};
    case Value::Kind::number:
      return write_number(out, value.as_number());
    case Value::Kind::string:
      write_text(out, value.as_string());
      return {};
    case Value::Kind::list:
      return write_list(out, value.as_list(), levels - 1);
    case Value::Kind::map:
      return write_map(out, value.as_map(), levels - 1);
    case Value::Kind::structure:
      return write_struct(out, value.as_struct(), levels - 1);
    case Value::Kind::time:
      write_text(out, to_rfc3339_nano(value.as_time()));
      return {};
    case Value::Kind::duration:
      out += std::to_string(value.as_duration().nanos);
      return {};
    case Value::Kind::function:
      return error("json: unsupported type: " + value.type_name());
  }
  return {};
}

Value from_json(const boost::json::value& json) {
  switch (json.kind()) {
    case boost::json::kind::null:
      return Value();
    case boost::json::kind::bool_:
      return Value(json.get_bool());
    case boost::json::kind::int64:
      return Value(json.get_int64());
    case boost::json::kind::uint64:
      return Value(static_cast<double>(json.get_uint64()));
    case boost::json::kind::double_:
      return Value(json.get_double());
    case boost::json::kind::string:
      return Value(std::string(json.get_string()));
    case boost::json::kind::array: {
      List items;
      for (const auto& item : json.get_array()) {
        items.push_back(from_json(item));
      }
      return Value(std::move(items));
    }
    case boost::json::kind::object: {
      Map entries;
      for (const auto& [key, item] : json.get_object()) {
        entries.emplace(std::string(key), from_json(item));
      }
      return Value(std::move(entries));
    }
  }
  return Value();
}

}  // namespace

Result<std::string> to_json(const Value& value) {
  std::string out;
  if (auto written = write(out, value, kLevelsMax); !written) {
    return written.error();
  }
  return out;
}

Result<Value> value_from_json(std::string_view json) {
  boost::json::error_code failure;
  const auto parsed =
      boost::json::parse(boost::json::string_view(json.data(), json.size()), failure);
  if (failure) {
    return error("not JSON: " + failure.message());
  }
  return from_json(parsed);
}

}  // namespace seamwatch::rules::templates
