// HttpCall and HttpReply: one request as handlers see it, and what they answer. Plain values, so
// that handlers can be tested without a server.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/http_client.h"

namespace seamwatch::agent {

// Name and value, percent-decoded, in the order of the query.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

struct HttpCall {
  std::string method;  // upper case; HEAD is passed on as HEAD
  std::string path;    // percent-decoded, without the query
  QueryParameters query;
  HttpHeaders headers;  // names in lower case
  std::string body;
  std::string remote;  // "127.0.0.1:50312"

  // The first value of `name`, or `otherwise`.
  std::string_view parameter(std::string_view name, std::string_view otherwise = "") const;

  // All values of `name`.
  std::vector<std::string> parameters(std::string_view name) const;

  // The query's parameters, then those of a form body (application/x-www-form-urlencoded).
  QueryParameters form() const;
};

// Fills the next chunk of a body; false when there is none. Called on the loop thread, once per
// turn.
using ChunkProducer = std::function<bool(std::string& chunk)>;

struct HttpReply {
  int status = 200;
  HttpHeaders headers;  // Content-Type and the like; length, date and connection are the server's
  std::string body;
  ChunkProducer chunks;  // where set, is sent instead of `body`, as it comes
};

// Replies with the security headers that every page carries (no sniffing, no framing, no caching).
HttpReply text_reply(int status, std::string body);
HttpReply html_reply(int status, std::string body);  // with a strict Content-Security-Policy
HttpReply json_reply(int status, std::string body);
HttpReply json_error(int status, std::string_view why);  // {"error": why}

// Reads `a=1&b=%20x+y`; pairs without `=` have an empty value; bad escapes stay as they are.
QueryParameters parse_query(std::string_view query);

}  // namespace seamwatch::agent
