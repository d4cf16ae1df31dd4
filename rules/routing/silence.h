// Silence: a set of matchers and a time in which alerts that match are not told. A plain value;
// SilenceSet holds all of them. Pure; time is a parameter.
// Source: Alertmanager, silence/silence.go and api/v2/openapi.yaml.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "agent/core/times.h"
#include "rules/routing/matcher_syntax.h"
#include "rules/routing/silence_recurrence.h"

namespace seamwatch::rules {

enum class SilenceState { pending, active, expired };

std::string_view to_string(SilenceState state);

struct Silence {
  std::string id;  // a UUID; empty for one that is yet to be made
  Matchers matchers;
  WallTime starts_at{};
  WallTime ends_at{};
  WallTime updated_at{};
  std::string created_by;
  std::string comment;
  Labels annotations;  // what clients keep with it
  // Absent: it holds from starts_at to ends_at. Else in each window between the two.
  std::optional<SilenceRecurrence> recurrence = std::nullopt;
};

// Whether all of two silences is the same, ids and times included.
bool same(const Silence& a, const Silence& b);

// Whether the two have the same matchers in the same order.
bool same_matchers(const Matchers& a, const Matchers& b);

// At `now`: expired from ends_at on; else active from starts_at on, of a recurring one while a
// window is open; else pending.
SilenceState state_of(const Silence& silence, WallTime now);

// What an admin allows. 0 = no limit.
struct SilencePolicy {
  std::size_t silences_max = 0;      // kept, expired ones included
  Millis length_max{0};              // of one silence; where it recurs, of windows that touch
  std::size_t matchers_min = 1;      // that hold for some values of their label and not for all;
                                     // from 2 on, those that take out a value do not count
  std::size_t bytes_max = 64 << 10;  // of all texts of one silence
};

// What is wrong with a silence that someone wants to set; Alertmanager's texts where it has them:
// "invalid silence: at least one matcher must not match the empty string".
[[nodiscard]] Status check_silence(const Silence& silence, const SilencePolicy& policy);

// For the store. Errors: text that to_json did not write.
std::string to_json(const Silence& silence);
[[nodiscard]] Result<Silence> silence_from_json(std::string_view text);

}  // namespace seamwatch::rules
