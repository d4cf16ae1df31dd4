// CodeTracker: where in a piece of JavaScript or CSS a value stands: in code, a string, a regular
// expression, a comment, a URL. Part of the html mode. Source: Go, html/template (transition.go).
#pragma once

#include <string>
#include <string_view>

#include "rules/templates/value.h"

namespace seamwatch::rules::templates {

class CodeTracker {
 public:
  enum class Language { script, style };

  enum class State { code, string, template_literal, regexp, line_comment, block_comment, url };

  void start(Language language);

  // Follows `text`; what is to be written of it is appended to `out` (all but comments).
  void follow(std::string_view text, std::string& out);

  // A value was written here.
  void value_written();

  State state() const { return state_; }

  Language language() const { return language_; }

  // What to write for `value` here; URLs in styles are the caller's matter.
  std::string escape(const Value& value) const;

 private:
  std::size_t step(std::string_view text, std::string& out);
  std::size_t step_script(std::string_view text, std::string& out);
  std::size_t step_style(std::string_view text, std::string& out);
  std::size_t step_literal(std::string_view text, std::string& out);
  std::size_t step_comment(std::string_view text, std::string& out);
  void note_script(std::string_view text);

  Language language_ = Language::script;
  State state_ = State::code;
  char quote_ = '"';               // of a string or quoted url; 0 for a bare url
  bool in_class_ = false;          // of a regexp: within [...]
  bool regexp_may_follow_ = true;  // a slash here starts a regexp rather than divides
  std::string last_word_;
};

// "ZgotmplZ": stands for a value that is not safe where it would stand.
extern const std::string_view kUnsafe;

// Whether `url` has no scheme or one of http, https, mailto.
bool is_safe_url(std::string_view url);

// Percent-encodes what may not stand in a URL; with `normalize` its delimiters stay.
std::string encode_url(std::string_view url, bool normalize);

// A value as text; nil is "".
std::string value_text(const Value& value);

}  // namespace seamwatch::rules::templates
