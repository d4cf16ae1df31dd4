// Go's time layouts split into their elements: shared by formatting (go_time.cc) and parsing
// (go_time_parse.cc). Source: Go, package time, constants of Layout.
#pragma once

#include <string_view>

namespace seamwatch::rules::templates {

// Grouped: dates up to year_day_spaced, clock up to lower_pm, then the rest.
enum class LayoutKind {
  long_year,
  year,
  long_month,
  short_month,
  month,
  month_padded,
  long_weekday,
  short_weekday,
  day,
  day_padded,
  day_spaced,
  year_day_padded,
  year_day_spaced,
  hour,
  hour12,
  hour12_padded,
  minute,
  minute_padded,
  second,
  second_padded,
  upper_pm,
  lower_pm,
  zone,
  offset,            // "-0700", "Z07:00", ...: told apart by the text
  fraction,          // ".000"
  fraction_trimmed,  // ".999"
  end,               // no further element: the prefix is the rest
};

struct LayoutElement {
  std::string_view prefix;  // literal text before the element
  std::string_view text;    // the element as written in the layout
  LayoutKind kind = LayoutKind::end;
  std::size_t digits = 0;  // of a fraction
};

LayoutElement next_layout_element(std::string_view layout);

}  // namespace seamwatch::rules::templates
