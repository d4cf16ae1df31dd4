#include "tests/lives/alert_source.h"

#include <boost/json.hpp>

namespace seamwatch::fakes {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr Millis kRepeatedAfterEnd = 15min;

json::object json_of(const SourceAlert& alert, WallTime now) {
  json::object out{
      {"labels", {{"alertname", alert.name}, {"service", alert.service}, {"zone", alert.zone}}},
      {"startsAt", to_rfc3339(*alert.starts_at)}};
  out["endsAt"] = to_rfc3339(alert.ends_at.value_or(now + 5min));
  return out;
}

}  // namespace

AlertSource::AlertSource(Chance& chance, SimWorld& world) : chance_(chance), world_(world) {
  const int count = 2 + chance.below(10);
  for (int i = 0; i < count; ++i) {
    SourceAlert alert;
    alert.name = std::string(1, static_cast<char>('A' + i % 3));
    alert.service = std::to_string(i);
    alert.zone = std::to_string(i % 2);
    alert.is_posted_once = chance.one_in(3);
    alerts_.push_back(std::move(alert));
  }
}

WallTime AlertSource::now() const {
  return world_.wall_at(world_.now());
}

void AlertSource::flip(SourceAlert& alert) {
  const WallTime at = now();
  if (!alert.fires(at)) {
    alert.starts_at = at;
    alert.ends_at.reset();
    alert.is_taken = false;
    if (alert.is_posted_once) {
      alert.ends_at = at + chance_.between(10s, 10min);
    }
  } else if (!alert.is_posted_once) {
    alert.ends_at = at;
    alert.is_taken = false;
  }
}

void AlertSource::flip_some() {
  std::vector<SourceAlert*> flipped;
  for (SourceAlert& alert : alerts_) {
    if (chance_.one_in(4)) {
      flip(alert);
      flipped.push_back(&alert);
    }
  }
  post(flipped);
}

void AlertSource::end_all() {
  std::vector<SourceAlert*> ended;
  for (SourceAlert& alert : alerts_) {
    if (alert.fires(now())) {
      alert.ends_at = now();
      alert.is_taken = false;
      ended.push_back(&alert);
    }
  }
  post(ended);
}

void AlertSource::repeat() {
  std::vector<SourceAlert*> repeated;
  for (SourceAlert& alert : alerts_) {
    const bool over = alert.ends_at && *alert.ends_at + kRepeatedAfterEnd < now();
    if (alert.starts_at && (!alert.is_taken || (!alert.is_posted_once && !over))) {
      repeated.push_back(&alert);
    }
  }
  post(repeated);
}

void AlertSource::post(const std::vector<SourceAlert*>& alerts) {
  if (alerts.empty()) {
    return;
  }
  json::array body;
  for (const SourceAlert* alert : alerts) {
    body.push_back(json_of(*alert, now()));
  }
  agent::HttpCall call;
  call.method = "POST";
  call.path = "/api/v2/alerts";
  call.headers.emplace_back("content-type", "application/json");
  call.body = json::serialize(body);
  const agent::HttpReply reply = world_.call(std::move(call));
  for (SourceAlert* alert : alerts) {
    alert->is_taken = reply.status == 200;
  }
}

}  // namespace seamwatch::fakes
