#include "rules/templates/go_format.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "agent/core/utf8.h"
#include "rules/templates/go_printer.h"

namespace seamwatch::rules::templates {
namespace {

constexpr int kWidthMax = 1'000'000;  // Go's limit of widths and precisions

// Walks a format string, taking operands as the verbs ask for them.
class Formatter {
 public:
  Formatter(std::string_view format, const List& values) : format_(format), values_(values) {}

  std::string run(std::size_t bytes_max);

 private:
  PrintFlags read_flags();
  void read_index();
  std::optional<int> read_number();
  std::optional<int> read_star(bool precision);
  void verb(PrintFlags flags);

  std::string_view format_;
  const List& values_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
  bool reordered_ = false;
  bool good_index_ = true;
  std::string out_;
};

std::optional<int> Formatter::read_number() {
  std::optional<int> number;
  while (at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9') {
    number = std::min(kWidthMax + 1, number.value_or(0) * 10 + (format_[at_++] - '0'));
  }
  return number && *number > kWidthMax ? std::nullopt : number;
}

// "[2]": the next operand is the second one.
void Formatter::read_index() {
  if (at_ >= format_.size() || format_[at_] != '[') {
    return;
  }
  reordered_ = true;
  const std::size_t close = format_.find(']', at_);
  ++at_;
  const std::optional<int> index = read_number();
  if (close == std::string_view::npos || at_ != close || !index || *index < 1 ||
      static_cast<std::size_t>(*index) > values_.size()) {
    good_index_ = false;
    at_ = close == std::string_view::npos ? at_ : close + 1;
    return;
  }
  at_ = close + 1;
  next_ = static_cast<std::size_t>(*index - 1);
}

std::optional<int> Formatter::read_star(bool precision) {
  ++at_;
  const bool there = next_ < values_.size();
  const Value value = there ? values_[next_++] : Value();
  if (value.kind() == Value::Kind::integer && std::llabs(value.as_integer()) <= kWidthMax) {
    return static_cast<int>(value.as_integer());
  }
  out_ += precision ? "%!(BADPREC)" : "%!(BADWIDTH)";
  return std::nullopt;
}

PrintFlags Formatter::read_flags() {
  PrintFlags flags;
  for (; at_ < format_.size(); ++at_) {
    switch (format_[at_]) {
      case '#':
        flags.sharp = true;
        continue;
      case '0':
        flags.zero = true;
        continue;
      case '+':
        flags.plus = true;
        continue;
      case '-':
        flags.minus = true;
        continue;
      case ' ':
        flags.space = true;
        continue;
      default:
        break;
    }
    break;
  }
  read_index();
  if (at_ < format_.size() && format_[at_] == '*') {
    flags.width = read_star(false);
    if (flags.width && *flags.width < 0) {
      flags.minus = true;
      flags.width = -*flags.width;
    }
  } else {
    flags.width = read_number();
  }
  if (at_ < format_.size() && format_[at_] == '.') {
    ++at_;
    read_index();
    if (at_ < format_.size() && format_[at_] == '*') {
      flags.precision = read_star(true);
      if (flags.precision && *flags.precision < 0) {
        flags.precision = std::nullopt;
        out_ += "%!(BADPREC)";
      }
    } else {
      flags.precision = read_number().value_or(0);
    }
  }
  read_index();
  return flags;
}

void Formatter::verb(PrintFlags flags) {
  if (at_ >= format_.size()) {
    out_ += "%!(NOVERB)";
    return;
  }
  const char32_t letter = next_code_point(format_, at_);
  if (letter == '%') {
    out_ += '%';
    return;
  }
  if (!good_index_ || next_ >= values_.size()) {
    out_ += "%!";
    append_utf8(out_, letter);
    out_ += good_index_ ? "(MISSING)" : "(BADINDEX)";
    return;
  }
  Printer printer(flags);
  printer.print(values_[next_++], letter);
  out_ += printer.take();
}

std::string Formatter::run(std::size_t bytes_max) {
  while (at_ < format_.size() && out_.size() <= bytes_max) {
    const std::size_t percent = std::min(format_.find('%', at_), format_.size());
    out_ += format_.substr(at_, percent - at_);
    at_ = percent + 1;
    if (percent < format_.size()) {
      good_index_ = true;
      verb(read_flags());
    }
  }
  if (!reordered_ && next_ < values_.size()) {
    out_ += "%!(EXTRA ";
    for (std::size_t i = next_; i < values_.size(); ++i) {
      out_ += i > next_ ? ", " : "";
      out_ += values_[i].is_nil() ? "<nil>" : values_[i].type_name() + "=" + sprint(values_[i]);
    }
    out_ += ')';
  }
  out_.resize(std::min(out_.size(), bytes_max));
  return std::move(out_);
}

}  // namespace

std::string sprint(const Value& value) {
  if (value.kind() == Value::Kind::string && value.type() == nullptr) {
    return value.as_string();
  }
  Printer printer;
  printer.print(value, 'v');
  return printer.take();
}

std::string sprint(const List& values) {
  std::string out;
  bool previous_string = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_string = values[i].kind() == Value::Kind::string;
    if (i > 0 && !is_string && !previous_string) {
      out += ' ';
    }
    out += sprint(values[i]);
    previous_string = is_string;
    if (out.size() > kPrintedBytesMax) {
      break;  // no execution takes more
    }
  }
  return out;
}

std::string sprintln(const List& values) {
  std::string out;
  for (std::size_t i = 0; i < values.size() && out.size() <= kPrintedBytesMax; ++i) {
    out += (i > 0 ? " " : "") + sprint(values[i]);
  }
  return out + "\n";
}

std::string sprintf(std::string_view format, const List& values, std::size_t bytes_max) {
  return Formatter(format, values).run(bytes_max);
}

}  // namespace seamwatch::rules::templates
