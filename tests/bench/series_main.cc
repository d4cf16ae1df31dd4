// Bench: memory and time of the series store under the series that HTTP probes make: bytes a series
// and a sample, beside what the process really took, and nanoseconds an append and a read.
// Usage: series_bench [TARGETS] [SAMPLES]
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <string>

#include <malloc.h>
#include <unistd.h>

#include "rules/series/series_archive.h"
#include "rules/series/series_restore.h"
#include "rules/series/series_store.h"

namespace {

using namespace seamwatch;
using namespace seamwatch::rules;

constexpr std::int64_t kStart = 1'700'000'000'000;
constexpr std::int64_t kInterval = 15'000;

enum class Kind { constant, rare, duration, gauge, counter };

struct Metric {
  const char* name;
  const char* phase;
  Kind kind;
  double value;  // or the mean in seconds
};

// What a probe of a plain HTTP target shows.
constexpr Metric kMetrics[] = {
    {"probe_success", "", Kind::constant, 1},
    {"probe_duration_seconds", "", Kind::duration, 0.0123},
    {"probe_dns_lookup_time_seconds", "", Kind::duration, 0.00021},
    {"probe_http_status_code", "", Kind::rare, 200},
    {"probe_http_version", "", Kind::constant, 1.1},
    {"probe_http_ssl", "", Kind::constant, 0},
    {"probe_http_redirects", "", Kind::constant, 0},
    {"probe_http_content_length", "", Kind::constant, 4312},
    {"probe_http_uncompressed_body_length", "", Kind::constant, 4312},
    {"probe_ip_protocol", "", Kind::constant, 4},
    {"probe_failed_due_to_regex", "", Kind::constant, 0},
    {"probe_ip_addr_hash", "", Kind::constant, 3212312312},
    {"probe_http_duration_seconds", "resolve", Kind::duration, 0.00021},
    {"probe_http_duration_seconds", "connect", Kind::duration, 0.0023},
    {"probe_http_duration_seconds", "tls", Kind::constant, 0},
    {"probe_http_duration_seconds", "processing", Kind::duration, 0.0091},
    {"probe_http_duration_seconds", "transfer", Kind::duration, 0.00007},
};

// As an integration with queues adds to each ten targets.
constexpr Metric kOthers[] = {
    {"seamwatch_queue_depth", "", Kind::gauge, 40},
    {"seamwatch_messages_total", "", Kind::counter, 300},
};

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

double next_value(const Metric& metric, std::mt19937_64& random, int i) {
  const auto part = [&](std::uint64_t of) { return static_cast<double>(random() % of); };
  switch (metric.kind) {
    case Kind::constant:
      return metric.value;
    case Kind::rare:
      return random() % 1000 == 0 ? 503 : metric.value;
    case Kind::duration: {
      // The sum of three is near a normal distribution; a tenth of the mean around it.
      const double noise = (part(1000) + part(1000) + part(1000)) / 1500 - 1;
      const double outlier = random() % 100 == 0 ? 5 : 1;
      // To the microsecond, as the agent's recorder writes them.
      return std::round(metric.value * 1e6 * (1 + noise * 0.2) * outlier) / 1e6;
    }
    case Kind::gauge:
      return part(static_cast<std::uint64_t>(metric.value));
    case Kind::counter:
      return metric.value * i + part(20);
  }
  return 0;
}

class Seconds {
 public:
  // Of the processor, so that it says the same on a busy machine.
  double cpu_millis() const {
    return static_cast<double>(std::clock() - cpu_begin_) * 1000 / CLOCKS_PER_SEC;
  }

