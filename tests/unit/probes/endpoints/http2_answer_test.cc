#include "probes/endpoints/http2_answer.h"

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nghttp2/nghttp2.h>

namespace seamwatch::probes {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

// The other end of the connection: nghttp2 as a server, without a socket.
class Peer {
 public:
  Peer() {
    nghttp2_session_callbacks* callbacks = nullptr;
    REQUIRE(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &on_data);
    nghttp2_session* made = nullptr;
    nghttp2_option* option = nullptr;
    REQUIRE(nghttp2_option_new(&option) == 0);
    nghttp2_option_set_max_send_header_block_length(option, 1 << 20);
    REQUIRE(nghttp2_session_server_new2(&made, callbacks, this, option) == 0);
    nghttp2_option_del(option);
    session_.reset(made);
    nghttp2_session_callbacks_del(callbacks);
    REQUIRE(nghttp2_submit_settings(session(), 0, nullptr, 0) == 0);
  }

  nghttp2_session* session() { return session_.get(); }

  void hear(std::string_view bytes) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    REQUIRE(nghttp2_session_mem_recv(session(), data, bytes.size()) ==
            static_cast<ssize_t>(bytes.size()));
  }

  std::string say() {
    std::string out;
    const std::uint8_t* bytes = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session(), &bytes)) > 0;) {
      out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    return out;
  }

  void headers(const Fields& fields, bool last = false) {
    std::vector<nghttp2_nv> lines = lines_of(fields);
    const int flags = last ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE;
    REQUIRE(nghttp2_submit_headers(session(),
                                   static_cast<std::uint8_t>(flags),
                                   1,
                                   nullptr,
                                   lines.data(),
                                   lines.size(),
                                   nullptr) == 0);
  }

  void answer(const Fields& fields, std::string body) {
    body_ = std::move(body);
    std::vector<nghttp2_nv> lines = lines_of(fields);
    nghttp2_data_provider provider{};
    provider.read_callback = &give_body;
    REQUIRE(nghttp2_submit_response(session(), 1, lines.data(), lines.size(), &provider) == 0);
  }

  Fields heard;
  std::string heard_body;

 private:
  struct Free {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  static std::vector<nghttp2_nv> lines_of(const Fields& fields) {
    std::vector<nghttp2_nv> lines;
    for (const auto& [name, value] : fields) {
      auto* key = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data()));
      auto* text = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data()));
      lines.push_back(nghttp2_nv{key, text, name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    return lines;
  }

  static int on_header(nghttp2_session*,
                       const nghttp2_frame*,
                       const std::uint8_t* name,
                       std::size_t name_size,
                       const std::uint8_t* value,
                       std::size_t value_size,
                       std::uint8_t,
                       void* user) {
    static_cast<Peer*>(user)->heard.emplace_back(
        std::string(reinterpret_cast<const char*>(name), name_size),
        std::string(reinterpret_cast<const char*>(value), value_size));
    return 0;
  }

  static int on_data(nghttp2_session*,
                     std::uint8_t,
                     std::int32_t,
                     const std::uint8_t* bytes,
                     std::size_t size,
                     void* user) {
    static_cast<Peer*>(user)->heard_body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }

  static ssize_t give_body(nghttp2_session*,
                           std::int32_t,
                           std::uint8_t* to,
                           std::size_t size,
                           std::uint32_t* flags,
                           nghttp2_data_source*,
                           void* user) {
    std::string& body = static_cast<Peer*>(user)->body_;
    const std::size_t part = std::min(size, body.size());
    std::memcpy(to, body.data(), part);
    body.erase(0, part);
    *flags |= body.empty() ? NGHTTP2_DATA_FLAG_EOF : NGHTTP2_DATA_FLAG_NONE;
    return static_cast<ssize_t>(part);
  }

  std::unique_ptr<nghttp2_session, Free> session_;
  std::string body_;
};

