// SimNetwork: hosts, their faults and their HTTP answers, in simulated time. It is the Resolver,
// the Dialer, the HttpClient and the MailClient of a SimWorld, and records every webhook and mail.
// One thread; nothing here is random.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/dialer.h"
#include "agent/core/http_client.h"
#include "agent/core/mail_client.h"
#include "agent/core/resolver.h"

namespace seamwatch::fakes {

// How a host answers from now on.
struct SimHost {
  // "" none; refuse, hang, reset, unreachable, nxdomain, expired_certificate, and of webhooks and
  // mails lost_answer: taken, but whoever sent it does not hear so.
  std::string fault;
  Millis latency{5};       // before connect and before the first byte of an answer
  Millis answers_after{};  // that a webhook or mail was taken
  int status = 200;
  std::map<std::string, std::string> headers;
  std::string body = "ok\n";
};

struct SentWebhook {
  WallTime at{};
  std::string url;
  std::string body;
  HttpHeaders headers;
  int status = 0;  // what was answered; 0 = not reached
  std::optional<WallTime> heard_at =
      std::nullopt;  // when the agent had the answer; none: it has not
};

struct SentMail {
  WallTime at{};
  std::vector<std::string> to;
  std::string message;
  bool taken = false;
};

class SimNetwork final : public Resolver, public Dialer, public HttpClient, public MailClient {
 public:
  explicit SimNetwork(Clock& clock) : clock_(clock) {}

  // The host called `name`, made with defaults where it is new. Changes hold from then on.
  SimHost& host(const std::string& name) { return hosts_[name]; }

  // The agent's own cable: while down, nothing has a route.
  void set_own_network(bool up) { own_network_ = up; }

  // The agent was killed: nothing that it still sends arrives, until another one is there.
  void set_killed(bool killed) {
    killed_ = killed;
    life_ += killed ? 1 : 0;
  }

  const std::vector<SentWebhook>& webhooks() const { return webhooks_; }

  const std::vector<SentMail>& mails() const { return mails_; }

  // Requests that probes made of `name`.
  int requests(const std::string& name) const;

  boost::asio::awaitable<Resolution> resolve(std::string host,
                                             IpPreference preference,
                                             MonoTime deadline) override;
  boost::asio::awaitable<Dialed> connect(
      boost::asio::ip::tcp::endpoint to,
      MonoTime deadline,
      std::optional<boost::asio::ip::address> from = std::nullopt) override;
  boost::asio::awaitable<HttpResponse> send(HttpRequest request, MonoTime deadline) override;
  boost::asio::awaitable<std::optional<Fault>> send(Mail mail, MonoTime deadline) override;

 private:
  class SimConnection;

  // Sleeps for the host's latency, or to the deadline where it hangs. The fault, if any.
  boost::asio::awaitable<std::optional<Fault>> reach(std::string name,
                                                     std::string phase,
                                                     MonoTime deadline);

  boost::asio::awaitable<std::optional<Fault>> take_answer(std::string name, MonoTime deadline);

  Clock& clock_;
  bool own_network_ = true;
  bool killed_ = false;
  int life_ = 0;  // of the agent
  std::map<std::string, SimHost> hosts_;
  std::map<std::string, boost::asio::ip::address> addresses_;
  std::map<boost::asio::ip::address, std::string> names_;
  std::map<std::string, int> requests_;
  std::vector<SentWebhook> webhooks_;
  std::vector<SentMail> mails_;
};

}  // namespace seamwatch::fakes
