// Loopback: an event loop with small servers on free ports of 127.0.0.1, for tests of real ports.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "agent/core/fault.h"
#include "agent/core/times.h"

namespace seamwatch {

namespace asio = boost::asio;
using asio::ip::tcp;

// What a server does with one connection. Exceptions end it.
using Serve = std::function<asio::awaitable<void>(tcp::socket)>;

// A deadline that no test meets, on the slowest machine.
inline constexpr Millis kLong(10000);

class Loopback {
 public:
  ~Loopback() {
    for (const auto& acceptor : acceptors_) {
      acceptor->close();
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (io.run_one_for(std::chrono::milliseconds(20)) > 0 &&
           std::chrono::steady_clock::now() < until) {
    }
  }

  // The port of a server that serves every connection with `serve`.
  std::uint16_t serve(Serve serve) {
    acceptors_.push_back(
        std::make_shared<tcp::acceptor>(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)));
    const auto acceptor = acceptors_.back();
    asio::co_spawn(io, accept(acceptor, std::move(serve)), [](std::exception_ptr) {});
    return acceptor->local_endpoint().port();
  }

  // A port that nothing listens on.
  std::uint16_t closed_port() {
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    return acceptor.local_endpoint().port();
  }

  // Runs `task` to its end and returns what it returns.
  template <class T>
  T run(asio::awaitable<T> task) {
    std::exception_ptr failure;
    bool ended = false;
    if constexpr (std::is_void_v<T>) {
      asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown) {
        failure = thrown;
        ended = true;
      });
      turn(ended, failure);
    } else {
      std::optional<T> result;
      asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown, T value) {
        failure = thrown;
        ended = true;
        result = std::move(value);
      });
      turn(ended, failure);
      return std::move(*result);
    }
  }

  static MonoTime in(Millis span) {
    return MonoTime(std::chrono::steady_clock::now().time_since_epoch()) + span;
  }

  asio::io_context io{1};

 private:
  static asio::awaitable<void> accept(std::shared_ptr<tcp::acceptor> acceptor, Serve serve) {
    for (;;) {
      tcp::socket socket = co_await acceptor->async_accept(asio::use_awaitable);
      asio::co_spawn(acceptor->get_executor(), serve(std::move(socket)), [](std::exception_ptr) {});
    }
  }

  void turn(const bool& ended, const std::exception_ptr& failure) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!ended && std::chrono::steady_clock::now() < until) {
      io.run_one_for(std::chrono::milliseconds(100));
      io.restart();
    }
    REQUIRE(ended);
    if (failure) {
      std::rethrow_exception(failure);
    }
  }

  std::vector<std::shared_ptr<tcp::acceptor>> acceptors_;
};

// "protocol:code in phase", or "".
inline std::string told(const std::optional<Fault>& fault) {
  return fault ? fault->signal.protocol + ":" + fault->signal.code + " in " + fault->phase : "";
}

}  // namespace seamwatch
