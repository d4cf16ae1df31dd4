// The words of a notice: subject, plain text and HTML. The first line says what failed, since when,
// whether it is expected to fix itself, whose it is, and what to do. Pure.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/notification.h"

namespace seamwatch::exporters {

// "[FIRING:2] Orders to warehouse (critical, persistent)"; "[RESOLVED] ..."; "[LATE] ..." before it
// where the notice is late.
std::string email_subject(const Notification& notification);

// Uses the labels integration, owner, criticality, persistence, category, state, alertname and the
// annotations summary, description, advice, contact, faq_url, expected, display (of the
// integration), owner_display, fallback_for. What is not there is left out of the sentence.
std::string email_text(const Notification& notification, WallTime now);

// The same as HTML; everything that comes from labels and annotations is escaped, and only http and
// https addresses become links.
std::string email_html(const Notification& notification, WallTime now);

// & < > " ' as entities.
std::string escape_html(std::string_view text);

}  // namespace seamwatch::exporters
