// What a module asks of an answer that came whole. Pure.
#pragma once

#include <optional>

#include "agent/core/fault.h"
#include "agent/core/times.h"
#include "probes/endpoints/http_answer.h"
#include "probes/endpoints/http_options.h"

namespace seamwatch::probes {

struct CheckResult {
  std::optional<Fault> fault = std::nullopt;  // of the first check that does not hold
  bool by_regexp = false;  // it was a regular expression: probe_failed_due_to_regex
  bool by_cel = false;     // it was a CEL expression: probe_failed_due_to_cel
};

// Checks in blackbox_exporter's order: status, headers, body, CEL, JSON, size, version. `wall_now`
// is what a Retry-After date counts from.
CheckResult check_answer(const HttpModule& module, const HttpAnswer& answer, WallTime wall_now);

// "HTTP/1.1"; "HTTP/1.0".
std::string version_text(const HttpAnswer& answer);

}  // namespace seamwatch::probes
