#include "tests/bench/remote_write.h"

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace seamwatch::bench {
namespace {

constexpr std::size_t kBodyBytes = 2 << 20;

[[noreturn]] void fail(const std::string& what) {
  std::cerr << "rules_bench: " << what << "\n";
  std::exit(1);
}

void put_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) {
    out += static_cast<char>((number & 0x7fU) | 0x80U);
  }
  out += static_cast<char>(number);
}

// A field of a message that holds bytes.
void put_bytes(std::string& out, unsigned field, std::string_view bytes) {
  put_varint(out, field << 3U | 2U);
  put_varint(out, bytes.size());
  out += bytes;
}

// Snappy's block format with nothing compressed: a length, then literals.
std::string framed(std::string_view plain) {
  constexpr std::size_t kLiteralMax = 65'536;
  std::string out;
  out.reserve(plain.size() + 3 * (plain.size() / kLiteralMax + 1) + 8);
  put_varint(out, plain.size());
  while (!plain.empty()) {
    const std::string_view part = plain.substr(0, kLiteralMax);
    out += static_cast<char>(61U << 2U);
    out += static_cast<char>((part.size() - 1) & 0xffU);
    out += static_cast<char>((part.size() - 1) >> 8U);
    out += part;
    plain.remove_prefix(part.size());
  }
  return out;
}

int connect_to(std::uint16_t port) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("cannot connect to Prometheus: " + std::string(std::strerror(errno)));
  }
  return made;
}

void send_all(int socket_fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      fail("cannot send to Prometheus: " + std::string(std::strerror(errno)));
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

RemoteWriter::RemoteWriter(std::uint16_t port) : port_(port), socket_(connect_to(port)) {}

RemoteWriter::~RemoteWriter() {
  close(socket_);
}

void RemoteWriter::add(const Labels& labels,
                       const std::vector<std::pair<std::int64_t, double>>& samples) {
  std::string series;
  for (const auto& [name, value] : labels) {
    std::string label;
    put_bytes(label, 1, name);
    put_bytes(label, 2, value);
    put_bytes(series, 1, label);
  }
  for (const auto& [at_millis, value] : samples) {
    std::string sample;
    char bits[sizeof value];
    std::memcpy(bits, &value, sizeof value);
    put_varint(sample, 1U << 3U | 1U);
    sample.append(bits, sizeof bits);
    put_varint(sample, 2U << 3U);
    put_varint(sample, static_cast<std::uint64_t>(at_millis));
    put_bytes(series, 2, sample);
  }
  put_bytes(body_, 1, series);
  if (body_.size() >= kBodyBytes) {
    flush();
  }
}

void RemoteWriter::flush() {
  if (body_.empty()) {
    return;
  }
  const std::string content = framed(body_);
  body_.clear();
  send_all(socket_,
           "POST /api/v1/write HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
               "\r\nContent-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\n"
               "X-Prometheus-Remote-Write-Version: 0.1.0\r\nContent-Length: " +
               std::to_string(content.size()) + "\r\n\r\n" + content);
  // The answer is 204 without a body, or an error that ends the program.
  std::string answer;
  char part[4096];
  while (answer.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = recv(socket_, part, sizeof part, 0);
    if (got <= 0) {
      fail("Prometheus closed the connection: " + answer);
    }
    answer.append(part, static_cast<std::size_t>(got));
  }
  if (!answer.starts_with("HTTP/1.1 2")) {
    fail("Prometheus refused samples: " + answer);
  }
}

}  // namespace seamwatch::bench
