#include "rules/templates/html_escaper.h"

#include <algorithm>
#include <array>

#include "agent/core/ascii.h"
#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

constexpr std::string_view kSpaces = " \t\n\f\r";

bool is_letter(char c) {
  return is_lower(c) || is_upper(c);
}

bool starts_with_no_case(std::string_view text, std::string_view word) {
  return ascii_lower(text.substr(0, word.size())) == word;
}

// Escapes for an attribute without quotes too where `bare`. With `keep_entities` what is escaped
// already stays as it is.
std::string escape_html(std::string_view text, bool bare, bool keep_entities) {
  const std::string_view special =
      bare ? std::string_view("\0\"&'+<>\t\n\v\f\r =`", 16) : std::string_view("\0\"&'+<>", 8);
  std::string out;
  for (const char c : text) {
    if (special.find(c) == std::string_view::npos || (c == '&' && keep_entities)) {
      out += c;
    } else if (c == '\0') {
      out += "\uFFFD";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += "&#" + std::to_string(static_cast<int>(c)) + ";";
    }
  }
  return out;
}

// The text of HTML without its tags, for attributes.
std::string without_tags(std::string_view html) {
  std::string out;
  while (!html.empty()) {
    const std::size_t open = std::min(html.find('<'), html.size());
    out += html.substr(0, open);
    html.remove_prefix(open);
    if (html.size() > 1 && (is_letter(html[1]) || html[1] == '/' || html[1] == '!')) {
      html.remove_prefix(std::min(html.find('>'), html.size() - 1) + 1);
    } else if (!html.empty()) {
      out += '<';
      html.remove_prefix(1);
    }
  }
  return out;
}

