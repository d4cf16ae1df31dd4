// Http2AnswerReader: one request over HTTP/2, on a connection of its own, and its answer. Like
// HttpAnswerReader it never waits: bytes go in, bytes come out to be written, and what the peer
// says becomes an HttpAnswer within the same limits. The frames are nghttp2's. Source: RFC 9113.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "probes/endpoints/http_answer.h"
#include "probes/endpoints/http_request.h"

namespace seamwatch::probes {

class Http2AnswerReader {
 public:
  // `request` outlives the reader.
  Http2AnswerReader(const HttpMessage& request, AnswerOptions options);
  ~Http2AnswerReader();
  Http2AnswerReader(const Http2AnswerReader&) = delete;
  Http2AnswerReader& operator=(const Http2AnswerReader&) = delete;

  // Where to read the next bytes to; never empty.
  HttpAnswerReader::Room room();

  // Takes `bytes` bytes that were read into room(); 0 = the peer ended the stream.
  HttpProgress take(std::size_t bytes);

  // What is to be written before the next bytes are read: at first the request; later what the
  // protocol asks for. Valid until the next call of take() or to_write().
  std::string_view to_write();

  // The header of the final answer is complete.
  bool has_header() const;

  // Whether anything of the answer came: what opens every connection does not count.
  bool has_bytes() const;

  // Why take() failed: http2:<NAME>(0x<code>) where the peer reset the stream, with "GOAWAY:"
  // before it where it gave up the connection; else as HttpAnswerReader says.
  const Fault& fault() const;

  HttpAnswer& answer();

 private:
  struct State;
  struct Callbacks;
  std::unique_ptr<State> state_;
};

}  // namespace seamwatch::probes
