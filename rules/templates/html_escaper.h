// HtmlEscaper: follows the HTML that a template writes and escapes each value for where it stands:
// text, attribute, URL, script, style. It tracks the output as it is produced, so loops and
// branches need no analysis beforehand. One object an execution.
// Source: Go, html/template (contexts and escapers).
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "rules/templates/html_code.h"
#include "rules/templates/value.h"

namespace seamwatch::rules::templates {

class HtmlEscaper {
 public:
  // What to write for literal text of the template: comments are dropped, a stray < becomes &lt;.
  std::string text(std::string_view html);

  // What to write for a value that stands here. A value that is not safe here becomes "ZgotmplZ".
  // Errors: a place where no value is safe.
  [[nodiscard]] Result<std::string> value(const Value& value);

  // Whether the output may end here; the error says what is still open.
  [[nodiscard]] Status finish() const;

 private:
  enum class State {
    text,
    comment,
    tag,           // inside <a ...>, between attributes
    after_name,    // of an attribute
    before_value,  // behind the =
    value,         // of an attribute
    rcdata,        // in <textarea>, <title>
    code,          // in <script>, <style>
  };

  // What the value of an attribute is.
  enum class Content { plain, url, srcset, script, style };

  enum class Delim { none, double_quote, single_quote, space };

  enum class UrlPart { start, path, query };

  // Each consumes some of `html` and appends what is to be written to `out`.
  std::size_t step(std::string_view html, std::string& out);
  std::size_t step_text(std::string_view html, std::string& out);
  std::size_t step_tag(std::string_view html, std::string& out);
  std::size_t step_after_name(std::string_view html, std::string& out);
  std::size_t step_before_value(std::string_view html, std::string& out);
  std::size_t step_value(std::string_view html, std::string& out);
  std::size_t step_element(std::string_view html, std::string& out);
  void enter_value(Delim delim);
  void follow_value(std::string_view text);
  void end_tag();

  std::string code_value(const Value& value);
  std::string url_value(const Value& value) const;
  std::string srcset_value(const Value& value) const;
  std::string attribute_value(const Value& value) const;
  std::string for_delim(std::string_view text) const;

  State state_ = State::text;
  Delim delim_ = Delim::none;
  Content content_ = Content::plain;
  UrlPart url_part_ = UrlPart::start;
  CodeTracker code_;      // of script and style, as elements or attributes
  std::string tag_name_;  // lower case; of a closing tag with its slash
  std::string element_;   // whose raw content this is: "script", "textarea"; or empty
};

}  // namespace seamwatch::rules::templates
