// A real HttpServer on a loopback port, its loop on a thread of its own, and a client of raw
// sockets, so that tests can send what no decent client would.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include "agent/io/system_clock.h"
#include "agent/web/server.h"

namespace seamwatch::agent {

class ServerWorld {
 public:
  explicit ServerWorld(ServerOptions options = {})
      : guard_(io_.get_executor()),
        clock_(io_.get_executor()),
        server_(
            io_.get_executor(),
            clock_,
            options,
            [this](std::string, auto task) {
              boost::asio::co_spawn(io_, std::move(task), [](std::exception_ptr) {});
            },
            [this](const std::string& path, const std::string& what) {
              failures_ += path + ": " + what + "\n";
            }) {}

  ~ServerWorld() {
    if (thread_.joinable()) {
      stop(Millis(2000));
      guard_.reset();
      thread_.join();
    }
  }

  HttpServer& server() { return server_; }

  SystemClock& clock() { return clock_; }

  // Starts the loop. Routes are set before.
  void start() {
    const auto endpoint = server_.listen("127.0.0.1:0");
    REQUIRE(endpoint.has_value());
    endpoint_ = *endpoint;
    thread_ = std::thread([this] { io_.run(); });
  }

  // Runs server.stop() on the loop and waits until it has returned.
  void stop(Millis grace) {
    std::promise<void> done;
    boost::asio::co_spawn(io_, server_.stop(clock_.mono_now() + grace), [&](std::exception_ptr) {
      done.set_value();
    });
    done.get_future().wait();
  }

  // Runs `work` on the loop thread, where the server's state lives.
  void on_loop(const std::function<void()>& work) {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    boost::asio::post(io_, [&] {
      work();
      const std::lock_guard<std::mutex> lock(mutex);
      done = true;
      changed.notify_one();
    });
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return done; });
  }

  ServerStats stats() {
    ServerStats stats;
    on_loop([&] { stats = server_.stats(); });
    return stats;
  }

  // What handlers threw, a line each.
  std::string failures() {
    std::string out;
    on_loop([&] { out = failures_; });
    return out;
  }

  boost::asio::ip::tcp::endpoint endpoint() const { return endpoint_; }

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  SystemClock clock_;
  std::string failures_;
  HttpServer server_;
  boost::asio::ip::tcp::endpoint endpoint_;
  std::thread thread_;
};

class RawClient {
 public:
  explicit RawClient(const ServerWorld& world) : socket_(io_) { socket_.connect(world.endpoint()); }

  void send(const std::string& text) { boost::asio::write(socket_, boost::asio::buffer(text)); }

  // Sends what the peer may refuse to take.
  void try_send(const std::string& text) {
    boost::system::error_code ignored;
    boost::asio::write(socket_, boost::asio::buffer(text), ignored);
  }

  void end_sending() { socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }

  // Everything until the server closes.
  std::string read_all() {
    boost::system::error_code ended;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(buffer_), ended);
    return std::exchange(buffer_, "");
  }

  // One reply with Content-Length; of a reply to HEAD only the head.
  std::string read_reply(bool head_only = false) {
    const std::size_t head = need("\r\n\r\n");
    std::size_t size = head;
    const std::size_t at = buffer_.find("Content-Length: ");
    if (!head_only && at != std::string::npos && at < head) {
      size += std::stoul(buffer_.substr(at + 16));
    }
    while (buffer_.size() < size && more()) {
    }
    const std::string reply = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return reply;
  }

 private:
  bool more() {
    char part[4096];
    boost::system::error_code ended;
    const std::size_t size = socket_.read_some(boost::asio::buffer(part), ended);
    buffer_.append(part, size);
    return !ended;
  }

  // Reads until `mark` and returns the place behind it.
  std::size_t need(const std::string& mark) {
    while (buffer_.find(mark) == std::string::npos && more()) {
    }
    const std::size_t at = buffer_.find(mark);
    return at == std::string::npos ? buffer_.size() : at + mark.size();
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  std::string buffer_;
};

inline std::string status_of(const std::string& reply) {
  return reply.substr(0, 12);
}

inline std::string body_of(const std::string& reply) {
  const std::size_t at = reply.find("\r\n\r\n");
  return at == std::string::npos ? "" : reply.substr(at + 4);
}

}  // namespace seamwatch::agent
