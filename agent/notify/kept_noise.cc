#include "agent/notify/kept_noise.h"

#include <utility>

#include <boost/json.hpp>

#include "agent/core/labels_json.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

json::object parsed(std::string_view text) {
  return json::parse(json::string_view(text.data(), text.size())).as_object();
}

std::string text_of(const json::object& in, json::string_view key) {
  return std::string(in.at(key).as_string());
}

}  // namespace

std::string to_json(const KeptOutage& kept) {
  json::array stands_for;
  for (const Labels& labels : kept.stands_for) {
    stands_for.push_back(labels_json(labels));
  }
  json::object out{{"stands_for", std::move(stands_for)}, {"alert", kept.alert}};
  if (kept.outage) {
    out["system"] = kept.outage->system;
    out["since"] = unix_millis(kept.outage->since);
    if (kept.outage->well_since) {
      out["well_since"] = unix_millis(*kept.outage->well_since);
    }
  }
  return json::serialize(out);
}

std::string to_json(const KeptFlap& kept) {
  json::object out{{"alert", kept.alert}};
  if (kept.standing) {
    out["standing"] = rules::to_json(*kept.standing);
  }
  return json::serialize(out);
}

Result<KeptOutage> kept_outage_from_json(std::string_view text) {
  try {
    const json::object in = parsed(text);
    KeptOutage out;
    out.alert = text_of(in, "alert");
    for (const json::value& labels : in.at("stands_for").as_array()) {
      out.stands_for.push_back(labels_from_json(labels));
    }
    if (in.contains("system")) {
      out.outage.emplace();
      out.outage->system = text_of(in, "system");
      out.outage->since = wall_from_unix_millis(in.at("since").as_int64());
      if (const json::value* well_since = in.if_contains("well_since")) {
        out.outage->well_since = wall_from_unix_millis(well_since->as_int64());
      }
    }
    return out;
  } catch (const std::exception& failure) {
    return error(std::string("a stored outage cannot be read: ") + failure.what());
  }
}

Result<KeptFlap> kept_flap_from_json(std::string_view text) {
  try {
    const json::object in = parsed(text);
    KeptFlap out;
    out.alert = text_of(in, "alert");
    if (in.contains("standing")) {
      auto standing = rules::flap_standing_from_json(text_of(in, "standing"));
      if (!standing) {
        return standing.error();
      }
      out.standing = std::move(*standing);
    }
    return out;
  } catch (const std::exception& failure) {
    return error(std::string("a stored flapping alert cannot be read: ") + failure.what());
  }
}

}  // namespace seamwatch::agent
