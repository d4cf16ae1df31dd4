// TemplateText: expands the templated texts of one notice and remembers what failed, so that a sink
// can send plain words in place of a template that does not work. Also templated JSON.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "agent/core/document.h"
#include "agent/core/notification.h"
#include "exporters/sinks/renderer.h"

namespace seamwatch::exporters {

class TemplateText {
 public:
  // Both outlive this.
  TemplateText(const Renderer& render, const Notification& notification)
      : render_(render), notification_(notification) {}

  // `text` expanded; "" where that fails, and failure() says why.
  std::string expand(const std::string& text);

  // The text at `key` of `fields`, expanded; "" where there is none.
  std::string expand(const Node& fields, std::string_view key);

  // `tree` as JSON: texts are expanded, and one that holds a template and gives a JSON value other
  // than a text becomes that value. Plain scalars that are not quoted become numbers, true, false
  // or null as YAML reads them.
  boost::json::value tree(const Node& tree);

  // Why the first template that failed did, or "".
  const std::string& failure() const { return failure_; }

 private:
  boost::json::value scalar(const Node& node);

  const Renderer& render_;
  const Notification& notification_;
  std::string failure_;
};

// Our own words for `notification`, with a note that a template failed, if one did: every fact and
// none lost.
std::string plain_text(const Notification& notification, WallTime now, std::string_view failure);

// Whether `text` shows nothing.
bool all_blank(std::string_view text);

// Whether the flag at `key` of `fields` is true.
bool is_on(const Node& fields, std::string_view key);

// `text` as UTF-8 of at most `runes_max` code points, the last one an ellipsis where it was cut.
std::string cut_runes(std::string_view text, std::size_t runes_max);

}  // namespace seamwatch::exporters
