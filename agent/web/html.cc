#include "agent/web/html.h"

#include "agent/core/utf8.h"

namespace seamwatch::agent {

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char letter : to_valid_utf8(text)) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(letter);
        const bool control = (byte < 0x20 && letter != '\n' && letter != '\t') || byte == 0x7f;
        if (control) {
          append_utf8(out, U'\uFFFD');
        } else {
          out += letter;
        }
      }
    }
  }
  return out;
}

std::string html_element(std::string_view name, std::string_view text, std::string_view css) {
  std::string out = "<" + std::string(name);
  if (!css.empty()) {
    out += " class=\"" + html_escape(css) + "\"";
  }
  return out + ">" + html_escape(text) + "</" + std::string(name) + ">";
}

}  // namespace seamwatch::agent
