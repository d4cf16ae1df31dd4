#include "rules/routing/alert_store.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "agent/core/alert_json.h"
#include "agent/core/common_labels.h"
#include "agent/core/utf8.h"

namespace seamwatch::rules {
namespace {

namespace json = boost::json;

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

// In Alertmanager's words; "" for a good set.
std::string fault_of(const Labels& labels, std::string_view what) {
  if (labels.empty() || (labels.is_plain() && !labels.begin()->first.empty())) {
    return "";  // as nearly always
  }
  for (const auto& [name, value] : labels) {
    if (!is_utf8_name(name)) {
      return std::string(what) + ": invalid name " + quoted(to_valid_utf8(name));
    }
    if (!is_valid_utf8(value)) {
      return std::string(what) + ": invalid value " + quoted(to_valid_utf8(value));
    }
  }
  return "";
}

// Where it is not as in what is shared.
void append_flag(std::string& out, std::string_view name, bool flag, bool common) {
  if (flag != common) {
    out += ",\"";
    out += name;
    out += flag ? "\":true" : "\":false";
  }
}

template <class Members>
Result<IncomingAlert> read(std::string_view text, const Members& members) {
  try {
    return members(json::parse(json::string_view(text.data(), text.size())).as_object());
  } catch (const std::exception& failure) {
    return error(std::string("a stored alert cannot be read: ") + failure.what());
  }
}

}  // namespace

Result<IncomingAlert> accept_post(PostedAlert posted, WallTime now, Millis resolve_timeout) {
  IncomingAlert out;
  out.posted = true;
  out.by_timeout = !posted.ends_at;
  out.alert.starts_at = posted.starts_at.value_or(posted.ends_at.value_or(now));
  out.alert.ends_at = posted.ends_at.value_or(now + resolve_timeout);
  out.alert.updated_at = now;
  if (*out.alert.ends_at < out.alert.starts_at) {
    return error("start time must be before end time");
  }
  std::string fault = fault_of(posted.labels, "invalid label set");
  if (fault.empty() && posted.labels.empty()) {
    fault = "at least one label pair required";
  }
  if (fault.empty()) {
    fault = fault_of(posted.annotations, "invalid annotations");
  }
  if (!fault.empty()) {
    return error(fault);
  }
  out.alert.labels = std::move(posted.labels);
  out.alert.annotations = std::move(posted.annotations);
  out.alert.generator_url = std::move(posted.generator_url);
  return out;
}

bool is_earlier(const Alert& known, const Alert& alert) {
  return known.ends_at && began_anew(known, alert);
}

bool began_anew(const Alert& told, const Alert& known) {
  return told.starts_at < known.starts_at && (!told.ends_at || *told.ends_at <= known.starts_at);
}

AlertPtr AlertStore::put(IncomingAlert incoming, WallTime now) {
  Stored& stored = alerts_[incoming.alert.labels.fingerprint()];
  if (stored.alert != nullptr && overlaps(*stored.alert, incoming.alert)) {
    const IncomingAlert known{*stored.alert, stored.by_timeout, stored.posted};
    const bool in_order = known.alert.updated_at <= incoming.alert.updated_at;
    incoming = in_order ? merge(known, incoming, now) : merge(incoming, known, now);
  }
  stored.by_timeout = incoming.by_timeout;
  posted_size_ += incoming.posted && !stored.posted ? 1 : 0;
  stored.posted = stored.posted || incoming.posted;
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
  std::sort(out.begin(), out.end(), [](const AlertPtr& a, const AlertPtr& b) {
    return a->labels.fingerprint() < b->labels.fingerprint();
  });
  return out;
}

bool AlertStore::posted(std::uint64_t fingerprint) const {
  const auto at = alerts_.find(fingerprint);
  return at != alerts_.end() && at->second.posted;
}

std::vector<std::uint64_t> AlertStore::forget(WallTime resolved_before,
                                              const std::function<bool(std::uint64_t)>& needed) {
  std::vector<std::uint64_t> gone;
  erase_if(alerts_, [&](const auto& entry) {
    const auto& ends_at = entry.second.alert->ends_at;
    const bool old = ends_at && *ends_at < resolved_before && !needed(entry.first);
    if (old) {
      gone.push_back(entry.first);
      posted_size_ -= entry.second.posted ? 1 : 0;
    }
    return old;
  });
  std::sort(gone.begin(), gone.end());
  return gone;
}

std::string AlertStore::to_json(std::uint64_t fingerprint) const {
  const auto at = alerts_.find(fingerprint);
  if (at == alerts_.end()) {
    return "";
  }
  return rules::to_json({*at->second.alert, at->second.by_timeout, at->second.posted});
}

IncomingAlert AlertStore::common_of(const std::vector<std::uint64_t>& fingerprints) const {
  IncomingAlert out;
  std::vector<const Labels*> labels;
  std::vector<const Labels*> annotations;
  labels.reserve(fingerprints.size());
  annotations.reserve(fingerprints.size());
  for (const std::uint64_t fingerprint : fingerprints) {
    const auto at = alerts_.find(fingerprint);
    if (at == alerts_.end()) {
      continue;
    }
    const Stored& stored = at->second;
    if (labels.empty()) {
      out = {*stored.alert, stored.by_timeout, stored.posted};
    }
    labels.push_back(&stored.alert->labels);
    annotations.push_back(&stored.alert->annotations);
  }
  out.alert.labels = seamwatch::common_of(labels);
  out.alert.annotations = seamwatch::common_of(annotations);
  out.alert.ends_at.reset();
  return out;
}

bool AlertStore::append_json(std::string& out,
                             std::uint64_t fingerprint,
                             const IncomingAlert& common) const {
  const auto at = alerts_.find(fingerprint);
  if (at == alerts_.end()) {
    return false;
  }
  out += '{';
  append_alert_members(out, *at->second.alert, common.alert);
  append_flag(out, "by_timeout", at->second.by_timeout, common.by_timeout);
  append_flag(out, "posted", at->second.posted, common.posted);
  out += '}';
  return true;
}

std::string to_json(const IncomingAlert& alert) {
  std::string out = "{";
  append_alert_members(out, alert.alert);
  append_flag(out, "by_timeout", alert.by_timeout, !alert.by_timeout);
  append_flag(out, "posted", alert.posted, !alert.posted);
  out += '}';
  return out;
}

Result<IncomingAlert> incoming_alert_from_json(std::string_view text) {
  return read(text, [](const json::object& in) {
    IncomingAlert out;
    out.alert = alert_from_json(in);
    out.by_timeout = in.at("by_timeout").as_bool();
    out.posted = in.at("posted").as_bool();
    return out;
  });
}

Result<IncomingAlert> incoming_alert_from_json(std::string_view text, const IncomingAlert& common) {
  return read(text, [&common](const json::object& in) {
    const auto flag = [&in](const char* name, bool otherwise) {
      const json::value* said = in.if_contains(name);
      return said == nullptr ? otherwise : said->as_bool();
    };
    IncomingAlert out;
    out.alert = alert_from_json(in, common.alert);
    out.by_timeout = flag("by_timeout", common.by_timeout);
    out.posted = flag("posted", common.posted);
    return out;
  });
}

}  // namespace seamwatch::rules
