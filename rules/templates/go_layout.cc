#include "rules/templates/go_layout.h"

#include <array>

#include "agent/core/ascii.h"

namespace seamwatch::rules::templates {
namespace {

struct Spelling {
  std::string_view text;
  LayoutKind kind;
};

// Longer spellings stand before their own beginnings.
constexpr std::array kSpellings = {Spelling{"January", LayoutKind::long_month},
                                   Spelling{"Jan", LayoutKind::short_month},
                                   Spelling{"Monday", LayoutKind::long_weekday},
                                   Spelling{"Mon", LayoutKind::short_weekday},
                                   Spelling{"MST", LayoutKind::zone},
                                   Spelling{"002", LayoutKind::year_day_padded},
                                   Spelling{"01", LayoutKind::month_padded},
                                   Spelling{"02", LayoutKind::day_padded},
                                   Spelling{"03", LayoutKind::hour12_padded},
                                   Spelling{"04", LayoutKind::minute_padded},
                                   Spelling{"05", LayoutKind::second_padded},
                                   Spelling{"06", LayoutKind::year},
                                   Spelling{"15", LayoutKind::hour},
                                   Spelling{"1", LayoutKind::month},
                                   Spelling{"2006", LayoutKind::long_year},
                                   Spelling{"2", LayoutKind::day},
                                   Spelling{"__2", LayoutKind::year_day_spaced},
                                   Spelling{"_2", LayoutKind::day_spaced},
                                   Spelling{"3", LayoutKind::hour12},
                                   Spelling{"4", LayoutKind::minute},
                                   Spelling{"5", LayoutKind::second},
                                   Spelling{"PM", LayoutKind::upper_pm},
                                   Spelling{"pm", LayoutKind::lower_pm},
                                   Spelling{"-07:00:00", LayoutKind::offset},
                                   Spelling{"-07:00", LayoutKind::offset},
                                   Spelling{"-070000", LayoutKind::offset},
                                   Spelling{"-0700", LayoutKind::offset},
                                   Spelling{"-07", LayoutKind::offset},
                                   Spelling{"Z07:00:00", LayoutKind::offset},
                                   Spelling{"Z07:00", LayoutKind::offset},
                                   Spelling{"Z070000", LayoutKind::offset},
                                   Spelling{"Z0700", LayoutKind::offset},
                                   Spelling{"Z07", LayoutKind::offset}};

bool lower_follows(std::string_view rest, std::size_t at) {
  return at < rest.size() && rest[at] >= 'a' && rest[at] <= 'z';
}

// The digits of ".000" or ",999" at the start of `rest`; 0 where it is none.
std::size_t fraction_digits(std::string_view rest) {
  if (rest.size() < 2 || (rest[0] != '.' && rest[0] != ',') || (rest[1] != '0' && rest[1] != '9')) {
    return 0;
  }
  std::size_t end = 1;
  while (end < rest.size() && rest[end] == rest[1]) {
    ++end;
  }
  return end < rest.size() && is_digit(rest[end]) ? 0 : end - 1;
}

}  // namespace

LayoutElement next_layout_element(std::string_view layout) {
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const std::string_view rest = layout.substr(i);
    if (const std::size_t digits = fraction_digits(rest); digits > 0) {
      const auto kind = rest[1] == '0' ? LayoutKind::fraction : LayoutKind::fraction_trimmed;
      return {layout.substr(0, i), rest.substr(0, digits + 1), kind, digits};
    }
    // "_2006" is an underscore and a year, not a spaced day.
    if (rest.starts_with("_2006")) {
      return {layout.substr(0, i + 1), rest.substr(1, 4), LayoutKind::long_year};
    }
    for (const Spelling& spelling : kSpellings) {
      const bool short_name = spelling.text == "Jan" || spelling.text == "Mon";
      if (rest.starts_with(spelling.text) && !(short_name && lower_follows(rest, 3))) {
        return {layout.substr(0, i), rest.substr(0, spelling.text.size()), spelling.kind};
      }
    }
  }
  return {layout, "", LayoutKind::end};
}

}  // namespace seamwatch::rules::templates
