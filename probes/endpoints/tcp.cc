#include "probes/endpoints/tcp.h"

#include <array>

#include <re2/re2.h>

#include "agent/core/assert.h"
#include "agent/core/utf8.h"
#include "probes/endpoints/captures.h"
#include "probes/endpoints/endpoint_facts.h"
#include "probes/endpoints/line_input.h"
#include "probes/endpoints/tcp_options.h"
#include "probes/endpoints/url.h"

namespace seamwatch::probes {
namespace {

namespace asio = boost::asio;

// One run: the connection, what came in and what is to be told of it.
class TcpExchange {
 public:
  TcpExchange(const Ports& ports,
              const TcpModule& module,
              const HostPort& target,
              MonoTime deadline)
      : ports_(ports), module_(module), target_(target), deadline_(deadline) {}

  asio::awaitable<std::optional<Fault>> run();

  void add_facts(std::vector<Fact>& facts) const;

  std::vector<std::string> steps;

 private:
  asio::awaitable<std::optional<Fault>> open();
  asio::awaitable<std::optional<Fault>> secure();
  asio::awaitable<std::optional<Fault>> play(const DialogueStep& step);
  asio::awaitable<std::optional<Fault>> expect_line(const DialogueStep& step, std::string& send);
  asio::awaitable<std::optional<Fault>> expect_bytes(const DialogueStep& step);
  asio::awaitable<std::optional<Fault>> receive();
  Nanos lap();

