#include "probes/endpoints/http2_answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "agent/core/ascii.h"
#include "agent/core/assert.h"
#include "probes/endpoints/body_sink.h"

namespace seamwatch::probes {
namespace {

constexpr std::size_t kHeaderBytesMax = 64 * 1024;
constexpr std::size_t kBufferBytes = 16 * 1024;
constexpr int kInterimMax = 10;
// How much of a body may be on its way before we say that we read it.
constexpr std::int32_t kWindowBytes = 1 << 20;

// What is said of the connection has no place in HTTP/2. Source: RFC 9113 section 8.2.2.
bool is_of_connection(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {
      "connection", "host", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// "REFUSED_STREAM(0x7)". Source: RFC 9113 section 7.
std::string error_name(std::uint32_t code) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), code, 16).ptr;
  return std::string(nghttp2_http2_strerror(code)) + "(0x" + std::string(digits.begin(), end) + ")";
}

struct FreeSession {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};

}  // namespace

struct Http2AnswerReader::State {
  State(const HttpMessage& asked, AnswerOptions wanted)
      : request(asked),
        options(wanted),
        sink(wanted.encoding, wanted.body_bytes_max, wanted.keep_body),
        buffer(std::make_unique_for_overwrite<char[]>(kBufferBytes)) {}

  void submit();
  HttpProgress fail(std::string protocol, std::string code, std::string detail);
  void collect_words();
  HttpProgress explain(int refused);
  HttpProgress finish();
  void take_header(std::string_view name, std::string_view value);
  void end_header();

  const HttpMessage& request;
  AnswerOptions options;
  HttpAnswer answer;
  BodySink sink;
  std::unique_ptr<char[]> buffer;
  std::unique_ptr<nghttp2_session, FreeSession> session;
  std::int32_t stream = 0;
  std::size_t body_sent = 0;
  std::string words;       // not written yet
  std::string handed_out;  // by to_write()
  std::size_t header_bytes = 0;
  int interim = 0;
  bool begun = false;   // a header of our stream began
  bool header = false;  // that of the final answer is complete
  bool length_known = false;
  bool ended = false;  // the peer said that this was all
  bool reset_by_peer = false;
  bool stopped = false;                    // the sink takes no more
  std::string_view refusal;                // why the answer's header is not taken; empty = it is
  std::optional<std::uint32_t> closed;     // the stream's end, with its error code
  std::optional<std::uint32_t> gone_away;  // the connection's, likewise
  int invalid = 0;                         // nghttp2's word for what the peer did wrong
  Fault fault;
};

struct Http2AnswerReader::Callbacks {
  static State& of(void* user) { return *static_cast<State*>(user); }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    State& state = of(user);
    if (frame->hd.stream_id == state.stream && !state.header) {
      state.begun = true;
      state.answer.headers.clear();
      state.answer.status = 0;
      state.header_bytes = 0;
    }
    return 0;
  }

  static int header(nghttp2_session*,
                    const nghttp2_frame* frame,
                    const std::uint8_t* name,
                    std::size_t name_size,
                    const std::uint8_t* value,
                    std::size_t value_size,
                    std::uint8_t,
                    void* user) {
    State& state = of(user);
    if (frame->hd.stream_id == state.stream && !state.header) {
      state.take_header(std::string_view(reinterpret_cast<const char*>(name), name_size),
                        std::string_view(reinterpret_cast<const char*>(value), value_size));
    }
    return state.refusal.empty() ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    State& state = of(user);
    const bool ours = frame->hd.stream_id == state.stream;
    if (ours && frame->hd.type == NGHTTP2_HEADERS) {
      state.end_header();
    }
    const bool can_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    state.reset_by_peer = state.reset_by_peer || (ours && frame->hd.type == NGHTTP2_RST_STREAM);
    if (ours && can_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      state.ended = true;
    } else if (frame->hd.type == NGHTTP2_GOAWAY) {
      state.gone_away = frame->goaway.error_code;
    }
    return 0;
  }

  static int data(nghttp2_session*,
                  std::uint8_t,
                  std::int32_t stream,
                  const std::uint8_t* bytes,
                  std::size_t size,
                  void* user) {
    State& state = of(user);
    if (stream == state.stream && !state.stopped) {
      const std::string_view part(reinterpret_cast<const char*>(bytes), size);
      state.stopped = state.sink.take(part) != BodySink::State::open;
    }
    return 0;
  }

  static int close(nghttp2_session*, std::int32_t stream, std::uint32_t code, void* user) {
    State& state = of(user);
    if (stream == state.stream) {
      state.closed = code;
    }
    return 0;
  }

  static int invalid(nghttp2_session*, const nghttp2_frame*, int code, void* user) {
    State& state = of(user);
    state.invalid = state.invalid == 0 ? code : state.invalid;
    return 0;
  }

  static ssize_t body(nghttp2_session*,
                      std::int32_t,
                      std::uint8_t* to,
                      std::size_t size,
                      std::uint32_t* flags,
                      nghttp2_data_source*,
                      void* user) {
    State& state = of(user);
    const std::string& body = state.request.body;
    const std::size_t part = std::min(size, body.size() - state.body_sent);
    std::memcpy(to, body.data() + state.body_sent, part);
    state.body_sent += part;
    if (state.body_sent == body.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
    }
    return static_cast<ssize_t>(part);
  }

  static nghttp2_session_callbacks* table() {
    static nghttp2_session_callbacks* const kTable = [] {
      nghttp2_session_callbacks* made = nullptr;
      SW_ASSERT(nghttp2_session_callbacks_new(&made) == 0);
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, &begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(made, &header);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, &frame);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &data);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, &close);
      nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, &invalid);
      return made;
    }();
    return kTable;
  }
};

