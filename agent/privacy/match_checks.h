// Checks that a regular expression cannot make: whether digits that look like a card or an account
// number are one, and whether a word that follows "Bearer" is a token. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace seamwatch::agent {

// Each gets a match, `length` bytes of `text` from `begin`, and says how many bytes from there are
// what it looks for; 0 where none are. What stands around the match is looked at as well.

// A payment card number: 14 to 19 digits (13 are rather an article's), plain or in groups as cards
// print them (by spaces, dots or dashes), with the first digits and the length of a known scheme
// and a good check digit. Source: ISO/IEC 7812-1 (Luhn's formula in its annex B).
std::size_t check_card(std::string_view text, std::size_t begin, std::size_t length);

// An account number: a country of the registry with its length and good check digits (mod 97 is
// 1), plain or with spaces, dots or dashes. In small letters no hexadecimal number is one.
// Source: ISO 13616-1.
std::size_t check_iban(std::string_view text, std::size_t begin, std::size_t length);

// An account number of another form at the end of the match: any digits but the beginning of a
// UUID.
std::size_t check_account(std::string_view text, std::size_t begin, std::size_t length);

// Credentials rather than a word of prose: with a digit, a `=`, or a capital after a small letter.
std::size_t check_token(std::string_view text, std::size_t begin, std::size_t length);

// An address that is no unit of systemd ("getty@tty1.service").
std::size_t check_email(std::string_view text, std::size_t begin, std::size_t length);

}  // namespace seamwatch::agent
