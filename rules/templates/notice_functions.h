// Functions of templates that give the words of a notice (agent/core/notice_text.h): of our own,
// beside Alertmanager's. Used by the default templates, and by those of files. Any thread.
#pragma once

#include "agent/core/notification.h"
#include "agent/core/result.h"
#include "rules/templates/value.h"

namespace seamwatch::rules::templates {

// What the data of a notice do not say of it.
struct NoticeExtras {
  bool late = false;       // it is told after the fact
  std::string escalation;  // whom it was told before, where it is an escalation
  std::string instead_of;  // who could not be told, where it is a fallback
};

// noticeSubject, noticeLine, noticeText and noticeHtml take the data of a notice ("."), alertsText
// a list of its alerts (".Alerts.Firing"). `escalation` is the text of Notification::escalation.
// Errors: an argument of another type.
Functions notice_functions(WallTime now, const NoticeExtras& extras);

// The notice that `data` (notification_data.cc) came from, as far as its words need it. Errors: a
// value of another type.
[[nodiscard]] Result<Notification> notification_of(const Value& data);

}  // namespace seamwatch::rules::templates
