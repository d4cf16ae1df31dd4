#include "rules/routing/notify_config.h"

#include <algorithm>
#include <map>
#include <set>

#include "rules/routing/notify_files.h"
#include "rules/routing/notify_reader.h"
#include "rules/routing/routes_for.h"

namespace seamwatch::rules {
namespace {

using Names = std::set<std::string, std::less<>>;

// Adds `name`, or reports that it is there already.
void add_unique(Names& names,
                MapReader& file,
                const Node& item,
                const std::string& name,
                std::string_view what) {
  if (!name.empty() && !names.insert(name).second) {
    const Node* node = item.find("name");
    file.report(node == nullptr ? item : *node,
                std::string(what) + " " + quoted(name) + " is not unique",
                "rename or remove one");
  }
}

void read_receivers(MapReader& file, const GlobalDefaults& defaults, NotifyConfig& out) {
  Names names;
  file.each("receivers", [&](const Node& item) {
    Receiver receiver = read_receiver(file.document(), item, defaults, file.problems());
    add_unique(names, file, item, receiver.name, "receiver name");
    out.receivers.push_back(std::move(receiver));
  });
}

// Alertmanager's files may not say what its intervals know: all days, from before the first one.
// Source: Alertmanager, DayOfMonthRange.UnmarshalYAML.
void check_days(MapReader& file, const Node& interval, const TimeInterval& read) {
  for (const IntRange& range : read.days_of_month) {
    if (range.begin < 0 && range.end > 0) {
      file.report(*interval.find("days_of_month"),
                  "days_of_month: the end day must be negative where the start day is",
                  "write 1:31 for all days, or a range like -5:-1");
    }
  }
}

void read_intervals(MapReader& file, std::string_view key, Names& names, NotifyConfig& out) {
  file.each(key, [&](const Node& item) {
    NamedIntervals named;
    MapReader reader(file.document(), item, "time interval entry", file.problems());
    reader.read("name", named.name);
    if (named.name.empty()) {
      reader.report(item, "missing name in time interval", "add name:");
    }
    reader.each("time_intervals", [&](const Node& interval) {
      named.intervals.push_back(read_time_interval(file.document(), interval, file.problems()));
      check_days(file, interval, named.intervals.back());
    });
    reader.done();
    add_unique(names, file, item, named.name, "time interval");
    out.time_intervals.push_back(std::move(named));
  });
}

std::string did_you_mean(const std::string& name,
                         const std::vector<std::string_view>& known,
                         std::string_view list) {
  const std::string guess = nearest(name, known);
  return guess.empty() ? "add it under " + std::string(list) + ":"
                       : "did you mean " + quoted(guess) + "?";
}

// Every receiver and time interval that a route names must be there.
class ReferenceCheck {
 public:
  // `sound`: nothing is wrong with the receivers, so that what they tell can be asked.
  ReferenceCheck(const Document& document,
                 const NotifyConfig& config,
                 bool sound,
                 Diagnostics& problems)
      : document_(document), config_(config), sound_(sound), problems_(problems) {
    for (const Receiver& receiver : config.receivers) {
      receivers_.push_back(receiver.name);
    }
    for (const NamedIntervals& named : config.time_intervals) {
      intervals_.push_back(named.name);
    }
  }

  // `parsed` is what `route` was read as.
  void check(const Node& route, const Route& parsed) {
    const Node* receiver = route.find("receiver");
    if (receiver != nullptr && receiver->is_scalar() && !receiver->scalar.empty()) {
      require(*receiver, receivers_, "undefined receiver", "receivers");
    }
    if (const Node* steps = route.find("escalate")) {
      check_steps(*steps, parsed);
    }
    for (const std::string_view key : {"mute_time_intervals", "active_time_intervals"}) {
      if (const Node* names = route.find(key)) {
        for (const Node& name : names->items) {
          require(name, intervals_, "undefined time interval", "time_intervals");
        }
      }
    }
    if (const Node* routes = route.find("routes")) {
      for (std::size_t i = 0; i < std::min(routes->items.size(), parsed.routes.size()); ++i) {
        check(routes->items[i], parsed.routes[i]);
      }
    }
  }

 private:
  bool tells_nobody(const std::string& receiver) const {
    return sound_ && config_.receiver(receiver) != nullptr && config_.sinks_of(receiver).empty();
  }

