#include "tests/unit/probes/queues/tiny_broker.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace seamwatch::probes {
namespace {

using boost::asio::ip::tcp;

std::string u8(unsigned value) {
  return std::string(1, static_cast<char>(value));
}

std::string u16(unsigned value) {
  return u8(value >> 8U & 0xffU) + u8(value & 0xffU);
}

std::string u32(std::uint32_t value) {
  return u16(value >> 16U) + u16(value & 0xffffU);
}

std::string short_text(const std::string& text) {
  return u8(static_cast<unsigned>(text.size())) + text;
}

std::string long_text(const std::string& text) {
  return u32(static_cast<std::uint32_t>(text.size())) + text;
}

std::string method(unsigned channel,
                   unsigned class_id,
                   unsigned method_id,
                   const std::string& rest) {
  const std::string payload = u16(class_id) + u16(method_id) + rest;
  return u8(1) + u16(channel) + long_text(payload) + u8(0xce);
}

unsigned byte_at(const std::string& text, std::size_t at) {
  return static_cast<unsigned char>(text.at(at));
}

unsigned u16_at(const std::string& text, std::size_t at) {
  return byte_at(text, at) << 8U | byte_at(text, at + 1);
}

std::string read_bytes(tcp::socket& socket, std::size_t size) {
  std::string out(size, '\0');
  boost::asio::read(socket, boost::asio::buffer(out));
  return out;
}

void send(tcp::socket& socket, const std::string& bytes) {
  boost::asio::write(socket, boost::asio::buffer(bytes));
}

// The answer to a queue.declare on `channel`.
std::string declare_answer(TinyBroker& broker, unsigned channel, const std::string& payload) {
  const std::size_t size = byte_at(payload, 6);
  const std::string queue = payload.substr(7, size);
  ++broker.declares;
  if ((byte_at(payload, 7 + size) & 1U) == 0) {
    ++broker.active_declares;
  }
  const auto known = broker.queues.find(queue);
  if (known == broker.queues.end()) {
    return method(
        channel, 20, 40, u16(404) + short_text("NOT_FOUND - no queue") + u16(50) + u16(10));
  }
  return method(
      channel, 50, 11, short_text(queue) + u32(known->second.first) + u32(known->second.second));
}

}  // namespace

TinyBroker::TinyBroker(Manner how)
    : manner(how), acceptor_(io_, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)) {
  port = acceptor_.local_endpoint().port();
  thread_ = std::thread([this] { run(); });
}

TinyBroker::~TinyBroker() {
  stopping_ = true;
  // A last connection wakes the thread from accept().
  boost::system::error_code ignored;
  tcp::socket last(io_);
  last.connect(tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), port), ignored);
  thread_.join();
}

void TinyBroker::run() {
  while (true) {
    tcp::socket socket(io_);
    boost::system::error_code failure;
    acceptor_.accept(socket, failure);
    if (failure || stopping_) {
      return;
    }
    ++connections;
    try {
      converse(socket);
    } catch (const std::exception&) {
      // The client went away: the next one, please.
    }
  }
}

void TinyBroker::converse(tcp::socket& socket) {
  read_bytes(socket, 8);  // the protocol header
  if (manner == Manner::close_at_once) {
    return;
  }
  if (manner == Manner::hang) {
    read_bytes(socket, 1);  // ends when the client gives up
    return;
  }
  if (manner == Manner::garbage || manner == Manner::http) {
    send(socket,
         manner == Manner::http
             ? "HTTP/1.1 400 Bad Request\r\n\r\n"
             : std::string("\x01\x00\x00\x00\x00\x00\x04\xff\xff\xff\xff\xce", 12));
    read_bytes(socket, 1);
    return;
  }
  send(socket, method(0, 10, 10, u8(0) + u8(9) + u32(0) + long_text("PLAIN") + long_text("en_US")));
  while (true) {
    const std::string head = read_bytes(socket, 7);
    const unsigned channel = u16_at(head, 1);
    const std::string payload = read_bytes(socket, u16_at(head, 3) * 65536U + u16_at(head, 5));
    read_bytes(socket, 1);
    const unsigned id = u16_at(payload, 0) * 1000 + u16_at(payload, 2);
    if (id == 10011) {
      send(socket, method(0, 10, 30, u16(2047) + u32(131072) + u16(0)));
    } else if (id == 10040) {
      send(socket, method(0, 10, 41, u8(0)));
    } else if (id == 20010) {
      send(socket, method(channel, 20, 11, u32(0)));
    } else if (id == 50010) {
      send(socket, declare_answer(*this, channel, payload));
      if (--close_after_declares == 0) {
        send(socket,
             method(0, 10, 50, u16(320) + short_text("CONNECTION_FORCED") + u16(0) + u16(0)));
        return;
      }
    } else if (id == 10050) {
      send(socket, method(0, 10, 51, ""));
      return;
    }
  }
}

}  // namespace seamwatch::probes
