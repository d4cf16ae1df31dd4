#include "agent/web/html.h"

namespace seamwatch::agent {

std::string html_element(std::string_view name, std::string_view text, std::string_view css) {
  std::string out = "<" + std::string(name);
  if (!css.empty()) {
    out += " class=\"" + html_escape(css) + "\"";
  }
  return out + ">" + html_escape(text) + "</" + std::string(name) + ">";
}

}  // namespace seamwatch::agent
