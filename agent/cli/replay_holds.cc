#include "agent/cli/replay_holds.h"

#include <boost/json.hpp>

#include "agent/config/files.h"
#include "agent/store/kept_reader.h"
#include "agent/web/alertmanager/ack_silences.h"
#include "agent/web/alertmanager/posted_body.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

// The words of a refusal: a text, or an object with a message.
std::string words_of(const HttpReply& refused) {
  boost::system::error_code failed;
  const json::value body = json::parse(refused.body, failed);
  if (!failed && body.is_string()) {
    return std::string(body.as_string());
  }
  if (!failed && body.is_object()) {
    if (const json::value* message = body.as_object().if_contains("message")) {
      return message->is_string() ? std::string(message->as_string()) : refused.body;
    }
  }
  return refused.body;
}

Status read_silences(const std::string& file, const RedactMatchers& redact, ReplayHolds& out) {
  const auto text = read_file(file);
  if (!text) {
    return error(file + ": " + text.error().message + "; check the path and its permissions");
  }
  boost::system::error_code failed;
  json::value all = json::parse(*text, failed);
  if (failed || !(all.is_array() || all.is_object())) {
    return error(file + ": no JSON list of silences; give what `amtool silence query -o json` or " +
                 "GET /api/v2/silences answers");
  }
  if (all.is_object()) {
    all = json::array{std::move(all)};
  }
  rules::SilenceChange change;
  for (const json::value& each : all.as_array()) {
    const std::string number = std::to_string(change.put.size() + 1);
    HttpCall call;
    call.headers = {{"content-type", "application/json"}};
    call.body = json::serialize(each);
    PostedSilence read = read_posted_silence(call);
    if (read.refused) {
      return error(file + ": silence " + number + ": " + words_of(*read.refused) +
                   "; write it as GET /api/v2/silences does");
    }
    if (!read.silence.annotations.get(kAckAnnotation).empty()) {
      continue;  // an ack: it holds back repeats only
    }
    if (read.silence.id.empty()) {
      read.silence.id = "silence " + number;
    }
    if (read.silence.recurrence) {
      if (const Status good = rules::check_recurrence(*read.silence.recurrence); !good) {
        return error(file + ": silence " + number + ": " + good.error().message);
      }
    }
    if (const Status clean = redact(read.silence.matchers); !clean) {
      return error(file + ": silence " + number + ": " + clean.error().message);
    }
    change.put.push_back(std::move(read.silence));
  }
  out.silences.apply(change);
  return {};
}

Status read_storage(const std::string& storage, ReplayHolds& out) {
  const auto silences = read_kept(storage, kSilenceSpace);
  if (!silences) {
    return silences.error();
  }
  rules::SilenceChange change;
  for (const KeyValue& entry : *silences) {
    auto silence = rules::silence_from_json(entry.value);
    if (!silence) {
      return error(storage + ": silence " + entry.key + ": " + silence.error().message);
    }
    change.put.push_back(std::move(*silence));
  }
  out.silences.apply(change);
  const auto acks = read_kept(storage, kAckSpace);
  if (!acks) {
    return acks.error();
  }
  for (const KeyValue& entry : *acks) {
    auto ack = rules::ack_from_json(entry.value);
    if (!ack) {
      return error(storage + ": ack " + entry.key + ": " + ack.error().message);
    }
    out.acks.put(std::move(*ack));
  }
  return {};
}

}  // namespace

Result<ReplayHolds> read_holds(const std::string& file,
                               const std::string& storage,
                               const RedactMatchers& redact) {
  ReplayHolds out;
  if (!storage.empty()) {
    if (const Status read = read_storage(storage, out); !read) {
      return read.error();
    }
  }
  if (!file.empty()) {
    out.silences = rules::SilenceSet();
    if (const Status read = read_silences(file, redact, out); !read) {
      return read.error();
    }
  }
  return out;
}

void apply_holds(const ReplayHolds& holds, rules::replay::ReplayOptions& options) {
  options.silenced_by = [&holds](const Labels& labels, WallTime now) {
    return holds.silences.silenced_by(labels, now);
  };
  options.acknowledged = [&holds](const Alert& alert, WallTime now) {
    const rules::Ack* ack = holds.acks.find(alert, now);
    return ack != nullptr && ack->at <= now;
  };
}

}  // namespace seamwatch::agent
