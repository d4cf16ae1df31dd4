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

asio::awaitable<void> HttpExchange::run(const HttpHop& hop) {
  fault.reset();
  tls.reset();
  answer = HttpAnswer();
  lap_start_ = ports_.clock.mono_now();
  if (!hop.proxy || !module_.skip_resolve_with_proxy) {
    co_await resolve(hop.url.host);
    if (!fault) {
      address = resolved_;
    }
  }
  if (!fault && hop.proxy) {
    co_await pass_proxy(hop);
    if (fault) {
      fault->detail = hop.proxy->text() + ": " + fault->detail;
    }
  } else if (!fault) {
    co_await dial(hop.url.port);
  }
  if (!fault && hop.url.tls) {
    co_await secure(hop);
  }
  if (!fault) {
    co_await talk(hop);
  }
  connection_.reset();
}

// Connects to the proxy, and on to the target where the proxy does not read the request itself.
asio::awaitable<void> HttpExchange::pass_proxy(const HttpHop& hop) {
  const ProxyUrl& proxy = *hop.proxy;
  co_await resolve(proxy.host);
  if (fault) {
    co_return;
  }
  co_await dial(proxy.port);
  if (!fault && proxy.kind == ProxyUrl::Kind::https) {
    co_await secure_proxy(proxy);
  }
  if (!fault && proxy.kind == ProxyUrl::Kind::socks5) {
    co_await pass_socks5(hop);
  } else if (!fault && hop.url.tls) {
    co_await tunnel(hop);
  }
}

