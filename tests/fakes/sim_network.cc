#include "tests/fakes/sim_network.h"

#include <algorithm>
#include <cstring>

namespace seamwatch::fakes {
namespace {

namespace asio = boost::asio;

Fault errno_fault(const char* code, std::string phase) {
  return Fault{Signal{"errno", code, "", ""}, std::move(phase), "simulated"};
}

std::string host_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
  return url.substr(start, url.find_first_of(":/?", start) - start);
}

}  // namespace

// Answers every complete request with what its host says at that time.
class SimNetwork::SimConnection final : public Connection {
 public:
  SimConnection(SimNetwork& network, std::string name, asio::ip::tcp::endpoint remote)
      : network_(network), name_(std::move(name)), remote_(remote) {}

  asio::awaitable<Transferred> write_all(std::string_view bytes, MonoTime) override {
    request_ += bytes;
    Transferred done;
    done.bytes = bytes.size();
    co_return done;
  }

  asio::awaitable<Transferred> read_some(char* data, std::size_t size, MonoTime deadline) override {
    Transferred done;
    if (!answered_ && request_.find("\r\n\r\n") != std::string::npos) {
      answered_ = true;
      ++network_.requests_[name_];
      auto fault = co_await network_.reach(name_, "transfer", deadline);
      if (fault) {
        done.fault = std::move(fault);
        co_return done;
      }
      answer_ = text_of(network_.hosts_[name_]);
    }
    done.bytes = std::min(size, answer_.size());
    std::memcpy(data, answer_.data(), done.bytes);
    answer_.erase(0, done.bytes);
    co_return done;
  }

  asio::awaitable<TlsHandshake> start_tls(TlsOptions, MonoTime) override {
    TlsHandshake shown;
    shown.version = "TLS 1.3";
    shown.cipher = "TLS_AES_256_GCM_SHA384";
    const WallTime now = network_.clock_.wall_now();
    shown.earliest_expiry = now + std::chrono::hours(24 * 60);
    shown.last_chain_expiry = shown.earliest_expiry;
    if (network_.hosts_[name_].fault == "expired_certificate") {
      shown.earliest_expiry = now - std::chrono::hours(1);
      shown.fault = Fault{Signal{"x509", "X509_V_ERR_CERT_HAS_EXPIRED(10)", "", ""},
                          "tls",
                          "certificate has expired"};
    }
    co_return shown;
  }

  asio::ip::tcp::endpoint remote() const override { return remote_; }

 private:
  static std::string text_of(const SimHost& host) {
    std::string text = "HTTP/1.1 " + std::to_string(host.status) + " Simulated\r\n";
    for (const auto& [name, value] : host.headers) {
      text += name + ": " + value + "\r\n";
    }
    return text + "Content-Length: " + std::to_string(host.body.size()) +
           "\r\nConnection: close\r\n\r\n" + host.body;
  }

  SimNetwork& network_;
  std::string name_;
  asio::ip::tcp::endpoint remote_;
  std::string request_;
  std::string answer_;
  bool answered_ = false;
};

int SimNetwork::requests(const std::string& name) const {
  const auto found = requests_.find(name);
  return found == requests_.end() ? 0 : found->second;
}

asio::awaitable<std::optional<Fault>> SimNetwork::reach(std::string name,
                                                        std::string phase,
                                                        MonoTime deadline) {
  std::optional<Fault> none;
  if (!own_network_ || killed_ || hosts_[name].fault == "unreachable") {
    co_return errno_fault("ENETUNREACH", phase);
  }
  const int life = life_;
  const SimHost host = hosts_[name];
  const MonoTime answer = clock_.mono_now() + host.latency;
  if (host.fault == "hang" || answer > deadline) {
    co_await clock_.sleep_until(deadline);
    co_return errno_fault("ETIMEDOUT", phase);
  }
  co_await clock_.sleep_until(answer);
  if (life != life_) {
    co_return errno_fault("ENETUNREACH", phase);
  }
  if (host.fault == "refuse" && phase != "transfer") {
    co_return errno_fault("ECONNREFUSED", phase);
  }
  if (host.fault == "reset" && phase != "connect") {
    co_return errno_fault("ECONNRESET", phase);
  }
  co_return none;
}

