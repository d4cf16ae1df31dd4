#include "exporters/metrics/negotiate.h"

#include <charconv>
#include <string>
#include <vector>

#include <boost/algorithm/string/predicate.hpp>

#include "agent/core/ascii.h"

namespace seamwatch::exporters {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

// One element of Accept or Accept-Encoding.
struct Choice {
  std::string_view value;  // "text/plain", "gzip", "*"
  std::string_view version;
  double quality = 1;
};

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

// A weight that cannot be read counts as 0: such an element is not what the peer meant to prefer.
double parse_quality(std::string_view text) {
  double quality = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), quality);
  const bool good = end.ec == std::errc() && end.ptr == text.data() + text.size();
  return good && quality >= 0 && quality <= 1 ? quality : 0;
}

Choice parse_choice(std::string_view text) {
  Choice choice;
  const std::vector<std::string_view> parts = split(text, ';');
  choice.value = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    const std::string_view name = trimmed(parts[i].substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? "" : unquoted(trimmed(parts[i].substr(equals + 1)));
    if (boost::algorithm::iequals(name, "q")) {
      choice.quality = parse_quality(value);
    } else if (boost::algorithm::iequals(name, "version")) {
      choice.version = value;
    }
  }
  return choice;
}

bool is_openmetrics(const Choice& choice) {
  return boost::algorithm::iequals(choice.value, "application/openmetrics-text") &&
         (choice.version.empty() || choice.version == "1.0.0");
}

bool is_text(const Choice& choice) {
  if (choice.value == "*/*" || boost::algorithm::iequals(choice.value, "text/*")) {
    return true;
  }
  // Text 1.0.0 differs from 0.0.4 only in names that are not classic, which we do not write.
  return boost::algorithm::iequals(choice.value, "text/plain") &&
         (choice.version.empty() || choice.version == "0.0.4" || choice.version == "1.0.0");
}

}  // namespace

Format negotiate_format(std::string_view accept) {
  Format best = Format::text;
  double best_quality = 0;
  for (const std::string_view element : split(accept, ',')) {
    const Choice choice = parse_choice(element);
    const bool fits = is_openmetrics(choice) || is_text(choice);
    if (fits && choice.quality > best_quality) {
      best = is_openmetrics(choice) ? Format::openmetrics : Format::text;
      best_quality = choice.quality;
    }
  }
  return best;
}

bool accepts_gzip(std::string_view accept_encoding) {
  double any = 0;
  for (const std::string_view element : split(accept_encoding, ',')) {
    const Choice choice = parse_choice(element);
    if (boost::algorithm::iequals(choice.value, "gzip") ||
        boost::algorithm::iequals(choice.value, "x-gzip")) {
      return choice.quality > 0;
    }
    if (choice.value == "*") {
      any = choice.quality;
    }
  }
  return any > 0;
}

}  // namespace seamwatch::exporters
