// template_check: tries the templates of a notification file at load, so that a bad one is found by
// whoever writes it and not by the first alert at night. Reads the files of secrets that may hold
// one; nothing of a secret is shown.
#pragma once

#include "agent/core/diagnostics.h"
#include "rules/routing/notify_config.h"
#include "rules/templates/notification_template.h"

namespace seamwatch::agent {

// What is wrong with the templated texts and secrets of the receivers, and the labels of routes.
// Each is parsed, and expanded for a firing and for a resolved notice. A file that cannot be read
// now may be there when it is needed.
struct TemplateFindings {
  Diagnostics syntax;     // cannot be parsed
  Diagnostics execution;  // could not be expanded for a sample; the remedy says what comes of it
};

TemplateFindings check_templates(const rules::NotifyConfig& notify,
                                 const rules::templates::NotificationTemplates& templates);

}  // namespace seamwatch::agent
