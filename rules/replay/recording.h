// Recording: series as they were recorded, which a replay evaluates rules over. Read from an
// exposition text with timestamps here, from a series file or an agent's storage by the caller.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
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

// Reads a text in OpenMetrics (it ends with `# EOF`, timestamps are seconds) or in Prometheus's
// text format (no `# EOF`, timestamps are whole milliseconds). Samples may stand in any order.
// Exemplars are left out. Errors, with `file:line`: a sample without a timestamp, one that cannot
// be read, another value for the same time.
// Source: OpenMetrics 1.0; Prometheus, "Exposition formats".
[[nodiscard]] Result<Recording> read_exposition(const std::string& file, std::string_view text);

// The series of one unit test: its start and interval say when each value falls.
Recording recorded_of(const testing::Test& test);

// Reads a series file: the keys `interval`, `start_timestamp` and `input_series` of a rule unit
// test, or a whole unit test file with exactly one test. Reports to `problems` what is wrong with
// it; the result is to be used only where nothing was reported.
Recording load_series_file(const Document& document, Diagnostics& problems);

}  // namespace seamwatch::rules::replay
