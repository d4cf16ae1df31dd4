#include "agent/demo/mail_catcher.h"

#include <algorithm>

#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace seamwatch::agent::demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t kMessageBytesMax = 1 << 20;

// The next text up to `end`, without it; `buffer` keeps what came behind.
asio::awaitable<std::string> read_to(tcp::socket& socket, std::string& buffer, std::string end) {
  auto dynamic = asio::dynamic_buffer(buffer, kMessageBytesMax);
  auto length = co_await asio::async_read_until(socket, dynamic, end, asio::use_awaitable);
  std::string text = buffer.substr(0, length - end.size());
  buffer.erase(0, length);
  co_return text;
}

asio::awaitable<void> reply(tcp::socket& socket, std::string line) {
  line += "\r\n";
  auto buffer = asio::buffer(line);
  co_await asio::async_write(socket, buffer, asio::use_awaitable);
}

}  // namespace

asio::awaitable<void> serve_smtp(tcp::socket socket, OnMail on_mail) {
  std::string buffer;
  co_await reply(socket, "220 demo.test catches mail");
  for (;;) {
    auto line = co_await read_to(socket, buffer, "\r\n");
    std::string verb = line.substr(0, 4);
    std::transform(verb.begin(), verb.end(), verb.begin(), [](unsigned char c) {
      return static_cast<char>(std::toupper(c));
    });
    if (verb == "QUIT") {
      co_await reply(socket, "221 bye");
      co_return;
    }
    if (verb == "DATA") {
      co_await reply(socket, "354 go on");
      auto message = co_await read_to(socket, buffer, "\r\n.\r\n");
      on_mail(message);
    }
    co_await reply(socket, "250 ok");
  }
}

}  // namespace seamwatch::agent::demo
