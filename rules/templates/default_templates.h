// The named templates that notification configs may call without defining them: Alertmanager's
// names ("slack.default.title", "email.default.html").
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace seamwatch::rules::templates {

// Building blocks and names with Alertmanager's text results; the HTML of the email is ours.
// Source: recorded output of Alertmanager 0.33.
std::string_view alertmanager_templates();

// In our own words what Seamwatch sends where a file says nothing else: subject, mail and the texts
// of chat and paging services. They go behind Alertmanager's and before those of files. One whose
// name Alertmanager makes of a building block that files define gives way to Alertmanager's, so
// that what they define is seen.
struct OwnTemplates {
  std::string text;
  std::set<std::string, std::less<>> given_way;  // names
};

using IsRedefined = std::function<bool(std::string_view block)>;
OwnTemplates own_templates(const IsRedefined& is_redefined);

}  // namespace seamwatch::rules::templates
