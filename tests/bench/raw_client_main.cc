// The limit to compare with. `raw_client TARGETS INTERVAL_SECONDS [CA_FILE [FULL_EVERY [NAME]]]`
// asks each `http(s)://IPv4:PORT/PATH` of the file TARGETS once an interval, spread evenly, in
// batches of 20 ms, by epoll, over a new connection each time. TLS is verified, by NAME or else
// the address; every FULL_EVERY-th handshake of a target is full (default 1: all), the others
// resume. Runs until SIGTERM, then prints `DONE done, FAILED failed`. Measure it from outside.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kBatch = std::chrono::milliseconds(20);
constexpr auto kTimeout = std::chrono::seconds(5);
constexpr std::size_t kEventsMax = 256;

volatile std::sig_atomic_t stop_asked = 0;

struct Target {
  sockaddr_in address{};
  std::string host;
  std::string request;
  bool tls = false;
  SSL_SESSION* session = nullptr;
  std::uint64_t asked = 0;
};

struct Connection {
  int socket = -1;
  SSL* ssl = nullptr;
  Target* target = nullptr;
  Clock::time_point started{};
  bool sent = false;
  bool good = false;     // the answer began with 200
  bool begun = false;    // any of the answer came
  std::uint32_t id = 0;  // tells a reused slot from its past
};

// What a step of a connection came to.
enum class Step { wait, done, failed };

std::vector<Target> read_targets(const std::string& file) {
  std::vector<Target> targets;
  std::ifstream in(file);
  for (std::string url; in >> url;) {
    Target target;
    target.tls = url.starts_with("https://");
    const std::size_t host = url.find("://") + 3;
    const std::size_t colon = url.find(':', host);
    const std::size_t path = url.find('/', host);
    target.host = url.substr(host, colon - host);
    target.address.sin_family = AF_INET;
    const int port = std::atoi(url.substr(colon + 1, path - colon - 1).c_str());
    target.address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (inet_pton(AF_INET, target.host.c_str(), &target.address.sin_addr) != 1) {
      std::cerr << "raw_client: no IPv4 address in " << url << "\n";
      std::exit(2);
    }
    target.request = "GET " + url.substr(path) + " HTTP/1.1\r\nHost: " + target.host +
                     "\r\nConnection: close\r\n\r\n";
    target.asked = targets.size();  // so that full handshakes are spread over the targets
    targets.push_back(std::move(target));
  }
  return targets;
}

class Client {
 public:
  Client(std::vector<Target> targets,
         const char* ca_file,
         std::uint64_t full_every,
         const char* name)
      : targets_(std::move(targets)),
        full_every_(full_every),
        name_(name),
        epoll_(epoll_create1(0)) {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    if (ca_file != nullptr && SSL_CTX_load_verify_locations(context_, ca_file, nullptr) != 1) {
      std::cerr << "raw_client: cannot read " << ca_file << "\n";
      std::exit(2);
    }
    SSL_CTX_set_session_cache_mode(context_,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context_, [](SSL* ssl, SSL_SESSION* session) {
      Target* target = static_cast<Target*>(SSL_get_app_data(ssl));
      SSL_SESSION_free(target->session);
      target->session = session;
      return 1;
    });
  }

  void run(std::chrono::nanoseconds interval) {
    const auto spacing = interval / static_cast<std::int64_t>(targets_.size());
    Clock::time_point next_start = Clock::now();
    Clock::time_point next_batch = next_start;
    std::size_t next = 0;
    while (stop_asked == 0) {
      const auto now = Clock::now();
      if (now >= next_batch) {
        for (; next_start <= now; next_start += spacing) {
          start(targets_[next], now);
          next = (next + 1) % targets_.size();
        }
        expire(now);
        next_batch += kBatch;
        continue;
      }
      // Rounded up, so that the wait never ends just before the batch.
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(next_batch - now) +
                        std::chrono::milliseconds(1);
      serve(static_cast<int>(left.count()));
    }
    std::cout << done_ << " done, " << failed_ << " failed\n";
  }

 private:
  void start(Target& target, Clock::time_point now) {
    const std::size_t slot = take_slot();
    Connection& connection = connections_[slot];
    connection.target = &target;
    connection.started = now;
    connection.socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto* address = reinterpret_cast<const sockaddr*>(&target.address);
    if (connect(connection.socket, address, sizeof target.address) != 0 && errno != EINPROGRESS) {
      finish(slot, false);
      return;
    }
    if (target.tls) {
      prepare_tls(connection);
    }
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u64 = (static_cast<std::uint64_t>(connection.id) << 32) | slot;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
    line_.push_back({slot, connection.id, now});
  }

