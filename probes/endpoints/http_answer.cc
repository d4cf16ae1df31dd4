#include "probes/endpoints/http_answer.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "agent/core/ascii.h"
#include "agent/core/assert.h"
#include "probes/endpoints/body_sink.h"
#include "probes/endpoints/header_form.h"
#include "probes/endpoints/spare_blocks.h"

namespace seamwatch::probes {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

constexpr std::size_t kHeaderBytesMax = 64 * 1024;
constexpr std::size_t kBufferBytes = 8 * 1024;  // most answers fit; more is taken when needed
constexpr std::size_t kHeadersUsual = 8;
constexpr int kInterimMax = 10;

// Beast's parser with its callbacks filling an HttpAnswer and a BodySink.
class Parser final : public http::basic_parser<false> {
 public:
  Parser(HttpAnswer& answer, BodySink& sink) : answer_(answer), sink_(sink) {
    header_limit(static_cast<std::uint32_t>(kHeaderBytesMax));
    body_limit(boost::none);  // the sink has its own
    eager(true);
  }

 private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}

  void on_response_impl(int status, string_view reason, int version, error_code&) override {
    answer_.status = status;
    answer_.reason.assign(reason.data(), reason.size());
    answer_.version = version;
    answer_.headers.clear();
    answer_.headers.reserve(kHeadersUsual);
  }

  void on_field_impl(http::field,
                     string_view name,
                     string_view value,
                     error_code& failure) override {
    header_bytes_ += name.size() + value.size() + 4;
    if (header_bytes_ > kHeaderBytesMax) {
      failure = http::error::header_limit;  // Beast's own limit is that of one piece
      return;
    }
    answer_.headers.emplace_back(ascii_lower(name), std::string(value.data(), value.size()));
  }

  void on_header_impl(error_code&) override {}

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(string_view body, error_code& failure) override {
    return store(body, failure);
  }

  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& failure) override {
    return store(body, failure);
  }

  void on_finish_impl(error_code&) override {}

  std::size_t store(string_view body, error_code& failure) {
    if (sink_.take(std::string_view(body.data(), body.size())) != BodySink::State::open) {
      failure = http::error::body_limit;  // stops the parser; the sink says why
    }
    return body.size();
  }

  HttpAnswer& answer_;
  BodySink& sink_;
  std::size_t header_bytes_ = 0;
};

using SpareBuffers = SpareBlocks<kBufferBytes>;

}  // namespace

struct HttpAnswerReader::State {
  explicit State(AnswerOptions wanted)
      : options(wanted),
        sink(wanted.encoding, wanted.body_bytes_max, wanted.keep_body),
        buffer(SpareBuffers::of_thread().take()) {
    start();
  }

