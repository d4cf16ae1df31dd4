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

AlertSource::AlertSource(Chance& chance, SimWorld& world, const std::vector<std::string>& probed)
    : chance_(chance), world_(world) {
  const int count = 2 + chance.below(10);
  for (int i = 0; i < count; ++i) {
    SourceAlert alert;
    alert.name = std::string(1, static_cast<char>('A' + i % 3));
    alert.service = std::to_string(i);
    alert.zone = std::to_string(i % 2);
    alert.is_posted_once = chance.one_in(3);
    alerts_.push_back(std::move(alert));
  }
  for (const std::string& integration : probed) {
    SourceAlert alert;
    alert.name = "P";
    alert.service = integration;
    alert.zone = "0";
    alert.is_own = true;
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
  break_or_mend(alert);
}

void AlertSource::break_or_mend(const SourceAlert& alert) {
  if (alert.is_own) {
    world_.network().host(alert.service + ".test").status = alert.fires(now()) ? 500 : 200;
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
      break_or_mend(alert);
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
  json::array body;
  for (const SourceAlert* alert : alerts) {
    if (!alert->is_own) {
      body.push_back(json_of(*alert, now()));
    }
  }
  if (body.empty()) {
    return;
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
