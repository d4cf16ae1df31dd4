#include "agent/demo/listener.h"

#include <memory>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace seamwatch::agent::demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

asio::awaitable<void> serve_one(Serve serve, tcp::socket socket) {
  try {
    co_await serve(std::move(socket));
  } catch (const boost::system::system_error&) {
    // The peer went away or the demo ends: nothing to do for a simulated system.
  }
}

asio::awaitable<void> accept_all(TaskGroup& tasks,
                                 std::shared_ptr<tcp::acceptor> acceptor,
                                 std::string name,
                                 Serve serve) {
  for (;;) {
    auto socket = co_await acceptor->async_accept(asio::use_awaitable);
    tasks.spawn(name + " connection", serve_one(serve, std::move(socket)));
  }
}

}  // namespace

std::uint16_t listen_on_loopback(TaskGroup& tasks,
                                 asio::any_io_executor executor,
                                 std::string name,
                                 Serve serve) {
  const tcp::endpoint any_port(asio::ip::address_v4::loopback(), 0);
  auto acceptor = std::make_shared<tcp::acceptor>(executor, any_port);
  const std::uint16_t port = acceptor->local_endpoint().port();
  tasks.spawn(name, accept_all(tasks, std::move(acceptor), name, std::move(serve)));
  return port;
}

}  // namespace seamwatch::agent::demo
