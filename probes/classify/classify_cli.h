// The texts of `seamwatch classify`. Pure: agent/cli reads the files and prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/fault.h"

namespace seamwatch::probes {

// `context` holds `key=value` parts joined by "; "; of them only name= and when= are used.
Signal signal_from_columns(std::string_view protocol,
                           std::string_view code,
                           std::string_view context);

// The first part of `context` that signal_from_columns() takes nothing from, or "".
std::string unused_context(std::string_view context);

// Whether a row of a table documents the signal.
bool is_known(const Signal& signal);

// For `seamwatch classify PROTOCOL SIGNAL`: verdict and evidence, a `key: value` line each.
std::string explain_signal(const Signal& signal);

// The same as one JSON object.
std::string explain_signal_json(const Signal& signal);

// For `--tsv`: rows whose first three columns are protocol, signal, context (the third may be
// missing) to lines `protocol\tsignal\tpersistence\tcategory`, in order. A first line whose first
// column is "protocol" and whose second is "signal" is the header and skipped, as are empty lines.
// A row with fewer than two columns gives a line with persistence and category of an unknown
// signal, so that lines in and out stay in step.
std::string classify_tsv(std::string_view text);

// The lines of `text`, from 1, that are such rows.
std::vector<std::size_t> rows_without_signal(std::string_view text);

}  // namespace seamwatch::probes