  double nanos_each(std::size_t count) const {
    const auto span = std::chrono::steady_clock::now() - begin_;
    return std::chrono::duration<double, std::nano>(span).count() /
           static_cast<double>(std::max<std::size_t>(count, 1));
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::clock_t cpu_begin_ = std::clock();
};

struct Entry {
  const Metric* metric;
  SeriesId id;
};

std::vector<Entry> add_series(SeriesStore& store, int targets) {
  std::vector<Entry> out;
  const auto add = [&](const Metric& metric, int target) {
    const std::string number = std::to_string(target);
    Labels labels{
        {"__name__", metric.name},
        {"integration", "orders-to-warehouse-" + number},
        {"probe", "probe-" + number},
        {"instance", "http://127.0.0." + std::to_string(target % 250) + ":8080/" + number}};
    labels.set("phase", metric.phase);
    out.push_back({&metric, *store.add(labels)});
  };
  for (int target = 0; target < targets; ++target) {
    for (const Metric& metric : kMetrics) {
      add(metric, target);
    }
    for (const Metric& metric : kOthers) {
      if (target % 10 == 0) {
        add(metric, target);
      }
    }
  }
  return out;
}

void print_memory(const SeriesStore& store, std::size_t resident_before, const char* when) {
  malloc_trim(0);
  const SeriesStoreStats stats = store.stats();
  const auto series = static_cast<double>(stats.series);
  const auto resident = static_cast<double>(resident_bytes() - resident_before);
  std::printf(
      "%-14s %9zu series %10zu samples %8.1f MB counted, %8.1f MB resident: "
      "%6.1f B/series (%.1f resident), %5.2f B/sample\n",
      when,
      stats.series,
      static_cast<std::size_t>(stats.samples),
      static_cast<double>(stats.bytes) / 1e6,
      resident / 1e6,
      static_cast<double>(stats.bytes) / series,
      resident / series,
      static_cast<double>(stats.bytes) / static_cast<double>(stats.samples));
}

void read_all(const SeriesStore& store, int samples) {
  const std::vector<Matcher> matchers = {
      *Matcher::make(MatchType::equal, "__name__", "probe_http_duration_seconds")};
  const WallTime end = wall_from_unix_millis(kStart + samples * kInterval);
  Seconds resolving;
  const auto selection = store.select_ids(matchers, nullptr);
  std::printf("resolve        %8.0f ns/series\n", resolving.nanos_each(selection->size()));
  LastColumn last;
  Seconds reading_last;
  constexpr int kRounds = 20;
  for (int i = 0; i < kRounds; ++i) {
    selection->read_last(end - Millis(300'000), end, last);
  }
  std::printf("read last      %8.1f ns/series\n",
              reading_last.nanos_each(selection->size() * kRounds));
  std::vector<Point> points;
  std::size_t read = 0;
  Seconds reading;
  for (std::size_t i = 0; i < selection->size(); ++i) {
    points.clear();
    selection->read(i, end - Millis(300'000), end, points);
    read += points.size();
  }
  std::printf("read 5 minutes %8.0f ns/series\n", reading.nanos_each(selection->size()));
  Seconds reading_all;
  read = 0;
  for (std::size_t i = 0; i < selection->size(); ++i) {
    points.clear();
    selection->read(i, WallTime::min(), end, points);
    read += points.size();
  }
  std::printf("read all       %8.1f ns/point\n", reading_all.nanos_each(read));
}

// A restart: a checkpoint of `samples` and a journal of what 15 minutes add, written and read back.
void save_and_restore(SeriesStore& store, const std::vector<Entry>& entries, int samples) {
  constexpr int kJournalled = 60;
  std::mt19937_64 random(2);
  SeriesArchive archive(store);
  std::string file;
  const WallTime end = wall_from_unix_millis(kStart + (samples + kJournalled) * kInterval);
  Seconds saving;
  archive.checkpoint(
      [&](std::string_view piece) {
        file += piece;
        return true;
      },
      end);
  std::printf("checkpoint     %8.1f MB in %.0f ms\n",
              static_cast<double>(file.size()) / 1e6,
              saving.nanos_each(1) / 1e6);
  std::string journal = SeriesArchive::journal_header(end);
  for (int i = samples; i < samples + kJournalled; ++i) {
    for (const Entry& entry : entries) {
      const WallTime at = wall_from_unix_millis(kStart + i * kInterval);
      store.append(entry.id, at, next_value(*entry.metric, random, i));
    }
    archive.take_journal([&](std::string_view piece) {
      journal += piece;
      return true;
    });
  }
  std::printf(
      "journal        %8.1f MB, %.2f B/sample\n",
      static_cast<double>(journal.size()) / 1e6,
      static_cast<double>(journal.size()) / static_cast<double>(entries.size()) / kJournalled);
  SeriesStore restored;
  SeriesRestore restore(restored, end);
  Seconds restoring;
  const bool first = restore.take_checkpoint(file).state == RestoredFile::State::good;
  const double checkpoint_nanos = restoring.nanos_each(1);
  const bool second = restore.take_journal(journal).state == RestoredFile::State::good;
  const double cpu_millis = restoring.cpu_millis();
  std::printf(
      "restore        %8zu series in %.0f ms, %.0f ms of CPU, %.0f for 120,000: checkpoint "
      "%.0f ms, journal %.0f ms%s\n",
      restored.size(),
      restoring.nanos_each(1) / 1e6,
      cpu_millis,
      cpu_millis * 120'000 / static_cast<double>(restored.size()),
      checkpoint_nanos / 1e6,
      (restoring.nanos_each(1) - checkpoint_nanos) / 1e6,
      first && second ? "" : " (damaged)");
}

}  // namespace

int main(int argc, char** argv) {
  const int targets = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int samples = argc > 2 ? std::atoi(argv[2]) : 480;
  SeriesStoreOptions options;
  options.retention = Millis(2 * 3600 * 1000);
  SeriesStore store(options);
  std::vector<Entry> entries;
  entries.reserve(static_cast<std::size_t>(targets) * std::size(kMetrics) * 5 / 4);
  std::fill_n(std::back_inserter(entries), entries.capacity(), Entry{nullptr, {}});
  entries.clear();
  const std::size_t before = resident_bytes();
  Seconds adding;
  for (const Entry& entry : add_series(store, targets)) {
    entries.push_back(entry);
  }
  std::printf("add            %8.0f ns/series\n", adding.nanos_each(entries.size()));
  std::mt19937_64 random(1);
  double append_nanos = 0;
  std::vector<double> values(entries.size());
  for (int i = 0; i < samples; ++i) {
    for (std::size_t at = 0; at < entries.size(); ++at) {
      values[at] = next_value(*entries[at].metric, random, i);
    }
    const WallTime now = wall_from_unix_millis(kStart + i * kInterval);
    Seconds appending;
    for (std::size_t at = 0; at < entries.size(); ++at) {
      store.append(entries[at].id, now, values[at]);
    }
    append_nanos += appending.nanos_each(entries.size());
    store.collect(now);
    if (i == 4 || i == 239 || i == samples - 1) {
      print_memory(store, before + values.size() * sizeof(double), std::to_string(i + 1).c_str());
    }
  }
  std::printf("append         %8.1f ns\n", append_nanos / samples);
  read_all(store, samples);
  save_and_restore(store, entries, samples);
  return 0;
}
