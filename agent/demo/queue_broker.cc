#include "agent/demo/queue_broker.h"

#include <string_view>
#include <vector>

#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace seamwatch::agent::demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::uint32_t kFrameBytesMax = 131072;
constexpr char kFrameEnd = static_cast<char>(0xce);
constexpr std::uint8_t kMethodFrame = 1;
constexpr std::uint8_t kHeartbeatFrame = 8;

// Class and method of the methods in use, as (class << 16) + method.
constexpr std::uint32_t kConnectionStart = 0x000a000a;
constexpr std::uint32_t kConnectionStartOk = 0x000a000b;
constexpr std::uint32_t kConnectionTune = 0x000a001e;
constexpr std::uint32_t kConnectionOpen = 0x000a0028;
constexpr std::uint32_t kConnectionOpenOk = 0x000a0029;
constexpr std::uint32_t kConnectionClose = 0x000a0032;
constexpr std::uint32_t kConnectionCloseOk = 0x000a0033;
constexpr std::uint32_t kChannelOpen = 0x0014000a;
constexpr std::uint32_t kChannelOpenOk = 0x0014000b;
constexpr std::uint32_t kChannelClose = 0x00140028;
constexpr std::uint32_t kChannelCloseOk = 0x00140029;
constexpr std::uint32_t kQueueDeclare = 0x0032000a;
constexpr std::uint32_t kQueueDeclareOk = 0x0032000b;

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) {
    out += static_cast<char>(value >> (8U * static_cast<unsigned>(i)) & 0xffU);
  }
}

void put_short_text(std::string& out, std::string_view text) {
  put(out, text.size(), 1);
  out += text;
}

void put_long_text(std::string& out, std::string_view text) {
  put(out, text.size(), 4);
  out += text;
}

std::uint64_t take(std::string_view bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count && at + static_cast<std::size_t>(i) < bytes.size(); ++i) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  }
  return value;
}

struct Frame {
  std::uint8_t type = 0;
  std::uint16_t channel = 0;
  std::string payload;
};

std::string text_of(std::uint16_t channel, std::uint32_t method, std::string_view arguments) {
  std::string payload;
  put(payload, method, 4);
  payload += arguments;
  std::string out;
  put(out, kMethodFrame, 1);
  put(out, channel, 2);
  put(out, payload.size(), 4);
  return out + payload + kFrameEnd;
}

asio::awaitable<Frame> read_frame(tcp::socket& socket) {
  std::string head(7, '\0');
  auto head_buffer = asio::buffer(head);
  co_await asio::async_read(socket, head_buffer, asio::use_awaitable);
  Frame frame;
  frame.type = static_cast<std::uint8_t>(take(head, 0, 1));
  frame.channel = static_cast<std::uint16_t>(take(head, 1, 2));
  const std::uint64_t size = take(head, 3, 4);
  if (size > kFrameBytesMax) {
    throw boost::system::system_error(asio::error::message_size);
  }
  frame.payload.resize(size + 1);  // with the end mark
  auto body_buffer = asio::buffer(frame.payload);
  co_await asio::async_read(socket, body_buffer, asio::use_awaitable);
  frame.payload.pop_back();
  co_return frame;
}

std::string start_text() {
  std::string arguments;
  put(arguments, 0, 1);  // version 0-9
  put(arguments, 9, 1);
  put(arguments, 0, 4);  // no server properties
  put_long_text(arguments, "PLAIN");
  put_long_text(arguments, "en_US");
  return text_of(0, kConnectionStart, arguments);
}

std::string tune_text() {
  std::string arguments;
  put(arguments, 100, 2);  // channels
  put(arguments, kFrameBytesMax, 4);
  put(arguments, 0, 2);  // no heartbeats
  return text_of(0, kConnectionTune, arguments);
}

std::string declare_text(const Frame& frame, const DemoQueues& queues) {
  const auto length = static_cast<std::size_t>(take(frame.payload, 6, 1));
  const std::string name =
      frame.payload.substr(std::min<std::size_t>(7, frame.payload.size()), length);
  std::string arguments;
  const auto found = queues.find(name);
  if (found == queues.end()) {
    put(arguments, 404, 2);
    put_short_text(arguments, "NOT_FOUND - no queue '" + name + "' in vhost '/'");
    put(arguments, kQueueDeclare, 4);
    return text_of(frame.channel, kChannelClose, arguments);
  }
  put_short_text(arguments, name);
  put(arguments, found->second.messages, 4);
  put(arguments, found->second.consumers, 4);
  return text_of(frame.channel, kQueueDeclareOk, arguments);
}

// The answer to one method; empty where none is due.
std::string answer(const Frame& frame, const DemoQueues& queues) {
  switch (static_cast<std::uint32_t>(take(frame.payload, 0, 4))) {
    case kConnectionStartOk:
      return tune_text();
    case kConnectionOpen:
      return text_of(0, kConnectionOpenOk, std::string(1, '\0'));
    case kConnectionClose:
      return text_of(0, kConnectionCloseOk, "");
    case kChannelOpen:
      return text_of(frame.channel, kChannelOpenOk, std::string(4, '\0'));
    case kChannelClose:
      return text_of(frame.channel, kChannelCloseOk, "");
    case kQueueDeclare:
      return declare_text(frame, queues);
    default:
      return "";
  }
}

}  // namespace

asio::awaitable<void> serve_amqp(tcp::socket socket, const DemoQueues* queues) {
  std::string greeting(8, '\0');
  auto greeting_buffer = asio::buffer(greeting);
  co_await asio::async_read(socket, greeting_buffer, asio::use_awaitable);
  std::string out = start_text();
  for (;;) {
    auto out_buffer = asio::buffer(out);
    co_await asio::async_write(socket, out_buffer, asio::use_awaitable);
    auto frame = co_await read_frame(socket);
    if (frame.type == kHeartbeatFrame) {
      out.clear();
      continue;
    }
    out = answer(frame, *queues);
  }
}

}  // namespace seamwatch::agent::demo
