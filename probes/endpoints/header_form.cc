#include "probes/endpoints/header_form.h"

namespace seamwatch::probes {
namespace {

constexpr std::size_t kStatusBytes = 12;  // "HTTP/1.1 200"

bool lacks_blank(std::string_view status_line) {
  return status_line.size() == kStatusBytes && status_line.starts_with("HTTP/");
}

// Takes the first line off `bytes`, without its end. Requires: there is a whole line.
std::string_view take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

HeaderForm header_form(std::string_view bytes) {
  HeaderForm form;
  bool first = true;
  for (std::size_t begin = 0;;) {
    const std::size_t end = bytes.find('\n', begin);
    if (end == std::string_view::npos) {
      return form;
    }
    const bool crlf = end > begin && bytes[end - 1] == '\r';
    const std::string_view line = bytes.substr(begin, end - begin - (crlf ? 1 : 0));
    form.strict = form.strict && crlf && !(first && lacks_blank(line));
    begin = end + 1;
    if (line.empty() && !first) {
      form.bytes = begin;
      return form;
    }
    first = false;
  }
}

std::string strict_header(std::string_view header) {
  std::string out;
  out.reserve(header.size() + 64);
  for (bool first = true; !header.empty(); first = false) {
    const std::string_view line = take_line(header);
    out.append(line).append(first && lacks_blank(line) ? " \r\n" : "\r\n");
  }
  return out;
}

}  // namespace seamwatch::probes
