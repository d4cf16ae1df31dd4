#include "agent/io/tcp_dialer.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include "tests/unit/agent/io/loopback.h"

namespace seamwatch {
namespace {

constexpr Millis kSoon(50);

tcp::endpoint at(std::uint16_t port) {
  return tcp::endpoint(asio::ip::address_v4::loopback(), port);
}

asio::awaitable<void> say_hello(tcp::socket socket) {
  const std::string hello = "hello";
  co_await asio::async_write(socket, asio::buffer(hello), asio::use_awaitable);
}

asio::awaitable<void> say_nothing(tcp::socket socket) {
  char byte = 0;
  co_await socket.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
  co_await socket.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
}

asio::awaitable<void> reset(tcp::socket socket) {
  char byte = 0;
  co_await socket.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
  const asio::socket_base::linger rudely(true, 0);
  socket.set_option(rudely);
  socket.close();
}

asio::awaitable<void> hold(std::shared_ptr<std::vector<tcp::socket>> held, tcp::socket socket) {
  held->push_back(std::move(socket));
  co_return;
}

asio::awaitable<void> echo(tcp::socket socket) {
  std::array<char, 8192> buffer{};
  for (;;) {
    const std::size_t got =
        co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(buffer.data(), got), asio::use_awaitable);
  }
}

asio::awaitable<std::string> read_all(Connection& connection, MonoTime deadline) {
  std::string all;
  std::array<char, 4096> buffer{};
  for (;;) {
    const Transferred got = co_await connection.read_some(buffer.data(), buffer.size(), deadline);
    if (got.fault) {
      co_return all + "|" + told(got.fault);
    }
    if (got.bytes == 0) {
      co_return all;
    }
    all.append(buffer.data(), got.bytes);
  }
}

TEST_CASE("connect, read, and the peer's end") {
  Loopback loopback;
  TcpDialer dialer(loopback.io.get_executor());
  const auto port = loopback.serve(say_hello);
  const Dialed dialed = loopback.run(dialer.connect(at(port), Loopback::in(kLong)));
  REQUIRE(!dialed.fault);
  CHECK(dialed.connection->remote() == at(port));
  CHECK(loopback.run(read_all(*dialed.connection, Loopback::in(kLong))) == "hello");
}

TEST_CASE("what connect comes to") {
  Loopback loopback;
  TcpDialer dialer(loopback.io.get_executor());
  SECTION("refused") {
    const auto port = loopback.closed_port();
    const Dialed dialed = loopback.run(dialer.connect(at(port), Loopback::in(kLong)));
    CHECK(told(dialed.fault) == "errno:ECONNREFUSED in connect");
    CHECK(!dialed.connection);
  }
  SECTION("from an address of its own") {
    const auto port = loopback.serve([](tcp::socket socket) -> asio::awaitable<void> {
      const std::string from = socket.remote_endpoint().address().to_string();
      co_await asio::async_write(socket, asio::buffer(from), asio::use_awaitable);
    });
    const auto deadline = Loopback::in(kLong);
    const Dialed dialed =
        loopback.run(dialer.connect(at(port), deadline, asio::ip::make_address("127.0.0.77")));
    REQUIRE(!dialed.fault);
    CHECK(loopback.run(read_all(*dialed.connection, deadline)) == "127.0.0.77");
  }
  SECTION("from an address that is not ours, or of the other family") {
    const auto port = loopback.serve(say_hello);
    const auto from = [&](const char* address) {
      const auto deadline = Loopback::in(kLong);
      return told(
          loopback.run(dialer.connect(at(port), deadline, asio::ip::make_address(address))).fault);
    };
    CHECK(from("192.0.2.77") == "errno:EADDRNOTAVAIL in connect");
    CHECK(from("::1") == "errno:EAFNOSUPPORT in connect");
  }
  SECTION("an address of no use") {
    const tcp::endpoint nowhere(asio::ip::make_address("255.255.255.255"), 9);
    const Dialed dialed = loopback.run(dialer.connect(nowhere, Loopback::in(kLong)));
    REQUIRE(dialed.fault);
    CHECK(dialed.fault->signal.protocol == "errno");
    CHECK(dialed.fault->phase == "connect");
  }
}

TEST_CASE("reads and writes have deadlines") {
  Loopback loopback;
  TcpDialer dialer(loopback.io.get_executor());
  const auto port = loopback.serve(say_nothing);
  const MonoTime deadline = Loopback::in(kSoon);
  const Dialed dialed = loopback.run(dialer.connect(at(port), deadline));
  REQUIRE(dialed.connection);
  SECTION("a read that gets nothing") {
    CHECK(loopback.run(read_all(*dialed.connection, deadline)) == "|errno:ETIMEDOUT in transfer");
    CHECK(Loopback::in(Millis(0)) >= deadline);
    // The deadline has passed for good; a later one opens the connection again.
    CHECK(loopback.run(read_all(*dialed.connection, deadline)) == "|errno:ETIMEDOUT in transfer");
    const MonoTime later = Loopback::in(kSoon);
    CHECK(loopback.run(read_all(*dialed.connection, later)) == "|errno:ETIMEDOUT in transfer");
    CHECK(Loopback::in(Millis(0)) >= later);
  }
  SECTION("a write that nobody reads") {
    const auto held = std::make_shared<std::vector<tcp::socket>>();
    const auto deaf =
        loopback.serve([held](tcp::socket socket) { return hold(held, std::move(socket)); });
    const Dialed other = loopback.run(dialer.connect(at(deaf), Loopback::in(kLong)));
    REQUIRE(other.connection);
    const std::string much(64 << 20, 'x');
    const Transferred sent = loopback.run(other.connection->write_all(much, Loopback::in(kSoon)));
    CHECK(told(sent.fault) == "errno:ETIMEDOUT in transfer");
    CHECK(sent.bytes < much.size());
  }
}

TEST_CASE("a reset is told") {
  Loopback loopback;
  TcpDialer dialer(loopback.io.get_executor());
  const auto port = loopback.serve(reset);
  const MonoTime deadline = Loopback::in(kLong);
  const Dialed dialed = loopback.run(dialer.connect(at(port), deadline));
  REQUIRE(dialed.connection);
  loopback.run(dialed.connection->write_all("x", deadline));
  CHECK(loopback.run(read_all(*dialed.connection, deadline)) == "|errno:ECONNRESET in transfer");
}

asio::awaitable<std::size_t> echoed(Connection& connection, std::size_t size, MonoTime deadline) {
  std::size_t got = 0;
  std::string buffer(100000, '\0');
  while (got < size) {
    const Transferred part = co_await connection.read_some(buffer.data(), buffer.size(), deadline);
    if (part.fault || part.bytes == 0) {
      break;
    }
    got += part.bytes;
  }
  co_return got;
}

TEST_CASE("many dialogues on one connection") {
  Loopback loopback;
  TcpDialer dialer(loopback.io.get_executor());
  const auto port = loopback.serve(echo);
  const MonoTime deadline = Loopback::in(kLong);
  const Dialed dialed = loopback.run(dialer.connect(at(port), deadline));
  for (const std::size_t size : {1U, 2U, 100U, 10000U, 200000U}) {
    const std::string text(size, 'x');
    CHECK(!loopback.run(dialed.connection->write_all(text, deadline)).fault);
    CHECK(loopback.run(echoed(*dialed.connection, size, deadline)) == size);
  }
}

TEST_CASE("a cancelled read throws operation_aborted") {
  Loopback loopback;
  TcpDialer dialer(loopback.io.get_executor());
  const auto port = loopback.serve(say_nothing);
  const MonoTime deadline = Loopback::in(kLong);
  const Dialed dialed = loopback.run(dialer.connect(at(port), deadline));
  REQUIRE(dialed.connection);
  asio::cancellation_signal cancel;
  std::exception_ptr thrown;
  char byte = 0;
  asio::co_spawn(loopback.io,
                 dialed.connection->read_some(&byte, 1, deadline),
                 asio::bind_cancellation_slot(
                     cancel.slot(), [&](std::exception_ptr what, Transferred) { thrown = what; }));
  loopback.io.poll();
  cancel.emit(asio::cancellation_type::terminal);
  loopback.io.poll();
  REQUIRE(thrown);
  CHECK_THROWS_AS(std::rethrow_exception(thrown), boost::system::system_error);
}

TEST_CASE("an idle dialer keeps no timer that holds the loop") {
  asio::io_context io;
  TcpDialer dialer(io.get_executor());
  {
    tcp::acceptor acceptor(io, at(0));
    std::optional<Dialed> dialed;
    asio::co_spawn(io,
                   dialer.connect(acceptor.local_endpoint(), Loopback::in(Millis(60000))),
                   [&](std::exception_ptr, Dialed value) { dialed = std::move(value); });
    while (!dialed) {
      io.run_one();
    }
  }
  io.run();  // returns at once, or the test hangs
  SUCCEED();
}

}  // namespace
}  // namespace seamwatch
