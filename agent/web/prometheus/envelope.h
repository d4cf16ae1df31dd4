// ApiAnswer: what an endpoint of Prometheus's HTTP API answers, before it is a reply; and the
// envelope around it. Made on worker threads. Pure.
// Source: Prometheus web/api/v1: status, data, errorType, error, warnings, infos.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/web/http_call.h"
#include "agent/web/prometheus/reply_text.h"

namespace seamwatch::agent {

struct ApiAnswer {
  std::string data;  // JSON text
  std::vector<std::string> warnings = {};
  std::vector<std::string> infos = {};
  std::string error_type = {};  // empty: a success
  std::string error = {};
  // Writes the data of a large answer, in place of `data`, paid for from `held`. Called once; false
  // where the memory does not suffice.
  std::function<bool(ReplyText&)> write = {};
  std::shared_ptr<rules::promql::HeldMemory> held = {};
  std::string no_memory = {};  // what is said then; empty: as of a query with too many samples

  bool failed() const { return !error_type.empty(); }
};

ApiAnswer api_data(std::string json);

// Types: bad_data (400), execution (422), timeout, canceled and unavailable (503), not_found (404),
// internal (500).
ApiAnswer api_failure(std::string_view type, std::string text);

ApiAnswer bad_data(std::string text);

// `invalid parameter "NAME": TEXT`.
ApiAnswer invalid_parameter(std::string_view name, std::string_view text);

// What the headers of a call ask of its reply.
struct ReplyForm {
  bool gzip = false;
  bool cross_origin = false;  // it came from a page of another origin
};

ReplyForm reply_form(const HttpCall& call);

// The whole reply: envelope, status, headers, compressed where that is wanted. Takes time for a
// large answer; one that is too large for the memory of queries becomes the failure that says so.
HttpReply api_reply(ApiAnswer& answer, ReplyForm form);

inline HttpReply api_reply(ApiAnswer&& answer, ReplyForm form) {
  return api_reply(answer, form);
}

// Adds the CORS headers that Prometheus sends by default: any origin may read.
void add_cross_origin(HttpReply& reply);

}  // namespace seamwatch::agent
