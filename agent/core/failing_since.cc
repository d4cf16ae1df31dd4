#include "agent/core/failing_since.h"

#include <string>
#include <string_view>

namespace seamwatch {
namespace {

constexpr std::string_view kAnnotation = "failing_since";
constexpr std::string_view kZone = " +0000 UTC";

}  // namespace

std::optional<WallTime> failing_since(const Labels& annotations) {
  std::string text(annotations.get(kAnnotation));
  const std::size_t date = text.find(' ');
  const std::size_t zone = text.find(kZone);
  if (date == std::string::npos || zone == std::string::npos) {
    return std::nullopt;
  }
  text.resize(zone);
  text[date] = 'T';
  const auto since = parse_rfc3339(text + "Z");
  return since ? std::optional(*since) : std::nullopt;
}

void note_failing_since(Labels& annotations, WallTime since) {
  const bool said = !annotations.get(kAnnotation).empty();
  const auto known = failing_since(annotations);
  if (said && (!known || *known <= since)) {
    return;
  }
  std::string text = to_rfc3339(since);
  text.pop_back();  // the Z
  text[text.find('T')] = ' ';
  annotations.set(kAnnotation, text.append(kZone));
}

void note_active_at(Alert& alert) {
  if (alert.active_at != WallTime{}) {
    note_failing_since(alert.annotations, alert.active_at);
  }
}

}  // namespace seamwatch
