#include "agent/web/session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "agent/web/reply_head.h"
#include "agent/web/request_target.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using ErrorCode = boost::system::error_code;
using Parser = http::request_parser<http::string_body>;
using StatePtr = std::shared_ptr<HttpServer::State>;
using SessionPtr = std::shared_ptr<Session>;

constexpr std::size_t kSliceBytes = 65'536;  // of a body that are read or written at a time
constexpr std::size_t kLingerBytes = 1 << 20;
constexpr Millis kLingerTime(1000);

// What a step on the socket came to. A cancellation from outside is thrown, as everywhere.
ErrorCode code_of(const boost::system::system_error& failure, const Session& session) {
  const bool ours = session.closed || session.out_of_time;
  if (failure.code() == asio::error::operation_aborted && !ours) {
    throw failure;
  }
  return failure.code();
}

asio::awaitable<ErrorCode> wait_readable(SessionPtr session) {
  try {
    co_await session->socket.async_wait(asio::ip::tcp::socket::wait_read, asio::use_awaitable);
  } catch (const boost::system::system_error& failure) {
    co_return code_of(failure, *session);
  }
  co_return ErrorCode();
}

enum class Part { header, rest };

// `buffer` and `parser` belong to the coroutine that awaits this.
asio::awaitable<ErrorCode> read_part(SessionPtr session,
                                     beast::flat_buffer& buffer,
                                     Parser& parser,
                                     Part part) {
  try {
    if (part == Part::header) {
      co_await http::async_read_header(session->socket, buffer, parser, asio::use_awaitable);
    } else {
      co_await http::async_read(session->socket, buffer, parser, asio::use_awaitable);
    }
  } catch (const boost::system::system_error& failure) {
    co_return code_of(failure, *session);
  }
  co_return ErrorCode();
}

// `first` to `third` are views of what the awaiting coroutine owns.
asio::awaitable<ErrorCode> write_parts(SessionPtr session,
                                       std::string_view first,
                                       std::string_view second,
                                       std::string_view third) {
  try {
    const std::array<asio::const_buffer, 3> parts = {
        asio::buffer(first), asio::buffer(second), asio::buffer(third)};
    co_await asio::async_write(session->socket, parts, asio::use_awaitable);
  } catch (const boost::system::system_error& failure) {
    co_return code_of(failure, *session);
  }
  co_return ErrorCode();
}