  ~State() {
    if (capacity == kBufferBytes) {
      SpareBuffers::of_thread().give_back(std::move(buffer));
    }
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void start() {
    parser.emplace(answer, sink);
    parser->skip(options.to_head);
  }

  Progress fail(std::string protocol, std::string code, std::string detail);
  Progress explain(const error_code& failure);
  bool make_strict();
  Progress parse();
  Progress finish();
  void note_length();

  AnswerOptions options;
  HttpAnswer answer;
  BodySink sink;
  std::optional<Parser> parser;
  std::unique_ptr<char[]> buffer;
  std::size_t capacity = kBufferBytes;
  std::size_t begin = 0;  // of what is not parsed yet
  std::size_t end = 0;
  bool filled = false;  // the last read took all the room
  int interim = 0;
  bool any = false;
  bool header = false;
  Fault fault;
};

HttpAnswerReader::Progress HttpAnswerReader::State::fail(std::string protocol,
                                                         std::string code,
                                                         std::string detail) {
  answer.body_bytes = sink.bytes();
  fault.signal.protocol = std::move(protocol);
  fault.signal.code = std::move(code);
  fault.phase = header ? "transfer" : "processing";
  fault.detail = std::move(detail);
  return Progress::failed;
}

HttpAnswerReader::Progress HttpAnswerReader::State::explain(const error_code& failure) {
  if (failure == http::error::partial_message) {
    return fail(
        "http", "incomplete_response", header ? "the body is cut off" : "the header is cut off");
  }
  if (failure == http::error::header_limit) {
    return fail("http", "header_too_large", "the header is larger than 64 KiB");
  }
  return fail("http", "malformed_response", failure.message());
}

// Source: RFC 9112 section 6.3; the numbers are those that Go's client shows.
void HttpAnswerReader::State::note_length() {
  const bool none = answer.status / 100 == 1 || answer.status == 204 || answer.status == 304;
  const auto length = parser->content_length();
  if (none && !options.to_head) {
    answer.content_length = 0;
  } else if (length && !parser->chunked()) {
    answer.content_length = static_cast<std::int64_t>(
        std::min<std::uint64_t>(*length, std::numeric_limits<std::int64_t>::max()));
  }
}

HttpAnswerReader::Progress HttpAnswerReader::State::finish() {
  const BodySink::State state = sink.finish();
  answer.body_bytes = sink.bytes();
  answer.body_full = state == BodySink::State::full;
  if (state == BodySink::State::broken && !options.to_head) {
    return fail(
        "check", "compression", "the body is not encoded as " + std::string(options.encoding));
  }
  answer.body = sink.release();
  return Progress::done;
}

// Rewrites a header that is not what the parser takes. False where more of it must come first.
bool HttpAnswerReader::State::make_strict() {
  const std::string_view bytes(buffer.get() + begin, end - begin);
  constexpr std::string_view kStart = "HTTP/";
  if (bytes.substr(0, kStart.size()) != kStart.substr(0, bytes.size())) {
    return true;  // no answer at all, which the parser says at once
  }
  const HeaderForm form = header_form(bytes);
  if (form.strict) {
    return true;  // the parser waits for its end by itself
  }
  if (form.bytes == 0) {
    return bytes.size() >= kHeaderBytesMax;  // which the parser then refuses
  }
  const std::string text = strict_header(bytes.substr(0, form.bytes));
  const std::string_view rest = bytes.substr(form.bytes);
  capacity = std::max(capacity, text.size() + rest.size());
  auto rewritten = std::make_unique_for_overwrite<char[]>(capacity);
  std::memcpy(rewritten.get(), text.data(), text.size());
  std::memcpy(rewritten.get() + text.size(), rest.data(), rest.size());
  buffer = std::move(rewritten);
  begin = 0;
  end = text.size() + rest.size();
  return true;
}

HttpAnswerReader::Progress HttpAnswerReader::State::parse() {
  while (begin < end || parser->is_done()) {
    if (!header && !parser->is_done() && !make_strict()) {
      return Progress::more;
    }
    error_code failure;
    if (!parser->is_done()) {
      const auto input = boost::asio::const_buffer(buffer.get() + begin, end - begin);
      begin += parser->put(input, failure);
    }
    const bool interim_answer =
        parser->is_header_done() && answer.status / 100 == 1 && answer.status != 101;
    if (parser->is_header_done() && !header && !interim_answer) {
      header = true;
      note_length();
    }
    if (failure == http::error::need_more) {
      const bool too_large = end - begin >= kHeaderBytesMax;
      return too_large ? explain(http::error::header_limit) : Progress::more;
    }
    if (failure == http::error::body_limit) {
      return finish();  // the sink is full or cannot go on
    }
    if (failure) {
      return explain(failure);
    }
    if (!parser->is_done()) {
      continue;
    }
    if (!interim_answer) {
      return finish();
    }
    if (++interim > kInterimMax) {
      return fail("http", "malformed_response", "too many interim answers");
    }
    start();
  }
  return Progress::more;
}

HttpAnswerReader::HttpAnswerReader(AnswerOptions options)
    : state_(std::make_unique<State>(options)) {}

HttpAnswerReader::~HttpAnswerReader() = default;

HttpAnswerReader::Room HttpAnswerReader::room() {
  State& state = *state_;
  if (state.begin == state.end) {
    state.begin = state.end = 0;
  }
  if (state.end == state.capacity && state.begin > 0) {
    std::memmove(state.buffer.get(), state.buffer.get() + state.begin, state.end - state.begin);
    state.end -= state.begin;
    state.begin = 0;
  }
  const bool filled = state.filled && state.capacity < kHeaderBytesMax;
  if (state.end == state.capacity || filled) {
    // What is not parsed stays below the header's limit, and a large body wants fewer calls.
    SW_ASSERT(state.capacity < 2 * kHeaderBytesMax);
    state.filled = false;
    auto larger = std::make_unique_for_overwrite<char[]>(2 * state.capacity);
    std::memcpy(larger.get(), state.buffer.get(), state.end);
    state.buffer = std::move(larger);
    state.capacity *= 2;
  }
  return Room{state.buffer.get() + state.end, state.capacity - state.end};
}

HttpAnswerReader::Progress HttpAnswerReader::take(std::size_t bytes) {
  State& state = *state_;
  SW_ASSERT(bytes <= state.capacity - state.end);
  state.filled = bytes == state.capacity - state.end;
  state.end += bytes;
  if (bytes > 0) {
    state.any = true;
    return state.parse();
  }
  if (!state.any) {
    return state.fail("http", "incomplete_response", "the peer closed without an answer");
  }
  error_code failure;
  if (!state.parser->got_some()) {
    return state.explain(http::error::partial_message);
  }
  state.parser->put_eof(failure);
  return failure ? state.explain(failure) : state.finish();
}

bool HttpAnswerReader::has_header() const {
  return state_->header;
}

bool HttpAnswerReader::has_bytes() const {
  return state_->any;
}

const Fault& HttpAnswerReader::fault() const {
  return state_->fault;
}

HttpAnswer& HttpAnswerReader::answer() {
  return state_->answer;
}

}  // namespace seamwatch::probes
