#include "rules/routing/notification_log.h"

#include <algorithm>

#include <boost/json.hpp>

#include "agent/core/json_text.h"

namespace seamwatch::rules {
namespace {

namespace json = boost::json;

// As hex: JSON numbers do not hold 64 bits everywhere.
void append_fingerprints(std::string& out, const std::vector<std::uint64_t>& fingerprints) {
  out += '[';
  for (const std::uint64_t fingerprint : fingerprints) {
    out += out.back() == '[' ? "" : ",";
    append_json_fingerprint(out, fingerprint);
  }
  out += ']';
}

std::vector<std::uint64_t> fingerprints_of(const json::value& value) {
  std::vector<std::uint64_t> out;
  for (const json::value& item : value.as_array()) {
    out.push_back(std::stoull(std::string(item.as_string()), nullptr, 16));
  }
  return out;
}

void append_ends(std::string& out, const std::vector<ToldEnd>& ends) {
  out += '[';
  bool first = true;
  for (const ToldEnd& end : ends) {
    out += first ? "[" : ",[";
    first = false;
    append_json_fingerprint(out, end.fingerprint);
    out += "," + std::to_string(unix_millis(end.at)) + "]";
  }
  out += ']';
}

std::vector<ToldEnd> ends_of(const json::value& value) {
  std::vector<ToldEnd> out;
  for (const json::value& item : value.as_array()) {
    const std::string fingerprint(item.at(0).as_string());
    out.push_back(
        {std::stoull(fingerprint, nullptr, 16), wall_from_unix_millis(item.at(1).as_int64())});
  }
  return out;
}

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

}  // namespace

bool contains(const std::vector<std::uint64_t>& sorted, std::uint64_t fingerprint) {
  return std::binary_search(sorted.begin(), sorted.end(), fingerprint);
}

std::string log_space_key(const NotificationKey& key) {
  return key.receiver + "\n" + key.sink + "\n" + key.group_key;
}

std::string to_json(const NotificationLogEntry& entry) {
  std::string out = "{\"group_key\":";
  append_json_string(out, entry.key.group_key);
  out += ",\"receiver\":";
  append_json_string(out, entry.key.receiver);
  out += ",\"sink\":";
  append_json_string(out, entry.key.sink);
  out += ",\"firing\":";
  append_fingerprints(out, entry.firing);
  out += ",\"resolved\":";
  append_fingerprints(out, entry.resolved);
  if (!entry.held.empty()) {
    out += ",\"held\":";
    append_fingerprints(out, entry.held);
  }
  out += ",\"at\":" + std::to_string(unix_millis(entry.at));
  out += ",\"expires_at\":" + std::to_string(unix_millis(entry.expires_at));
  out += ",\"since\":" + std::to_string(unix_millis(entry.since));
  out += entry.escalated ? ",\"escalated\":true" : "";
  if (!entry.notice.empty()) {
    out += ",\"notice\":";
    append_json_string(out, entry.notice);
  }
  out += entry.loss == Loss::rejected   ? ",\"rejected\":true"
         : entry.loss == Loss::given_up ? ",\"given_up\":true"
                                        : "";
  out += entry.first ? ",\"first\":true" : "";
  out += entry.fallback ? ",\"fallback\":true" : "";
  if (entry.news_at) {
    out += ",\"news_at\":" + std::to_string(unix_millis(*entry.news_at));
  }
  if (!entry.ended.empty()) {
    out += ",\"ended\":";
    append_ends(out, entry.ended);
  }
  out += '}';
  return out;
}

Result<NotificationLogEntry> log_entry_from_json(std::string_view text_in) {
  try {
    const json::value parsed = json::parse(json::string_view(text_in.data(), text_in.size()));
    const json::object& in = parsed.as_object();
    NotificationLogEntry out;
    out.key = {text(in.at("group_key")), text(in.at("receiver")), text(in.at("sink"))};
    out.firing = fingerprints_of(in.at("firing"));
    out.resolved = fingerprints_of(in.at("resolved"));
    if (const json::value* held = in.if_contains("held")) {
      out.held = fingerprints_of(*held);
    }
    out.at = wall_from_unix_millis(in.at("at").as_int64());
    out.expires_at = wall_from_unix_millis(in.at("expires_at").as_int64());
    const json::value* since = in.if_contains("since");  // not in those of earlier versions
    out.since = since != nullptr ? wall_from_unix_millis(since->as_int64()) : out.at;
    out.escalated = in.contains("escalated");
    if (const json::value* notice = in.if_contains("notice")) {
      out.notice = text(*notice);
    }
    out.loss = in.contains("rejected")   ? Loss::rejected
               : in.contains("given_up") ? Loss::given_up
                                         : Loss::none;
    if (const json::value* news_at = in.if_contains("news_at")) {
      out.news_at = wall_from_unix_millis(news_at->as_int64());
    }
    out.first = in.contains("first");
    out.fallback = in.contains("fallback");
    if (const json::value* ended = in.if_contains("ended")) {
      out.ended = ends_of(*ended);
    }
    return out;
  } catch (const std::exception& failure) {
    return error(std::string("a stored notification log entry cannot be read: ") + failure.what());
  }
}

bool NotificationLogEntry::told_end(std::uint64_t fingerprint, WallTime ended_at) const {
  const ToldEnd wanted{fingerprint, WallTime::min()};
  const auto told = std::lower_bound(ended.begin(), ended.end(), wanted);
  return told != ended.end() && told->fingerprint == fingerprint && told->at >= ended_at;
}

const NotificationLogEntry* NotificationLog::find(const NotificationKey& key) const {
  const auto at = entries_.find(key);
  return at == entries_.end() ? nullptr : &at->second;
}

std::vector<const NotificationLogEntry*> NotificationLog::of_group(
    const std::string& group_key) const {
  std::vector<const NotificationLogEntry*> out;
  for (auto at = entries_.lower_bound(NotificationKey{group_key, "", ""});
       at != entries_.end() && at->first.group_key == group_key;
       ++at) {
    out.push_back(&at->second);
  }
  return out;
}

bool NotificationLog::told_resolved(std::uint64_t fingerprint, WallTime ended_at) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& item) {
    return item.second.told_end(fingerprint, ended_at);
  });
}

void NotificationLog::retry_rejected() {
  for (auto& [key, entry] : entries_) {
    entry.loss = entry.loss == Loss::rejected ? Loss::given_up : entry.loss;
  }
}

void NotificationLog::put(NotificationLogEntry entry) {
  NotificationKey key = entry.key;
  entries_.insert_or_assign(std::move(key), std::move(entry));
}

std::vector<NotificationKey> NotificationLog::forget_expired(WallTime now) {
  std::vector<NotificationKey> gone;
  std::erase_if(entries_, [&](const auto& item) {
    const bool expired = item.second.expires_at <= now;
    if (expired) {
      gone.push_back(item.first);
    }
    return expired;
  });
  return gone;
}

}  // namespace seamwatch::rules
