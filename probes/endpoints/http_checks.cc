#include "probes/endpoints/http_checks.h"

#include <algorithm>

#include <re2/re2.h>

#include "agent/core/ascii.h"
#include "agent/core/labels.h"
#include "agent/core/utf8.h"
#include "probes/endpoints/body_sink.h"
#include "probes/endpoints/endpoint_facts.h"

namespace seamwatch::probes {
namespace {

// As in Go, a byte that is no UTF-8 counts as U+FFFD: RE2 would match nothing across it.
bool finds(const Expression& expression, std::string_view text) {
  if (!is_valid_utf8(text)) {
    return re2::RE2::PartialMatch(to_valid_utf8(text), *expression);
  }
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression);
}

bool is_valid_status(const HttpModule& module, int status) {
  const auto& codes = module.valid_status_codes;
  return codes.empty() ? status / 100 == 2
                       : std::find(codes.begin(), codes.end(), status) != codes.end();
}

Fault status_fault(const HttpAnswer& answer, WallTime wall_now) {
  Fault fault;
  fault.signal.protocol = "http";
  fault.signal.code = std::to_string(answer.status);
  fault.signal.name = answer.reason;
  fault.phase = "processing";
  fault.detail = "the answer is " + fault.signal.code + " " + answer.reason;
  const std::string_view wait = header(answer.headers, "retry-after");
  fault.retry_after = retry_after(wait, wall_now);
  if (fault.retry_after) {
    fault.signal.when = "Retry-After present";
  } else if (answer.status == 429) {
    fault.signal.when = "no Retry-After (own backoff)";
  }
  return fault;
}

// What is wrong with the headers by one check, or "".
std::string broken(const HeaderCheck& check, const HttpAnswer& answer, bool must_match) {
  const std::string name = ascii_lower(check.header);
  bool there = false;
  bool matched = false;
  for (const auto& [key, value] : answer.headers) {
    if (key == name) {
      there = true;
      matched = matched || finds(check.regexp, value);
    }
  }
  if (!there) {
    return check.allow_missing ? "" : "there is no header " + check.header;
  }
  if (matched == must_match) {
    return "";
  }
  return "header " + check.header + (matched ? " matches " : " does not match ") +
         quoted(check.regexp->pattern());
}

std::string broken_headers(const HttpModule& module, const HttpAnswer& answer) {
  for (const HeaderCheck& check : module.fail_if_header_matches) {
    std::string what = broken(check, answer, false);
    if (!what.empty()) {
      return what;
    }
  }
  for (const HeaderCheck& check : module.fail_if_header_not_matches) {
    std::string what = broken(check, answer, true);
    if (!what.empty()) {
      return what;
    }
  }
  return "";
}

std::string broken_body(const HttpModule& module, const std::string& body) {
  for (const Expression& expression : module.fail_if_body_matches) {
    if (finds(expression, body)) {
      return "the body matches " + quoted(expression->pattern());
    }
  }
  for (const Expression& expression : module.fail_if_body_not_matches) {
    if (!finds(expression, body)) {
      return "the body does not match " + quoted(expression->pattern());
    }
  }
  return "";
}

// An expression that cannot be evaluated over this body fails the probe, whichever it is.
std::string broken_cel(const HttpModule& module, const std::string& body) {
  const auto root = parse_body(body);
  if (!root) {
    return root.error().message;
  }
  for (const auto* program :
       {&module.fail_if_json_matches_cel, &module.fail_if_json_not_matches_cel}) {
    if (!*program) {
      continue;
    }
    const bool wanted = program == &module.fail_if_json_not_matches_cel;
    const auto met = (*program)->run(*root);
    if (!met) {
      return "the CEL expression " + quoted((*program)->text()) + ": " + met.error().message;
    }
    if (*met != wanted) {
      return "the body " + std::string(wanted ? "does not match " : "matches ") +
             quoted((*program)->text());
    }
  }
  return "";
}

// What is to be said of a check on a body that was cut off.
std::string of_a_part(const HttpAnswer& answer) {
  return answer.body_full ? "; only its first " + std::to_string(answer.body_bytes) +
                                " bytes were read, see body_size_limit"
                          : "";
}

}  // namespace

std::string version_text(const HttpAnswer& answer) {
  return answer.version == 20 ? "HTTP/2.0" : answer.version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

CheckResult check_answer(const HttpModule& module, const HttpAnswer& answer, WallTime wall_now) {
  if (!is_valid_status(module, answer.status)) {
    return CheckResult{status_fault(answer, wall_now)};
  }
  const std::string headers = broken_headers(module, answer);
  if (!headers.empty()) {
    return CheckResult{check_fault("header", headers), true};
  }
  if (!BodySink::knows(ascii_lower(module.compression))) {
    return CheckResult{
        check_fault("compression",
                    "bodies encoded as " + quoted(module.compression) + " cannot be decoded here")};
  }
  const std::string body = broken_body(module, answer.body);
  if (!body.empty()) {
    return CheckResult{check_fault("body_regexp", body + of_a_part(answer)), true};
  }
  if (module.has_cel()) {
    const std::string cel = broken_cel(module, answer.body);
    if (!cel.empty()) {
      return CheckResult{check_fault("cel", cel + of_a_part(answer)), false, true};
    }
  }
  if (!module.json.empty()) {
    const std::string json = broken_json_check(answer.body, module.json);
    if (!json.empty()) {
      return CheckResult{check_fault("json", json + of_a_part(answer))};
    }
  }
  if (answer.body_full && module.body_size_limit > 0) {
    return CheckResult{check_fault("body_size", "the body is larger than body_size_limit")};
  }
  if (answer.body_full && module.wants_body()) {
    return CheckResult{
        check_fault("body_size", "the body was not checked whole" + of_a_part(answer))};
  }
  const auto& versions = module.valid_http_versions;
  if (!versions.empty() &&
      std::find(versions.begin(), versions.end(), version_text(answer)) == versions.end()) {
    return CheckResult{check_fault("http_version", "the answer is " + version_text(answer))};
  }
  return CheckResult();
}

}  // namespace seamwatch::probes