  void prepare_tls(Connection& connection) {
    Target& target = *connection.target;
    connection.ssl = SSL_new(context_);
    SSL_set_app_data(connection.ssl, &target);
    SSL_set_fd(connection.ssl, connection.socket);
    if (name_ != nullptr) {
      SSL_set_tlsext_host_name(connection.ssl, name_);
      SSL_set1_host(connection.ssl, name_);
    } else {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.ssl), target.host.c_str());
    }
    if (target.asked++ % full_every_ != 0 && target.session != nullptr) {
      SSL_set_session(connection.ssl, target.session);
    }
    SSL_set_connect_state(connection.ssl);
  }

  void serve(int wait_ms) {
    std::array<epoll_event, kEventsMax> events;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(kEventsMax), wait_ms);
    for (int i = 0; i < count; ++i) {
      const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
      const std::size_t slot = data & 0xffffffff;
      if (connections_[slot].id != data >> 32) {
        continue;
      }
      Connection& connection = connections_[slot];
      const Step step = connection.ssl != nullptr ? step_tls(connection) : step_plain(connection);
      if (step != Step::wait) {
        finish(slot, step == Step::done && connection.good);
      }
    }
  }

  Step step_plain(Connection& connection) {
    if (!connection.sent) {
      const std::string& request = connection.target->request;
      const ssize_t sent = send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        return errno == EAGAIN ? Step::wait : Step::failed;
      }
      connection.sent = true;
    }
    for (;;) {
      const ssize_t got = recv(connection.socket, buffer_.data(), buffer_.size(), 0);
      if (got <= 0) {
        return got == 0 ? Step::done : errno == EAGAIN ? Step::wait : Step::failed;
      }
      look(connection, static_cast<std::size_t>(got));
    }
  }

  Step step_tls(Connection& connection) {
    if (!connection.sent) {
      const std::string& request = connection.target->request;
      // Also does the handshake.
      const int sent = SSL_write(connection.ssl, request.data(), static_cast<int>(request.size()));
      if (sent <= 0) {
        return tls_step(connection, sent);
      }
      connection.sent = true;
    }
    for (;;) {
      const int got = SSL_read(connection.ssl, buffer_.data(), static_cast<int>(buffer_.size()));
      if (got <= 0) {
        return tls_step(connection, got);
      }
      look(connection, static_cast<std::size_t>(got));
    }
  }

  static Step tls_step(const Connection& connection, int result) {
    switch (SSL_get_error(connection.ssl, result)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return Step::wait;
      case SSL_ERROR_ZERO_RETURN:
        return Step::done;
      default:
        return Step::failed;
    }
  }

  void look(Connection& connection, std::size_t bytes) {
    if (!connection.begun) {
      connection.begun = true;
      connection.good = std::string_view(buffer_.data(), bytes).starts_with("HTTP/1.1 200");
    }
  }

  void expire(Clock::time_point now) {
    while (!line_.empty() && line_.front().at + kTimeout <= now) {
      const Waiting waiting = line_.front();
      line_.pop_front();
      if (connections_[waiting.slot].id == waiting.id) {
        finish(waiting.slot, false);
      }
    }
  }

  void finish(std::size_t slot, bool good) {
    Connection& connection = connections_[slot];
    if (connection.ssl != nullptr) {
      SSL_set_shutdown(connection.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
      SSL_free(connection.ssl);
    }
    close(connection.socket);
    const std::uint32_t id = connection.id + 1;
    connection = Connection();
    connection.id = id;
    free_.push_back(slot);
    (good ? done_ : failed_) += 1;
  }

  std::size_t take_slot() {
    if (free_.empty()) {
      connections_.emplace_back();
      return connections_.size() - 1;
    }
    const std::size_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  struct Waiting {
    std::size_t slot;
    std::uint32_t id;
    Clock::time_point at;
  };

  std::vector<Target> targets_;
  std::uint64_t full_every_;
  const char* name_;  // that certificates must have; nullptr: the address
  int epoll_;
  SSL_CTX* context_ = nullptr;
  std::vector<Connection> connections_;
  std::vector<std::size_t> free_;
  std::deque<Waiting> line_;  // in the order of their start
  std::array<char, 16384> buffer_{};
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: raw_client TARGETS_FILE INTERVAL_SECONDS [CA_FILE [FULL_EVERY [NAME]]]\n";
    return 2;
  }
  for (const int number : {SIGTERM, SIGINT}) {
    std::signal(number, [](int) { stop_asked = 1; });
  }
  std::signal(SIGPIPE, SIG_IGN);
  auto targets = read_targets(argv[1]);
  if (targets.empty()) {
    std::cerr << "raw_client: no targets in " << argv[1] << "\n";
    return 2;
  }
  const int full_every = argc > 4 ? std::max(1, std::atoi(argv[4])) : 1;
  Client client(std::move(targets),
                argc > 3 ? argv[3] : nullptr,
                static_cast<std::uint64_t>(full_every),
                argc > 5 ? argv[5] : nullptr);
  client.run(std::chrono::nanoseconds(static_cast<std::int64_t>(std::atof(argv[2]) * 1e9)));
  return 0;
}
