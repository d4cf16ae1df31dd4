#include "rules/templates/notification_template.h"

#include <algorithm>

#include "agent/core/assert.h"
#include "rules/templates/default_templates.h"
#include "rules/templates/go_format.h"
#include "rules/templates/notice_functions.h"

namespace seamwatch::rules::templates {
namespace {

// Functions for parsing only: nothing is called then.
const Functions& functions_to_check() {
  static const Functions all = [] {
    Functions made = notification_functions(WallTime());
    made.merge(notice_functions(WallTime(), {}));
    made["routeLabels"] = {{Parameter::string}, false, {}};
    return made;
  }();
  return all;
}

// Whether route labels are texts, or templates themselves.
enum class RouteLabels { expanded, templates };

struct ExpansionOptions {
  const PreparedTexts& prepared;
  WallTime now;
  Mode mode;
  const NoticeExtras& extras;
  RouteLabels route_labels;
};

// One expansion: the text and, from within it, the route's labels.
class Expansion {
 public:
  Expansion(const TemplateSet& set, const Value& data, const ExpansionOptions& options)
      : set_(set),
        data_(data),
        prepared_(options.prepared),
        functions_(notification_functions(options.now)),
        route_labels_(options.route_labels) {
    functions_.merge(notice_functions(options.now, options.extras));
    options_.mode = options.mode;
    options_.missing_key = MissingKey::zero;
    functions_["routeLabels"] = {{Parameter::string}, false, [this](const List& args) {
                                   return route_label(args[0].as_string());
                                 }};
  }

  Expansion(const Expansion&) = delete;
  Expansion& operator=(const Expansion&) = delete;

  Result<std::string> run(std::string_view text) {
    if (const auto parsed = prepared_.find(text); parsed != prepared_.end()) {
      return parsed->second.onto(set_).execute("", data_, functions_, options_);
    }
    TemplateSet set = TemplateSet::over(set_);
    if (auto added = set.add("", text, functions_); !added) {
      return added.error();
    }
    return set.execute("", data_, functions_, options_);
  }

 private:
  Result<Value> route_label(const std::string& name) {
    if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
      return error("route label " + go_quote(name) + " refers to itself");
    }
    const Value* labels =
        data_.kind() == Value::Kind::structure ? data_.as_struct().field("RouteLabels") : nullptr;
    if (labels == nullptr || !labels->as_map().contains(name)) {
      return Value("");
    }
    const std::string& label = labels->as_map().find(name)->second.as_string();
    if (route_labels_ == RouteLabels::expanded) {
      return Value(label);
    }
    open_.push_back(name);
    auto text = run(label);
    open_.pop_back();
    if (!text) {
      return text.error();
    }
    return Value(std::move(*text));
  }

  const TemplateSet& set_;
  const Value& data_;
  const PreparedTexts& prepared_;
  Functions functions_;
  ExecuteOptions options_;
  RouteLabels route_labels_;
  std::vector<std::string> open_;  // route labels that are being expanded
};

Status add_files(TemplateSet& set, const std::vector<TemplateSource>& files) {
  for (const TemplateSource& file : files) {
    if (auto added = set.add(file.name, file.text, functions_to_check()); !added) {
      return added;
    }
  }
  return {};
}

}  // namespace

NotificationTemplates::NotificationTemplates() {
  const auto added = set_.add("default.tmpl", alertmanager_templates(), functions_to_check());
  SW_ASSERT(added);
  defaults_ = set_;
}

Result<NotificationTemplates> NotificationTemplates::make(
    const std::vector<TemplateSource>& files) {
  NotificationTemplates made;
  TemplateSet of_files = made.set_;
  if (auto added = add_files(of_files, files); !added) {
    return added.error();
  }
  OwnTemplates own = own_templates(
      [&](std::string_view block) { return of_files.find(block) != made.set_.find(block); });
  const auto parsed = made.set_.add("seamwatch.tmpl", own.text, functions_to_check());
  SW_ASSERT(parsed);
  made.given_way_ = std::move(own.given_way);
  made.defaults_ = made.set_;
  const auto added = add_files(made.set_, files);
  SW_ASSERT(added);
  return made;
}

void NotificationTemplates::prepare(std::string_view text) {
  static const TemplateSet none;
  TemplateSet parsed = TemplateSet::over(set_);
  if (parsed.add("", text, functions_to_check())) {
    prepared_.insert_or_assign(std::string(text), parsed.onto(none));
  }
}

Result<std::string> NotificationTemplates::expand(std::string_view text,
                                                  const Notification& notification,
                                                  WallTime now,
                                                  Mode mode) const {
  if (text.find("{{") == std::string_view::npos && mode == Mode::text) {
    return std::string(text);
  }
  const Value data = notification_data(notification, now);
  const NoticeExtras extras{notification.late, notification.escalation, notification.instead_of};
  return Expansion(set_, data, {prepared_, now, mode, extras, RouteLabels::expanded}).run(text);
}

Labels NotificationTemplates::route_labels(const Notification& notification, WallTime now) const {
  Labels out;
  if (notification.route_labels.empty()) {
    return out;
  }
  const Value data = notification_data(notification, now);
  const NoticeExtras extras{notification.late, notification.escalation, notification.instead_of};
  Expansion expansion(set_, data, {prepared_, now, Mode::text, extras, RouteLabels::templates});
  for (const auto& [name, text] : notification.route_labels) {
    auto expanded = expansion.run(text);
    out.set(name, expanded ? std::string_view(*expanded) : text);
  }
  return out;
}

bool NotificationTemplates::redefines(std::string_view name) const {
  return set_.find(name) != defaults_.find(name) || given_way_.contains(name);
}

Result<std::string> NotificationTemplates::render(std::string_view text,
                                                  const Value& data,
                                                  WallTime now,
                                                  Mode mode) const {
  const ExpansionOptions options{prepared_, now, mode, {}, RouteLabels::templates};
  return Expansion(set_, data, options).run(text);
}

Status NotificationTemplates::check(std::string_view text) const {
  return TemplateSet::over(set_).add("", text, functions_to_check());
}

}  // namespace seamwatch::rules::templates