// Asserts hold: nghttp2 refuses only what has no memory, and header texts were checked before.
void Http2AnswerReader::State::submit() {
  const std::array settings = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindowBytes}};
  SW_ASSERT(nghttp2_submit_settings(session.get(), 0, settings.data(), settings.size()) == 0);
  SW_ASSERT(nghttp2_session_set_local_window_size(session.get(), 0, 0, kWindowBytes) == 0);
  HttpHeaders lines = {{":method", request.method}, {":scheme", "https"}};
  lines.reserve(request.headers.size() + 4);
  for (const auto& [name, value] : request.headers) {
    if (ascii_lower(name) == "host") {
      lines.emplace_back(":authority", value);
      break;
    }
  }
  lines.emplace_back(":path", request.target);
  for (const auto& [name, value] : request.headers) {
    std::string written = ascii_lower(name);
    if (!is_of_connection(written)) {
      lines.emplace_back(std::move(written), value);
    }
  }
  std::vector<nghttp2_nv> fields;
  fields.reserve(lines.size());
  for (auto& [name, value] : lines) {
    fields.push_back(nghttp2_nv{reinterpret_cast<std::uint8_t*>(name.data()),
                                reinterpret_cast<std::uint8_t*>(value.data()),
                                name.size(),
                                value.size(),
                                NGHTTP2_NV_FLAG_NONE});
  }
  nghttp2_data_provider body{};
  body.read_callback = &Callbacks::body;
  stream = nghttp2_submit_request(session.get(),
                                  nullptr,
                                  fields.data(),
                                  fields.size(),
                                  request.body.empty() ? nullptr : &body,
                                  nullptr);
  SW_ASSERT(stream > 0);
}

void Http2AnswerReader::State::take_header(std::string_view name, std::string_view value) {
  header_bytes += name.size() + value.size() + 4;
  if (header_bytes > kHeaderBytesMax) {
    refusal = "header_too_large";
  } else if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), answer.status);
  } else if (!name.starts_with(':')) {
    answer.headers.emplace_back(name, value);
    if (name == "content-length") {
      const auto [end, failure] =
          std::from_chars(value.data(), value.data() + value.size(), answer.content_length);
      length_known = failure == std::errc() && end == value.data() + value.size();
    }
  }
}

void Http2AnswerReader::State::end_header() {
  if (header) {
    return;  // trailers
  }
  if (answer.status / 100 == 1) {
    refusal = ++interim > kInterimMax ? "malformed_response" : refusal;
    return;
  }
  header = true;
  answer.version = 20;
  const bool none = answer.status == 204 || answer.status == 304;
  if (none && !options.to_head) {
    answer.content_length = 0;
  } else if (!length_known) {
    answer.content_length = -1;
  }
}

