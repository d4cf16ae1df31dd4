#include "rules/routing/escalation.h"

#include <algorithm>
#include <iterator>

namespace seamwatch::rules {
namespace {

bool same_sink(const SinkRef& sink, const NotificationKey& key) {
  return sink.receiver == key.receiver && sink.sink == key.sink;
}

bool names(const std::vector<SinkRef>& sinks, const SinkRef& wanted) {
  return std::any_of(sinks.begin(), sinks.end(), [&](const SinkRef& sink) {
    return sink.receiver == wanted.receiver && sink.sink == wanted.sink;
  });
}

EscalationSink* find(std::vector<EscalationSink>& sinks, const SinkRef& wanted) {
  const auto at = std::find_if(sinks.begin(), sinks.end(), [&](const EscalationSink& known) {
    return known.sink.receiver == wanted.receiver && known.sink.sink == wanted.sink;
  });
  return at == sinks.end() ? nullptr : &*at;
}

// The open entry of a sink, if any.
const NotificationLogEntry* open_entry(const GroupFlush& flush,
                                       const SinkRef& sink,
                                       const NotificationLog& log) {
  const NotificationLogEntry* entry = log.find({flush.group_key, sink.receiver, sink.sink});
  return entry != nullptr && entry->open() ? entry : nullptr;
}

// Whether a sink is told of the incident, so that no step has to: one that was told in place of
// another hears no more but the end.
bool is_told(const GroupFlush& flush, const SinkRef& sink, const NotificationLog& log) {
  const NotificationLogEntry* entry = open_entry(flush, sink, log);
  return entry != nullptr && !entry->fallback;
}

// The open entries of those that were told by a step, by time.
std::vector<const NotificationLogEntry*> escalated_entries(const GroupFlush& flush,
                                                           const NotificationLog& log) {
  std::vector<const NotificationLogEntry*> out = log.of_group(flush.group_key);
  std::erase_if(
      out, [](const NotificationLogEntry* entry) { return !entry->escalated || !entry->open(); });
  std::stable_sort(
      out.begin(), out.end(), [](const auto* a, const auto* b) { return a->since < b->since; });
  return out;
}

// Those that were told of this incident by a step, whether or not the step is still there.
void add_told(const GroupFlush& flush,
              const NotifyConfig& config,
              const NotificationLog& log,
              std::vector<EscalationSink>& out) {
  for (const NotificationLogEntry* entry : escalated_entries(flush, log)) {
    for (const SinkRef& sink : config.sinks_of(entry->key.receiver)) {
      if (same_sink(sink, entry->key)) {
        out.push_back({sink, true});
      }
    }
  }
}

}  // namespace

std::optional<WallTime> incident_began(const GroupFlush& flush,
                                       const NotifyConfig& config,
                                       const NotificationLog& log) {
  std::optional<WallTime> out;
  for (const SinkRef& sink : config.sinks_of(flush.route->receiver)) {
    const NotificationLogEntry* entry = open_entry(flush, sink, log);
    if (entry != nullptr && !entry->escalated) {
      out = out ? std::min(*out, entry->since) : entry->since;
    }
  }
  return out;
}

std::vector<ToldBefore> told_before(
    const GroupFlush& flush,
    const NotifyConfig& config,
    const NotificationLog& log,
    const std::function<bool(const NotificationKey& key)>& undelivered) {
  const auto reached = [&](const NotificationLogEntry& entry) {
    return entry.loss == Loss::none && !(undelivered && undelivered(entry.key));
  };
  std::vector<ToldBefore> out;
  if (const auto began = incident_began(flush, config, log)) {
    const std::vector<SinkRef> sinks = config.sinks_of(flush.route->receiver);
    const bool any = std::any_of(sinks.begin(), sinks.end(), [&](const SinkRef& sink) {
      const NotificationLogEntry* entry = open_entry(flush, sink, log);
      return entry != nullptr && reached(*entry);
    });
    out.push_back({flush.route->receiver, *began, any});
  }
  for (const NotificationLogEntry* entry : escalated_entries(flush, log)) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const ToldBefore& told) {
      return told.receiver == entry->key.receiver;
    });
    if (!known) {
      out.push_back({entry->key.receiver, entry->since, reached(*entry)});
    }
  }
  return out;
}

std::vector<EscalationSink> escalation_sinks(const GroupFlush& flush,
                                             const NotifyConfig& config,
                                             const NotificationLog& log) {
  std::vector<EscalationSink> out;
  const std::vector<SinkRef> own = config.sinks_of(flush.route->receiver);
  add_told(flush, config, log, out);
  std::erase_if(out, [&](const EscalationSink& told) { return names(own, told.sink); });
  const auto began = incident_began(flush, config, log);
  if (!began) {
    return out;
  }
  for (const EscalationStep& step : flush.route->escalate) {
    if (flush.at < *began + step.after) {
      break;  // they stand in order of time
    }
    for (const SinkRef& sink : config.sinks_of(step.receiver)) {
      // An open entry that is no escalation is that of another route with the same matchers.
      EscalationSink* known = find(out, sink);
      if (known == nullptr && !names(own, sink) && !is_told(flush, sink, log)) {
        known = &out.emplace_back(EscalationSink{sink});
      }
      if (known != nullptr && !known->told) {
        known->due.push_back(&step);
      }
    }
  }
  return out;
}

std::optional<WallTime> next_escalation(const GroupFlush& flush,
                                        const NotifyConfig& config,
                                        const NotificationLog& log) {
  const auto began = flush.route->escalate.empty() || flush.firing.empty()
                         ? std::nullopt
                         : incident_began(flush, config, log);
  if (!began) {
    return std::nullopt;
  }
  for (const EscalationStep& step : flush.route->escalate) {
    const std::vector<SinkRef> sinks = config.sinks_of(step.receiver);
    const bool all_told = std::all_of(
        sinks.begin(), sinks.end(), [&](const SinkRef& sink) { return is_told(flush, sink, log); });
    if (*began + step.after > flush.at && !all_told) {
      return *began + step.after;
    }
  }
  return std::nullopt;
}

std::vector<AlertPtr> escalated_alerts(const EscalationStep& step,
                                       const std::vector<AlertPtr>& firing,
                                       WallTime now,
                                       const std::function<bool(const Alert&)>& acknowledged) {
  if (!step.unless_acked || !acknowledged) {
    return firing;
  }
  std::vector<AlertPtr> out;
  std::copy_if(firing.begin(), firing.end(), std::back_inserter(out), [&](const AlertPtr& alert) {
    return !acknowledged(*alert);
  });
  if (out.size() < firing.size()) {
    std::erase_if(out, [&](const AlertPtr& alert) { return alert->starts_at + step.after > now; });
  }
  return out;
}

}  // namespace seamwatch::rules
