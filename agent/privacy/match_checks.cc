#include "agent/privacy/match_checks.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "agent/core/ascii.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kEnDash = "\u2013";

bool is_separator(char c) {
  return c == ' ' || c == '-' || c == '.';
}

// Whether a number that fills [begin, end) stands alone: no part of a longer word or of a fraction.
bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
  if (end < text.size() && is_letter_or_digit(text[end])) {
    return false;
  }
  if (begin == 0) {
    return true;
  }
  const char before = text[begin - 1];
  const bool fraction = before == '.' && begin > 1 && is_digit(text[begin - 2]);
  return !is_letter_or_digit(before) && !fraction;
}

// From the right, every second digit counts double, less 9 where that has two digits.
bool luhn_holds(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const int doubled = digit > 4 ? 2 * digit - 9 : 2 * digit;
    sum += i % 2 == 1 ? doubled : digit;
  }
  return sum % 10 == 0;
}

// First digits and lengths of the schemes.
struct CardRange {
  int digits;  // how many first digits are compared
  int first;
  int last;
  std::size_t length_min;
  std::size_t length_max;
};

constexpr std::size_t kCardDigitsMin = 14;

constexpr std::array kCardRanges = {
    CardRange{1, 4, 4, 16, 16},        // Visa
    CardRange{1, 4, 4, 19, 19},        // Visa
    CardRange{2, 51, 55, 16, 16},      // Mastercard
    CardRange{4, 2221, 2720, 16, 16},  // Mastercard
    CardRange{2, 34, 34, 15, 15},      // American Express
    CardRange{2, 37, 37, 15, 15},      // American Express
    CardRange{3, 300, 305, 14, 19},    // Diners Club
    CardRange{2, 36, 36, 14, 19},      // Diners Club
    CardRange{2, 38, 39, 16, 19},      // Diners Club
    CardRange{4, 6011, 6011, 16, 19},  // Discover
    CardRange{3, 644, 649, 16, 19},    // Discover
    CardRange{2, 65, 65, 16, 19},      // Discover
    CardRange{4, 3528, 3589, 16, 19},  // JCB
    CardRange{2, 62, 62, 16, 19},      // UnionPay
    CardRange{2, 50, 50, 16, 19},      // Maestro
    CardRange{2, 56, 58, 16, 19},      // Maestro
    CardRange{2, 63, 63, 16, 19},      // Maestro
    CardRange{2, 67, 67, 16, 19},      // Maestro
};

bool has_scheme(std::string_view digits) {
  return std::any_of(kCardRanges.begin(), kCardRanges.end(), [&](const CardRange& range) {
    int prefix = 0;
    for (int i = 0; i < range.digits; ++i) {
      prefix = 10 * prefix + (digits[static_cast<std::size_t>(i)] - '0');
    }
    return prefix >= range.first && prefix <= range.last && digits.size() >= range.length_min &&
           digits.size() <= range.length_max;
  });
}

// Whether groups of these sizes are how cards print their numbers.
bool printed_groups(const std::vector<std::size_t>& groups) {
  using Groups = std::vector<std::size_t>;
  if (groups.size() == 1) {
    return true;
  }
  if (groups == Groups{4, 6, 5} || groups == Groups{4, 6, 4} || groups == Groups{4, 4, 5} ||
      groups == Groups{6, 13} || groups == Groups{8, 8}) {
    return true;
  }
  const bool fours =
      std::all_of(groups.begin(), groups.end() - 1, [](std::size_t size) { return size == 4; });
  return fours && groups.size() >= 4 && groups.back() <= 4;
}

struct CountryLength {
  std::string_view country;
  std::size_t length;
};

// Source: the registry of ISO 13616, release 98.
constexpr std::array kIbanLengths = {
    CountryLength{"AD", 24}, CountryLength{"AE", 23}, CountryLength{"AL", 28},
    CountryLength{"AT", 20}, CountryLength{"AZ", 28}, CountryLength{"BA", 20},
    CountryLength{"BE", 16}, CountryLength{"BG", 22}, CountryLength{"BH", 22},
    CountryLength{"BR", 29}, CountryLength{"BY", 28}, CountryLength{"CH", 21},
    CountryLength{"CR", 22}, CountryLength{"CY", 28}, CountryLength{"CZ", 24},
    CountryLength{"DE", 22}, CountryLength{"DK", 18}, CountryLength{"DO", 28},
    CountryLength{"EE", 20}, CountryLength{"EG", 29}, CountryLength{"ES", 24},
    CountryLength{"FI", 18}, CountryLength{"FO", 18}, CountryLength{"FR", 27},
    CountryLength{"GB", 22}, CountryLength{"GE", 22}, CountryLength{"GI", 23},
    CountryLength{"GL", 18}, CountryLength{"GR", 27}, CountryLength{"GT", 28},
    CountryLength{"HR", 21}, CountryLength{"HU", 28}, CountryLength{"IE", 22},
    CountryLength{"IL", 23}, CountryLength{"IQ", 23}, CountryLength{"IS", 26},
    CountryLength{"IT", 27}, CountryLength{"JO", 30}, CountryLength{"KW", 30},
    CountryLength{"KZ", 20}, CountryLength{"LB", 28}, CountryLength{"LI", 21},
    CountryLength{"LT", 20}, CountryLength{"LU", 20}, CountryLength{"LV", 21},
    CountryLength{"LY", 25}, CountryLength{"MC", 27}, CountryLength{"MD", 24},
    CountryLength{"ME", 22}, CountryLength{"MK", 19}, CountryLength{"MR", 27},
    CountryLength{"MT", 31}, CountryLength{"MU", 30}, CountryLength{"NL", 18},
    CountryLength{"NO", 15}, CountryLength{"PK", 24}, CountryLength{"PL", 28},
    CountryLength{"PS", 29}, CountryLength{"PT", 25}, CountryLength{"QA", 29},
    CountryLength{"RO", 24}, CountryLength{"RS", 22}, CountryLength{"SA", 24},
    CountryLength{"SC", 31}, CountryLength{"SE", 24}, CountryLength{"SI", 19},
    CountryLength{"SK", 24}, CountryLength{"SM", 27}, CountryLength{"ST", 25},
    CountryLength{"SV", 28}, CountryLength{"TL", 23}, CountryLength{"TN", 24},
    CountryLength{"TR", 26}, CountryLength{"UA", 29}, CountryLength{"VA", 22},
    CountryLength{"VG", 24}, CountryLength{"XK", 20},
};

