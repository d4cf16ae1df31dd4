#include "agent/cli/recording_options.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <functional>

#include "agent/config/files.h"
#include "agent/io/plain_file.h"
#include "agent/io/yaml.h"
#include "agent/store/series_reader.h"

namespace seamwatch::agent {
namespace {

constexpr std::size_t kSeriesFileBytesMax = 16 << 20;

WallTime system_now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return WallTime(std::chrono::duration_cast<Millis>(since_epoch));
}

Status read_storage(const std::string& folder, ReadRecording& out) {
  const auto store = std::make_shared<rules::SeriesStore>(rules::replay::unlimited());
  auto notes = read_series_history(folder, *store, system_now());
  if (!notes) {
    return notes.error();
  }
  out.notes = std::move(*notes);
  out.recording = rules::replay::Recording(store);
  return {};
}

constexpr std::size_t kPartBytes = 1 << 20;
constexpr std::size_t kTailBytes = 4096;

// The parts of a file as long as it was when it was opened, each handed to `take`.
Status read_parts(const std::string& name,
                  PlainFile& file,
                  const std::function<Status(std::string_view)>& take) {
  std::string part(kPartBytes, '\0');
  for (std::size_t at = 0; at < file.size();) {
    const std::size_t want = std::min(kPartBytes, file.size() - at);
    const auto got = file.read(at, part.data(), want);
    if (!got) {
      return error(name + ": " + got.error().message);
    }
    if (*got == 0) {
      return error(name + " became shorter while it was read; copy it, and give the copy");
    }
    if (const Status taken = take(std::string_view(part).substr(0, *got)); !taken) {
      return taken;
    }
    at += *got;
  }
  return {};
}

Status read_text(const std::string& name, ReadRecording& out) {
  auto file = PlainFile::open(name);
  if (!file) {
    return error(name + ": " + file.error().message);
  }
  std::string tail(std::min(kTailBytes, file->size()), '\0');
  const auto got = file->read(file->size() - tail.size(), tail.data(), tail.size());
  if (!got) {
    return error(name + ": " + got.error().message);
  }
  rules::replay::ExpositionReader reader(name, rules::replay::ends_open_metrics(tail));
  const Status taken =
      read_parts(name, *file, [&](std::string_view part) { return reader.take(part); });
  if (!taken) {
    return taken;
  }
  const bool grows = file->grew();
  if (grows) {
    out.notes.push_back(name + " grew while it was read: what came meanwhile is left out");
  }
  auto read = reader.finish(grows);
  if (!read) {
    return read.error();
  }
  out.recording = std::move(*read);
  return {};
}

Status read_series(const std::string& file, ReadRecording& out) {
  // Something else in its place may be a pipe into which nobody writes.
  if (const auto plain = PlainFile::open(file); !plain) {
    return error(file + ": " + plain.error().message);
  } else if (plain->size() > kSeriesFileBytesMax) {
    return error(file + " is larger than 16 MiB; give that much as --openmetrics");
  }
  const auto text = read_file(file);
  if (!text) {
    return error(file + ": " + text.error().message + "; check the path and its permissions");
  }
  Diagnostics problems;
  const Document document = parse_yaml(file, *text, problems);
  if (problems.empty()) {
    out.recording = rules::replay::load_series_file(document, problems);
  }
  if (!problems.empty()) {
    std::string lines = problems.to_string();
    while (lines.ends_with('\n')) {
      lines.pop_back();
    }
    return error(std::move(lines));
  }
  return {};
}

Status read_source(const RecordingOptions& options, ReadRecording& out) {
  if (!options.storage.empty()) {
    return read_storage(options.storage, out);
  }
  return options.series.empty() ? read_text(options.openmetrics, out)
                                : read_series(options.series, out);
}

}  // namespace

void add_recording_options(Command command, RecordingOptions& options) {
  command.add_option("--storage",
                     options.storage,
                     "Series out of the storage folder of an agent, which may run meanwhile");
  command.add_option("--openmetrics",
                     options.openmetrics,
                     "Series out of a text in OpenMetrics or Prometheus's format, with timestamps");
  command.add_option("--series",
                     options.series,
                     "Series out of a file with `interval` and `input_series`, as rule unit tests "
                     "have them");
  command.add_option("--from", options.from, "First time: Unix seconds or RFC 3339 (first point)");
  command.add_option("--to", options.to, "Last time (last point)");
}

Result<WallTime> time_option(const std::string& option, const std::string& text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size() && std::abs(value) < 1e12) {
    return wall_from_unix_millis(static_cast<std::int64_t>(std::round(value * 1000)));
  }
  auto parsed = parse_rfc3339(text);
  if (!parsed) {
    return error(option + ": " + parsed.error().message +
                 "; write Unix seconds or a time such as 2026-11-24T08:00:00Z");
  }
  return parsed;
}

std::string wrong_source(const RecordingOptions& options) {
  const int sources = static_cast<int>(!options.storage.empty()) +
                      static_cast<int>(!options.openmetrics.empty()) +
                      static_cast<int>(!options.series.empty());
  if (sources != 1) {
    return "give one of --storage, --openmetrics and --series";
  }
  return "";
}

Result<ReadRecording> read_recording(const RecordingOptions& options) {
  ReadRecording out;
  const Status read = read_source(options, out);
  if (!read) {
    return read.error();
  }
  const auto span = out.recording.span();
  if (!span) {
    std::string why = "nothing was recorded there: no series has a point";
    for (const std::string& note : out.notes) {
      why += "; " + note;
    }
    return error(why);
  }
  out.span = *span;
  for (const auto& [name, text, at] : {std::tuple("--from", &options.from, &out.span.from),
                                       std::tuple("--to", &options.to, &out.span.to)}) {
    if (text->empty()) {
      continue;
    }
    const auto parsed = time_option(name, *text);
    if (!parsed) {
      return parsed.error();
    }
    *at = *parsed;
  }
  if (out.span.from > out.span.to) {
    return error("--from " + to_rfc3339(out.span.from) + " is later than --to " +
                 to_rfc3339(out.span.to) + "; the recording goes from " + to_rfc3339(span->from) +
                 " to " + to_rfc3339(span->to));
  }
  return out;
}

}  // namespace seamwatch::agent
