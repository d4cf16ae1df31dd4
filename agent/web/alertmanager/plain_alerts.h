// Posted alerts that are written as nearly all are, read straight from their text: many thousands a
// second come in while a landscape is down, and a tree of each would cost more than all else that
// is done with them. Pure, any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "rules/routing/alert_store.h"

namespace seamwatch::agent {

// The alerts of a JSON array of objects that hold labels, and nothing but annotations, startsAt,
// endsAt and generatorURL besides, each once, with good values in ASCII and without escapes.
// Nothing where anything is otherwise, be it right or wrong: that is for whoever can say what is
// wrong.
std::optional<std::vector<rules::PostedAlert>> read_plain_alerts(std::string_view body);

// The time of startsAt or endsAt: none where it is empty or Go's "no time". Error: it is no time.
Result<std::optional<WallTime>> read_posted_time(std::string_view text);

}  // namespace seamwatch::agent
