// Secret: a text that must not reach a log, a metric, an error message or a dump. Printing one
// gives "<redacted>"; only reveal() gives the text, and only sinks and probes call it.
#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace seamwatch {

class Secret {
 public:
  Secret() = default;

  explicit Secret(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }

  bool empty() const { return text_.empty(); }

  friend bool operator==(const Secret&, const Secret&) = default;

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "<redacted>"; }

 private:
  std::string text_;
};

// `url` without its user, password and query values: "https://u:p@h/x?token=1" becomes
// "https://<redacted>@h/x?token=<redacted>". Text that is no URL is returned as "<redacted>".
std::string redact_url(std::string_view url);

}  // namespace seamwatch
