#include "agent/web/alertmanager/plain_alerts.h"

#include <algorithm>
#include <utility>

#include "agent/core/json_text.h"
#include "agent/web/alertmanager/request_uri.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kZeroTime = "0001-01-01T00:00:00";  // Go's "no time"

class PlainReader {
 public:
  explicit PlainReader(std::string_view body) : at_(body.data()), end_(at_ + body.size()) {}

  std::optional<std::vector<rules::PostedAlert>> read() {
    std::vector<rules::PostedAlert> out;
    if (!take('[')) {
      return std::nullopt;
    }
    if (!take(']')) {
      do {
        if (!read_alert(out.emplace_back())) {
          return std::nullopt;
        }
      } while (take(','));
      if (!take(']')) {
        return std::nullopt;
      }
    }
    skip_blanks();
    return at_ == end_ ? std::optional(std::move(out)) : std::nullopt;
  }

 private:
  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) {
      ++at_;
    }
  }

  bool take(char wanted) {
    skip_blanks();
    const bool there = at_ != end_ && *at_ == wanted;
    at_ += there ? 1 : 0;
    return there;
  }

  // Nothing where it is no text, or not a plain one.
  std::optional<std::string_view> text() {
    if (!take('"')) {
      return std::nullopt;
    }
    const char* const begin = at_;
    at_ += plain_json_size({at_, end_});
    if (at_ == end_ || *at_ != '"') {
      return std::nullopt;
    }
    return std::string_view(begin, static_cast<std::size_t>(at_++ - begin));
  }

  // Calls `read` at the value of each member, with its name. False where one of these is.
  template <class Read>
  bool object(const Read& read) {
    if (!take('{')) {
      return false;
    }
    if (take('}')) {
      return true;
    }
    do {
      const auto name = text();
      if (!name || !take(':') || !read(*name)) {
        return false;
      }
    } while (take(','));
    return take('}');
  }

  bool read_labels(Labels& out) {
    pairs_.clear();
    const bool good = object([this](std::string_view name) {
      const auto value = text();
      pairs_.emplace_back(name, value.value_or(""));
      return value.has_value();
    });
    out = good ? Labels::take(pairs_) : Labels();
    return good;
  }

  // The alerts of a rule share it often.
  struct KnownTime {
    std::string_view text;  // "" = none yet
    std::optional<WallTime> time;
  };

  bool read_time(KnownTime& known, std::optional<WallTime>& out) {
    const auto value = text();
    if (!value) {
      return false;
    }
    if (*value != known.text) {
      const auto time = read_posted_time(*value);
      if (!time) {
        return false;
      }
      known = {*value, *time};
    }
    out = known.time;
    return true;
  }

  bool read_url(SharedText& out) {
    const auto url = text();
    if (!url) {
      return false;
    }
    if (*url != std::string_view(url_)) {  // all alerts of a rule share one text
      if (!url->empty() && !is_request_uri(*url)) {
        return false;
      }
      url_ = std::string(*url);
    }
    out = url_;
    return true;
  }

  bool read_alert(rules::PostedAlert& out) {
    unsigned seen = 0;  // a bit a member
    const auto first = [&seen](unsigned member) {
      const unsigned bit = 1U << member;
      return (std::exchange(seen, seen | bit) & bit) == 0;
    };
    const bool good = object([&](std::string_view name) {
      return name == "labels"         ? first(0) && read_labels(out.labels)
             : name == "annotations"  ? first(1) && read_labels(out.annotations)
             : name == "startsAt"     ? first(2) && read_time(starts_at_, out.starts_at)
             : name == "endsAt"       ? first(3) && read_time(ends_at_, out.ends_at)
             : name == "generatorURL" ? first(4) && read_url(out.generator_url)
                                      : false;
    });
    return good && (seen & 1U) != 0;
  }

  const char* at_;
  const char* const end_;
  std::vector<Labels::View> pairs_;
  SharedText url_;
  KnownTime starts_at_;
  KnownTime ends_at_;
};

}  // namespace

std::optional<std::vector<rules::PostedAlert>> read_plain_alerts(std::string_view body) {
  return PlainReader(body).read();
}

namespace {

// A time in another form that Alertmanager takes, in RFC 3339: with a comma before fractions, an
// offset without a colon, no zone (which is UTC; a blank before the time is good then), no seconds,
// or only the date. Source: go-openapi/strfmt, DateTimeFormats.
std::string as_rfc3339(std::string_view text) {
  constexpr std::size_t kMinutes = 16;  // of 2006-01-02T15:04
  constexpr std::size_t kSeconds = 19;
  constexpr std::size_t kDate = 10;
  std::string out(text);
  if (out.size() == kDate) {
    return out + "T00:00:00Z";
  }
  std::replace(out.begin(), out.end(), ',', '.');
  if (out.size() == kMinutes || (out.size() == kMinutes + 1 && out.back() == 'Z')) {
    out.insert(kMinutes, ":00");
  }
  const std::size_t zone = out.find_first_of("Zz+-", std::min(kSeconds, out.size()));
  if (zone == std::string::npos) {
    if (text.size() >= kSeconds && out[kDate] == ' ') {
      out[kDate] = 'T';
    }
    out += 'Z';
  } else if (zone + 5 == out.size() && out[zone] != 'Z') {
    out.insert(zone + 3, ":");
  }
  return out;
}

}  // namespace

Result<std::optional<WallTime>> read_posted_time(std::string_view text) {
  if (text.empty() || text.starts_with(kZeroTime)) {
    return std::optional<WallTime>();
  }
  const auto parsed = parse_rfc3339(as_rfc3339(text));
  if (!parsed) {
    return parsed.error();
  }
  return std::optional<WallTime>(*parsed);
}

}  // namespace seamwatch::agent
