#include <chrono>
#include <cstdlib>
#include <limits>

#include "rules/templates/go_format.h"
#include "rules/templates/value.h"

namespace seamwatch::rules::templates {
namespace {

using P = Parameter;

__extension__ using Wide = __int128;  // nanoseconds since the year 1 do not fit 64 bits

constexpr std::int64_t kSecond = 1'000'000'000;

// A method without arguments that reads one calendar field.
Type::Method calendar_method(std::string name, int CalendarTime::*field) {
  return {std::move(name), {}, [field](const Value& self, const List&) -> Result<Value> {
            return Value(calendar(self.as_time()).*field);
          }};
}

Type::Method year_method() {
  return {"Year", {}, [](const Value& self, const List&) -> Result<Value> {
            return Value(calendar(self.as_time()).year);
          }};
}

// Unix time in units of `unit` nanoseconds.
Type::Method unix_method(std::string name, std::int64_t unit) {
  return {std::move(name), {}, [unit](const Value& self, const List&) -> Result<Value> {
            const GoTime& at = self.as_time();
            return Value(at.seconds * (kSecond / unit) + at.nanos / unit);
          }};
}

// Compares two instants; `want` is -1, 0 or 1.
Type::Method compare_method(std::string name, int want) {
  return {std::move(name), {P::time}, [want](const Value& self, const List& args) -> Result<Value> {
            const std::int64_t span = nanos_between(args[0].as_time(), self.as_time());
            return Value((span > 0) - (span < 0) == want);
          }};
}

std::vector<Type::Method> calendar_methods() {
  return {
      year_method(),
      {"Month",
       {},
       [](const Value& self, const List&) -> Result<Value> {
         return Value::named_integer(calendar(self.as_time()).month, month_type());
       }},
      {"Weekday",
       {},
       [](const Value& self, const List&) -> Result<Value> {
         return Value::named_integer(calendar(self.as_time()).weekday, weekday_type());
       }},
      calendar_method("Day", &CalendarTime::day),
      calendar_method("Hour", &CalendarTime::hour),
      calendar_method("Minute", &CalendarTime::minute),
      calendar_method("Second", &CalendarTime::second),
      calendar_method("YearDay", &CalendarTime::year_day),
      {"Nanosecond",
       {},
       [](const Value& self, const List&) -> Result<Value> { return Value(self.as_time().nanos); }},
  };
}

// Days are added in the calendar, so that the clock time stays.
Result<Value> add_date(const Value& self, const List& args) {
  for (const Value& arg : args) {
    if (std::abs(arg.as_integer()) > 400'000) {
      return error("AddDate: the step is too large");
    }
  }
  GoTime at = self.as_time();
  const CalendarTime c = calendar(at);
  const std::int64_t months = c.month - 1 + args[1].as_integer();
  const std::int64_t year = c.year + args[0].as_integer() + (months - (months % 12 + 12) % 12) / 12;
  if (year < -9999 || year > 9999) {
    return error("AddDate: the year is out of range");
  }
  const auto month = static_cast<unsigned>((months % 12 + 12) % 12 + 1);
  using namespace std::chrono;
  const sys_days first(std::chrono::year(static_cast<int>(year)) / std::chrono::month(month) / 1);
  const std::int64_t day = first.time_since_epoch().count() + c.day - 1 + args[2].as_integer();
  at.seconds = day * 86400 + c.hour * 3600 + c.minute * 60 + c.second - at.offset_seconds;
  return Value(at);
}

std::vector<Type::Method> arithmetic_methods() {
  return {
      {"Add",
       {P::duration},
       [](const Value& self, const List& args) -> Result<Value> {
         return Value(add_nanos(self.as_time(), args[0].as_duration().nanos));
       }},
      {"Sub",
       {P::time},
       [](const Value& self, const List& args) -> Result<Value> {
         return Value(GoDuration{nanos_between(args[0].as_time(), self.as_time())});
       }},
      {"AddDate", {P::integer, P::integer, P::integer}, add_date},
      {"Truncate",
       {P::duration},
       [](const Value& self, const List& args) -> Result<Value> {
         const std::int64_t step = args[0].as_duration().nanos;
         if (step <= 0) {
           return self;
         }
         const GoTime& at = self.as_time();
         const auto since_zero =
             static_cast<Wide>(at.seconds - GoTime().seconds) * kSecond + at.nanos;
         return Value(add_nanos(at, -static_cast<std::int64_t>(since_zero % step)));
       }},
      compare_method("After", 1),
      compare_method("Before", -1),
      compare_method("Equal", 0),
  };
}

std::vector<Type::Method> time_methods() {
  std::vector<Type::Method> methods = {
      {"Format",
       {P::string},
       [](const Value& self, const List& args) -> Result<Value> {
         return Value(format_time(self.as_time(), args[0].as_string()));
       }},
      {"String",
       {},
       [](const Value& self, const List&) -> Result<Value> {
         return Value(to_string(self.as_time()));
       }},
      {"IsZero",
       {},
       [](const Value& self, const List&) -> Result<Value> {
         return Value(self.as_time().is_zero());
       }},
      {"UTC",
       {},
       [](const Value& self, const List&) -> Result<Value> {
         return Value(in_zone(self.as_time(), "UTC").value());
       }},
      {"Local",
       {},
       [](const Value& self, const List&) -> Result<Value> {
         return Value(in_zone(self.as_time(), "UTC").value());
       }},
      unix_method("Unix", kSecond),
      unix_method("UnixMilli", 1'000'000),
      unix_method("UnixMicro", 1000),
      unix_method("UnixNano", 1),
  };
  for (auto& method : calendar_methods()) {
    methods.push_back(std::move(method));
  }
  for (auto& method : arithmetic_methods()) {
    methods.push_back(std::move(method));
  }
  return methods;
}

Type::Method float_method(std::string name, double unit) {
  return {std::move(name), {}, [unit](const Value& self, const List&) -> Result<Value> {
            return Value(static_cast<double>(self.as_duration().nanos) / unit);
          }};
}

Type::Method whole_method(std::string name, std::int64_t unit) {
  return {std::move(name), {}, [unit](const Value& self, const List&) -> Result<Value> {
            return Value(self.as_duration().nanos / unit);
          }};
}

std::vector<Type::Method> duration_methods() {
  return {
      {"String",
       {},
       [](const Value& self, const List&) -> Result<Value> {
         return Value(to_string(self.as_duration()));
       }},
      float_method("Seconds", 1e9),
      float_method("Minutes", 60e9),
      float_method("Hours", 3600e9),
      whole_method("Milliseconds", 1'000'000),
      whole_method("Microseconds", 1000),
      whole_method("Nanoseconds", 1),
      {"Abs",
       {},
       [](const Value& self, const List&) -> Result<Value> {
         const std::int64_t nanos = self.as_duration().nanos;
         const bool smallest = nanos == std::numeric_limits<std::int64_t>::min();
         return Value(GoDuration{smallest    ? std::numeric_limits<std::int64_t>::max()
                                 : nanos < 0 ? -nanos
                                             : nanos});
       }},
      {"Truncate",
       {P::duration},
       [](const Value& self, const List& args) -> Result<Value> {
         const std::int64_t step = args[0].as_duration().nanos;
         const std::int64_t nanos = self.as_duration().nanos;
         return Value(GoDuration{step <= 0 ? nanos : nanos - nanos % step});
       }},
      {"Round",
       {P::duration},
       [](const Value& self, const List& args) -> Result<Value> {
         const std::int64_t step = args[0].as_duration().nanos;
         const std::int64_t nanos = self.as_duration().nanos;
         if (step <= 0) {
           return self;
         }
         const std::int64_t rest = nanos % step;
         const std::int64_t size = rest < 0 ? -rest : rest;
         const std::int64_t down = nanos - rest;
         std::int64_t up = 0;
         // Halfway rounds away from zero; where that does not fit, Go gives the largest span.
         if (size < step - size) {
           return Value(GoDuration{down});
         }
         if (__builtin_add_overflow(down, rest < 0 ? -step : step, &up)) {
           up = rest < 0 ? std::numeric_limits<std::int64_t>::min()
                         : std::numeric_limits<std::int64_t>::max();
         }
         return Value(GoDuration{up});
       }},
  };
}

}  // namespace

const Type* month_type() {
  static const Type type{"time.Month", {}, {}, [](const Value& value) {
                           return std::string(month_name(static_cast<int>(value.as_integer())));
                         }};
  return &type;
}

const Type* weekday_type() {
  static const Type type{"time.Weekday", {}, {}, [](const Value& value) {
                           return std::string(weekday_name(static_cast<int>(value.as_integer())));
                         }};
  return &type;
}

const Type* time_type() {
  static const Type type{"time.Time", {}, time_methods(), {}};
  return &type;
}

const Type* duration_type() {
  static const Type type{"time.Duration", {}, duration_methods(), {}};
  return &type;
}

}  // namespace seamwatch::rules::templates
