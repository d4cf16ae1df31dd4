// Recording: series as they were recorded, which a replay evaluates rules over. Read from an
// exposition text with timestamps here, from a series file or an agent's storage by the caller.
// Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "rules/series/series_store.h"
#include "rules/testing/test_file.h"

namespace seamwatch::rules::replay {

struct Span {
  WallTime from{};
  WallTime to{};

  friend bool operator==(const Span&, const Span&) = default;
};

// Kept compressed, as there may be many millions of points: a part is read at a time.
class Recording {
 public:
  Recording();  // of nothing

  // What `store` has. Requires: it does not change from now on.
  explicit Recording(std::shared_ptr<const SeriesStore> store);

  // Requires: each is ascending in time and has a __name__.
  explicit Recording(std::vector<SeriesData> series);

  // In order of their coming.
  std::vector<Labels> series() const;

  std::size_t points() const;

  // From the first point to the last; nothing where there is none.
  std::optional<Span> span() const;

  // The series with their points in [from, to], by name; those without a point there left out.
  std::vector<SeriesData> between(WallTime from, WallTime to) const;

 private:
  std::shared_ptr<const SeriesStore> store_;
};

// Of a store for all that was recorded, however many series that are.
SeriesStoreOptions unlimited();

// Whether a text that ends with `tail` is in OpenMetrics: its last line is `# EOF`.
bool ends_open_metrics(std::string_view tail);

// Reads a text in OpenMetrics (it ends with `# EOF`, timestamps are seconds) or in Prometheus's
// text format (no `# EOF`, timestamps are whole milliseconds), part by part. Samples may stand in
// any order. Exemplars are left out. Errors, with `file:line`: a sample without a timestamp, one
// that cannot be read, one that must be in seconds where there is no `# EOF`, another value for the
// same time, a line of more than a megabyte, a last line without its end.
// Source: OpenMetrics 1.0; Prometheus, "Exposition formats".
class ExpositionReader {
 public:
  ExpositionReader(std::string file, bool open_metrics)
      : file_(std::move(file)), open_metrics_(open_metrics) {}

  // The next part; it may begin and end anywhere.
  [[nodiscard]] Status take(std::string_view part);

  // What was read. A last line without its end is left out where more may come (`grows`).
  [[nodiscard]] Result<Recording> finish(bool grows);

 private:
  Error wrong(const std::string& what) const;
  Status take_line(std::string_view line);
  Status take_sample(std::string_view line);
  Result<WallTime> time(std::string_view text) const;
  Status sort();

  std::string file_;
  bool open_metrics_;
  std::size_t line_ = 0;
  std::string begun_;  // of the line that is not whole yet
  std::vector<SeriesData> out_;
  std::unordered_map<Labels, std::size_t, LabelsHash> places_;
};

// The series of one unit test: its start and interval say when each value falls.
Recording recorded_of(const testing::Test& test);

// Reads a series file: the keys `interval`, `start_timestamp` and `input_series` of a rule unit
// test, or a whole unit test file with exactly one test. Reports to `problems` what is wrong with
// it; the result is to be used only where nothing was reported.
Recording load_series_file(const Document& document, Diagnostics& problems);

}  // namespace seamwatch::rules::replay