  // What is told to nobody can neither begin nor end an escalation.
  void check_steps(const Node& steps, const Route& route) {
    if (!steps.items.empty() && tells_nobody(route.receiver)) {
      problems_.add(document_.place(steps),
                    "escalate counts from the first notice, and receiver " +
                        quoted(route.receiver) + " of this route tells nobody",
                    "let the route tell someone, or tell the later receiver with group_wait:");
    }
    for (const Node& step : steps.items) {
      const Node* receiver = step.find("receiver");
      if (receiver == nullptr || !receiver->is_scalar() || receiver->scalar.empty()) {
        continue;  // said already
      }
      require(*receiver, receivers_, "undefined receiver", "receivers");
      if (tells_nobody(receiver->scalar)) {
        problems_.add(document_.place(*receiver),
                      "receiver " + quoted(receiver->scalar) + " used in escalate tells nobody",
                      "name a receiver with webhook_configs or email_configs");
      }
    }
  }

  void require(const Node& name,
               const std::vector<std::string_view>& known,
               std::string_view what,
               std::string_view list) {
    if (std::find(known.begin(), known.end(), name.scalar) == known.end()) {
      problems_.add(document_.place(name),
                    std::string(what) + " " + quoted(name.scalar) + " used in route",
                    did_you_mean(name.scalar, known, list));
    }
  }

