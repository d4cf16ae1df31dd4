#include "agent/web/alertmanager/alerts_json.h"

#include <algorithm>
#include <memory>

#include <boost/json.hpp>

#include "agent/core/utf8.h"
#include "agent/web/alertmanager/api_error.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kChunkBytes = 256 << 10;

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

json::object alert_json(const GettableAlert& one) {
  json::array receivers;
  for (const Labels& receiver : one.receivers) {
    receivers.push_back(json::object{{"name", receiver.get("name")}});
  }
  const std::string_view state = state_of(one);
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
  return out;
}

// Writes a list piece by piece.
class ListWriter {
 public:
  ListWriter(AlertQuery query, AlertSource source, WallTime now)
      : query_(std::move(query)), source_(std::move(source)), now_(now) {}

  // Adds about kChunkBytes to `out`; false when the list has ended.
  bool write(std::string& out) {
    const std::size_t full = out.size() + kChunkBytes;
    GettableAlert one;
    while (out.size() < full) {
      if (!source_(one)) {
        out += first_ ? "[]\n" : "]\n";
        return false;
      }
      if (wanted(one, query_, now_)) {
        out += first_ ? "[" : ",";
        out += json::serialize(alert_json(one));
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

}  // namespace

HttpReply api_v2_alerts(AlertQuery query, AlertSource source, WallTime now) {
  auto writer = std::make_shared<ListWriter>(std::move(query), std::move(source), now);
  std::string start;
  if (!writer->write(start)) {
    return json_reply(200, std::move(start));
  }
  HttpReply reply = json_reply(200, "");
  reply.chunks = [writer, start = std::move(start), ended = false](std::string& chunk) mutable {
    chunk.clear();
    if (!start.empty()) {
      chunk = std::exchange(start, "");
      return true;
    }
    if (ended) {
      return false;
    }
    ended = !writer->write(chunk);
    return true;
  };
  return reply;
}

HttpReply api_v2_groups(const AlertQuery& query, std::vector<GettableGroup> groups, WallTime now) {
  std::sort(groups.begin(), groups.end(), [](const GettableGroup& a, const GettableGroup& b) {
    return a.labels != b.labels ? a.labels < b.labels
                                : a.receiver.get("name") < b.receiver.get("name");
  });
  json::array out;
  for (GettableGroup& group : groups) {
    std::sort(group.alerts.begin(), group.alerts.end(), [](const auto& a, const auto& b) {
      return a.alert.labels.fingerprint() < b.alert.labels.fingerprint();
    });
    json::array alerts;
    for (const GettableAlert& one : group.alerts) {
      if (wanted(one, query, now)) {
        alerts.push_back(alert_json(one));
      }
    }
    if (!alerts.empty() && query.takes_receiver(group.receiver)) {
      json::object shown{{"alerts", std::move(alerts)},
                         {"labels", labels_json(group.labels)},
                         {"receiver", json::object{{"name", group.receiver.get("name")}}}};
      // Alertmanager has it from 0.34 on; before, there was nothing to show.
      if (!group.route_labels.empty()) {
        shown["routeLabels"] = labels_json(group.route_labels);
      }
      out.push_back(std::move(shown));
    }
  }
  return json_reply(200, json::serialize(out) + "\n");
}

}  // namespace seamwatch::agent
