#include "agent/notify/kept_silences.h"

#include <utility>

#include "agent/base/log.h"
#include "agent/notify/silence_privacy.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

void log_dropped(const KeyValue& entry, const Error& why) {
  log(LogLevel::warning, "kept entry dropped", {{"key", entry.key}, {"reason", why.message}});
}

rules::HistoryEntry ack_entry(const rules::Ack& ack, rules::HistoryDecision what, WallTime at) {
  auto alert = std::make_shared<Alert>();
  alert->labels = ack.labels;
  rules::HistoryEntry out;
  out.at = at;
  out.decision = what;
  out.by = ack.owner;
  out.reason = ack.comment;
  if (what == rules::HistoryDecision::acked) {
    out.until = ack.expires_at;
  }
  out.firing.push_back({ack.labels.fingerprint(), std::move(alert)});
  return out;
}

SilenceAnswer refusal(const Error& why) {
  const bool unknown = why.message == rules::kSilenceNotFound;
  return {unknown ? SilenceAnswer::Kind::not_found : SilenceAnswer::Kind::refused, why.message};
}

// Who did it. A mail address is often all that names them, and stays.
std::string redact_author(const Redactor& redactor, const std::string& author) {
  std::vector<RedactHit> hits;
  std::string out = redactor.redact(author, RedactScope::all, hits);
  return hits.size() == 1 && hits[0].pattern == "email" ? author : out;
}

}  // namespace

void KeptSilences::restore_silences(const std::vector<KeyValue>& kept) {
  rules::SilenceChange all;
  for (const KeyValue& entry : kept) {
    auto silence = rules::silence_from_json(entry.value);
    if (silence) {
      all.put.push_back(std::move(*silence));
    } else {
      log_dropped(entry, silence.error());
    }
  }
  silences_.apply(all);
}

void KeptSilences::restore_acks(const std::vector<KeyValue>& kept) {
  for (const KeyValue& entry : kept) {
    auto ack = rules::ack_from_json(entry.value);
    if (ack) {
      acks_.put(std::move(*ack));
    } else {
      log_dropped(entry, ack.error());
    }
  }
}

void KeptSilences::apply(rules::SilencePolicy policy,
                         Millis retention,
                         Redactor redactor,
                         LabelDigest label_digest) {
  policy_ = policy;
  redactor_ = std::move(redactor);
  label_digest_ = std::move(label_digest);
  retention_ = retention;
  silences_.set_other_texts(
      [this](std::string_view value) { return redacted_values(value, redactor_, label_digest_); });
  redact_kept();
}

rules::Matchers KeptSilences::as_asked(rules::Matchers matchers) const {
  return agent::as_asked(std::move(matchers), redactor_, label_digest_);
}

void KeptSilences::redact_kept() {
  rules::SilenceChange changed;
  for (const rules::Silence* silence : silences_.all(ports_.clock.wall_now())) {
    rules::Silence redacted = *silence;
    const Status clean = redact_matchers(redacted.matchers, redactor_, label_digest_);
    if (!clean) {
      log(LogLevel::warning, "silence not redacted", {{"id", silence->id}, {"do", "expire it"}});
    } else if (!rules::same_matchers(redacted.matchers, silence->matchers)) {
      unwritten_.insert(silence->id);
      changed.put.push_back(std::move(redacted));
    }
  }
  if (!changed.put.empty()) {
    silences_.apply(changed);
  }
}

asio::awaitable<SilenceAnswer> KeptSilences::set(rules::Silence wanted) {
  const std::uint64_t high = ports_.random.next();
  const std::uint64_t low = ports_.random.next();
  const WallTime now = ports_.clock.wall_now();
  wanted.created_by = redact_author(redactor_, wanted.created_by);
  wanted.comment = redactor_.redact(wanted.comment);
  Labels annotations;
  for (const auto& [name, value] : wanted.annotations) {
    annotations.set(name, redactor_.redact(value));
  }
  wanted.annotations = std::move(annotations);
  const Status clean = redact_matchers(wanted.matchers, redactor_, label_digest_);
  if (!clean) {
    co_return refusal(clean.error());
  }
  auto planned =
      silences_.plan_set(std::move(wanted), rules::silence_uuid(high, low), now, policy_);
  if (!planned) {
    co_return refusal(planned.error());
  }
  co_return co_await commit(std::move(*planned));
}

asio::awaitable<SilenceAnswer> KeptSilences::expire(std::string id) {
  auto planned = silences_.plan_expire(id, ports_.clock.wall_now());
  if (!planned) {
    co_return refusal(planned.error());
  }
  co_return co_await commit(std::move(*planned));
}