asio::awaitable<ErrorCode> discard(SessionPtr session) {
  try {
    std::vector<char> waste(16'384);
    std::size_t total = 0;
    while (total < kLingerBytes) {
      const auto into = asio::buffer(waste);
      const auto size = co_await session->socket.async_read_some(into, asio::use_awaitable);
      total += size;
    }
  } catch (const boost::system::system_error& failure) {
    co_return code_of(failure, *session);
  }
  co_return ErrorCode();
}

// Closes so that the peer still gets what was written: unread input would make the kernel reset the
// connection and throw our reply away. Source: RFC 9112 section 9.6.
asio::awaitable<void> linger(SessionPtr session) {
  ErrorCode ignored;
  session->socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (ignored) {
    co_return;
  }
  auto step = discard(session);
  co_await within(session, kLingerTime, std::move(step));
}

// One request, read and ready to be answered; or the status that refuses it.
struct Incoming {
  HttpCall call;
  bool http_1_0 = false;
  bool keep_alive = false;
  bool gone = false;  // nobody to answer
  int refused = 0;
  std::string why;
  std::string allow;                         // of a 405
  std::shared_ptr<const RouteTable> routes;  // keeps `route` alive while its handler runs
  const Route* route = nullptr;
};

void refuse(Incoming& incoming, int status, std::string why) {
  incoming.refused = status;
  incoming.why = std::move(why);
  incoming.keep_alive = false;
}

// Reads a body of which only the first `keep` bytes are wanted.
asio::awaitable<ErrorCode> read_cut(SessionPtr session,
                                    beast::flat_buffer& buffer,
                                    Parser& parser,
                                    std::size_t keep) {
  try {
    while (!parser.is_done()) {
      co_await http::async_read_some(session->socket, buffer, parser, asio::use_awaitable);
      std::string& body = parser.get().body();
      body.resize(std::min(body.size(), keep));
    }
  } catch (const boost::system::system_error& failure) {
    co_return code_of(failure, *session);
  }
  co_return ErrorCode();
}

// Turns what a read came to into a refusal, or into `gone`. True where all went well.
bool read_well(Incoming& incoming, const ErrorCode& code) {
  if (!code) {
    return true;
  }
  if (code == asio::error::timed_out) {
    refuse(incoming, 408, "the request took too long");
  } else if (code == http::error::header_limit) {
    refuse(incoming, 431, "the headers are too large");
  } else if (code == http::error::body_limit) {
    refuse(incoming, 413, "the body is too large");
  } else if (code == http::error::buffer_overflow) {
    refuse(
        incoming, 413, "what stands around the body, chunk extensions or trailers, is too large");
  } else if (code == http::error::end_of_stream || code == http::error::partial_message ||
             code.category() != http::make_error_code(http::error::bad_method).category()) {
    incoming.gone = true;
  } else {
    refuse(incoming, 400, "not an HTTP request: " + code.message());
  }
  return false;
}

void read_fields(const Parser::value_type& request, Incoming& incoming) {
  incoming.call.method = std::string(request.method_string());
  incoming.http_1_0 = request.version() < 11;
  incoming.keep_alive = request.keep_alive();
  for (const auto& field : request) {
    std::string name(field.name_string());
    boost::algorithm::to_lower(name);
    incoming.call.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  const auto hosts = request.count(http::field::host);
  const bool encoded = request.count(http::field::transfer_encoding) > 0;
  if (hosts > 1 || (hosts == 0 && !incoming.http_1_0)) {
    refuse(incoming, 400, "one Host header is needed");
  } else if (request.count(http::field::content_length) > 0 && encoded) {
    refuse(incoming, 400, "Content-Length and Transfer-Encoding exclude each other");
  } else if (encoded && !beast::iequals(request[http::field::transfer_encoding], "chunked")) {
    // Its end would be guessed: what follows might be read as a request of its own.
    refuse(incoming, 501, "the only Transfer-Encoding here is chunked");
  } else if (!read_target(std::string_view(request.target()), incoming.call)) {
    refuse(incoming, 400, "the request target is not a path");
  }
}

// Who serves the call. A path of ours that happens to begin with the prefix stays what it is.
RouteTable::Match match_of(const HttpServer::State& state, HttpCall& call) {
  std::string below = path_below(state.prefix, call.path);
  if (!below.empty()) {
    RouteTable::Match match = state.routes->find(call.method, below);
    if (match.route != nullptr || !match.allow.empty()) {
      call.path = std::move(below);
      return match;
    }
  }
  return state.routes->find(call.method, call.path);
}

// Finds who serves the call and checks what can be checked before the body is read.
void find_route(const StatePtr& state, const Parser& parser, Incoming& incoming) {
  incoming.routes = state->routes;
  const RouteTable::Match match = match_of(*state, incoming.call);
  incoming.route = match.route;
  // A body that is not read would be taken for the next request.
  const bool keep = incoming.keep_alive && parser.is_done();
  if (match.route == nullptr && !match.allow.empty()) {
    refuse(incoming, 405, "this path takes " + match.allow);
    incoming.allow = match.allow;
    incoming.keep_alive = keep;
  } else if (match.route == nullptr) {
    refuse(incoming, 404, "there is nothing at this path");
    incoming.keep_alive = keep;
  } else if (parser.content_length_remaining().value_or(0) > match.route->body_bytes_max) {
    refuse(incoming, 413, "the body is too large");
  }
}

asio::awaitable<ErrorCode> answer_expectation(SessionPtr session,
                                              std::string_view expect,
                                              Incoming& incoming) {
  if (expect.empty() || incoming.http_1_0) {
    co_return ErrorCode();
  }
  if (!boost::algorithm::iequals(expect, "100-continue")) {
    refuse(incoming, 417, "only 100-continue can be expected");
    co_return ErrorCode();
  }
  auto step = write_parts(session, "HTTP/1.1 100 Continue\r\n\r\n", "", "");
  co_return co_await within(session, session->state->options.write_timeout, std::move(step));
}

// Reads the body of a call whose route is known. `incoming`, `buffer` and `parser` belong to the
// coroutine that awaits this, here and below.
asio::awaitable<void> read_rest(SessionPtr session,
                                beast::flat_buffer& buffer,
                                Parser& parser,
                                Incoming& incoming) {
  parser.body_limit(incoming.route->body_bytes_max);
  const std::string_view expect = header(incoming.call.headers, "expect");
  const auto expected = co_await answer_expectation(session, expect, incoming);
  if (incoming.refused != 0 || !read_well(incoming, expected)) {
    co_return;
  }
  // Beast reads as much as the buffer has room for, and it is as small as a header.
  const std::uint64_t left = parser.content_length_remaining().value_or(kSliceBytes);
  buffer.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(left, kSliceBytes)));
  const std::size_t cut = incoming.route->body_bytes_cut;
  auto step = cut > 0 ? read_cut(session, buffer, parser, cut)
                      : read_part(session, buffer, parser, Part::rest);
  const Millis limit = session->state->options.body_timeout;
  const auto code = co_await within(session, limit, std::move(step));
  read_well(incoming, code);
}

