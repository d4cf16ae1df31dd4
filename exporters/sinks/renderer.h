// Renderer: how a sink expands the templates that a notification file may hold. The agent hands one
// in that knows the template files; sinks know nothing of template languages.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "agent/core/notification.h"
#include "agent/core/result.h"

namespace seamwatch::exporters {

using Renderer =
    std::function<Result<std::string>(const std::string& text, const Notification& notification)>;

// Whether `text` holds a template action at all. Without one it is used as it stands.
inline bool holds_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

}  // namespace seamwatch::exporters
