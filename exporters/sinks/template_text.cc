#include "exporters/sinks/template_text.h"

#include <boost/json.hpp>

#include "agent/core/document_json.h"
#include "agent/core/notice_text.h"
#include "agent/core/utf8.h"

namespace seamwatch::exporters {
namespace {

namespace json = boost::json;

constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

}  // namespace

std::string TemplateText::expand(const std::string& text) {
  if (!holds_template(text)) {
    return to_valid_utf8(text);
  }
  std::string why = "there is nothing to expand templates with";
  if (render_) {
    auto expanded = render_(text, notification_);
    if (expanded) {
      return to_valid_utf8(*expanded);
    }
    why = expanded.error().message;
  }
  failure_ = failure_.empty() ? why : failure_;
  return "";
}

std::string TemplateText::expand(const Node& fields, std::string_view key) {
  const Node* node = fields.find(key);
  return node == nullptr ? "" : expand(node->scalar);
}

json::value TemplateText::scalar(const Node& node) {
  const bool templated = holds_template(node.scalar);
  return scalar_json(expand(node.scalar), templated || !node.quoted);
}

json::value TemplateText::tree(const Node& node) {
  return json_of(
      node,
      [this](const Node& key) { return expand(key.scalar); },
      [this](const Node& each) { return scalar(each); });
}

std::string plain_text(const Notification& notification, WallTime now, std::string_view failure) {
  const std::string rest = notice_rest(notification);
  const std::string note =
      failure.empty()
          ? ""
          : "\nA template of this notice could not be expanded: " + to_valid_utf8(failure) + "\n";
  return notice_text(notification, now) + (rest.empty() ? "" : "\n" + rest) + note;
}

bool all_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_on(const Node& fields, std::string_view key) {
  const Node* node = fields.find(key);
  return node != nullptr && node->scalar == "true";
}

std::string cut_runes(std::string_view text, std::size_t runes_max) {
  const std::string valid = to_valid_utf8(text);
  std::size_t runes = 0;
  std::size_t last = 0;  // where the last rune that may stay beside an ellipsis ends
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if ((static_cast<unsigned char>(valid[i]) & 0xc0U) == 0x80U) {
      continue;
    }
    if (runes + 1 == runes_max) {
      last = i;
    }
    if (runes == runes_max) {
      return valid.substr(0, last) + std::string(kEllipsis);
    }
    ++runes;
  }
  return valid;
}

}  // namespace seamwatch::exporters