// A reader and its peer, with the bytes carried to and fro until neither has more to say.
struct Talk {
  explicit Talk(HttpMessage asked = {"GET", "/x?y=1", {{"Host", "shop.example"}}, ""},
                std::size_t body_bytes_max = 1 << 20)
      : message(std::move(asked)), reader(message, options(body_bytes_max)) {
    peer.hear(reader.to_write());
  }

  static AnswerOptions options(std::size_t body_bytes_max) {
    AnswerOptions out;
    out.keep_body = true;
    out.body_bytes_max = body_bytes_max;
    return out;
  }

  HttpProgress feed(std::string_view bytes, std::size_t at_once) {
    HttpProgress progress = HttpProgress::more;
    while (!bytes.empty() && progress == HttpProgress::more) {
      const auto room = reader.room();
      const std::size_t part = std::min({bytes.size(), room.size, at_once});
      std::memcpy(room.data, bytes.data(), part);
      bytes.remove_prefix(part);
      progress = reader.take(part);
    }
    return progress;
  }

  HttpProgress run(std::size_t at_once = 1 << 14) {
    for (;;) {
      const std::string said = peer.say();
      const HttpProgress progress = feed(said, at_once);
      if (progress != HttpProgress::more) {
        return progress;
      }
      const std::string_view words = reader.to_write();
      peer.hear(words);
      if (said.empty() && words.empty()) {
        return progress;
      }
    }
  }

  // "http2:REFUSED_STREAM(0x7) in processing".
  std::string fault() const {
    const Fault& fault = reader.fault();
    return fault.signal.protocol + ":" + fault.signal.code + " in " + fault.phase;
  }

  HttpMessage message;
  Http2AnswerReader reader;
  Peer peer;
};

TEST_CASE("a request says in HTTP/2 what it says in HTTP/1.1, but for the connection") {
  Talk talk({"POST",
             "/orders",
             {{"Host", "shop.example:8443"},
              {"User-Agent", "Seamwatch"},
              {"Content-Length", "5"},
              {"Connection", "close"},
              {"X-Token", "AbC"}},
             "hello"});
  CHECK(talk.peer.heard == Fields{{":method", "POST"},
                                  {":scheme", "https"},
                                  {":authority", "shop.example:8443"},
                                  {":path", "/orders"},
                                  {"user-agent", "Seamwatch"},
                                  {"content-length", "5"},
                                  {"x-token", "AbC"}});
  CHECK(talk.peer.heard_body == "hello");
}

TEST_CASE("an answer over HTTP/2, however its bytes are cut") {
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, std::size_t{1 << 14}}) {
    DYNAMIC_SECTION(at_once << " bytes at once") {
      Talk talk;
      CHECK_FALSE(talk.reader.has_bytes());
      talk.run(at_once);
      CHECK_FALSE(talk.reader.has_bytes());  // settings only
      talk.peer.headers({{":status", "103"}, {"link", "x"}});
      talk.run(at_once);
      CHECK_FALSE(talk.reader.has_header());
      talk.peer.answer({{":status", "200"}, {"content-length", "5"}, {"etag", "a"}}, "hello");
      CHECK(talk.run(at_once) == HttpProgress::done);
      const HttpAnswer& answer = talk.reader.answer();
      CHECK(answer.status == 200);
      CHECK(answer.version == 20);
      CHECK(answer.content_length == 5);
      CHECK(answer.headers == HttpHeaders{{"content-length", "5"}, {"etag", "a"}});
      CHECK(answer.body == "hello");
      CHECK(answer.body_bytes == 5);
      CHECK_FALSE(answer.body_full);
    }
  }
}

TEST_CASE("bodies larger than a window go both ways") {
  const std::string large(3 << 20, 'x');
  Talk talk({"PUT", "/", {{"Host", "a"}}, large}, 4 << 20);
  CHECK(talk.run() == HttpProgress::more);
  CHECK(talk.peer.heard_body.size() == large.size());
  talk.peer.answer({{":status", "200"}}, large);
  CHECK(talk.run() == HttpProgress::done);
  CHECK(talk.reader.answer().body == large);
  CHECK(talk.reader.answer().content_length == -1);
}

