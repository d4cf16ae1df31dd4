// TinyBroker: a loopback AMQP 0-9-1 server on a free port and its own thread, with as much of the
// protocol as a passive declare needs, and ways to misbehave. For tests of the rabbitmq probe.
// Source: AMQP 0-9-1 sections 2.2.4 and 4.2.3 (frames, methods).
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace seamwatch::probes {

struct TinyBroker {
  enum class Manner { serve, hang, garbage, close_at_once, http };

  explicit TinyBroker(Manner how);
  ~TinyBroker();

  std::string target() const { return "amqp://127.0.0.1:" + std::to_string(port); }

  Manner manner;
  std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> queues;  // ready, consumers
  std::atomic<int> connections = 0;
  std::atomic<int> declares = 0;
  std::atomic<int> active_declares = 0;          // that were not passive
  std::atomic<int> close_after_declares = 1000;  // forces connections closed after so many
  unsigned short port = 0;

 private:
  void run();
  void converse(boost::asio::ip::tcp::socket& socket);

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace seamwatch::probes
