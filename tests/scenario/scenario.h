// Scenario: a story told in YAML and run in simulated time: what happens when, and what must come
// of it. See tests/scenario/README.md for the words.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/labels.h"
#include "agent/core/times.h"

namespace seamwatch::fakes {

struct Happening {
  Millis at{};
  std::string kind;  // host, own_network, ping, restart, reload, state, silence, end_silence,
                     // post, ack, shown, get
  std::string name;  // of the host, heartbeat key or integration
  Labels values;     // fault, status, latency, body, header:<name>, is, config
};

struct Expectation {
  Millis from{};
  Millis to{};
  std::string kind;  // webhook, mail, requests, alertmanager, history
  std::string name;  // receiver, address, host, decision
  Labels values;     // status, alert, contains, first_line, count, at_least, at_most, label:<name>,
                     // receiver, by, until
  Place place;
};

struct Scenario {
  std::string name;
  Millis span{};
  std::vector<std::uint64_t> seeds = {1, 2, 3};
  std::map<std::string, std::string>
      files;                          // name -> text, in one folder; seamwatch.yml is the config
  std::vector<Happening> happenings;  // in order of time
  std::vector<Expectation> expectations;
};

// Reads a scenario. Reports every problem.
Scenario read_scenario(const Document& document, Diagnostics& problems);

// Runs it with one seed; returns what was not as expected, one line each.
std::vector<std::string> run_scenario(const Scenario& scenario, std::uint64_t seed);

}  // namespace seamwatch::fakes