  const Document& document_;
  const NotifyConfig& config_;
  bool sound_;
  Diagnostics& problems_;
  std::vector<std::string_view> receivers_;
  std::vector<std::string_view> intervals_;
};

// A fallback must be there, be able to tell, and lead to an end.
void check_fallbacks(const NotifyConfig& config, Diagnostics& problems) {
  for (const Receiver& receiver : config.receivers) {
    std::set<std::string_view> seen = {receiver.name};
    const Receiver* at = &receiver;
    while (!at->fallback.empty()) {
      const Receiver* next = config.receiver(at->fallback);
      if (next == nullptr) {
        if (at == &receiver) {
          problems.add(receiver.place,
                       "undefined receiver " + quoted(at->fallback) + " used as fallback_receiver",
                       "add it under receivers:");
        }
        break;
      }
      if (!seen.insert(next->name).second) {
        problems.add(receiver.place,
                     "fallback_receiver of " + quoted(receiver.name) + " leads in a circle",
                     "let one of them have no fallback");
        at = &receiver;  // where it ends does not matter
        break;
      }
      at = next;
    }
    if (at != &receiver && config.sinks_of(at->name).empty()) {
      problems.add(receiver.place,
                   "fallback_receiver of " + quoted(receiver.name) + " tells nobody",
                   "name a receiver with webhook_configs or email_configs");
    }
  }
}

std::string sink_name(std::string_view kind, std::size_t index) {
  return std::string(kind) + "[" + std::to_string(index) + "]";
}

// The next character of a range in `pattern`, which is taken off; false where there is none.
bool take_range_end(std::string_view& pattern) {
  if (pattern.empty() || pattern[0] == '-' || pattern[0] == ']') {
    return false;
  }
  pattern.remove_prefix(pattern[0] == '\\' ? 1 : 0);
  if (pattern.empty()) {
    return false;
  }
  do {  // a code point
    pattern.remove_prefix(1);
  } while (!pattern.empty() && (static_cast<unsigned char>(pattern[0]) & 0xc0U) == 0x80U);
  return !pattern.empty();
}

// Whether Go's path/filepath.Match takes it: ranges are closed and have two ends, and nothing ends
// with a backslash.
bool is_glob(std::string_view pattern) {
  while (!pattern.empty()) {
    const char c = pattern[0];
    pattern.remove_prefix(1);
    if (c == '\\') {
      if (pattern.empty()) {
        return false;
      }
      pattern.remove_prefix(1);
    } else if (c == '[') {
      pattern.remove_prefix(pattern.starts_with('^') ? 1 : 0);
      bool some = false;
      while (!some || !pattern.starts_with(']')) {
        if (!take_range_end(pattern)) {
          return false;
        }
        if (pattern[0] == '-') {
          pattern.remove_prefix(1);
          if (!take_range_end(pattern)) {
            return false;
          }
        }
        some = true;
      }
      pattern.remove_prefix(1);
    }
  }
  return true;
}

// Paths in the file are relative to it.
void resolve_paths(NotifyConfig& config, const std::string& file) {
  const std::string folder = file.substr(0, file.find_last_of('/') + 1);
  const auto resolve = [&folder](std::string& path) {
    if (!path.empty() && path.front() != '/') {
      path = folder + path;
    }
  };
  for (std::string& pattern : config.templates) {
    resolve(pattern);
  }
  for (Receiver& receiver : config.receivers) {
    visit_files(receiver, resolve);
  }
}

}  // namespace

const Receiver* NotifyConfig::receiver(std::string_view name) const {
  const auto at = std::find_if(receivers.begin(), receivers.end(), [&](const Receiver& receiver) {
    return receiver.name == name;
  });
  return at == receivers.end() ? nullptr : &*at;
}

std::vector<SinkRef> NotifyConfig::sinks_of(std::string_view name) const {
  std::vector<SinkRef> out;
  // A fallback may have types that are not sent as well; circles were refused at load.
  for (const Receiver* at = receiver(name); at != nullptr;) {
    for (std::size_t i = 0; i < at->webhooks.size(); ++i) {
      out.push_back({at->name, sink_name("webhook", i), at->webhooks[i].send_resolved});
    }
    for (std::size_t i = 0; i < at->emails.size(); ++i) {
      out.push_back({at->name, sink_name("email", i), at->emails[i].send_resolved});
    }
    bool unsent = false;
    std::map<std::string_view, std::size_t> counts;
    for (const VendorConfig& vendor : at->vendors) {
      const std::size_t index = counts[vendor.type]++;
      unsent = unsent || !vendor.sent;
      if (vendor.sent) {
        out.push_back({at->name, sink_name(vendor.type, index), vendor.send_resolved});
      }
    }
    at = unsent && !at->fallback.empty() ? receiver(at->fallback) : nullptr;
  }
  return out;
}

const NamedIntervals* NotifyConfig::time_interval(std::string_view name) const {
  const auto at = std::find_if(time_intervals.begin(),
                               time_intervals.end(),
                               [&](const NamedIntervals& named) { return named.name == name; });
  return at == time_intervals.end() ? nullptr : &*at;
}

NotifyConfig load_notify_config(const Document& document, Diagnostics& problems) {
  NotifyConfig out;
  const std::size_t before = problems.size();
  MapReader file(document, document.root, "notification file", problems);
  GlobalDefaults defaults;
  if (const Node* global = file.find("global")) {
    defaults = read_global(document, *global, problems);
  }
  out.resolve_timeout = defaults.resolve_timeout;
  if (file.read("templates", out.templates)) {
    file.each("templates", [&](const Node& pattern) {
      if (!is_glob(pattern.scalar)) {
        file.report(pattern,
                    "syntax error in pattern " + quoted(pattern.scalar),
                    "close each [ by a ], and let \\ stand before a character");
      }
    });
  }
  read_receivers(file, defaults, out);
  if (problems.size() == before) {
    check_fallbacks(out, problems);
  }
  Names interval_names;
  read_intervals(file, "mute_time_intervals", interval_names, out);
  read_intervals(file, "time_intervals", interval_names, out);
  file.each("inhibit_rules", [&](const Node& item) {
    out.inhibit_rules.push_back(read_inhibit_rule(document, item, problems));
  });
  if (const Node* route = file.find("route")) {
    const bool sound = problems.size() == before;
    out.route = read_route(document, *route, nullptr, problems);
    ReferenceCheck(document, out, sound, problems).check(*route, out.route);
  } else {
    file.report(file.node(), "no routes provided", "add route: with a receiver:");
  }
  // Telemetry of Alertmanager itself: it changes nothing of who is told what.
  file.find("tracing");
  file.find("event_recorder");
  file.done();
  resolve_paths(out, document.file);
  if (problems.size() == before) {
    out.detour = make_detour(out);
  }
  return out;
}

Diagnostics find_unserved(const NotifyConfig& config) {
  Diagnostics out;
  // What `global` gives comes with each receiver that takes it, and is told once.
  const auto add = [&out](const std::vector<Diagnostic>& found) {
    for (const Diagnostic& one : found) {
      const auto& told = out.entries();
      if (std::find(told.begin(), told.end(), one) == told.end()) {
        out.add(one.place, one.what, one.remedy);
      }
    }
  };
  for (const Receiver& receiver : config.receivers) {
    for (const WebhookConfig& webhook : receiver.webhooks) {
      add(webhook.http.unserved);
    }
    for (const EmailConfig& email : receiver.emails) {
      add(email.unserved);
      if (!takes_mail(email.smarthost)) {
        add({{receiver.place,
              "receiver " + quoted(receiver.name) + ": no mail can go to " +
                  quoted(email.smarthost),
              "write host:port, such as mail.example.org:587"}});
      }
    }
    for (const VendorConfig& vendor : receiver.vendors) {
      if (vendor.sent) {
        add(vendor.http.unserved);
      } else if (receiver.fallback.empty()) {
        out.add(
            vendor.place,
            "receiver " + quoted(receiver.name) + ": Seamwatch does not send " + vendor.type +
                "_configs",
            "write it as webhook_configs with the address of its API and a payload: of its "
            "own, or add fallback_receiver: with the name of a receiver that takes its notices");
      }
    }
  }
  return out;
}

}  // namespace seamwatch::rules
