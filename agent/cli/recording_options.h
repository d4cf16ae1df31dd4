// The options that name recorded series and the span of them that a command looks at.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/command_line.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "rules/replay/recording.h"

namespace seamwatch::agent {

struct RecordingOptions {
  std::string storage;
  std::string openmetrics;
  std::string series;
  std::string from;
  std::string to;

  bool has_source() const { return !storage.empty() || !openmetrics.empty() || !series.empty(); }
};

// Adds --storage, --openmetrics, --series, --from and --to to `command`.
void add_recording_options(Command command, RecordingOptions& options);

// RFC 3339, or Unix seconds. Error: names `option` and the remedy.
[[nodiscard]] Result<WallTime> time_option(const std::string& option, const std::string& text);

// What is wrong with the choice of a source, or "".
std::string wrong_source(const RecordingOptions& options);

struct ReadRecording {
  rules::replay::Recording recording;
  rules::replay::Span span;        // of the options, else of all points
  std::vector<std::string> notes;  // what is worth a line to the user
};

// Requires: wrong_source() found nothing. Errors: a source that cannot be read, an empty one, a bad
// time, an empty span.
[[nodiscard]] Result<ReadRecording> read_recording(const RecordingOptions& options);

}  // namespace seamwatch::agent
