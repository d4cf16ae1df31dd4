// The named templates that notification configs may call without defining them: Alertmanager's
// names ("slack.default.title", "email.default.html"), with the same text results; the HTML of the
// email is ours. Source: recorded output of Alertmanager 0.33.
#pragma once

#include <string_view>

namespace seamwatch::rules::templates {

std::string_view default_templates();

}  // namespace seamwatch::rules::templates