asio::awaitable<void> read_request(SessionPtr session,
                                   beast::flat_buffer& buffer,
                                   Incoming& incoming) {
  const ServerOptions& options = session->state->options;
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
  parser.body_limit(boost::none);  // known when the route is
  auto step = read_part(session, buffer, parser, Part::header);
  const auto code = co_await within(session, options.header_timeout, std::move(step));
  if (!read_well(incoming, code)) {
    co_return;
  }
  read_fields(parser.get(), incoming);
  if (incoming.refused == 0) {
    find_route(session->state, parser, incoming);
  }
  if (incoming.refused == 0 && !parser.is_done()) {
    co_await read_rest(session, buffer, parser, incoming);
  }
  incoming.call.body = std::move(parser.get().body());
  incoming.call.remote = session->remote;
}

// Whatever a handler throws, one request must not end the agent.
asio::awaitable<HttpReply> run_handler(SessionPtr session, const Route* route, HttpCall call) {
  std::string what;
  try {
    co_return co_await route->handler(std::move(call));
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) {
      throw;
    }
    what = failure.what();
  } catch (const std::exception& failure) {
    what = failure.what();
  }
  ++session->state->stats.handler_failures;
  session->state->on_failure(route->path, what);
  co_return text_reply(500, "the request could not be answered because of a fault in seamwatch\n");
}

std::string chunk_size_line(std::size_t size) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16);
  return std::string(digits.data(), end.ptr) + "\r\n";
}

// Sends what a producer gives. `head` goes out with the first chunk.
asio::awaitable<ErrorCode> write_chunks(SessionPtr session,
                                        ChunkProducer produce,
                                        std::string head,
                                        bool framed) {
  std::string chunk;
  bool more = produce(chunk);
  while (more) {
    if (chunk.empty()) {
      // Lets the probes have their turn.
      co_await asio::post(session->state->executor, asio::use_awaitable);
    } else {
      head += framed ? chunk_size_line(chunk.size()) : "";
      const std::string_view end = framed ? "\r\n" : "";
      auto step = write_parts(session, head, chunk, end);
      const auto code =
          co_await within(session, session->state->options.write_timeout, std::move(step));
      if (code) {
        co_return code;
      }
      head.clear();
    }
    more = produce(chunk);
  }
  head += framed ? "0\r\n\r\n" : "";
  auto step = write_parts(session, head, "", "");
  co_return co_await within(session, session->state->options.write_timeout, std::move(step));
}

