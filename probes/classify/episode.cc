#include "probes/classify/episode.h"

#include <algorithm>

#include <boost/json/serialize.hpp>

#include "probes/classify/classify.h"
#include "probes/classify/json_fields.h"

namespace seamwatch::probes {

void note_fault(Episode& episode, const Fault& fault, WallTime now) {
  std::string print = fingerprint(fault);
  if (!episode.failing_since) {
    episode.failing_since = now;
  }
  if (!episode.same_since || episode.fingerprint != print) {
    episode.same_since = now;
    episode.fingerprint = std::move(print);
  }
  if (!episode.announced_until && fault.retry_after) {
    episode.announced_until = now + std::min(*fault.retry_after, kAnnouncedWaitMax);
  }
  ++episode.faults;
}

std::string to_json(const Episode& episode) {
  boost::json::object object;
  object["failing_since"] = to_field(episode.failing_since);
  object["announced_until"] = to_field(episode.announced_until);
  object["fingerprint"] = episode.fingerprint;
  object["same_since"] = to_field(episode.same_since);
  object["faults"] = episode.faults;
  return boost::json::serialize(object);
}

Result<Episode> episode_from_json(std::string_view text) {
  const auto object = parse_object(text, "episode");
  if (!object) {
    return object.error();
  }
  Episode episode;
  episode.failing_since = time_field(*object, "failing_since");
  episode.announced_until = time_field(*object, "announced_until");
  episode.fingerprint = text_field(*object, "fingerprint");
  episode.same_since = time_field(*object, "same_since");
  episode.faults = number_field(*object, "faults").value_or(0);
  return episode;
}

}  // namespace seamwatch::probes
