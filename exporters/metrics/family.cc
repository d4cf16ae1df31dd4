#include "exporters/metrics/family.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "agent/core/utf8.h"

namespace seamwatch::exporters {
namespace {

constexpr std::string_view kTotal = "_total";
constexpr double kWholeMax = 9007199254740992.0;  // 2^53: beyond it not every integer is a double

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::gauge:
      return "gauge";
    case MetricType::counter:
      return "counter";
    case MetricType::histogram:
      return "histogram";
  }
  return "untyped";
}

// Both formats escape backslash and line feed; quotes in label values and, in OpenMetrics, in help.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char letter : text) {
    if (letter == '\\') {
      out += "\\\\";
    } else if (letter == '\n') {
      out += "\\n";
    } else if (letter == '"' && quotes) {
      out += "\\\"";
    } else {
      out += letter;
    }
  }
}

bool is_name_letter(char letter, bool first) {
  const bool alpha =
      (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
  return alpha || (!first && letter >= '0' && letter <= '9');
}

void append_label_name(std::string& out, std::string_view name) {
  const bool digit_first = !name.empty() && name[0] >= '0' && name[0] <= '9';
  if (digit_first) {
    out += '_';
  }
  for (const char letter : name) {
    out += is_name_letter(letter, false) ? letter : '_';
  }
}

}  // namespace

std::string_view content_type(Format format) {
  return format == Format::openmetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

void append_header(std::string& out, const Family& family, Format format) {
  std::string_view name = family.name;
  if (format == Format::openmetrics && family.type == MetricType::counter &&
      name.ends_with(kTotal)) {
    name.remove_suffix(kTotal.size());
  }
  if (!family.help.empty()) {
    out += "# HELP ";
    out += name;
    out += ' ';
    append_escaped(out, to_valid_utf8(family.help), format == Format::openmetrics);
    out += '\n';
  }
  out += "# TYPE ";
  out += name;
  out += ' ';
  out += type_name(family.type);
  out += '\n';
  if (format == Format::openmetrics && !family.unit.empty() && name.ends_with("_" + family.unit)) {
    out += "# UNIT ";
    out += name;
    out += ' ';
    out += family.unit;
    out += '\n';
  }
}

std::string label_text(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) {
      out += ',';
    }
    append_label_name(out, name);
    out += "=\"";
    if (is_valid_utf8(value)) {
      append_escaped(out, value, true);
    } else {
      append_escaped(out, to_valid_utf8(value), true);
    }
    out += '"';
  }
  return out;
}

void append_number(std::string& out, double value) {
  char text[kNumberBytesMax];
  out.append(text, put_number(text, value));
}

char* put_number(char* out, double value) {
  if (!std::isfinite(value)) {
    const std::string_view text = std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    return std::copy(text.begin(), text.end(), out);
  }
  char* const end = out + kNumberBytesMax;
  // Whole numbers are most of what is shown, and much cheaper to print as such.
  const bool whole = value > -kWholeMax && value < kWholeMax && value == std::trunc(value) &&
                     !(value == 0 && std::signbit(value));
  return whole ? std::to_chars(out, end, static_cast<long long>(value)).ptr
               : std::to_chars(out, end, value).ptr;
}

}  // namespace seamwatch::exporters
