// Functions of templates that give the words of a notice (agent/core/notice_text.h): of our own,
// beside Alertmanager's. Used by the default templates, and by those of files. Any thread.
#pragma once

#include "agent/core/notification.h"
#include "agent/core/result.h"
#include "rules/templates/value.h"

namespace seamwatch::rules::templates {

// noticeSubject, noticeLine, noticeText and noticeHtml take the data of a notice ("."), alertsText
// a list of its alerts (".Alerts.Firing"). `late`: the notice is told after the fact, which its
// data do not say. Errors: an argument of another type.
Functions notice_functions(WallTime now, bool late);

// The notice that `data` (notification_data.cc) came from, as far as its words need it. Errors: a
// value of another type.
[[nodiscard]] Result<Notification> notification_of(const Value& data);

}  // namespace seamwatch::rules::templates
