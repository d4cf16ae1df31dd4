#include "rules/routing/ack.h"

#include <algorithm>

#include <boost/json.hpp>

namespace seamwatch::rules {

namespace json = boost::json;

void AckSet::put(Ack ack) {
  const std::uint64_t fingerprint = ack.labels.fingerprint();
  acks_.insert_or_assign(fingerprint, std::move(ack));
}

const Ack* AckSet::find(const Alert& alert, WallTime now) const {
  if (acks_.empty()) {
    return nullptr;
  }
  const auto at = acks_.find(alert.labels.fingerprint());
  if (at == acks_.end() || now >= at->second.expires_at) {
    return nullptr;
  }
  // Who posts an alert with an end alone gives it a start that is still to come.
  const bool began_before =
      alert.starts_at <= std::max(at->second.at, at->second.alert_starts_at) ||
      alert.starts_at > now;
  return began_before ? &at->second : nullptr;
}

bool AckSet::erase(std::uint64_t fingerprint) {
  return acks_.erase(fingerprint) > 0;
}

std::vector<std::uint64_t> AckSet::forget_expired(WallTime now) {
  std::vector<std::uint64_t> gone;
  std::erase_if(acks_, [&](const auto& entry) {
    const bool expired = entry.second.expires_at <= now;
    if (expired) {
      gone.push_back(entry.first);
    }
    return expired;
  });
  return gone;
}

std::string to_json(const Ack& ack) {
  json::object labels;
  for (const auto& [name, value] : ack.labels) {
    labels[name] = value;
  }
  const json::object out{{"labels", std::move(labels)},
                         {"owner", ack.owner},
                         {"comment", ack.comment},
                         {"at", unix_millis(ack.at)},
                         {"expires_at", unix_millis(ack.expires_at)},
                         {"alert_starts_at", unix_millis(ack.alert_starts_at)}};
  return json::serialize(out);
}

Result<Ack> ack_from_json(std::string_view text) {
  try {
    const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
    const json::object& in = parsed.as_object();
    Ack out;
    for (const auto& [name, value] : in.at("labels").as_object()) {
      out.labels.set(name, std::string(value.as_string()));
    }
    out.owner = std::string(in.at("owner").as_string());
    out.comment = std::string(in.at("comment").as_string());
    out.at = wall_from_unix_millis(in.at("at").as_int64());
    out.expires_at = wall_from_unix_millis(in.at("expires_at").as_int64());
    if (const json::value* starts = in.if_contains("alert_starts_at")) {  // not in earlier ones
      out.alert_starts_at = wall_from_unix_millis(starts->as_int64());
    }
    return out;
  } catch (const std::exception& failure) {
    return error(std::string("a stored ack cannot be read: ") + failure.what());
  }
}

}  // namespace seamwatch::rules