std::string ascii_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

// Small letters that are hexadecimal digits, with digits: an id rather than an account.
bool looks_hexadecimal(std::string_view text) {
  const bool letters = std::any_of(text.begin() + 2, text.end(), is_lower);
  return letters && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f');
         });
}

// Letters count as 10 to 35, and the first four characters come last.
bool mod_97_holds(const std::string& iban) {
  const std::string turned = iban.substr(4) + iban.substr(0, 4);
  unsigned rest = 0;
  for (const char c : turned) {
    const auto value = static_cast<unsigned>(is_digit(c) ? c - '0' : c - 'A' + 10);
    rest = (rest * (value > 9 ? 100U : 10U) + value) % 97U;
  }
  return rest == 1;
}

// The first three groups are enough.
bool looks_like_uuid(std::string_view text) {
  constexpr std::string_view kBegin = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() >= kBegin.size() &&
         std::equal(kBegin.begin(), kBegin.end(), text.begin(), [](char form, char c) {
           return form == '-' ? c == '-' : hex_value(c) >= 0;
         });
}

}  // namespace

std::size_t check_card(std::string_view text, std::size_t begin, std::size_t length) {
  std::string digits;
  std::vector<std::size_t> groups = {0};
  std::string_view separator;
  for (std::size_t at = begin; at < begin + length;) {
    if (is_digit(text[at])) {
      digits += text[at];
      ++groups.back();
      ++at;
      continue;
    }
    const bool dash = text.substr(at).starts_with(kEnDash);
    const std::string_view here = text.substr(at, dash ? kEnDash.size() : 1);
    if (!separator.empty() && separator != here) {
      return 0;  // no card mixes them
    }
    separator = here;
    groups.push_back(0);
    at += here.size();
  }
  // A longer match may be a card and more digits behind a space: try every end, longest first.
  while (digits.size() >= kCardDigitsMin) {
    const std::size_t used = digits.size() + (groups.size() - 1) * separator.size();
    if (stands_alone(text, begin, begin + used) && printed_groups(groups) && has_scheme(digits) &&
        luhn_holds(digits)) {
      return used;
    }
    digits.pop_back();
    if (--groups.back() == 0) {
      groups.pop_back();
    }
  }
  return 0;
}

std::size_t check_iban(std::string_view text, std::size_t begin, std::size_t length) {
  const std::string country = ascii_upper(text.substr(begin, 2));
  const auto known =
      std::find_if(kIbanLengths.begin(), kIbanLengths.end(), [&](const CountryLength& each) {
        return each.country == country;
      });
  if (known == kIbanLengths.end()) {
    return 0;
  }
  std::string iban;  // as it is written, without separators
  for (std::size_t at = begin; at < begin + length; ++at) {
    if (is_separator(text[at])) {
      continue;
    }
    iban += text[at];
    if (iban.size() == known->length) {
      const std::size_t end = at + 1;
      const bool good = stands_alone(text, begin, end) && !looks_hexadecimal(iban);
      return good && mod_97_holds(ascii_upper(iban)) ? end - begin : 0;
    }
  }
  return 0;
}

std::size_t check_account(std::string_view text, std::size_t begin, std::size_t length) {
  const std::size_t before = text.substr(0, begin + length).find_last_not_of("0123456789 -");
  const std::size_t from = before == std::string_view::npos || before < begin ? begin : before + 1;
  return looks_like_uuid(text.substr(text.find_first_not_of(" -", from))) ? 0 : length;
}

std::size_t check_token(std::string_view text, std::size_t begin, std::size_t length) {
  for (std::size_t at = begin; at < begin + length; ++at) {
    const bool camel = is_upper(text[at]) && at > begin && is_lower(text[at - 1]);
    if (is_digit(text[at]) || text[at] == '=' || camel) {
      return length;
    }
  }
  return 0;
}

std::size_t check_email(std::string_view text, std::size_t begin, std::size_t length) {
  const std::string_view address = text.substr(begin, length);
  for (const std::string_view unit :
       {".service", ".socket", ".timer", ".target", ".mount", ".slice", ".scope"}) {
    if (address.ends_with(unit)) {
      return 0;
    }
  }
  return length;
}

}  // namespace seamwatch::agent
