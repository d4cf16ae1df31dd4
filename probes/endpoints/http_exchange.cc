#include "probes/endpoints/http_exchange.h"

#include <algorithm>

#include "agent/core/ascii.h"
#include "probes/endpoints/body_sink.h"
#include "probes/endpoints/endpoint_facts.h"
#include "probes/endpoints/http2_answer.h"
#include "probes/endpoints/http_checks.h"
#include "probes/endpoints/http_request.h"
#include "probes/endpoints/socks5.h"

namespace seamwatch::probes {
namespace {

namespace asio = boost::asio;

// Without a limit in the module, reading stops here and the probe goes on with what it has.
constexpr std::size_t kBodyBytesMax = 10 * 1024 * 1024;

std::string_view encoding_of(const HttpModule& module) {
  const std::string wanted = ascii_lower(module.compression);
  for (const std::string_view known : {"gzip", "deflate", "br"}) {
    if (wanted == known) {
      return known;
    }
  }
  return "";
}

AnswerOptions answer_options(const HttpModule& module, const HttpHop& hop) {
  AnswerOptions options;
  options.to_head = hop.request.method == "HEAD";
  options.keep_body = module.wants_body();
  options.encoding = encoding_of(module);
  options.body_bytes_max =
      module.body_size_limit > 0 ? static_cast<std::size_t>(module.body_size_limit) : kBodyBytesMax;
  return options;
}

// The peer broke the connection while we wrote: it may have answered before.
bool may_have_answered(const Fault& fault) {
  return fault.signal.code == "EPIPE" || fault.signal.code == "ECONNRESET";
}

}  // namespace

bool is_redirect(const HttpAnswer& answer) {
  const int status = answer.status;
  const bool redirects =
      status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  return redirects && !header(answer.headers, "location").empty();
}

Nanos HttpExchange::lap() {
  const MonoTime now = ports_.clock.mono_now();
  const Nanos spent = now - lap_start_;
  lap_start_ = now;
  return spent;
}

asio::awaitable<std::optional<Fault>> HttpExchange::run(const HttpHop& hop) {
  tls.reset();
  answer = HttpAnswer();
  lap_start_ = ports_.clock.mono_now();
  auto failed = co_await open(hop);
  if (!failed) {
    auto cut_short = co_await talk(hop);
    failed = std::move(cut_short);
  }
  connection_.reset();
  co_return failed;
}

asio::awaitable<std::optional<Fault>> HttpExchange::open(const HttpHop& hop) {
  const bool proxied = hop.proxy.has_value();
  if (!proxied || !module_.skip_resolve_with_proxy) {
    auto failed = co_await resolve(hop.url.host);
    if (failed) {
      co_return failed;
    }
    address = resolved_;
  }
  if (proxied) {
    auto failed = co_await pass_proxy(hop);
    if (failed) {
      failed->detail = hop.proxy->text() + ": " + failed->detail;
      co_return failed;
    }
  } else {
    auto refused = co_await dial(resolved_, hop.url.port);
    if (refused) {
      co_return refused;
    }
  }
  if (!hop.url.tls) {
    co_return std::nullopt;
  }
  co_return co_await secure(hop);
}

// Connects to the proxy, and on to the target where the proxy does not read the request itself.
asio::awaitable<std::optional<Fault>> HttpExchange::pass_proxy(const HttpHop& hop) {
  const ProxyUrl& proxy = *hop.proxy;
  auto unknown = co_await resolve(proxy.host);
  if (unknown) {
    co_return unknown;
  }
  auto refused = co_await dial(resolved_, proxy.port);
  if (refused) {
    co_return refused;
  }
  if (proxy.kind == ProxyUrl::Kind::https) {
    auto failed = co_await secure_proxy(proxy);
    if (failed) {
      co_return failed;
    }
  }
  if (proxy.kind != ProxyUrl::Kind::socks5) {
    if (!hop.url.tls) {
      co_return std::nullopt;
    }
    co_return co_await tunnel(hop);
  }
  Socks5Request request{hop.url.host, hop.url.port, proxy.user, proxy.password};
  auto failed = co_await lead_on(connection_.get(), std::move(request), deadline_);
  const Nanos spent = lap();
  phases.connect += spent;
  if (!failed && ports_.explains) {
    steps.push_back(proxy.text() + ": connected to " + hop.url.authority() + ", " +
                    in_millis(spent));
  }
  co_return failed;
}

// A handshake with `name` as a part of `phase`, which is "tls" or "connect"; of a fault it says
// all.
asio::awaitable<TlsHandshake> HttpExchange::shake_hands(TlsOptions options,
                                                        std::string name,
                                                        std::string phase) {
  TlsHandshake done = co_await connection_->start_tls(std::move(options), deadline_);
  const Nanos spent = lap();
  (phase == "tls" ? phases.tls : phases.connect) += spent;
  if (done.fault) {
    Fault failed = std::move(*done.fault);
    explain_handshake(failed, done);
    failed.phase = std::move(phase);
    done.fault = std::move(failed);
  } else if (ports_.explains) {
    steps.push_back("TLS with " + name + ": " + describe(done) + ", " + in_millis(spent));
  }
  co_return done;
}

// The certificate is the proxy's own: no fact about the target.
asio::awaitable<std::optional<Fault>> HttpExchange::secure_proxy(const ProxyUrl& proxy) {
  TlsOptions options = module_.tls;
  options.server_name = proxy.host;
  TlsHandshake done = co_await shake_hands(std::move(options), proxy.text(), "connect");
  co_return std::move(done.fault);
}

asio::awaitable<std::optional<Fault>> HttpExchange::resolve(std::string host) {
  Resolution found = co_await ports_.resolver.resolve(host, module_.ip, deadline_);
  const Nanos spent = lap();
  phases.resolve += spent;
  lookup = lookup.value_or(spent);
  if (found.fault) {
    co_return std::move(found.fault);
  }
  resolved_ = found.addresses.front();
  if (ports_.explains) {
    steps.push_back("resolve " + host + ": " + resolved_.to_string() + ", " + in_millis(spent));
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Fault>> HttpExchange::dial(asio::ip::address to, std::uint16_t port) {
  const asio::ip::tcp::endpoint endpoint(to, port);
  Dialed dialed = co_await ports_.dialer.connect(endpoint, deadline_);
  const Nanos spent = lap();
  phases.connect += spent;
  if (dialed.fault) {
    dialed.fault->phase = "connect";
    co_return std::move(dialed.fault);
  }
  connection_ = std::move(dialed.connection);
  if (ports_.explains) {
    steps.push_back("connect to " + to.to_string() + " port " + std::to_string(port) + ": " +
                    in_millis(spent));
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Fault>> HttpExchange::tunnel(const HttpHop& hop) {
  const std::string request = connect_text(module_, *hop.proxy, hop.url);
  const Transferred sent = co_await connection_->write_all(request, deadline_);
  std::optional<Fault> failed = sent.fault;
  AnswerOptions options;
  options.to_head = true;  // what follows the header belongs to the tunnel
  HttpAnswerReader reader(options);
  while (!failed && !reader.has_header()) {
    const auto room = reader.room();
    Transferred got = co_await connection_->read_some(room.data, room.size, deadline_);
    if (got.fault) {
      failed = std::move(got.fault);
    } else if (reader.take(got.bytes) == HttpProgress::failed) {
      failed = reader.fault();
    }
  }
  phases.connect += lap();
  if (!failed && reader.answer().status / 100 != 2) {
    failed = Fault();
    failed->signal.protocol = "http";
    failed->signal.code = std::to_string(reader.answer().status);
    failed->signal.name = reader.answer().reason;
    failed->detail = "it refused the tunnel";
  }
  if (failed) {
    failed->phase = "connect";
  } else if (ports_.explains) {
    steps.push_back("tunnel through the proxy: open");
  }
  co_return failed;
}

asio::awaitable<std::optional<Fault>> HttpExchange::secure(const HttpHop& hop) {
  TlsOptions options = module_.tls;
  options.server_name = hop.server_name;
  if (module_.http2) {
    options.protocols = {"h2", "http/1.1"};
  }
  TlsHandshake done = co_await shake_hands(std::move(options), hop.server_name, "tls");
  if (done.fault) {
    co_return std::move(done.fault);
  }
  tls = std::move(done);
  co_return std::nullopt;
}

asio::awaitable<std::optional<Fault>> HttpExchange::talk(const HttpHop& hop) {
  const AnswerOptions options = answer_options(module_, hop);
  if (tls && tls->protocol == "h2") {
    Http2AnswerReader reader(hop.request, options);
    const std::string request(reader.to_write());
    co_return co_await converse(hop, reader, request);
  }
  HttpAnswerReader reader(options);
  const std::string request = http1_text(hop.request);
  co_return co_await converse(hop, reader, request);
}

template <class Reader>
asio::awaitable<std::optional<Fault>> HttpExchange::converse(const HttpHop& hop,
                                                             Reader& reader,
                                                             std::string_view request) {
  std::string_view words = request;
  std::optional<Fault> failed;
  bool done = false;
  while (!done) {
    if (!words.empty() && !failed) {
      Transferred sent = co_await connection_->write_all(words, deadline_);
      failed = std::move(sent.fault);
      if (failed && !may_have_answered(*failed)) {
        break;
      }
    }
    const auto room = reader.room();
    const bool first = !reader.has_bytes();
    Transferred got = co_await connection_->read_some(room.data, room.size, deadline_);
    if (got.fault) {
      if (!failed) {
        failed = std::move(got.fault);
      }
      break;
    }
    const auto progress = reader.take(got.bytes);
    if (first && reader.has_bytes()) {
      phases.processing += lap();
    }
    done = progress != HttpProgress::more || (reader.has_header() && is_redirect(reader.answer()));
    if (progress == HttpProgress::failed) {
      failed = failed ? failed : reader.fault();
    } else if (done) {
      failed.reset();  // an answer that came whole counts, however the request fared
    }
    words = reader.to_write();
  }
  const Nanos spent = lap();
  (reader.has_bytes() ? phases.transfer : phases.processing) += spent;
  if (failed && failed->signal.protocol != "check") {
    failed->phase = reader.has_header() ? "transfer" : "processing";
  }
  if (reader.has_header()) {
    answer = std::move(reader.answer());
    if (is_redirect(answer)) {
      answer.body.clear();  // part of it may have come with the header
      answer.body_bytes = 0;
    }
    if (ports_.explains) {
      steps.push_back(describe_answer(hop) + in_millis(spent));
    }
  }
  co_return failed;
}

std::string HttpExchange::describe_answer(const HttpHop& hop) const {
  std::string out = hop.request.method + " " + redact_url(hop.url.text()) + ": " +
                    version_text(answer) + " " + std::to_string(answer.status);
  if (!answer.reason.empty()) {
    out += " " + answer.reason;
  }
  out += ", " + std::to_string(answer.body_bytes) + " bytes of body";
  return out + (answer.body_full ? " (stopped at the limit), " : ", ");
}

}  // namespace seamwatch::probes