asio::awaitable<ErrorCode> write_body(SessionPtr session, std::string head, std::string body) {
  std::string_view left = body;
  do {
    const std::string_view slice = left.substr(0, kSliceBytes);
    left.remove_prefix(slice.size());
    auto step = write_parts(session, head, slice, "");
    const auto code =
        co_await within(session, session->state->options.write_timeout, std::move(step));
    if (code) {
      co_return code;
    }
    head.clear();
  } while (!left.empty());
  co_return ErrorCode();
}

// True where the connection can serve another request.
asio::awaitable<bool> write_reply(SessionPtr session, HttpReply reply, Incoming& incoming) {
  const bool streamed = static_cast<bool>(reply.chunks);
  const bool bodiless = reply.status == 204 || reply.status == 304;
  ReplyFrame frame;
  frame.http_1_0 = incoming.http_1_0;
  frame.chunked = streamed && !incoming.http_1_0 && !bodiless;
  // HTTP/1.0 has no chunks: there the end of the connection is the end of the body.
  frame.keep_alive =
      incoming.keep_alive && !session->state->stopping && (!streamed || frame.chunked);
  if (!streamed && !bodiless) {
    frame.content_length = reply.body.size();
  }
  std::string head = reply_head(reply, frame, session->state->clock.wall_now());
  const bool silent = incoming.call.method == "HEAD" || bodiless;
  ChunkProducer chunks = silent ? ChunkProducer() : std::move(reply.chunks);
  std::string body = silent ? std::string() : std::move(reply.body);
  if (chunks) {
    const auto code =
        co_await write_chunks(session, std::move(chunks), std::move(head), frame.chunked);
    co_return !code && frame.keep_alive;
  }
  const auto code = co_await write_body(session, std::move(head), std::move(body));
  co_return !code && frame.keep_alive;
}

HttpReply refusal_reply(const StatePtr& state, const Incoming& incoming) {
  HttpReply reply = text_reply(incoming.refused, incoming.why + "\n");
  if (!incoming.allow.empty()) {
    reply.headers.emplace_back("Allow", incoming.allow);
  }
  const bool broken = incoming.refused != 404 && incoming.refused != 405;
  state->stats.bad_requests += broken ? 1 : 0;
  return reply;
}

// Serves one request. False where the connection is to be closed.
asio::awaitable<bool> serve_one(SessionPtr session, beast::flat_buffer& buffer) {
  if (session->state->stopping) {
    co_return false;
  }
  if (buffer.size() == 0) {
    buffer.shrink_to_fit();
    session->idle = true;
    session->idle_since = session->state->clock.mono_now();
    const ServerOptions& options = session->state->options;
    const Millis patience = session->fresh ? options.header_timeout : options.idle_timeout;
    auto step = wait_readable(session);
    const auto code = co_await within(session, patience, std::move(step));
    session->idle = false;
    session->fresh = false;
    if (code || session->state->stopping) {
      co_return false;
    }
  }
  Incoming incoming;
  co_await read_request(session, buffer, incoming);
  if (incoming.gone) {
    co_return false;
  }
  ++session->state->stats.requests;
  if (incoming.refused != 0) {
    HttpReply refusal = refusal_reply(session->state, incoming);
    co_return co_await write_reply(session, std::move(refusal), incoming);
  }
  auto reply = co_await run_handler(session, incoming.route, incoming.call);
  co_return co_await write_reply(session, std::move(reply), incoming);
}

}  // namespace

asio::awaitable<void> serve(SessionPtr session) {
  // What Beast cannot take apart before its end is there, as a chunk extension and the trailers,
  // waits here, and no limit of the parser counts it.
  beast::flat_buffer buffer(session->state->options.header_bytes_max + kSliceBytes);
  bool keep = true;
  while (keep) {
    const auto again = co_await serve_one(session, buffer);
    keep = again;
  }
  if (!session->closed) {
    co_await linger(session);
  }
}

}  // namespace seamwatch::agent
