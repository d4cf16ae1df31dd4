// Recording: series as they were recorded, which a replay evaluates rules over. Read from an
// exposition text with timestamps here, from a series file or an agent's storage by the caller.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "rules/series/storage.h"
#include "rules/testing/test_file.h"

namespace seamwatch::rules::replay {

struct Span {
  WallTime from{};
  WallTime to{};

  friend bool operator==(const Span&, const Span&) = default;
};

struct Recording {
  std::vector<SeriesData> series;  // each ascending in time, with __name__

  std::size_t points() const;

  // From the first point to the last; nothing where there is none.
  std::optional<Span> span() const;
};

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
  Recording out_;
  std::unordered_map<Labels, std::size_t, LabelsHash> places_;
};

// The same, of a whole text; its last line may lack its end.
[[nodiscard]] Result<Recording> read_exposition(const std::string& file, std::string_view text);

// The series of one unit test: its start and interval say when each value falls.
Recording recorded_of(const testing::Test& test);

// Reads a series file: the keys `interval`, `start_timestamp` and `input_series` of a rule unit
// test, or a whole unit test file with exactly one test. Reports to `problems` what is wrong with
// it; the result is to be used only where nothing was reported.
Recording load_series_file(const Document& document, Diagnostics& problems);

}  // namespace seamwatch::rules::replay
