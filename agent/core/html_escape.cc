#include "agent/core/html_escape.h"

#include "agent/core/utf8.h"

namespace seamwatch {

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
        const bool blank = letter == '\n' || letter == '\t' || letter == '\r';
        if ((byte < 0x20 && !blank) || byte == 0x7f) {
          append_utf8(out, U'\uFFFD');
        } else {
          out += letter;
        }
      }
    }
  }
  return out;
}

}  // namespace seamwatch
