// ScriptedDialer: a Dialer whose peers follow scripts: what they send, when, how they break off.
// With a SimClock, hangs and dribbles take no real time.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/dialer.h"

namespace seamwatch::fakes {

// What a peer does next when it is read from. A peer that has nothing left to do hangs.
struct PeerMove {
  enum class Kind { say, wait, end, fail };

  Kind kind = Kind::end;
  std::string bytes = {};                     // say
  Nanos span{};                               // wait
  std::optional<Fault> fault = std::nullopt;  // fail
};

PeerMove say(std::string bytes);
PeerMove wait(Nanos span);
PeerMove end();
PeerMove fail(std::string errno_name);

struct PeerScript {
  std::vector<PeerMove> moves;
  std::optional<Fault> refused = std::nullopt;  // connect() fails with it
  bool unreachable = false;                     // connect() hangs
  Nanos connect_time{};
  TlsHandshake handshake;  // what start_tls() gives
  std::optional<Fault> write_fault = std::nullopt;
};

// What the client did on one connection.
struct PeerRecord {
  boost::asio::ip::tcp::endpoint to;
  std::optional<boost::asio::ip::address> from;
  std::string written;
  std::optional<TlsOptions> tls;       // of the last handshake
  std::vector<std::string> tls_names;  // the server names of all
  bool closed = true;                  // or never open
};

class ScriptedDialer final : public Dialer {
 public:
  explicit ScriptedDialer(Clock& clock) : clock_(clock) {}

  // The next connection that is not scripted yet follows `script`; without one, it is refused.
  void expect(PeerScript script) { scripts_.push_back(std::move(script)); }

  boost::asio::awaitable<Dialed> connect(
      boost::asio::ip::tcp::endpoint to,
      MonoTime deadline,
      std::optional<boost::asio::ip::address> from = std::nullopt) override;

  std::vector<std::shared_ptr<PeerRecord>> records;  // one a connect(), in order

 private:
  Clock& clock_;
  std::deque<PeerScript> scripts_;
};

}  // namespace seamwatch::fakes
