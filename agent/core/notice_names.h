// What the alerts of a notice are called: shared by the words of its subject and of its text. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/notification.h"

namespace seamwatch {

// `text` on one line, as valid UTF-8: what no header and no sentence can be broken by.
std::string one_line(std::string_view text);

// The different ones of `names` that are not empty, in their order: "Orders, Invoices, Stock and 2
// more".
std::string list_of_names(const std::vector<std::string>& names);

// What people call what the alert is about: the integration's display name, else its key, else the
// alert's name.
std::string name_of(const Labels& labels, const Labels& annotations);

std::size_t firing_count(const Notification& notification);

// An escalation that came too late, all of it being resolved, is none any more.
bool escalates(const Notification& notification);

}  // namespace seamwatch