bool is_url_attribute(const std::string& name) {
  constexpr std::array<std::string_view, 16> kNames = {"action",
                                                       "archive",
                                                       "background",
                                                       "cite",
                                                       "classid",
                                                       "codebase",
                                                       "data",
                                                       "formaction",
                                                       "href",
                                                       "icon",
                                                       "longdesc",
                                                       "manifest",
                                                       "poster",
                                                       "profile",
                                                       "usemap",
                                                       "xmlns"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// Only &quot; and the like matter to the code in an attribute.
std::string decode_entities(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 9> kEntities = {{{"&quot;", '"'},
                                                                           {"&#34;", '"'},
                                                                           {"&apos;", '\''},
                                                                           {"&#39;", '\''},
                                                                           {"&lt;", '<'},
                                                                           {"&gt;", '>'},
                                                                           {"&#x27;", '\''},
                                                                           {"&#x22;", '"'},
                                                                           {"&amp;", '&'}}};
  std::string out;
  while (!text.empty()) {
    const auto found = std::find_if(kEntities.begin(), kEntities.end(), [&](const auto& entity) {
      return text.starts_with(entity.first);
    });
    out += found == kEntities.end() ? text.front() : found->second;
    text.remove_prefix(found == kEntities.end() ? 1 : found->first.size());
  }
  return out;
}

}  // namespace

std::string HtmlEscaper::text(std::string_view html) {
  std::string out;
  while (!html.empty()) {
    html.remove_prefix(step(html, out));
  }
  return out;
}

std::size_t HtmlEscaper::step(std::string_view html, std::string& out) {
  switch (state_) {
    case State::text:
      return step_text(html, out);
    case State::comment: {
      const std::size_t end = html.find("-->");
      state_ = end == std::string_view::npos ? state_ : State::text;
      return end == std::string_view::npos ? html.size() : end + 3;
    }
    case State::tag:
      return step_tag(html, out);
    case State::after_name:
      return step_after_name(html, out);
    case State::before_value:
      return step_before_value(html, out);
    case State::value:
      return step_value(html, out);
    case State::rcdata:
    case State::code:
      return step_element(html, out);
  }
  return html.size();
}

std::size_t HtmlEscaper::step_text(std::string_view html, std::string& out) {
  const std::size_t open = std::min(html.find('<'), html.size());
  out += html.substr(0, open);
  if (open == html.size()) {
    return open;
  }
  const std::string_view tag = html.substr(open);
  if (tag.starts_with("<!--")) {
    state_ = State::comment;
    return open + 4;
  }
  const bool closes = tag.size() > 1 && tag[1] == '/';
  std::size_t end = closes ? 2 : 1;
  if (end >= tag.size() || !is_letter(tag[end])) {
    out += starts_with_no_case(tag, "<!doctype") ? "<" : "&lt;";
    return open + 1;
  }
  while (end < tag.size() && (is_letter(tag[end]) || (tag[end] >= '0' && tag[end] <= '9') ||
                              tag[end] == '-' || tag[end] == ':')) {
    ++end;
  }
  tag_name_ = ascii_lower(tag.substr(1, end - 1));
  state_ = State::tag;
  out += tag.substr(0, end);
  return open + end;
}

void HtmlEscaper::end_tag() {
  state_ = State::text;
  element_ = tag_name_;
  if (tag_name_ == "script" || tag_name_ == "style") {
    state_ = State::code;
    code_.start(tag_name_ == "script" ? CodeTracker::Language::script
                                      : CodeTracker::Language::style);
  } else if (tag_name_ == "textarea" || tag_name_ == "title") {
    state_ = State::rcdata;
  } else {
    element_.clear();
  }
  delim_ = Delim::none;
}

std::size_t HtmlEscaper::step_tag(std::string_view html, std::string& out) {
  const std::size_t start = html.find_first_not_of(kSpaces);
  if (start == std::string_view::npos) {
    out += html;
    return html.size();
  }
  if (html[start] == '>') {
    out += html.substr(0, start + 1);
    end_tag();
    return start + 1;
  }
  const std::size_t end = std::min(html.find_first_of(" \t\n\f\r=>", start), html.size());
  const std::size_t size = std::max(end, start + 1);
  std::string name = ascii_lower(html.substr(start, size - start));
  if (name.starts_with("data-")) {
    name.erase(0, 5);
  } else if (const std::size_t colon = name.find(':'); colon != std::string::npos) {
    name = name.substr(0, colon) == "xmlns" ? "xmlns" : name.substr(colon + 1);
  }
  if (name == "style") {
    content_ = Content::style;
  } else if (name.starts_with("on")) {
    content_ = Content::script;
  } else if (name == "srcset" || name == "imagesrcset") {
    content_ = Content::srcset;
  } else {
    const bool by_name = name.find("src") != std::string::npos ||
                         name.find("uri") != std::string::npos ||
                         name.find("url") != std::string::npos;
    content_ =
        name != "srcdoc" && (is_url_attribute(name) || by_name) ? Content::url : Content::plain;
  }
  state_ = State::after_name;
  out += html.substr(0, size);
  return size;
}

std::size_t HtmlEscaper::step_after_name(std::string_view html, std::string& out) {
  const std::size_t start = std::min(html.find_first_not_of(kSpaces), html.size());
  out += html.substr(0, start);
  if (start == html.size()) {
    return start;
  }
  if (html[start] != '=') {
    state_ = State::tag;
    return start;
  }
  out += '=';
  state_ = State::before_value;
  return start + 1;
}

void HtmlEscaper::enter_value(Delim delim) {
  state_ = State::value;
  delim_ = delim;
  url_part_ = UrlPart::start;
  if (content_ == Content::script || content_ == Content::style) {
    code_.start(content_ == Content::script ? CodeTracker::Language::script
                                            : CodeTracker::Language::style);
  }
}

std::size_t HtmlEscaper::step_before_value(std::string_view html, std::string& out) {
  const std::size_t start = std::min(html.find_first_not_of(kSpaces), html.size());
  out += html.substr(0, start);
  if (start == html.size()) {
    return start;
  }
  if (html[start] == '>') {
    state_ = State::tag;
    return start;
  }
  if (html[start] == '"' || html[start] == '\'') {
    out += html[start];
    enter_value(html[start] == '"' ? Delim::double_quote : Delim::single_quote);
    return start + 1;
  }
  enter_value(Delim::space);
  return start;
}

std::size_t HtmlEscaper::step_value(std::string_view html, std::string& out) {
  const std::string_view ends = delim_ == Delim::double_quote   ? "\""
                                : delim_ == Delim::single_quote ? "'"
                                                                : " \t\n\f\r>";
  const std::size_t end = std::min(html.find_first_of(ends), html.size());
  follow_value(html.substr(0, end));
  out += html.substr(0, end);
  if (end == html.size()) {
    return end;
  }
  state_ = State::tag;
  if (delim_ == Delim::space) {
    delim_ = Delim::none;
    return end;
  }
  delim_ = Delim::none;
  out += html[end];
  return end + 1;
}

void HtmlEscaper::follow_value(std::string_view text) {
  if (content_ == Content::script || content_ == Content::style) {
    std::string ignored;
    code_.follow(decode_entities(text), ignored);
    return;
  }
  if (text.find_first_of("#?") != std::string_view::npos) {
    url_part_ = UrlPart::query;
  } else if (url_part_ == UrlPart::start &&
             text.find_first_not_of(kSpaces) != std::string_view::npos) {
    url_part_ = UrlPart::path;
  }
}

// The raw content of script, style, textarea and title, up to the closing tag.
std::size_t HtmlEscaper::step_element(std::string_view html, std::string& out) {
  std::size_t end = html.size();
  for (std::size_t at = html.find("</"); at != std::string_view::npos;
       at = html.find("</", at + 1)) {
    if (starts_with_no_case(html.substr(at + 2), element_)) {
      end = at;
      break;
    }
  }
  const std::string_view content = html.substr(0, end);
  if (state_ == State::code) {
    code_.follow(content, out);
  } else {
    out += content;
  }
  if (end < html.size()) {
    state_ = State::text;
    element_.clear();
  }
  return end == 0 && end < html.size() ? step_text(html, out) : end;
}

std::string HtmlEscaper::for_delim(std::string_view text) const {
  if (delim_ == Delim::none) {
    return std::string(text);
  }
  if (delim_ == Delim::space && text.empty()) {
    return std::string(kUnsafe);
  }
  return escape_html(text, delim_ == Delim::space, false);
}

std::string HtmlEscaper::attribute_value(const Value& value) const {
  if (value.type() == html_type()) {
    return escape_html(without_tags(value.as_string()), delim_ == Delim::space, true);
  }
  return for_delim(value_text(value));
}

std::string HtmlEscaper::url_value(const Value& value) const {
  const std::string url = value_text(value);
  const bool trusted = value.type() == url_type();
  if (url_part_ == UrlPart::start && !trusted && !is_safe_url(url)) {
    return "#" + std::string(kUnsafe);
  }
  return encode_url(url, trusted || url_part_ != UrlPart::query);
}

// Every URL of the comma separated list is checked; what follows a URL may only be a size.
std::string HtmlEscaper::srcset_value(const Value& value) const {
  std::string out;
  std::string_view rest;
  const std::string text = value_text(value);
  for (rest = text; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view entry = rest.substr(0, comma);
    const std::size_t start = std::min(entry.find_first_not_of(kSpaces), entry.size());
    const std::size_t end = std::min(entry.find_first_of(kSpaces, start), entry.size());
    const std::string_view url = entry.substr(start, end - start);
    const bool plain_size =
        std::all_of(entry.begin() + static_cast<std::ptrdiff_t>(end), entry.end(), [](char c) {
          return is_letter_or_digit(c) || c == '.' || kSpaces.find(c) != std::string_view::npos;
        });
    if (is_safe_url(url) && plain_size) {
      out += std::string(entry.substr(0, start)) + encode_url(url, true) +
             std::string(entry.substr(end));
    } else {
      out += "#" + std::string(kUnsafe);
    }
    out += comma < rest.size() ? "," : "";
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return out;
}

std::string HtmlEscaper::code_value(const Value& value) {
  std::string text =
      code_.state() == CodeTracker::State::url ? url_value(value) : code_.escape(value);
  code_.value_written();
  return text;
}

Result<std::string> HtmlEscaper::value(const Value& value) {
  if (state_ == State::before_value) {
    enter_value(Delim::space);
  }
  switch (state_) {
    case State::comment:
      return std::string();
    case State::text:
      return value.type() == html_type() ? value.as_string()
                                         : escape_html(value_text(value), false, false);
    case State::rcdata:
      return escape_html(value_text(value), false, value.type() == html_type());
    case State::code:
      return code_value(value);
    case State::tag:
    case State::after_name: {
      // A value as the name of an attribute: only harmless names.
      if (value.type() == attribute_type()) {
        return value.as_string();
      }
      const std::string name = ascii_lower(value_text(value));
      const bool harmless =
          !name.empty() && !is_url_attribute(name) && !name.starts_with("on") && name != "style" &&
          name.find("src") == std::string::npos && name.find("url") == std::string::npos &&
          std::all_of(name.begin(), name.end(), [](char c) { return is_letter_or_digit(c); });
      return harmless ? name : std::string(kUnsafe);
    }
    case State::before_value:
    case State::value:
      break;
  }
  switch (content_) {
    case Content::url:
      return for_delim(url_value(value));
    case Content::srcset:
      return for_delim(srcset_value(value));
    case Content::script:
    case Content::style:
      return for_delim(code_value(value));
    case Content::plain:
      break;
  }
  return attribute_value(value);
}

Status HtmlEscaper::finish() const {
  switch (state_) {
    case State::text:
    case State::rcdata:
      return {};
    case State::comment:
      return error("ends in a non-text context: an HTML comment is not closed");
    case State::code:
      return error("ends in a non-text context: <" + element_ + "> is not closed");
    default:
      return error("ends in a non-text context: the tag <" + tag_name_ + "> is not closed");
  }
}

}  // namespace seamwatch::rules::templates
