// HttpExchange: the requests of one probe run, one after another as redirects lead, each on a
// connection of its own. Times its phases and writes down its steps. Lives in the coroutine of
// HttpProbe::run_once; loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include "probes/endpoints/http_answer.h"
#include "probes/endpoints/http_options.h"
#include "probes/endpoints/http_request.h"
#include "probes/probe.h"

namespace seamwatch::probes {

struct HttpPhases {
  Nanos resolve{};
  Nanos connect{};
  Nanos tls{};
  Nanos processing{};  // from the first byte sent to the first received
  Nanos transfer{};
};

struct HttpHop {
  Url url;
  HttpMessage request;
  std::string server_name;                       // for TLS
  std::optional<ProxyUrl> proxy = std::nullopt;  // that it goes through
};

class HttpExchange {
 public:
  // All outlive the exchange.
  HttpExchange(const Ports& ports, const HttpModule& module, MonoTime deadline)
      : ports_(ports), module_(module), deadline_(deadline) {}

  // Sends `hop.request` and reads the answer: whole, or, of a redirect, its header only; in HTTP/2
  // where both sides chose it in the TLS handshake, else in HTTP/1.1.
  boost::asio::awaitable<void> run(const HttpHop& hop);

  std::optional<Fault> fault;                       // why the last run() ended early, and where
  HttpPhases phases;                                // summed over all hops
  std::vector<std::string> steps;                   // where the ports ask for them
  std::optional<Nanos> lookup;                      // of the first hop
  std::optional<boost::asio::ip::address> address;  // of the last hop; the target's, not a proxy's
  std::optional<TlsHandshake> tls;                  // of the last hop, where it succeeded
  HttpAnswer answer;                                // of the last hop

 private:
  // What goes wrong in them they leave in `fault`: handed up by value it would make the frames of
  // all of them half a kilobyte larger, in every probe under way.
  boost::asio::awaitable<void> resolve(std::string host);
  boost::asio::awaitable<void> dial(std::uint16_t port);
  boost::asio::awaitable<void> pass_proxy(const HttpHop& hop);
  boost::asio::awaitable<void> pass_socks5(const HttpHop& hop);
  boost::asio::awaitable<TlsHandshake> shake_hands(TlsOptions options,
                                                   std::string name,
                                                   std::string phase);
  boost::asio::awaitable<void> secure_proxy(const ProxyUrl& proxy);
  boost::asio::awaitable<void> tunnel(const HttpHop& hop);
  boost::asio::awaitable<void> secure(const HttpHop& hop);
  boost::asio::awaitable<void> talk(const HttpHop& hop);
  template <class Reader>
  boost::asio::awaitable<void> converse(const HttpHop& hop,
                                        std::unique_ptr<Reader> reader,
                                        std::string request);
  template <class Reader>
  void take_answer(const HttpHop& hop, Reader& reader, std::optional<Nanos> waited, Nanos spent);
  std::string describe_answer(const HttpHop& hop) const;
  Nanos lap();

  const Ports& ports_;
  const HttpModule& module_;
  MonoTime deadline_;
  MonoTime lap_start_{};
  boost::asio::ip::address resolved_;
  std::unique_ptr<Connection> connection_;
};

// Whether `answer` sends the client elsewhere. Source: RFC 9110 section 15.4.
bool is_redirect(const HttpAnswer& answer);

}  // namespace seamwatch::probes