asio::awaitable<SilenceAnswer> KeptSilences::commit(rules::SilenceChange change) {
  std::vector<KeyValue> upserts;
  for (const rules::Silence& silence : change.put) {
    upserts.push_back(KeyValue{silence.id, rules::to_json(silence)});
  }
  SilenceAnswer answer;
  answer.text = change.id;
  if (upserts.empty()) {
    co_return answer;
  }
  std::string space(kSilenceSpace);
  std::vector<std::string> nothing;
  auto written = co_await store_.put_all(std::move(space), std::move(upserts), std::move(nothing));
  if (!written) {
    answer.kind = SilenceAnswer::Kind::not_stored;
    answer.text = "the silence could not be stored: " + written.error().message;
    co_return answer;
  }
  silences_.apply(change);
  for (const rules::Silence& silence : change.put) {
    log(LogLevel::info,
        "silence",
        {{"id", silence.id},
         {"matchers", rules::matchers_text(silence.matchers)},
         {"from", to_rfc3339(silence.starts_at)},
         {"to", to_rfc3339(silence.ends_at)},
         {"by", silence.created_by}});
  }
  co_return answer;
}

asio::awaitable<Status> KeptSilences::acknowledge(rules::Ack ack) {
  ack.owner = redact_author(redactor_, ack.owner);
  ack.comment = redactor_.redact(ack.comment);
  std::vector<KeyValue> upserts;
  upserts.push_back(KeyValue{fingerprint_hex(ack.labels.fingerprint()), rules::to_json(ack)});
  std::string space(kAckSpace);
  std::vector<std::string> nothing;
  auto written = co_await store_.put_all(std::move(space), std::move(upserts), std::move(nothing));
  if (written) {
    log(LogLevel::info,
        "acknowledged",
        {{"labels", ack.labels.to_string()},
         {"by", ack.owner},
         {"until", to_rfc3339(ack.expires_at)}});
    history_.record(ack_entry(ack, rules::HistoryDecision::acked, ack.at));
    acks_.put(std::move(ack));
  }
  co_return written;
}

asio::awaitable<void> KeptSilences::end_acks(std::vector<rules::AlertPtr> told) {
  std::vector<std::string> over;
  for (const rules::AlertPtr& alert : told) {
    const std::uint64_t fingerprint = alert->labels.fingerprint();
    const auto ack = acks_.all().find(fingerprint);
    // Who took it on again since means what fires now.
    if (ack != acks_.all().end() && ack->second.at < *alert->ends_at) {
      acks_.erase(fingerprint);
      over.push_back(fingerprint_hex(fingerprint));
    }
  }
  if (over.empty()) {
    co_return;
  }
  std::string space(kAckSpace);
  std::vector<KeyValue> nothing;
  auto written = co_await store_.put_all(std::move(space), std::move(nothing), std::move(over));
  if (!written) {  // a restart knows them again, until they expire
    log(LogLevel::warning, "acks not cleaned", {{"reason", written.error().message}});
  }
}

asio::awaitable<Result<bool>> KeptSilences::take_back(std::uint64_t fingerprint) {
  const auto known = acks_.all().find(fingerprint);
  if (known == acks_.all().end()) {
    co_return false;
  }
  rules::HistoryEntry entry =
      ack_entry(known->second, rules::HistoryDecision::unacked, ports_.clock.wall_now());
  std::string space(kAckSpace);
  std::vector<KeyValue> nothing;
  std::vector<std::string> gone(1, fingerprint_hex(fingerprint));
  auto written = co_await store_.put_all(std::move(space), std::move(nothing), std::move(gone));
  if (!written) {
    co_return written.error();
  }
  history_.record(std::move(entry));
  co_return acks_.erase(fingerprint);
}

std::vector<KeyValue> KeptSilences::entries_of(const std::set<std::string>& silences) const {
  std::vector<KeyValue> out;
  for (const std::string& id : silences) {
    if (const rules::Silence* silence = silences_.find(id)) {
      out.push_back(KeyValue{id, rules::to_json(*silence)});
    }
  }
  return out;
}

asio::awaitable<void> KeptSilences::clean_up_silences(WallTime now) {
  std::vector<std::string> gone = silences_.forget(now - retention_);
  const std::set<std::string> writing = std::exchange(unwritten_, {});
  std::vector<KeyValue> upserts = entries_of(writing);
  if (gone.empty() && upserts.empty()) {
    co_return;
  }
  std::string space(kSilenceSpace);
  auto written = co_await store_.put_all(std::move(space), std::move(upserts), std::move(gone));
  if (!written) {  // what is gone is forgotten again after the next restart
    unwritten_.insert(writing.begin(), writing.end());
    log(LogLevel::warning, "silences not cleaned", {{"reason", written.error().message}});
  }
}

asio::awaitable<void> KeptSilences::clean_up(WallTime now) {
  co_await clean_up_silences(now);
  std::vector<std::string> acks;
  for (const std::uint64_t fingerprint : acks_.forget_expired(now)) {
    acks.push_back(fingerprint_hex(fingerprint));
  }
  // What cannot be removed now is forgotten again after the next restart.
  std::vector<KeyValue> nothing;
  if (!acks.empty()) {
    std::string space(kAckSpace);
    auto removed = co_await store_.put_all(std::move(space), nothing, std::move(acks));
    if (!removed) {
      log(LogLevel::warning, "acks not cleaned", {{"reason", removed.error().message}});
    }
  }
}

}  // namespace seamwatch::agent