TEST_CASE("a body past the limit is cut off there") {
  Talk talk({"GET", "/", {{"Host", "a"}}, ""}, 10);
  talk.peer.answer({{":status", "200"}}, std::string(1000, 'x'));
  CHECK(talk.run() == HttpProgress::done);
  CHECK(talk.reader.answer().body == std::string(10, 'x'));
  CHECK(talk.reader.answer().body_full);
}

TEST_CASE("what ends an exchange over HTTP/2 early") {
  SECTION("the stream is reset") {
    Talk talk;
    talk.run();
    nghttp2_submit_rst_stream(talk.peer.session(), 0, 1, NGHTTP2_REFUSED_STREAM);
    CHECK(talk.run() == HttpProgress::failed);
    CHECK(talk.fault() == "http2:REFUSED_STREAM(0x7) in processing");
  }
  SECTION("the stream is reset in the body") {
    Talk talk;
    talk.peer.headers({{":status", "200"}});
    talk.run();
    nghttp2_submit_rst_stream(talk.peer.session(), 0, 1, NGHTTP2_INTERNAL_ERROR);
    CHECK(talk.run() == HttpProgress::failed);
    CHECK(talk.fault() == "http2:INTERNAL_ERROR(0x2) in transfer");
  }
  SECTION("the stream is reset without an error before its end") {
    Talk talk;
    talk.peer.headers({{":status", "200"}});
    talk.run();
    nghttp2_submit_rst_stream(talk.peer.session(), 0, 1, NGHTTP2_NO_ERROR);
    CHECK(talk.run() == HttpProgress::failed);
    CHECK(talk.fault() == "http:incomplete_response in transfer");
  }
  SECTION("the peer goes away") {
    Talk talk;
    talk.run();
    nghttp2_submit_goaway(talk.peer.session(), 0, 0, NGHTTP2_ENHANCE_YOUR_CALM, nullptr, 0);
    CHECK(talk.run() == HttpProgress::failed);
    CHECK(talk.fault() == "http2:GOAWAY:ENHANCE_YOUR_CALM(0xb) in processing");
  }
  SECTION("the body is shorter than announced") {
    Talk talk;
    talk.peer.answer({{":status", "200"}, {"content-length", "9"}}, "abc");
    CHECK(talk.run() == HttpProgress::failed);
    CHECK(talk.fault() == "http:malformed_response in transfer");
  }
  SECTION("the connection ends in the body") {
    Talk talk;
    talk.peer.headers({{":status", "200"}});
    talk.run();
    CHECK(talk.reader.take(0) == HttpProgress::failed);
    CHECK(talk.fault() == "http:incomplete_response in transfer");
  }
  SECTION("what comes is no HTTP/2") {
    Talk talk;
    CHECK(talk.feed("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 99) ==
          HttpProgress::failed);
    CHECK(talk.fault() == "http:malformed_response in processing");
  }
  SECTION("the header is too large") {
    Talk talk;
    Fields fields = {{":status", "200"}};
    for (int i = 0; i < 70; ++i) {
      fields.emplace_back("x-" + std::to_string(i), std::string(1000, 'y'));
    }
    talk.run();
    talk.peer.headers(fields, true);
    CHECK(talk.run() == HttpProgress::failed);
    CHECK(talk.fault() == "http:header_too_large in processing");
  }
  SECTION("interim answers without end") {
    Talk talk;
    for (int i = 0; i < 11; ++i) {
      talk.peer.headers({{":status", "100"}});
    }
    CHECK(talk.run() == HttpProgress::failed);
    CHECK(talk.fault() == "http:malformed_response in processing");
  }
}

TEST_CASE("an answer without a body") {
  Talk talk;
  talk.peer.headers({{":status", "204"}}, true);
  CHECK(talk.run() == HttpProgress::done);
  CHECK(talk.reader.answer().content_length == 0);
  CHECK(talk.reader.answer().body_bytes == 0);
}

}  // namespace
}  // namespace seamwatch::probes
