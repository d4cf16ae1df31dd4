#include "agent/web/alertmanager/acks_json.h"

#include <stdexcept>

#include <boost/json.hpp>

#include "agent/core/utf8.h"
#include "agent/web/alertmanager/api_error.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr Millis kDurationMax{30LL * 24 * 3'600'000};
constexpr std::size_t kTextMax = 4096;

std::string text_of(const json::value& value, const std::string& key) {
  if (!value.is_string()) {
    throw std::invalid_argument(quoted(key) + " takes texts");
  }
  return std::string(value.as_string());
}

void read(const json::object& in, PostedAck& out) {
  for (const auto& [key, value] : in) {
    const std::string name(key);
    if (name == "matchers") {
      if (!value.is_array()) {
        throw std::invalid_argument("\"matchers\" takes a list of texts");
      }
      for (const json::value& text : value.get_array()) {
        auto matcher = rules::parse_matcher(text_of(text, name));
        if (!matcher) {
          throw std::invalid_argument(matcher.error().message);
        }
        out.matchers.push_back(std::move(*matcher));
      }
    } else if (name == "owner" || name == "comment") {
      (name == "owner" ? out.owner : out.comment) = text_of(value, name);
    } else if (name == "duration") {
      const auto duration = read_ack_duration(text_of(value, name));
      if (!duration) {
        throw std::invalid_argument(duration.error().message);
      }
      out.duration = *duration;
    } else {
      throw std::invalid_argument("unknown key " + quoted(to_valid_utf8(name)));
    }
  }
  if (out.matchers.empty() || out.owner.empty()) {
    throw std::invalid_argument("`matchers` and `owner` are required");
  }
  if (out.owner.size() + out.comment.size() > kTextMax) {
    throw std::invalid_argument("owner and comment are longer than 4096 bytes");
  }
}

void add_who(json::object& out, const rules::Ack& ack) {
  out["owner"] = to_valid_utf8(ack.owner);
  out["comment"] = to_valid_utf8(ack.comment);
  out["at"] = api_v2_time(ack.at);
  out["expiresAt"] = api_v2_time(ack.expires_at);
}

}  // namespace

Result<Millis> read_ack_duration(const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration || *duration <= Millis(0) || *duration > kDurationMax) {
    return error("duration must be like 4h, at most 30d");
  }
  return *duration;
}

PostedAck read_posted_ack(const HttpCall& call) {
  PostedAck out;
  out.refused = refused_type(call);
  if (out.refused) {
    return out;
  }
  try {
    const json::value body = json::parse(call.body);
    read(body.as_object(), out);
  } catch (const std::exception& failure) {
    out.refused = api_v2_error(400, std::string("not an ack: ") + failure.what());
  }
  return out;
}

HttpReply acks_reply(const std::map<std::uint64_t, rules::Ack>& acks,
                     const std::map<std::uint64_t, rules::Ack>& replaced) {
  json::array out;
  for (const auto& [fingerprint, ack] : acks) {
    json::object labels;
    for (const auto& [name, value] : ack.labels) {
      labels[name] = to_valid_utf8(value);
    }
    json::object one{{"fingerprint", fingerprint_hex(fingerprint)}, {"labels", std::move(labels)}};
    add_who(one, ack);
    if (const auto before = replaced.find(fingerprint); before != replaced.end()) {
      json::object other;
      add_who(other, before->second);
      one["replaces"] = std::move(other);
    }
    out.push_back(std::move(one));
  }
  return json_reply(200, json::serialize(out) + "\n");
}

}  // namespace seamwatch::agent
