#include "tests/scenario/scenario.h"

#include <algorithm>
#include <array>

#include "agent/core/map_reader.h"

namespace seamwatch::fakes {
namespace {

constexpr std::array<std::string_view, 12> kHappenings = {"host",
                                                          "own_network",
                                                          "ping",
                                                          "restart",
                                                          "reload",
                                                          "state",
                                                          "silence",
                                                          "end_silence",
                                                          "post",
                                                          "ack",
                                                          "shown",
                                                          "get"};
constexpr std::array<std::string_view, 5> kExpectations = {
    "history", "webhook", "mail", "requests", "alertmanager"};

// Every other key of the map as a text; maps become `key:inner`, with "header:" for headers.
Labels values_of(const Node& node, const std::vector<std::string_view>& without) {
  Labels values;
  for (const NodeEntry& entry : node.entries) {
    if (std::find(without.begin(), without.end(), entry.key.scalar) != without.end()) {
      continue;
    }
    for (const NodeEntry& inner : entry.value.entries) {
      values.set(entry.key.scalar + ":" + inner.key.scalar, inner.value.scalar);
    }
    if (entry.value.is_scalar()) {
      values.set(entry.key.scalar, entry.value.scalar);
    }
  }
  return values;
}

template <std::size_t N>
const NodeEntry* entry_of(const Node& node, const std::array<std::string_view, N>& kinds) {
  for (const NodeEntry& entry : node.entries) {
    if (std::find(kinds.begin(), kinds.end(), entry.key.scalar) != kinds.end()) {
      return &entry;
    }
  }
  return nullptr;
}

Millis duration_of(const Document& document, const Node* node, Diagnostics& problems) {
  if (node == nullptr) {
    return Millis(0);
  }
  const auto parsed = parse_duration(node->scalar);
  if (!parsed) {
    problems.add(document.place(*node), parsed.error().message);
    return Millis(0);
  }
  return *parsed;
}

Happening read_happening(const Document& document, const Node& node, Diagnostics& problems) {
  Happening out;
  const NodeEntry* entry = entry_of(node, kHappenings);
  if (entry == nullptr) {
    problems.add(document.place(node),
                 "nothing happens here",
                 "name one of host, own_network, ping, restart, reload, state, silence, "
                 "end_silence, post, ack, shown, get");
    return out;
  }
  out.at = duration_of(document, node.find("at"), problems);
  out.kind = entry->key.scalar;
  out.name = entry->value.scalar;
  out.values = values_of(node, {"at", out.kind});
  return out;
}

Expectation read_expectation(const Document& document, const Node& node, Diagnostics& problems) {
  Expectation out;
  out.place = document.place(node);
  const NodeEntry* entry = entry_of(node, kExpectations);
  const Node* between = node.find("between");
  const std::string window = between == nullptr ? "" : between->scalar;
  const std::size_t middle = window.find(" and ");
  const auto from = parse_duration(window.substr(0, middle));
  const auto to = middle == std::string::npos ? from : parse_duration(window.substr(middle + 5));
  if (entry == nullptr || !from || !to) {
    problems.add(document.place(node),
                 "not an expectation",
                 "write {between: 1m and 2m, webhook: RECEIVER, ...}");
    return out;
  }
  out.from = *from;
  out.to = *to;
  out.kind = entry->key.scalar;
  out.name = entry->value.scalar;
  out.values = values_of(node, {"between", out.kind});
  return out;
}

}  // namespace

Scenario read_scenario(const Document& document, Diagnostics& problems) {
  Scenario scenario;
  MapReader reader(document, document.root, "scenario", problems);
  reader.read("scenario", scenario.name);
  scenario.span = duration_of(document, reader.require("for", "say how long it runs"), problems);
  Labels files;
  reader.read("files", files);
  for (const auto& [name, text] : files) {
    scenario.files.emplace(name, text);
  }
  std::vector<std::string> seeds;
  if (reader.read("seeds", seeds)) {
    scenario.seeds.clear();
    for (const std::string& seed : seeds) {
      scenario.seeds.push_back(std::stoull(seed));
    }
  }
  reader.each("steps", [&](const Node& node) {
    scenario.happenings.push_back(read_happening(document, node, problems));
  });
  reader.each("expect", [&](const Node& node) {
    if (node.find("at") != nullptr) {  // looked at when its time comes
      scenario.happenings.push_back(read_happening(document, node, problems));
    } else {
      scenario.expectations.push_back(read_expectation(document, node, problems));
    }
  });
  reader.done();
  std::stable_sort(scenario.happenings.begin(),
                   scenario.happenings.end(),
                   [](const Happening& a, const Happening& b) { return a.at < b.at; });
  return scenario;
}

}  // namespace seamwatch::fakes
