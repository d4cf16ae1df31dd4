#include "tests/fakes/scripted_dialer.h"

#include <algorithm>
#include <utility>

namespace seamwatch::fakes {
namespace {

namespace asio = boost::asio;

Fault errno_fault(std::string code, std::string phase) {
  Fault fault;
  fault.signal.protocol = "errno";
  fault.signal.code = std::move(code);
  fault.phase = std::move(phase);
  return fault;
}

class ScriptedConnection final : public Connection {
 public:
  ScriptedConnection(Clock& clock, PeerScript script, std::shared_ptr<PeerRecord> record)
      : clock_(clock), script_(std::move(script)), record_(std::move(record)) {
    record_->closed = false;
  }

  ~ScriptedConnection() override { record_->closed = true; }

  asio::awaitable<Transferred> read_some(char* data, std::size_t size, MonoTime deadline) override {
    Transferred result;
    while (next_ < script_.moves.size() && script_.moves[next_].kind == PeerMove::Kind::wait) {
      const MonoTime until = clock_.mono_now() + script_.moves[next_].span;
      if (until >= deadline) {
        break;
      }
      ++next_;
      co_await clock_.sleep_until(until);
    }
    const bool hangs =
        next_ == script_.moves.size() || script_.moves[next_].kind == PeerMove::Kind::wait;
    if (hangs) {
      co_await clock_.sleep_until(deadline);
      result.fault = errno_fault("ETIMEDOUT", "transfer");
      co_return result;
    }
    PeerMove& move = script_.moves[next_];
    if (move.kind == PeerMove::Kind::fail) {
      result.fault = move.fault;
    } else if (move.kind == PeerMove::Kind::say) {
      result.bytes = std::min(size, move.bytes.size());
      std::copy_n(move.bytes.data(), result.bytes, data);
      move.bytes.erase(0, result.bytes);
      next_ += move.bytes.empty() ? 1 : 0;
    }
    co_return result;
  }

  asio::awaitable<Transferred> write_all(std::string_view bytes, MonoTime) override {
    Transferred result;
    result.fault = script_.write_fault;
    if (!result.fault) {
      record_->written.append(bytes);
      result.bytes = bytes.size();
    }
    co_return result;
  }

  asio::awaitable<TlsHandshake> start_tls(TlsOptions options, MonoTime) override {
    record_->tls_names.push_back(options.server_name);
    record_->tls = std::move(options);
    co_return script_.handshake;
  }

  asio::ip::tcp::endpoint remote() const override { return record_->to; }

 private:
  Clock& clock_;
  PeerScript script_;
  std::shared_ptr<PeerRecord> record_;
  std::size_t next_ = 0;
};

}  // namespace

PeerMove say(std::string bytes) {
  return PeerMove{PeerMove::Kind::say, std::move(bytes)};
}

PeerMove wait(Nanos span) {
  return PeerMove{PeerMove::Kind::wait, "", span};
}

PeerMove end() {
  return PeerMove();
}

PeerMove fail(std::string errno_name) {
  PeerMove move;
  move.kind = PeerMove::Kind::fail;
  move.fault = errno_fault(std::move(errno_name), "transfer");
  return move;
}

asio::awaitable<Dialed> ScriptedDialer::connect(asio::ip::tcp::endpoint to,
                                                MonoTime deadline,
                                                std::optional<asio::ip::address> from) {
  auto record = std::make_shared<PeerRecord>();
  record->to = to;
  record->from = from;
  records.push_back(record);
  PeerScript script;
  if (scripts_.empty()) {
    script.refused = errno_fault("ECONNREFUSED", "connect");
  } else {
    script = std::move(scripts_.front());
    scripts_.pop_front();
  }
  Dialed dialed;
  if (script.unreachable) {
    co_await clock_.sleep_until(deadline);
    dialed.fault = errno_fault("ETIMEDOUT", "connect");
    co_return dialed;
  }
  const MonoTime there = clock_.mono_now() + script.connect_time;
  co_await clock_.sleep_until(there);
  dialed.fault = script.refused;
  if (!dialed.fault) {
    dialed.connection =
        std::make_unique<ScriptedConnection>(clock_, std::move(script), std::move(record));
  }
  co_return dialed;
}

}  // namespace seamwatch::fakes
