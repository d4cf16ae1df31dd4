// The rules benchmark's program; tests/bench/rules drives it beside a Prometheus.
//   rules_bench push PORT START_MS      sends an hour of samples to Prometheus, says "loaded", then
//                                       each further step some seconds before its time, until
//                                       killed
//   rules_bench run RULES START_MS CYCLES [FIRST [RESULTS]]
//                                       evaluates the rule file on the same samples, prints CPU and
//                                       time of each cycle, and which integrations were seen at the
//                                       very millisecond of their evaluation, and writes the series
//                                       that rules made in the last three. FIRST holds lines
//                                       `group<tab>ms` with the time of each group's first
//                                       evaluation; else they are spread over the interval after
//                                       the hour.
// START_MS is the time of the first step, in Unix milliseconds.
#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <time.h>

#include "agent/core/assert.h"
#include "agent/io/yaml.h"
#include "rules/groups/group.h"
#include "rules/groups/rule_file.h"
#include "rules/series/series_store.h"
#include "tests/bench/landscape.h"
#include "tests/bench/remote_write.h"

namespace {

using namespace seamwatch;
using bench::kHistorySteps;
using bench::kStepMillis;

constexpr std::uint32_t kFlows = 10'000;
constexpr std::uint32_t kSystems = 30;

// How long before its time a step is sent, so that Prometheus has all of it when rules read it.
constexpr std::int64_t kAheadMillis = 45'000;

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "rules_bench: " << what << "\n";
  std::exit(1);
}

std::int64_t wall_millis() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// A number of /proc/self/status. The peak is read here too: what getrusage says has that of the
// process before exec in it.
std::size_t status_kb(const std::string& wanted) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with(wanted + ":")) {
      return std::stoul(line.substr(wanted.size() + 1));
    }
  }
  fail("no " + wanted + " in /proc/self/status");
}

int push(std::uint16_t port, std::int64_t start) {
  std::vector<bench::SeriesPlan> series;
  bench::each_series(
      kFlows, kSystems, [&](bench::SeriesPlan plan) { series.push_back(std::move(plan)); });
  const auto send = [&](std::int64_t from, std::int64_t to) {
    bench::RemoteWriter writer(port);  // Prometheus closes those that wait
    std::vector<std::pair<std::int64_t, double>> samples;
    for (const bench::SeriesPlan& plan : series) {
      samples.clear();
      for (std::int64_t step = from; step < to; ++step) {
        if (const auto value = value_at(plan, step)) {
          samples.emplace_back(start + step * kStepMillis + jitter_millis(plan), *value);
        }
      }
      if (!samples.empty()) {
        writer.add(plan.labels, samples);
      }
    }
    writer.flush();
  };
  // Slices in order of time: Prometheus takes nothing older than an hour before its newest.
  constexpr std::int64_t kSlice = 20;
  for (std::int64_t step = 0; step < kHistorySteps; step += kSlice) {
    send(step, step + kSlice);
  }
  std::cout << "loaded" << std::endl;
  for (std::int64_t step = kHistorySteps;; ++step) {
    const std::int64_t due = start + step * kStepMillis - kAheadMillis;
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::max<std::int64_t>(0, due - wall_millis())));
    send(step, step + 1);
    std::cout << "step " << step << " " << wall_millis() - due << " ms" << std::endl;
  }
}

// The landscape in a series store of ours.
class World {
 public:
  explicit World(std::int64_t start) : start_(start) {
    ids_.reserve(kFlows * bench::kSeriesOfFlow + kSystems);
    // Labels and plans stay out of memory here: they would count as the store's.
    bench::each_series(kFlows, kSystems, [this](const bench::SeriesPlan& plan) {
      SW_ASSERT(plan.flow == plan_of(ids_.size()).flow && plan.place == plan_of(ids_.size()).place);
      ids_.push_back(*store.add(plan.labels));
    });
    for (std::int64_t step = 0; step < kHistorySteps; ++step) {
      append(step);
    }
  }

  void append(std::int64_t step) {
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const bench::SeriesPlan plan = plan_of(i);
      if (const auto value = value_at(plan, step)) {
        const std::int64_t at = start_ + step * kStepMillis + jitter_millis(plan);
        store.append(ids_[i], wall_from_unix_millis(at), *value);
      }
    }
  }

  rules::SeriesStore store;

 private:
  // The series as each_series orders them, without labels.
  static bench::SeriesPlan plan_of(std::size_t i) {
    const auto number = static_cast<std::uint32_t>(i);
    constexpr std::uint32_t kOwners = kFlows * bench::kSeriesOfFlow;
    if (number >= kOwners) {
      return {{}, number - kOwners, bench::kOwnerPlace};
    }
    return {{}, number / bench::kSeriesOfFlow, number % bench::kSeriesOfFlow};
  }

  std::vector<rules::SeriesId> ids_;
  std::int64_t start_;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    fail("cannot read " + path);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Timed {
  std::int64_t first_millis = 0;
  rules::Group group;
};

