#include "agent/notify/first_told.h"

#include <charconv>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

#include "agent/base/log.h"
#include "agent/core/labels_json.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

std::string to_json(const FirstTold::Telling& telling) {
  return json::serialize(json::object{{"labels", labels_json(telling.labels)},
                                      {"starts_at", unix_millis(telling.starts_at)},
                                      {"added", labels_json(telling.added)},
                                      {"privacy", telling.privacy}});
}

FirstTold::Telling telling_from_json(std::string_view text) {
  const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
  const json::object& in = parsed.as_object();
  return {labels_from_json(in.at("labels")),
          wall_from_unix_millis(in.at("starts_at").as_int64()),
          labels_from_json(in.at("added")),
          std::string(in.at("privacy").as_string())};
}

// Annotations of `told` that `raw` does not have, or not so.
Labels added_to(const Labels& raw, const Labels& told) {
  Labels out;
  for (const auto& [name, value] : told) {
    if (raw.get(name) != value) {
      out.set(name, value);
    }
  }
  return out;
}

}  // namespace

FirstTold::FirstTold(Store& store) : kept_(store, kFirstToldSpace) {}

void FirstTold::restore(const std::vector<KeyValue>& kept) {
  for (const KeyValue& entry : kept) {
    const char* end = entry.key.data() + entry.key.size();
    std::uint64_t raw = 0;
    try {
      if (const auto read = std::from_chars(entry.key.data(), end, raw, 16);
          read.ec != std::errc() || read.ptr != end) {
        throw std::invalid_argument("the key is no fingerprint");
      }
      hold(raw, telling_from_json(entry.value));
    } catch (const std::exception& failure) {
      log(LogLevel::warning,
          "how an alert was told dropped",
          {{"key", entry.key}, {"reason", failure.what()}});
    }
  }
}

void FirstTold::unlink(std::uint64_t raw, const Telling& telling) {
  const auto link = by_told_.find(telling.labels.fingerprint());
  if (link != by_told_.end() && link->second == raw) {  // else another one is told the same
    by_told_.erase(link);
  }
}

void FirstTold::hold(std::uint64_t raw, Telling telling) {
  if (const auto before = tellings_.find(raw); before != tellings_.end()) {
    unlink(raw, before->second);
  }
  by_told_[telling.labels.fingerprint()] = raw;
  tellings_.insert_or_assign(raw, std::move(telling));
}

void FirstTold::put(std::uint64_t raw, Telling telling) {
  kept_.set(fingerprint_hex(raw), to_json(telling));
  hold(raw, std::move(telling));
}

Alert FirstTold::as_first_told(const Alert& raw, Alert now_told, const Known& now) {
  const std::uint64_t fingerprint = raw.labels.fingerprint();
  const auto known = tellings_.find(fingerprint);
  if (known == tellings_.end() || (now.fires && raw.starts_at > known->second.starts_at)) {
    if (now.fires) {
      Labels added = added_to(raw.annotations, now_told.annotations);
      put(fingerprint, {now_told.labels, raw.starts_at, std::move(added), now.privacy});
    }
    return now_told;
  }
  now_told.labels = known->second.labels;
  for (const auto& [name, value] : known->second.added) {
    const bool asked =
        !now.in_landscape || (now.fires && (name == "expected" || name == "failing_since"));
    if (asked && !now_told.annotations.has(name)) {
      now_told.annotations.set(name, value);
    }
  }
  // Whether it fixes itself may have become clear since, and is asked for after a restart.
  const std::string_view expected = now_told.annotations.get("expected");
  if (now.fires && expected != known->second.added.get("expected") &&
      expected != raw.annotations.get("expected")) {
    Telling later = known->second;
    later.added.set("expected", expected);
    put(fingerprint, std::move(later));
  }
  return now_told;
}

const std::string* FirstTold::privacy_of(const Labels& told) const {
  const auto raw = by_told_.find(told.fingerprint());
  return raw == by_told_.end() ? nullptr : &tellings_.at(raw->second).privacy;
}

void FirstTold::forget(const std::function<bool(const Labels& told)>& needed) {
  std::erase_if(tellings_, [&](const auto& one) {
    const bool gone = !needed(one.second.labels);
    if (gone) {
      kept_.erase(fingerprint_hex(one.first));
      unlink(one.first, one.second);
    }
    return gone;
  });
}

boost::asio::awaitable<Status> FirstTold::keep() {
  co_return co_await kept_.flush();
}

}  // namespace seamwatch::agent
