// Templates of notifications: Alertmanager's data model (.Receiver .Status .Alerts .GroupLabels
// ...), functions and named default templates, over core Notification. Used by exporters through
// agent, for email subjects and bodies, webhook URLs and payloads. Any thread.
// Source: Alertmanager, template/template.go; docs "Notification template reference".
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/notification.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "rules/templates/template_engine.h"

namespace seamwatch::rules::templates {

// A file of {{define}}s: name (for messages) and text.
struct TemplateSource {
  std::string name;
  std::string text;
};

// Texts that are parsed, each as the template "" of a set that stands over none.
using PreparedTexts = std::map<std::string, TemplateSet, std::less<>>;

// The templates of one notification config: the defaults, then the files of `templates:`, in order.
// They may call the functions of notice_functions.h as well.
// Immutable once made and prepared; made anew on reload.
class NotificationTemplates {
 public:
  // Only Alertmanager's defaults, in its words.
  NotificationTemplates();

  // Alertmanager's defaults, with our own words in the place of what Seamwatch sends, and `files`,
  // which may replace both. Error: the first file that does not parse.
  [[nodiscard]] static Result<NotificationTemplates> make(const std::vector<TemplateSource>& files);

  // Parses a text now that is expanded for every notice, such as a route label. One that does not
  // parse is parsed again where it is expanded, which says what is wrong with it.
  void prepare(std::string_view text);

  // Expands `text` for `notification`, whose route labels are texts by now: see route_labels().
  // Text without "{{" is returned as it is. Errors: as TemplateSet's.
  [[nodiscard]] Result<std::string> expand(std::string_view text,
                                           const Notification& notification,
                                           WallTime now,
                                           Mode mode = Mode::text) const;

  // The route labels of `notification`, each expanded; they may refer to each other by the function
  // routeLabels. One that fails stays as it is written.
  Labels route_labels(const Notification& notification, WallTime now) const;

  // Expands over any data, whose route labels are templates themselves: tests and `seamwatch
  // template render`.
  [[nodiscard]] Result<std::string> render(std::string_view text,
                                           const Value& data,
                                           WallTime now,
                                           Mode mode) const;

  // Whether a file defines `name`, in the place of a default or besides, or a building block of it.
  bool redefines(std::string_view name) const;

  // Says what is wrong with the syntax of `text`, functions and all.
  [[nodiscard]] Status check(std::string_view text) const;

 private:
  TemplateSet set_;
  TemplateSet defaults_;                          // before the files
  std::set<std::string, std::less<>> given_way_;  // of our own, to building blocks of files
  PreparedTexts prepared_;
};

// The data of a notification as templates see it.
Value notification_data(const Notification& notification, WallTime now);

// The same from the webhook's JSON form ({"receiver": ..., "alerts": [...]}): keys that are absent
// keep Go's zero values. Errors: not JSON, a wrong type.
[[nodiscard]] Result<Value> notification_data_from_json(std::string_view json);

// A label set as Alertmanager's KV: a map with SortedPairs, Names, Values, Remove.
Value kv_value(const Labels& labels);

// Alertmanager's functions, but for routeLabels, which depends on what is expanded.
Functions notification_functions(WallTime now);

}  // namespace seamwatch::rules::templates
