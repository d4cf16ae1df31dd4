// Checks of what stands in a URL or behind a word: a person's name, or a secret that prose tells.
// Each is a MatchCheck, see match_checks.h. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace seamwatch::agent {

// The name of a person or a login as URLs write it ("jane.doe", "Jane%20Doe", "jdoe42"): words of
// letters, a few digits at most at their end, none of them an ordinary word of an API ("search",
// "admin", "orders"). An id, a digest, a UUID or a place-holder is none.
std::size_t check_person(std::string_view text, std::size_t begin, std::size_t length);

// The same, where a thing may have a name too: two words or more with spaces between them, or each
// with a capital.
std::size_t check_full_name(std::string_view text, std::size_t begin, std::size_t length);

// What follows "password is": a word that check_token() takes, four bytes or more and no date, or
// anything in quotes.
std::size_t check_told_secret(std::string_view text, std::size_t begin, std::size_t length);

// What follows the word "token": letters with three digits or more, no date and no host's name.
std::size_t check_word_token(std::string_view text, std::size_t begin, std::size_t length);

// What follows "--password": no word of a sentence about the option ("to", "is"), no other option
// and no place-holder.
std::size_t check_option_value(std::string_view text, std::size_t begin, std::size_t length);

// What follows "pass:": what check_token() takes, of letters too, four bytes or more.
std::size_t check_pass_value(std::string_view text, std::size_t begin, std::size_t length);

// What follows "sig=": what check_token() takes, and no signal's name ("SIGRTMIN+1").
std::size_t check_signature(std::string_view text, std::size_t begin, std::size_t length);

}  // namespace seamwatch::agent
