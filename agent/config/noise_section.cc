#include "agent/config/noise_section.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "agent/core/labels.h"

namespace seamwatch::agent {
namespace {

constexpr std::array<std::string_view, 6> kSinks = {
    "email", "slack", "msteamsv2", "webhook", "pagerduty", "opsgenie"};

void read_dependencies(SectionReader reader, rules::OutagePolicy& out) {
  reader.flag("enabled", out.enabled);
  reader.count("integrations_min", out.integrations_min);
  reader.count("share", out.share);
  reader.duration("window", out.window);
  reader.duration("grace", out.grace);
  reader.done();
}

void read_flapping(SectionReader reader, rules::FlapPolicy& out) {
  reader.flag("enabled", out.enabled);
  reader.duration("window", out.window);
  reader.count("start", out.start);
  reader.count("stop", out.stop);
  if (out.stop >= out.start) {
    reader.report(reader.find("stop") != nullptr ? "stop" : "start",
                  "\"stop\" " + std::to_string(out.stop) + " is not below \"start\" " +
                      std::to_string(out.start),
                  "leave room between them, or an alert flaps between flapping and stable");
  }
  reader.done();
}

void read_storm(SectionReader reader, rules::BrakePolicy& out) {
  reader.flag("enabled", out.enabled);
  reader.count("notices_per_minute", out.notices_per_minute);
  std::vector<std::string> sinks;
  if (reader.texts("sinks", sinks)) {
    out.sinks = {sinks.begin(), sinks.end()};
  }
  for (const std::string& sink : out.sinks) {
    if (std::find(kSinks.begin(), kSinks.end(), sink) == kSinks.end()) {
      reader.report("sinks",
                    quoted(sink) + " is no kind of sink",
                    "write some of email, slack, msteamsv2, webhook, pagerduty, opsgenie");
    }
  }
  reader.done();
}

}  // namespace

void read_noise(SectionReader reader, rules::NoisePolicy& out) {
  read_dependencies(reader.section("dependencies"), out.dependencies);
  read_flapping(reader.section("flapping"), out.flapping);
  read_storm(reader.section("storm"), out.storm);
  reader.done();
}

}  // namespace seamwatch::agent