// Of what was taken: the fault where the answer does not come.
asio::awaitable<std::optional<Fault>> SimNetwork::take_answer(std::string name, MonoTime deadline) {
  std::optional<Fault> none;
  const SimHost host = hosts_[name];
  const MonoTime answer = clock_.mono_now() + host.answers_after;
  if (host.fault == "lost_answer" || answer > deadline) {
    co_await clock_.sleep_until(deadline);
    co_return errno_fault("ETIMEDOUT", "transfer");
  }
  if (host.answers_after > Millis(0)) {
    co_await clock_.sleep_until(answer);
  }
  co_return none;
}

asio::awaitable<Resolution> SimNetwork::resolve(std::string host, IpPreference, MonoTime) {
  Resolution resolution;
  if (hosts_[host].fault == "nxdomain") {
    resolution.fault = Fault{Signal{"dns", "NXDOMAIN(3)", "", ""}, "resolve", "no such name"};
    co_return resolution;
  }
  auto found = addresses_.find(host);
  if (found == addresses_.end()) {
    const auto number = static_cast<std::uint32_t>(addresses_.size() + 1);
    const asio::ip::address address = asio::ip::address_v4(0x0a000000U + number);
    names_[address] = host;
    found = addresses_.emplace(host, address).first;
  }
  resolution.addresses.push_back(found->second);
  co_return resolution;
}

asio::awaitable<Dialed> SimNetwork::connect(asio::ip::tcp::endpoint to,
                                            MonoTime deadline,
                                            std::optional<asio::ip::address> /*from*/) {
  const std::string name = names_[to.address()];
  Dialed dialed;
  auto fault = co_await reach(name, "connect", deadline);
  if (fault) {
    dialed.fault = std::move(fault);
  } else {
    dialed.connection = std::make_unique<SimConnection>(*this, name, to);
  }
  co_return dialed;
}

asio::awaitable<HttpResponse> SimNetwork::send(HttpRequest request, MonoTime deadline) {
  const std::string name = host_of(request.url.reveal());
  const int life = life_;
  HttpResponse response;
  auto fault = co_await reach(name, "connect", deadline);
  SentWebhook sent{clock_.wall_now(), request.url.reveal(), request.body, request.headers, 0};
  if (fault) {
    response.fault = std::move(fault);
  } else {
    response.status = hosts_[name].status;
    for (const auto& [key, value] : hosts_[name].headers) {
      std::string lower = key;
      std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
      });
      response.headers.emplace_back(lower, value);
    }
    sent.status = response.status;
  }
  if (killed_) {
    co_return response;
  }
  const std::size_t place = webhooks_.size();
  webhooks_.push_back(std::move(sent));
  if (!response.fault) {
    auto lost = co_await take_answer(name, deadline);
    if (lost) {
      response = HttpResponse{};
      response.fault = std::move(lost);
    } else if (!killed_ && life == life_) {
      webhooks_[place].heard_at = clock_.wall_now();
    }
  }
  co_return response;
}

asio::awaitable<std::optional<Fault>> SimNetwork::send(Mail mail, MonoTime deadline) {
  const std::string name = host_of(mail.smarthost);
  auto fault = co_await reach(name, "connect", deadline);
  const int status = hosts_[name].status;
  if (!fault && status >= 400) {
    fault = Fault{Signal{"smtp", std::to_string(status), "", ""}, "transfer", "simulated reply"};
  }
  if (killed_) {
    co_return fault;
  }
  mails_.push_back(SentMail{clock_.wall_now(), mail.to, mail.message, !fault.has_value()});
  if (!fault) {
    auto lost = co_await take_answer(name, deadline);
    fault = std::move(lost);
  }
  co_return fault;
}

}  // namespace seamwatch::fakes
