#include "exporters/sinks/email_address.h"

#include <algorithm>

#include "agent/core/ascii.h"
#include "agent/core/labels.h"
#include "agent/core/utf8.h"
#include "exporters/sinks/email_message.h"

namespace seamwatch::exporters {
namespace {

constexpr std::size_t kHeaderNameBytes = 10;  // "Reply-To: "
constexpr std::string_view kRedactedAddress = "<email>";
constexpr std::size_t kAddressBytesMax = 254;  // RFC 5321 section 4.5.3.1.3

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// Letters, digits and the marks of an RFC 5322 atom; bytes of UTF-8 text (RFC 6531).
bool is_atom_char(char c) {
  return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

// Atoms with single dots between them.
bool is_dot_atom(std::string_view text) {
  char before = '.';
  for (const char c : text) {
    if (!is_atom_char(c) && !(c == '.' && before != '.')) {
      return false;
    }
    before = c;
  }
  return before != '.';
}

// "anything" in double quotes, escapes included. An SMTP envelope can carry it.
bool is_quoted_string(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    return false;
  }
  const std::string_view inner = text.substr(1, text.size() - 2);
  bool escaped = false;
  for (const char c : inner) {
    if (c == '"' && !escaped) {
      return false;
    }
    escaped = c == '\\' && !escaped;
  }
  return !escaped;
}

bool is_domain(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {  // an address literal
    return text.find_first_not_of("0123456789abcdefABCDEFIPv.:", 1) == text.size() - 1;
  }
  return is_dot_atom(text);
}

bool is_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > kAddressBytesMax || !is_valid_utf8(text)) {
    return false;
  }
  const std::string_view local = text.substr(0, at);
  return (is_dot_atom(local) || is_quoted_string(local)) && is_domain(text.substr(at + 1));
}

std::string unquote(std::string_view text) {
  if (!is_quoted_string(text)) {
    return std::string(text);
  }
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    i += text[i] == '\\' ? 1 : 0;
    out += text[i];
  }
  return out;
}

// The words pass the list of what privacy takes out, so they hold no address.
Error not_an_address(std::string_view text) {
  if (text.find(kRedactedAddress) != std::string_view::npos) {
    return error(quoted(text) +
                 " is no mail address any more: privacy redacted it in the label or annotation it "
                 "comes from; list the address under privacy.allow");
  }
  return error(quoted(text) +
               " is not a mail address; write it as name@domain or Name <name@domain>");
}

Result<EmailAddress> parse_one(std::string_view text) {
  EmailAddress out;
  std::string_view address = text;
  const std::size_t open = text.rfind('<');
  if (!text.empty() && text.back() == '>' && open != std::string_view::npos) {
    address = text.substr(open + 1, text.size() - open - 2);
    out.name = unquote(trim(text.substr(0, open)));
  }
  out.address = address;
  if (!is_address(address)) {
    return not_an_address(text);
  }
  return out;
}

// The parts between commas outside of quotes and brackets.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  bool in_quotes = false;
  bool escaped = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == ',' && !in_quotes)) {
      out.push_back(trim(text.substr(start, i - start)));
      start = i + 1;
      continue;
    }
    in_quotes = in_quotes != (text[i] == '"' && !escaped);
    escaped = in_quotes && text[i] == '\\' && !escaped;
  }
  return out;
}

}  // namespace

Result<std::vector<EmailAddress>> parse_addresses(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
      })) {
    return error("a mail address holds a control character or line end; remove it");
  }
  std::vector<EmailAddress> out;
  for (const std::string_view part : split(text)) {
    if (part.empty()) {
      continue;  // a list may end in a comma
    }
    auto address = parse_one(part);
    if (!address) {
      return address.error();
    }
    out.push_back(std::move(*address));
  }
  if (out.empty()) {
    return error("no mail address; write it as name@domain");
  }
  return out;
}

std::string header_text(const EmailAddress& address) {
  if (address.name.empty()) {
    return address.address;
  }
  const bool plain = std::all_of(address.name.begin(), address.name.end(), [](char c) {
    return is_blank(c) || (is_atom_char(c) && static_cast<unsigned char>(c) < 0x80);
  });
  const bool ascii = std::all_of(
      address.name.begin(), address.name.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (plain) {
    return address.name + " <" + address.address + ">";
  }
  if (ascii) {
    std::string escaped;
    for (const char c : address.name) {
      escaped += c == '"' || c == '\\' ? "\\" : "";
      escaped += c;
    }
    return "\"" + escaped + "\" <" + address.address + ">";
  }
  return encode_header(address.name, kHeaderNameBytes) + " <" + address.address + ">";
}

}  // namespace seamwatch::exporters
