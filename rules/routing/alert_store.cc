#include "rules/routing/alert_store.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "agent/core/notification.h"
#include "agent/core/utf8.h"

namespace seamwatch::rules {
namespace {

// No end is later than every end.
WallTime end_of(const Alert& alert) {
  return alert.ends_at.value_or(WallTime::max());
}

bool overlaps(const Alert& known, const Alert& incoming) {
  const WallTime start = known.starts_at;
  const WallTime end = end_of(known);
  return (start < end_of(incoming) && end_of(incoming) < end) ||
         (start < incoming.starts_at && incoming.starts_at < end);
}

// `younger` with what `older` knows better.
IncomingAlert merge(const IncomingAlert& older, const IncomingAlert& younger, WallTime now) {
  IncomingAlert out = younger;
  out.alert.starts_at = std::min(older.alert.starts_at, younger.alert.starts_at);
  const bool ends_later = end_of(older.alert) > end_of(younger.alert);
  if (younger.alert.resolved(now)) {
    // Of two ends that were both said and have passed, the later one is the better known.
    if (older.alert.resolved(now) && ends_later) {
      out.alert.ends_at = older.alert.ends_at;
    }
  } else if (ends_later && !older.by_timeout) {
    // An end that was said counts more than an earlier one, be it said or assumed.
    out.alert.ends_at = older.alert.ends_at;
  }
  return out;
}

Error bad_alert(const std::string& what) {
  return error("invalid alert: " + what);
}

}  // namespace

Result<IncomingAlert> accept_post(const PostedAlert& posted, WallTime now, Millis resolve_timeout) {
  if (posted.labels.empty()) {
    return bad_alert("at least one label pair required");
  }
  for (const Labels* labels : {&posted.labels, &posted.annotations}) {
    for (const auto& [name, value] : *labels) {
      if (!is_utf8_name(name) || !is_valid_utf8(value)) {
        return bad_alert("name or value of " + quoted(to_valid_utf8(name)) + " is not UTF-8");
      }
    }
  }
  IncomingAlert out;
  out.by_timeout = !posted.ends_at;
  out.alert.labels = posted.labels;
  out.alert.annotations = posted.annotations;
  out.alert.starts_at = posted.starts_at.value_or(posted.ends_at.value_or(now));
  out.alert.ends_at = posted.ends_at.value_or(now + resolve_timeout);
  out.alert.updated_at = now;
  out.alert.generator_url = posted.generator_url;
  if (*out.alert.ends_at < out.alert.starts_at) {
    return bad_alert("start time must be before end time");
  }
  return out;
}

AlertPtr AlertStore::put(IncomingAlert incoming, WallTime now) {
  Stored& stored = alerts_[incoming.alert.labels.fingerprint()];
  if (stored.alert != nullptr && overlaps(*stored.alert, incoming.alert)) {
    const IncomingAlert known{*stored.alert, stored.by_timeout};
    const bool in_order = known.alert.updated_at <= incoming.alert.updated_at;
    incoming = in_order ? merge(known, incoming, now) : merge(incoming, known, now);
  }
  stored.by_timeout = incoming.by_timeout;
  stored.alert = std::make_shared<const Alert>(std::move(incoming.alert));
  return stored.alert;
}

AlertPtr AlertStore::find(std::uint64_t fingerprint) const {
  const auto at = alerts_.find(fingerprint);
  return at == alerts_.end() ? nullptr : at->second.alert;
}

std::vector<AlertPtr> AlertStore::all() const {
  std::vector<AlertPtr> out;
  out.reserve(alerts_.size());
  for (const auto& [fingerprint, stored] : alerts_) {
    out.push_back(stored.alert);
  }
  return out;
}

std::size_t AlertStore::forget(WallTime resolved_before) {
  return std::erase_if(alerts_, [&](const auto& entry) {
    const auto& ends_at = entry.second.alert->ends_at;
    return ends_at && *ends_at < resolved_before;
  });
}

std::string AlertStore::to_json() const {
  // A notification already knows how to keep alerts; the flags stand beside it in the same order.
  Notification carrier;
  boost::json::array by_timeout;
  for (const auto& [fingerprint, stored] : alerts_) {
    carrier.alerts.push_back(*stored.alert);
    by_timeout.emplace_back(stored.by_timeout);
  }
  const boost::json::object out{{"alerts", seamwatch::to_json(carrier)},
                                {"by_timeout", std::move(by_timeout)}};
  return boost::json::serialize(out);
}

Result<AlertStore> AlertStore::from_json(std::string_view text) {
  try {
    const boost::json::value parsed =
        boost::json::parse(boost::json::string_view(text.data(), text.size()));
    const boost::json::object& in = parsed.as_object();
    const boost::json::array& by_timeout = in.at("by_timeout").as_array();
    auto carrier = notification_from_json(std::string_view(in.at("alerts").as_string()));
    if (!carrier) {
      return carrier.error();
    }
    if (carrier->alerts.size() != by_timeout.size()) {
      return error("stored alerts cannot be read: two lists differ in length");
    }
    AlertStore out;
    for (std::size_t i = 0; i < by_timeout.size(); ++i) {
      Alert& alert = carrier->alerts[i];
      const std::uint64_t fingerprint = alert.labels.fingerprint();
      out.alerts_[fingerprint] =
          Stored{std::make_shared<const Alert>(std::move(alert)), by_timeout[i].as_bool()};
    }
    return out;
  } catch (const std::exception& failure) {
    return error(std::string("stored alerts cannot be read: ") + failure.what());
  }
}

}  // namespace seamwatch::rules
