#include "agent/config/noise_section.h"

#include <catch2/catch.hpp>

#include "agent/config/keys_noise.h"
#include "agent/io/yaml.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

rules::NoisePolicy read(const std::string& yaml) {
  Diagnostics problems;
  const Document document = parse_yaml("noise.yml", yaml, problems);
  rules::NoisePolicy out;
  read_noise(SectionReader(document, document.root, noise_section, problems), out);
  REQUIRE(problems.to_string() == "");
  return out;
}

}  // namespace

TEST_CASE("every key of notification.noise arrives, and all have defaults") {
  CHECK(read("{}") == rules::NoisePolicy{});
  const rules::NoisePolicy all = read(R"(
dependencies: {enabled: false, integrations_min: 3, share: 60, window: 5m, grace: 1m}
flapping: {enabled: false, window: 20m, start: 6, stop: 3}
storm: {enabled: false, notices_per_minute: 7, sinks: [email, webhook]}
)");
  CHECK(all.dependencies == rules::OutagePolicy{false, 3, 60, Millis(300'000), Millis(60'000)});
  CHECK(all.flapping == rules::FlapPolicy{false, Millis(1'200'000), 6, 3});
  CHECK(all.storm == rules::BrakePolicy{false, 7, {"email", "webhook"}});
}