std::vector<Timed> load_groups(const std::string& path,
                               const std::string& firsts,
                               std::int64_t after) {
  Diagnostics problems;
  rules::RuleFile file =
      rules::load_rule_file(parse_yaml(path, read_file(path), problems), problems);
  if (!problems.empty()) {
    fail(problems.to_string());
  }
  std::map<std::string, std::int64_t> times;
  if (!firsts.empty()) {
    std::ifstream lines(firsts);
    std::string name;
    for (std::int64_t at = 0; lines >> name >> at;) {
      times[name] = at;
    }
  }
  std::vector<Timed> groups;
  const auto count = static_cast<std::int64_t>(file.groups.size());
  for (rules::RuleGroup& definition : file.groups) {
    const std::string name = definition.name;
    const auto index = static_cast<std::int64_t>(groups.size());
    std::int64_t first = after + index * kStepMillis / count;
    if (!firsts.empty()) {
      first = times.contains(name) ? times[name] : (fail("no time of group " + name), 0);
    }
    rules::GroupOptions options;
    options.interval = Millis(kStepMillis);
    groups.push_back({first, rules::Group(std::move(definition), options)});
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Timed& a, const Timed& b) {
    return a.first_millis < b.first_millis;
  });
  return groups;
}

// One line for each point: labels, milliseconds, bits of the value.
void write_results(const std::string& path, const rules::SeriesStore& store, std::int64_t last) {
  std::ofstream out(path);
  for (const char* name : {"ALERTS", "ALERTS_FOR_STATE", "rule:.*"}) {
    const auto matcher = rules::Matcher::make(rules::MatchType::regexp, "__name__", name);
    for (const rules::SeriesData& series :
         store.select({*matcher},
                      wall_from_unix_millis(last - 3 * kStepMillis + 1),
                      wall_from_unix_millis(last))) {
      for (const rules::Point& point : series.points) {
        if (!rules::is_stale(point.value)) {
          out << series.labels.to_string() << "\t" << point.at.time_since_epoch().count() << "\t"
              << std::hex << std::bit_cast<std::uint64_t>(point.value) << std::dec << "\n";
        }
      }
    }
  }
}

struct CycleCost {
  double cpu = 0;
  double wall = 0;
  std::size_t samples = 0;
  std::size_t errors = 0;
};

// Evaluates each group once, in order of time; all samples up to then are there.
CycleCost evaluate_all(std::vector<Timed>& groups, std::int64_t cycle, rules::SeriesStore& store) {
  static const rules::promql::Engine engine;
  static rules::promql::QueryCache cache;
  CycleCost cost;
  const auto append = [&](const Sample& sample) { store.append(sample); };
  const auto began = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  for (Timed& each : groups) {
    const WallTime at = wall_from_unix_millis(each.first_millis + cycle * kStepMillis);
    const rules::GroupResult result = each.group.evaluate({at, engine, store, append, {}, &cache});
    cost.samples += result.samples_appended;
    cost.errors += result.errors.size();
    for (const rules::RuleError& problem : result.errors) {
      std::cerr << each.group.definition().name << ": " << problem.what << "\n";
    }
  }
  cost.cpu = cpu_seconds() - cpu;
  cost.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return cost;
}

// Integrations that are seen at the very millisecond at which the group of their system is
// evaluated: a window has a sample more for who counts both of its ends.
void print_on_the_edge(const std::vector<Timed>& groups) {
  std::map<std::string, std::int64_t> phases;
  for (const Timed& each : groups) {
    phases[each.group.definition().name] = each.first_millis % kStepMillis;
  }
  bench::each_series(kFlows, kSystems, [&](const bench::SeriesPlan& plan) {
    const auto phase = phases.find(std::string(plan.labels.get("system")));
    if (plan.place == 0 && phase != phases.end() && phase->second == jitter_millis(plan)) {
      std::cout << "edge " << plan.labels.get("integration") << std::endl;
    }
  });
}

int run(const std::vector<std::string>& arguments) {
  const std::int64_t start = std::stoll(arguments[1]);
  const std::int64_t cycles = std::stoll(arguments[2]);
  std::vector<Timed> groups = load_groups(arguments[0],
                                          arguments.size() > 3 ? arguments[3] : "",
                                          start + (kHistorySteps + 1) * kStepMillis);
  World world(start);
  std::int64_t appended = kHistorySteps;
  for (std::int64_t cycle = 0; cycle < cycles; ++cycle) {
    const std::int64_t last = groups.back().first_millis + cycle * kStepMillis;
    for (; start + appended * kStepMillis <= last; ++appended) {
      world.append(appended);
    }
    const CycleCost cost = evaluate_all(groups, cycle, world.store);
    std::cout << "cycle " << cycle << " cpu " << cost.cpu << " wall " << cost.wall << " samples "
              << cost.samples << " errors " << cost.errors << std::endl;
  }
  std::cout << "series " << world.store.size() << " store_bytes " << world.store.stats().bytes
            << " resident_kb " << status_kb("VmRSS") << " peak_kb " << status_kb("VmHWM")
            << std::endl;
  print_on_the_edge(groups);
  if (arguments.size() > 4) {
    write_results(
        arguments[4], world.store, groups.back().first_millis + (cycles - 1) * kStepMillis);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "push") {
    return push(static_cast<std::uint16_t>(std::stoi(arguments[1])), std::stoll(arguments[2]));
  }
  if (arguments.size() >= 4 && arguments.size() <= 6 && arguments[0] == "run") {
    return run({arguments.begin() + 1, arguments.end()});
  }
  fail("usage: rules_bench push PORT START_MS | run RULES START_MS CYCLES [FIRST [RESULTS]]");
}
