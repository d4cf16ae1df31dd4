// A webhook receiver that costs little: `webhook_sink COUNT` answers every POST with 200 and looks
// in the bodies for alerts by their label `number`, 0 to COUNT - 1. Prints `port N` when it
// listens, and `all SECONDS POSTS BYTES` when it has seen the last of them: Unix time, and what it
// got until then. Runs until it is killed.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::string_view kMark = R"("number":")";
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

class Seen {
 public:
  explicit Seen(std::size_t count) : seen_(count, false), missing_(count) {}

  void take(std::string_view body) {
    std::vector<std::size_t> numbers;
    for (auto at = body.find(kMark); at != std::string_view::npos; at = body.find(kMark, at)) {
      at += kMark.size();
      numbers.push_back(std::strtoull(body.data() + at, nullptr, 10));
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    ++posts_;
    bytes_ += body.size();
    for (const std::size_t number : numbers) {
      if (number < seen_.size() && !seen_[number]) {
        seen_[number] = true;
        if (--missing_ == 0) {
          report();
        }
      }
    }
  }

 private:
  void report() const {
    const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
    std::cout << "all " << std::fixed << now.count() << " " << posts_ << " " << bytes_ << std::endl;
  }

  std::mutex mutex_;
  std::vector<bool> seen_;
  std::size_t missing_;
  std::size_t posts_ = 0;
  std::uint64_t bytes_ = 0;
};

// Reads more to the end of `text`; false at the end of the connection.
bool read_more(int socket, std::string& text) {
  char buffer[64 << 10];
  const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
  if (got > 0) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return got > 0;
}

std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  for (std::size_t at = 0; at + kName.size() < head.size(); ++at) {
    if (strncasecmp(head.data() + at, kName.data(), kName.size()) == 0) {
      return std::strtoull(head.data() + at + kName.size(), nullptr, 10);
    }
  }
  return 0;
}

void serve(int socket, Seen* seen) {
  std::string text;
  for (;;) {
    std::size_t head = text.find("\r\n\r\n");
    while (head == std::string::npos && read_more(socket, text)) {
      head = text.find("\r\n\r\n");
    }
    if (head == std::string::npos) {
      break;
    }
    const std::size_t begin = head + 4;
    const std::size_t end = begin + content_length(std::string_view(text).substr(0, begin));
    while (text.size() < end && read_more(socket, text)) {
    }
    if (text.size() < end || ::send(socket, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) {
      break;
    }
    seen->take(std::string_view(text).substr(begin, end - begin));
    text.erase(0, end);
  }
  ::close(socket);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: webhook_sink COUNT\n";
    return 2;
  }
  Seen seen(std::strtoull(argv[1], nullptr, 10));
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 1024) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    std::cerr << "webhook_sink: cannot listen\n";
    return 1;
  }
  std::cout << "port " << ntohs(address.sin_port) << std::endl;
  for (;;) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0) {
      std::thread(serve, socket, &seen).detach();
    }
  }
}