asio::awaitable<void> HttpExchange::pass_socks5(const HttpHop& hop) {
  const ProxyUrl& proxy = *hop.proxy;
  Socks5Request request{hop.url.host, hop.url.port, proxy.user, proxy.password};
  auto failed = co_await lead_on(connection_.get(), std::move(request), deadline_);
  fault = std::move(failed);
  const Nanos spent = lap();
  phases.connect += spent;
  if (!fault && ports_.explains) {
    steps.push_back(proxy.text() + ": connected to " + hop.url.authority() + ", " +
                    in_millis(spent));
  }
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
asio::awaitable<void> HttpExchange::secure_proxy(const ProxyUrl& proxy) {
  TlsOptions options = module_.tls;
  options.server_name = proxy.host;
  TlsHandshake done = co_await shake_hands(std::move(options), proxy.text(), "connect");
  fault = std::move(done.fault);
}

asio::awaitable<void> HttpExchange::resolve(std::string host) {
  Resolution found = co_await ports_.resolver.resolve(host, module_.ip, deadline_);
  const Nanos spent = lap();
  phases.resolve += spent;
  lookup = lookup.value_or(spent);
  if (found.fault) {
    fault = std::move(found.fault);
    co_return;
  }
  resolved_ = found.addresses.front();
  if (ports_.explains) {
    steps.push_back("resolve " + host + ": " + resolved_.to_string() + ", " + in_millis(spent));
  }
}

// Connects to what was resolved last.
asio::awaitable<void> HttpExchange::dial(std::uint16_t port) {
  const asio::ip::tcp::endpoint endpoint(resolved_, port);
  Dialed dialed = co_await ports_.dialer.connect(endpoint, deadline_);
  const Nanos spent = lap();
  phases.connect += spent;
  if (dialed.fault) {
    fault = std::move(dialed.fault);
    fault->phase = "connect";
    co_return;
  }
  connection_ = std::move(dialed.connection);
  if (ports_.explains) {
    steps.push_back("connect to " + resolved_.to_string() + " port " + std::to_string(port) + ": " +
                    in_millis(spent));
  }
}

asio::awaitable<void> HttpExchange::tunnel(const HttpHop& hop) {
  const std::string request = connect_text(module_, *hop.proxy, hop.url);
  Transferred sent = co_await connection_->write_all(request, deadline_);
  fault = std::move(sent.fault);
  AnswerOptions options;
  options.to_head = true;  // what follows the header belongs to the tunnel
  HttpAnswerReader reader(options);
  while (!fault && !reader.has_header()) {
    const auto room = reader.room();
    Transferred got = co_await connection_->read_some(room.data, room.size, deadline_);
    if (got.fault) {
      fault = std::move(got.fault);
    } else if (reader.take(got.bytes) == HttpProgress::failed) {
      fault = reader.fault();
    }
  }
  phases.connect += lap();
  if (!fault && reader.answer().status / 100 != 2) {
    fault = Fault();
    fault->signal.protocol = "http";
    fault->signal.code = std::to_string(reader.answer().status);
    fault->signal.name = reader.answer().reason;
    fault->detail = "it refused the tunnel";
  }
  if (fault) {
    fault->phase = "connect";
  } else if (ports_.explains) {
    steps.push_back("tunnel through the proxy: open");
  }
}

asio::awaitable<void> HttpExchange::secure(const HttpHop& hop) {
  TlsOptions options = module_.tls;
  options.server_name = hop.server_name;
  if (module_.http2) {
    options.protocols = {"h2", "http/1.1"};
  }
  TlsHandshake done = co_await shake_hands(std::move(options), hop.server_name, "tls");
  if (done.fault) {
    fault = std::move(done.fault);
    co_return;
  }
  tls = std::move(done);
}

asio::awaitable<void> HttpExchange::talk(const HttpHop& hop) {
  const AnswerOptions options = answer_options(module_, hop);
  if (tls && tls->protocol == "h2") {
    auto reader = std::make_unique<Http2AnswerReader>(hop.request, options);
    std::string request(reader->to_write());
    return converse(hop, std::move(reader), std::move(request));
  }
  return converse(hop, std::make_unique<HttpAnswerReader>(options), http1_text(hop.request));
}

template <class Reader>
asio::awaitable<void> HttpExchange::converse(const HttpHop& hop,
                                             std::unique_ptr<Reader> reader,
                                             std::string request) {
  std::string_view words = request;
  std::optional<Nanos> waited;  // for the first byte of the answer
  bool done = false;
  while (!done) {
    if (!words.empty() && !fault) {
      Transferred sent = co_await connection_->write_all(words, deadline_);
      fault = std::move(sent.fault);
      if (fault && !may_have_answered(*fault)) {
        break;
      }
    }
    const auto room = reader->room();
    const bool first = !reader->has_bytes();
    Transferred got = co_await connection_->read_some(room.data, room.size, deadline_);
    if (got.fault) {
      if (!fault) {
        fault = std::move(got.fault);
      }
      break;
    }
    const auto progress = reader->take(got.bytes);
    if (first && reader->has_bytes()) {
      waited = lap();
      phases.processing += *waited;
    }
    done =
        progress != HttpProgress::more || (reader->has_header() && is_redirect(reader->answer()));
    if (progress == HttpProgress::failed) {
      fault = fault ? fault : reader->fault();
    } else if (done) {
      fault.reset();  // an answer that came whole counts, however the request fared
    }
    words = reader->to_write();
  }
  take_answer(hop, *reader, waited, lap());
}

// What the conversation, whose last part took `spent`, came to; `waited` is the part before it.
template <class Reader>
void HttpExchange::take_answer(const HttpHop& hop,
                               Reader& reader,
                               std::optional<Nanos> waited,
                               Nanos spent) {
  (reader.has_bytes() ? phases.transfer : phases.processing) += spent;
  if (fault && fault->signal.protocol != "check") {
    fault->phase = reader.has_header() ? "transfer" : "processing";
  }
  if (!reader.has_header()) {
    return;
  }
  answer = std::move(reader.answer());
  if (is_redirect(answer)) {
    answer.body.clear();  // part of it may have come with the header
    answer.body_bytes = 0;
  }
  if (ports_.explains) {
    steps.push_back(describe_answer(hop) + "processing " + in_millis(waited.value_or(Nanos(0))) +
                    ", transfer " + in_millis(spent));
  }
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
