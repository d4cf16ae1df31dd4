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
  // where both sides chose it in the TLS handshake, else in HTTP/1.1. The fault says in which phase
  // it ended early.
  boost::asio::awaitable<std::optional<Fault>> run(const HttpHop& hop);

  HttpPhases phases;                                // summed over all hops
  std::vector<std::string> steps;                   // where the ports ask for them
  std::optional<Nanos> lookup;                      // of the first hop
  std::optional<boost::asio::ip::address> address;  // of the last hop; the target's, not a proxy's
  std::optional<TlsHandshake> tls;                  // of the last hop, where it succeeded
  HttpAnswer answer;                                // of the last hop

 private:
  boost::asio::awaitable<std::optional<Fault>> open(const HttpHop& hop);
  boost::asio::awaitable<std::optional<Fault>> resolve(std::string host);
  boost::asio::awaitable<std::optional<Fault>> dial(boost::asio::ip::address to,
                                                    std::uint16_t port);
  boost::asio::awaitable<std::optional<Fault>> pass_proxy(const HttpHop& hop);
  boost::asio::awaitable<TlsHandshake> shake_hands(TlsOptions options,
                                                   std::string name,
                                                   std::string phase);
  boost::asio::awaitable<std::optional<Fault>> secure_proxy(const ProxyUrl& proxy);
  boost::asio::awaitable<std::optional<Fault>> tunnel(const HttpHop& hop);
  boost::asio::awaitable<std::optional<Fault>> secure(const HttpHop& hop);
  boost::asio::awaitable<std::optional<Fault>> talk(const HttpHop& hop);
  template <class Reader>
  boost::asio::awaitable<std::optional<Fault>> converse(const HttpHop& hop,
                                                        Reader& reader,
                                                        std::string_view request);
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