  const Ports& ports_;
  const TcpModule& module_;
  const HostPort& target_;
  MonoTime deadline_;
  MonoTime lap_start_{};
  Nanos lookup_{};
  std::optional<asio::ip::address> address_;
  std::unique_ptr<Connection> connection_;
  LineInput input_;
  std::optional<TlsHandshake> tls_;
  bool connected_ = false;  // with TLS, where it comes first
  bool failed_by_regexp_ = false;
  bool failed_by_bytes_ = false;
  std::vector<Labels> matched_;
};

Nanos TcpExchange::lap() {
  const MonoTime now = ports_.clock.mono_now();
  const Nanos spent = now - lap_start_;
  lap_start_ = now;
  return spent;
}

asio::awaitable<std::optional<Fault>> TcpExchange::run() {
  auto failed = co_await open();
  if (failed) {
    co_return failed;
  }
  for (const DialogueStep& step : module_.dialogue) {
    auto broken = co_await play(step);
    if (broken) {
      co_return broken;
    }
  }
  if (tls_) {
    co_return check_expiry(*tls_, module_.cert_expiry_min, ports_.clock.wall_now());
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Fault>> TcpExchange::open() {
  lap_start_ = ports_.clock.mono_now();
  Resolution found = co_await ports_.resolver.resolve(target_.host, module_.ip, deadline_);
  lookup_ = lap();
  if (found.fault) {
    co_return std::move(found.fault);
  }
  address_ = found.addresses.front();
  steps.push_back("resolve " + target_.host + ": " + address_->to_string() + ", " +
                  in_millis(lookup_));
  const asio::ip::tcp::endpoint endpoint(*address_, target_.port);
  Dialed dialed = co_await ports_.dialer.connect(endpoint, deadline_, module_.source);
  if (dialed.fault) {
    dialed.fault->phase = "connect";
    co_return std::move(dialed.fault);
  }
  connection_ = std::move(dialed.connection);
  steps.push_back("connect to " + address_->to_string() + " port " + std::to_string(target_.port) +
                  ": " + in_millis(lap()));
  if (module_.tls) {
    auto failed = co_await secure();
    if (failed) {
      co_return failed;
    }
  }
  connected_ = true;
  co_return std::nullopt;
}

asio::awaitable<std::optional<Fault>> TcpExchange::secure() {
  TlsOptions options = module_.tls_options;
  if (options.server_name.empty()) {
    options.server_name = target_.host;
  }
  input_.clear();  // what was sent in the clear must not pass for what comes encrypted
  TlsHandshake handshake = co_await connection_->start_tls(options, deadline_);
  if (handshake.fault) {
    std::optional<Fault> failed = std::move(handshake.fault);
    explain_handshake(*failed, handshake);
    failed->phase = "tls";
    co_return failed;
  }
  steps.push_back("TLS with " + options.server_name + ": " + describe(handshake) + ", " +
                  in_millis(lap()));
  tls_ = std::move(handshake);
  co_return std::nullopt;
}

asio::awaitable<std::optional<Fault>> TcpExchange::play(const DialogueStep& step) {
  std::string send = step.send;
  if (step.expect) {
    auto failed = co_await expect_line(step, send);
    if (failed) {
      co_return failed;
    }
  }
  if (!step.expect_bytes.empty()) {
    auto failed = co_await expect_bytes(step);
    if (failed) {
      co_return failed;
    }
  }
  if (!send.empty()) {
    send += '\n';
    Transferred sent = co_await connection_->write_all(send, deadline_);
    if (sent.fault) {
      co_return std::move(sent.fault);
    }
    steps.push_back("send " + std::to_string(send.size()) + " bytes");
  }
  if (step.starttls) {
    co_return co_await secure();
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Fault>> TcpExchange::expect_line(const DialogueStep& step,
                                                               std::string& send) {
  for (;;) {
    const auto line = input_.line();
    if (line) {
      const auto captures = find_match(*step.expect, *line);
      if (!captures) {
        continue;
      }
      send = expand(step.send, *captures);
      Labels labels;
      for (const auto& [name, text] : step.labels) {
        labels.set(name, to_valid_utf8(expand(text, *captures)));
      }
      if (!step.labels.empty()) {
        matched_.push_back(std::move(labels));
      }
      steps.push_back("expect " + quoted(step.expect->pattern()) + ": " + in_millis(lap()));
      co_return std::nullopt;
    }
    if (input_.ended() || input_.overflows()) {
      failed_by_regexp_ = input_.ended();
      Fault fault = check_fault("query_response", "");
      fault.detail =
          input_.ended() ? "the peer closed and no line matched " : "a line is too long to match ";
      fault.detail += quoted(step.expect->pattern());
      co_return fault;
    }
    auto failed = co_await receive();
    if (failed) {
      failed->detail += ", while waiting for " + quoted(step.expect->pattern());
      co_return failed;
    }
  }
}

asio::awaitable<std::optional<Fault>> TcpExchange::expect_bytes(const DialogueStep& step) {
  for (;;) {
    const auto bytes = input_.bytes(step.expect_bytes.size());
    if (bytes && *bytes == step.expect_bytes) {
      steps.push_back("expect " + std::to_string(bytes->size()) + " bytes: " + in_millis(lap()));
      co_return std::nullopt;
    }
    if (bytes || input_.ended()) {
      failed_by_bytes_ = bytes.has_value();
      co_return check_fault("query_response",
                            bytes ? "the peer sent other bytes than expected"
                                  : "the peer closed before the bytes expected");
    }
    auto failed = co_await receive();
    if (failed) {
      co_return failed;
    }
  }
}

asio::awaitable<std::optional<Fault>> TcpExchange::receive() {
  std::array<char, 4096> buffer;
  Transferred got = co_await connection_->read_some(buffer.data(), buffer.size(), deadline_);
  if (got.fault) {
    co_return std::move(got.fault);
  }
  input_.append(std::string_view(buffer.data(), got.bytes));
  if (got.bytes == 0) {
    input_.end();
  }
  co_return std::nullopt;
}

void TcpExchange::add_facts(std::vector<Fact>& facts) const {
  add_address_facts(facts, lookup_, address_);
  if (connected_) {
    facts.push_back(Fact{"probe_failed_due_to_regex", Labels(), failed_by_regexp_ ? 1.0 : 0.0});
    facts.push_back(Fact{"probe_failed_due_to_bytes", Labels(), failed_by_bytes_ ? 1.0 : 0.0});
  }
  for (const Labels& labels : matched_) {
    facts.push_back(Fact{"probe_expect_info", labels, 1});
  }
  if (tls_) {
    add_tls_facts(facts, *tls_);
  }
}

class TcpProbe final : public Probe {
 public:
  TcpProbe(HostPort target, std::shared_ptr<const TcpModule> module, const Ports& ports)
      : target_(std::move(target)), module_(std::move(module)), ports_(ports) {}

  asio::awaitable<Observation> run_once(MonoTime deadline) override {
    Observation seen;
    seen.started_at = ports_.clock.wall_now();
    const MonoTime began = ports_.clock.mono_now();
    TcpExchange exchange(ports_, *module_, target_, deadline);
    auto failed = co_await exchange.run();
    seen.fault = std::move(failed);
    if (seen.fault) {
      exchange.steps.push_back(describe(*seen.fault));
    }
    exchange.add_facts(seen.facts);
    seen.duration = ports_.clock.mono_now() - began;
    seen.success = !seen.fault;
    seen.steps = std::move(exchange.steps);
    co_return seen;
  }

 private:
  HostPort target_;
  std::shared_ptr<const TcpModule> module_;
  const Ports& ports_;
};

std::string check_target(const std::string& target) {
  const auto parsed = parse_host_port(target);
  return parsed ? "" : parsed.error().message;
}

std::unique_ptr<Probe> make(const SharedText& target,
                            std::shared_ptr<const Module> module,
                            const Ports& ports) {
  auto parsed = parse_host_port(target.str());
  SW_ASSERT(parsed.has_value());
  auto own = std::static_pointer_cast<const TcpModule>(std::move(module));
  return std::make_unique<TcpProbe>(std::move(*parsed), std::move(own), ports);
}

}  // namespace

const ProbeKind kTcpKind = {"tcp", &read_tcp_module, &check_target, &make};

}  // namespace seamwatch::probes
