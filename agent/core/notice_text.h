// The words of a notice: subject, first line, plain text and HTML, for mails, chats and the
// templates that we ship. The first line says what failed, since when, whether it is expected to
// fix itself, whose it is, and what to do. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/core/notification.h"

namespace seamwatch {

// "[FIRING:2] IntegrationDown: Orders to warehouse (critical, persistent)"; "[RESOLVED] ...";
// "[LATE]
// ..." before it where the notice is late, "[ESCALATED] ..." where it is an escalation of what
// still fires. It is about what fires, where anything does, and names the alerts, then the
// integrations or systems; then the values of other group labels, or of the common labels where
// there is neither, as far as 100 bytes allow. One line of at most 183 bytes.
std::string notice_subject(const Notification& notification);

// The first line alone, without a line end. Of an escalation it begins with whom it was told
// before, and that nobody has taken it on; of a fallback with who could not be told, of
// the summary of a storm with how many notices it stands for.
std::string notice_line(const Notification& notification, WallTime now);

// The first line, then each alert with its facts; of more than 100 alerts the rest are counted.
// Uses the labels integration, owner, criticality, persistence, category, state, alertname and the
// annotations summary, description, advice, contact, faq_url, expected, display (of the
// integration), owner_display, fallback_for, failing_since, ack_url (while it fires); every other
// annotation has a line of its own, that of a runbook first. What is not there is left out of the
// sentence.
std::string notice_text(const Notification& notification, WallTime now);

// The labels of the alerts that notice_text only counts, a line each; "" where there are none.
std::string notice_rest(const Notification& notification);

// What notice_text says of each of several alerts, all of them.
std::string notice_text_of(const std::vector<Alert>& alerts, WallTime now);

// notice_text as HTML; everything that comes from labels and annotations is escaped, and only http
// and https addresses become links.
std::string notice_html(const Notification& notification, WallTime now);

}  // namespace seamwatch
