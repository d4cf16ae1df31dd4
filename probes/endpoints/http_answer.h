// HttpAnswerReader: takes the bytes of an HTTP/1.x answer as they come and makes an HttpAnswer of
// them. Never waits and never holds more than its limits: 64 KiB of header, 10 interim answers, and
// the body's limit.
// Source: RFC 9112.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/core/fault.h"
#include "agent/core/http_client.h"

namespace seamwatch::probes {

struct HttpAnswer {
  int status = 0;
  int version = 0;  // 10, 11 or 20; 0 = no answer
  std::string reason;
  HttpHeaders headers;               // names in lower case, in the order sent
  std::int64_t content_length = -1;  // as announced; -1 = not known, 0 where there can be none
  std::string body;                  // decoded, where it was wanted
  std::size_t body_bytes = 0;        // decoded, whether wanted or not
  bool body_full = false;            // cut off at the limit
};

struct AnswerOptions {
  bool to_head = false;  // the answer to a HEAD request has no body
  bool keep_body = false;
  std::string_view encoding;  // to decode the body with, whatever the header says; see BodySink
  std::size_t body_bytes_max = 1;
};

enum class HttpProgress { more, done, failed };

class HttpAnswerReader {
 public:
  using Progress = HttpProgress;

  explicit HttpAnswerReader(AnswerOptions options);
  ~HttpAnswerReader();
  HttpAnswerReader(const HttpAnswerReader&) = delete;
  HttpAnswerReader& operator=(const HttpAnswerReader&) = delete;

  // Where to read the next bytes to; never empty.
  struct Room {
    char* data;
    std::size_t size;
  };

  Room room();

  // Takes `bytes` bytes that were read into room(); 0 = the peer ended the stream.
  Progress take(std::size_t bytes);

  // The header of the final answer is complete.
  bool has_header() const;

  // What is to be written before the next bytes are read: in HTTP/1, nothing after the request.
  static std::string_view to_write() { return {}; }

  // Whether any byte came at all.
  bool has_bytes() const;

  // Why take() failed: http:malformed_response, header_too_large, incomplete_response, or
  // check:compression. The phase is "processing" until the header is there, then "transfer".
  const Fault& fault() const;

  // Complete once take() said done; before, as far as it has come.
  HttpAnswer& answer();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seamwatch::probes