HttpProgress Http2AnswerReader::State::fail(std::string protocol,
                                            std::string code,
                                            std::string detail) {
  answer.body_bytes = sink.bytes();
  fault.signal.protocol = std::move(protocol);
  fault.signal.code = std::move(code);
  fault.phase = header ? "transfer" : "processing";
  fault.detail = std::move(detail);
  return HttpProgress::failed;
}

HttpProgress Http2AnswerReader::State::finish() {
  const BodySink::State state = sink.finish();
  answer.body_bytes = sink.bytes();
  answer.body_full = state == BodySink::State::full;
  if (state == BodySink::State::broken && !options.to_head) {
    return fail(
        "check", "compression", "the body is not encoded as " + std::string(options.encoding));
  }
  answer.body = sink.release();
  return HttpProgress::done;
}

void Http2AnswerReader::State::collect_words() {
  const std::uint8_t* bytes = nullptr;
  for (;;) {
    const ssize_t size = nghttp2_session_mem_send(session.get(), &bytes);
    if (size <= 0) {
      return;
    }
    words.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
}

// The end of an answer that did not come whole. `refused` is what nghttp2 said of the last bytes.
HttpProgress Http2AnswerReader::State::explain(int refused) {
  if (refusal == "header_too_large") {
    return fail("http", "header_too_large", "the header is larger than 64 KiB");
  }
  if (!refusal.empty()) {
    return fail("http", std::string(refusal), "too many interim answers");
  }
  if (invalid != 0 || refused < 0) {
    const int code = invalid != 0 ? invalid : refused;
    return fail("http", "malformed_response", nghttp2_strerror(code));
  }
  const bool alive = nghttp2_session_want_read(session.get()) != 0;
  if (!gone_away && !reset_by_peer && (closed ? *closed != NGHTTP2_NO_ERROR : !alive)) {
    return fail("http", "malformed_response", "what the peer says breaks HTTP/2");
  }
  if (gone_away) {
    return fail("http2", "GOAWAY:" + error_name(*gone_away), "the peer gave up the connection");
  }
  if (closed && *closed != NGHTTP2_NO_ERROR) {
    return fail("http2", error_name(*closed), "the peer reset the stream");
  }
  return fail(
      "http", "incomplete_response", header ? "the body is cut off" : "the header is cut off");
}

Http2AnswerReader::Http2AnswerReader(const HttpMessage& request, AnswerOptions options)
    : state_(std::make_unique<State>(request, options)) {
  nghttp2_session* made = nullptr;
  SW_ASSERT(nghttp2_session_client_new(&made, Callbacks::table(), state_.get()) == 0);
  state_->session.reset(made);
  state_->submit();
}

Http2AnswerReader::~Http2AnswerReader() = default;

HttpAnswerReader::Room Http2AnswerReader::room() {
  return HttpAnswerReader::Room{state_->buffer.get(), kBufferBytes};
}

HttpProgress Http2AnswerReader::take(std::size_t bytes) {
  State& state = *state_;
  SW_ASSERT(bytes <= kBufferBytes);
  if (bytes == 0) {
    return state.explain(0);
  }
  const auto* input = reinterpret_cast<const std::uint8_t*>(state.buffer.get());
  const ssize_t taken = nghttp2_session_mem_recv(state.session.get(), input, bytes);
  if (state.header && state.refusal.empty() && (state.ended || state.stopped)) {
    return state.finish();
  }
  // Where the peer breaks the protocol, nghttp2 ends the stream or the connection by what it says.
  state.collect_words();
  const bool dead = nghttp2_session_want_read(state.session.get()) == 0;
  const bool over =
      state.closed || !state.refusal.empty() || state.invalid != 0 || taken < 0 || dead;
  return over ? state.explain(static_cast<int>(taken)) : HttpProgress::more;
}

std::string_view Http2AnswerReader::to_write() {
  State& state = *state_;
  state.collect_words();
  state.handed_out.swap(state.words);
  state.words.clear();
  return state.handed_out;
}

bool Http2AnswerReader::has_header() const {
  return state_->header;
}

bool Http2AnswerReader::has_bytes() const {
  return state_->begun;
}

const Fault& Http2AnswerReader::fault() const {
  return state_->fault;
}

HttpAnswer& Http2AnswerReader::answer() {
  return state_->answer;
}

}  // namespace seamwatch::probes
