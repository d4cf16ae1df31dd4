#include "agent/web/alertmanager/alerts_json.h"

#include <memory>
#include <utility>

#include <boost/json.hpp>

#include "agent/core/utf8.h"
#include "agent/web/alertmanager/api_error.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kChunkBytes = 256 << 10;
constexpr std::size_t kLookedMax = 1000;  // alerts in one turn of the loop

json::object labels_json(const Labels& labels) {
  json::object out;
  for (const auto& [name, value] : labels) {
    out[name] = to_valid_utf8(value);
  }
  return out;
}

json::array strings(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) {
    out.emplace_back(text);
  }
  return out;
}

json::object ack_json(const rules::Ack& ack) {
  return {{"acknowledgedBy", ack.owner},
          {"comment", ack.comment},
          {"at", api_v2_time(ack.at)},
          {"expiresAt", api_v2_time(ack.expires_at)}};
}

json::object alert_json(const GettableAlert& one, const AlertQuery& query) {
  json::array receivers;
  for (const Labels& receiver : one.receivers) {
    receivers.push_back(json::object{{"name", receiver.get("name")}});
  }
  const std::string_view state = state_of(one, query);
  json::object status{{"inhibitedBy", strings(one.inhibited_by)},
                      {"mutedBy", strings(one.muted_by)},
                      {"silencedBy", strings(one.silenced_by)},
                      {"state", json::string_view(state.data(), state.size())}};
  json::object out{
      {"annotations", labels_json(one.alert.annotations)},
      {"endsAt", one.alert.ends_at ? api_v2_time(*one.alert.ends_at) : "0001-01-01T00:00:00.000Z"},
      {"fingerprint", fingerprint_hex(one.alert.labels.fingerprint())},
      {"receivers", std::move(receivers)},
      {"startsAt", api_v2_time(one.alert.starts_at)},
      {"status", std::move(status)},
      {"updatedAt", api_v2_time(one.alert.updated_at)}};
  if (!one.alert.generator_url.empty()) {
    out["generatorURL"] = to_valid_utf8(one.alert.generator_url);
  }
  out["labels"] = labels_json(one.alert.labels);
  if (one.ack) {  // Seamwatch's own; clients of Alertmanager do not look at it
    out["acknowledgement"] = ack_json(*one.ack);
  }
  if (!one.held_back.empty()) {  // likewise
    out["heldBack"] = to_valid_utf8(one.held_back);
  }
  return out;
}

// How far one turn of the loop goes: until a chunk is full, or many alerts were looked at.
class Turn {
 public:
  explicit Turn(const std::string& out) : out_(out), full_(out.size() + kChunkBytes) {}

  bool goes_on() { return out_.size() < full_ && ++looked_ <= kLookedMax; }

 private:
  const std::string& out_;
  std::size_t full_;
  std::size_t looked_ = 0;
};

// Writes a list of alerts piece by piece.
class ListWriter {
 public:
  ListWriter(AlertQuery query, AlertSource source, WallTime now)
      : query_(std::move(query)), source_(std::move(source)), now_(now) {}

  // Adds about kChunkBytes to `out`; false when the list has ended.
  bool write(std::string& out) {
    GettableAlert one;
    for (Turn turn(out); turn.goes_on();) {
      if (!source_(one)) {
        out += first_ ? "[]\n" : "]\n";
        return false;
      }
      if (wanted(one, query_, now_)) {
        out += first_ ? "[" : ",";
        out += json::serialize(alert_json(one, query_));
        first_ = false;
      }
    }
    return true;
  }

 private:
  AlertQuery query_;
  AlertSource source_;
  WallTime now_;
  bool first_ = true;
};

// Writes a list of groups piece by piece; a group may go over many pieces.
class GroupWriter {
 public:
  GroupWriter(AlertQuery query, GroupSource source, WallTime now)
      : query_(std::move(query)), source_(std::move(source)), now_(now) {
    query_.of_groups = true;
  }

  // As ListWriter's.
  bool write(std::string& out) {
    for (Turn turn(out); turn.goes_on();) {
      if (in_group_) {
        write_alert(out);
      } else if (source_(group_)) {
        in_group_ = query_.takes_receiver(group_.receiver);
        shown_ = false;
      } else {
        out += first_ ? "[]\n" : "]\n";
        return false;
      }
    }
    return true;
  }

 private:
  // The group's next alert where it is wanted, or the group's end.
  void write_alert(std::string& out) {
    GettableAlert one;
    if (!group_.alerts(one)) {
      in_group_ = false;
      write_end(out);
    } else if (wanted(one, query_, now_)) {
      // Where receivers are asked for, only these are named.
      std::erase_if(one.receivers,
                    [this](const Labels& labels) { return !query_.takes_receiver(labels); });
      out += shown_ ? "," : first_ ? "[{\"alerts\":[" : ",{\"alerts\":[";
      out += json::serialize(alert_json(one, query_));
      first_ = false;
      shown_ = true;
    }
  }

  void write_end(std::string& out) {
    if (!shown_) {
      return;
    }
    out += "],\"labels\":" + json::serialize(labels_json(group_.labels)) +
           ",\"receiver\":" + json::serialize(json::object{{"name", group_.receiver.get("name")}});
    // Alertmanager has it from 0.34 on; before, there was nothing to show.
    const Labels route_labels = group_.route_labels();
    if (!route_labels.empty()) {
      out += ",\"routeLabels\":" + json::serialize(labels_json(route_labels));
    }
    out += "}";
  }

  AlertQuery query_;
  GroupSource source_;
  WallTime now_;
  GettableGroup group_;
  bool in_group_ = false;
  bool shown_ = false;  // an alert of the group
  bool first_ = true;
};

// A short list as it is; a long one in chunks, as they leave.
template <class Writer>
HttpReply list_reply(std::shared_ptr<Writer> writer) {
  std::string start;
  if (!writer->write(start)) {
    return json_reply(200, std::move(start));
  }
  HttpReply reply = json_reply(200, "");
  reply.chunks = [writer, start = std::move(start), ended = false](std::string& chunk) mutable {
    chunk.clear();
    if (ended) {
      return false;
    }
    if (!start.empty()) {
      chunk = std::exchange(start, "");
      return true;
    }
    ended = !writer->write(chunk);
    chunk += chunk.empty() ? " " : "";  // nothing wanted among many: a space, as more may come
    return true;
  };
  return reply;
}

}  // namespace

HttpReply api_v2_alerts(AlertQuery query, AlertSource source, WallTime now) {
  return list_reply(std::make_shared<ListWriter>(std::move(query), std::move(source), now));
}

HttpReply api_v2_groups(AlertQuery query, GroupSource source, WallTime now) {
  return list_reply(std::make_shared<GroupWriter>(std::move(query), std::move(source), now));
}

}  // namespace seamwatch::agent
