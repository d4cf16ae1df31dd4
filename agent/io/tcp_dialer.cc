#include "agent/io/tcp_dialer.h"

#include <cerrno>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <sys/socket.h>

#include "agent/core/assert.h"
#include "agent/io/deadline_queue.h"
#include "agent/io/os_fault.h"
#include "agent/io/tls_session.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint) {
  return endpoint.address().to_string() + " " + std::to_string(endpoint.port());
}

}  // namespace

struct TcpDialer::State {
  State(asio::any_io_executor executor, DialerOptions wanted)
      : options(wanted), deadlines(std::move(executor)), contexts(wanted.sessions_max) {}

  DialerOptions options;
  DeadlineQueue deadlines;
  TlsContexts contexts;
};

namespace {

class TcpConnection final : public Connection, private Deadline {
 public:
  TcpConnection(asio::any_io_executor executor,
                TcpDialer::State& dialer,
                asio::ip::tcp::endpoint to)
      : dialer_(dialer), socket_(std::move(executor)), remote_(std::move(to)) {}

  ~TcpConnection() override { dialer_.deadlines.disarm(*this); }

  static asio::awaitable<Dialed> open(std::unique_ptr<TcpConnection> connection,
                                      MonoTime deadline,
                                      std::optional<asio::ip::address> from);

  asio::awaitable<Transferred> read_some(char* data, std::size_t size, MonoTime deadline) override {
    return tls_ ? read_tls(data, size, deadline) : read_plain(data, size, deadline);
  }

  asio::awaitable<Transferred> write_all(std::string_view bytes, MonoTime deadline) override;

  asio::awaitable<TlsHandshake> start_tls(TlsOptions options, MonoTime deadline) override;

  asio::ip::tcp::endpoint remote() const override { return remote_; }

 private:
  void expire() override {
    expired_ = true;
    error_code ignored;
    socket_.cancel(ignored);
  }

  // The connection stays armed from one operation to the next while their deadline is the same.
  // False where that has passed already.
  bool begin(MonoTime deadline) {
    if (is_linked() && at() == deadline) {
      return true;
    }
    if (expired_ && at() == deadline) {
      return false;
    }
    dialer_.deadlines.disarm(*this);
    expired_ = false;
    dialer_.deadlines.arm(*this, deadline);
    return true;
  }

  // What an operation that ended with `failure` comes to. Throws where it was cancelled from
  // outside.
  std::optional<Fault> end(const error_code& failure, const char* phase) const {
    if (!failure) {
      return std::nullopt;
    }
    if (failure == asio::error::operation_aborted) {
      if (!expired_) {
        throw boost::system::system_error(failure);
      }
      return timeout_fault(phase);
    }
    return os_fault(failure, phase);
  }

  void bind(const asio::ip::address& from, error_code& failure);
  asio::awaitable<std::optional<Fault>> wait(TlsStep step, const char* phase, MonoTime deadline);
  asio::awaitable<Transferred> read_plain(char* data, std::size_t size, MonoTime deadline);
  asio::awaitable<Transferred> read_tls(char* data, std::size_t size, MonoTime deadline);
  asio::awaitable<Transferred> write_plain(std::string_view bytes, MonoTime deadline);
  asio::awaitable<Transferred> write_tls(std::string_view bytes, MonoTime deadline);

  // The session that carries what is read and written. Requires: there is one.
  TlsSession& top() { return inner_ ? *inner_ : *tls_; }

  TcpDialer::State& dialer_;
  asio::ip::tcp::socket socket_;
  asio::ip::tcp::endpoint remote_;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<TlsSession> inner_;  // within `tls_`
  bool expired_ = false;
  int writes_ = 0;
};

asio::awaitable<Dialed> TcpConnection::open(std::unique_ptr<TcpConnection> connection,
                                            MonoTime deadline,
                                            std::optional<asio::ip::address> from) {
  Dialed dialed;
  if (!connection->begin(deadline)) {
    dialed.fault = timeout_fault("connect");
    co_return dialed;
  }
  error_code failure;
  if (from) {
    connection->bind(*from, failure);
  }
  if (!failure) {
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await connection->socket_.async_connect(connection->remote_, token);
  }
  dialed.fault = connection->end(failure, "connect");
  if (!dialed.fault) {
    dialed.connection = std::move(connection);
  }
  co_return dialed;
}

void TcpConnection::bind(const asio::ip::address& from, error_code& failure) {
  const asio::ip::tcp::endpoint local(from, 0);
  socket_.open(remote_.protocol(), failure);
  if (!failure && local.protocol() != remote_.protocol()) {
    failure = asio::error::address_family_not_supported;
  }
  if (!failure) {
    socket_.bind(local, failure);
  }
}

asio::awaitable<Transferred> TcpConnection::read_plain(char* data,
                                                       std::size_t size,
                                                       MonoTime deadline) {
  Transferred result;
  if (!begin(deadline)) {
    result.fault = timeout_fault("transfer");
    co_return result;
  }
  error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  const auto buffer = asio::buffer(data, size);
  const std::size_t got = co_await socket_.async_read_some(buffer, token);
  result.bytes = got;
  if (failure != asio::error::eof) {
    result.fault = end(failure, "transfer");
  }
  co_return result;
}

asio::awaitable<Transferred> TcpConnection::write_all(std::string_view bytes, MonoTime deadline) {
  if (++writes_ == 2) {
    // A dialogue of small writes must not wait for the peer's delayed acknowledgements.
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  return tls_ ? write_tls(bytes, deadline) : write_plain(bytes, deadline);
}

// Nearly always there is room for a request at once. To have Asio write it took a fifteenth of the
// agent's own time a probe: it completes on the loop's next turn.
asio::awaitable<Transferred> TcpConnection::write_plain(std::string_view bytes, MonoTime deadline) {
  Transferred result;
  if (!begin(deadline)) {
    result.fault = timeout_fault("transfer");
    co_return result;
  }
  while (result.bytes < bytes.size()) {
    const std::string_view rest = bytes.substr(result.bytes);
    const ssize_t sent =
        ::send(socket_.native_handle(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      result.bytes += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) {
      continue;
    }
    if (errno != EAGAIN) {
      result.fault = os_fault(errno, "transfer");
      co_return result;
    }
    auto waited = co_await wait(TlsStep::want_write, "transfer", deadline);
    if (waited) {
      result.fault = std::move(waited);
      co_return result;
    }
  }
  co_return result;
}

asio::awaitable<std::optional<Fault>> TcpConnection::wait(TlsStep step,
                                                          const char* phase,
                                                          MonoTime deadline) {
  if (!begin(deadline)) {
    co_return timeout_fault(phase);
  }
  error_code failure;
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  const auto what =
      step == TlsStep::want_read ? asio::socket_base::wait_read : asio::socket_base::wait_write;
  co_await socket_.async_wait(what, token);
  co_return end(failure, phase);
}

asio::awaitable<TlsHandshake> TcpConnection::start_tls(TlsOptions options, MonoTime deadline) {
  SW_ASSERT(!inner_);
  TlsHandshake failed;
  const auto context = dialer_.contexts.get(options);
  if (!context) {
    failed.fault = Fault();
    failed.fault->signal.protocol = "tls";
    failed.fault->signal.code = "local_configuration";
    failed.fault->phase = "tls";
    failed.fault->detail = context.error().message;
    co_return failed;
  }
  if (options.server_name.empty()) {
    options.server_name = remote_.address().to_string();
  }
  const std::string endpoint = endpoint_text(remote_);
  const TlsResumption resumption{endpoint, dialer_.options.full_handshake_every};
  if (tls_) {
    inner_ = std::make_unique<TlsSession>(*tls_, *context, options, resumption);
  } else {
    tls_ = std::make_unique<TlsSession>(
        socket_.native_handle(), dialer_.contexts, *context, options, resumption);
  }
  std::optional<Fault> fault;
  TlsStep step = top().handshake();
  while (!fault && (step == TlsStep::want_read || step == TlsStep::want_write)) {
    auto waited = co_await wait(step, "tls", deadline);
    fault = std::move(waited);
    if (!fault) {
      step = top().handshake();
    }
  }
  if (!fault && step != TlsStep::done) {
    fault = top().fault();
  }
  TlsHandshake shown = top().facts();
  shown.fault = std::move(fault);
  co_return shown;
}

asio::awaitable<Transferred> TcpConnection::read_tls(char* data,
                                                     std::size_t size,
                                                     MonoTime deadline) {
  Transferred result;
  for (;;) {
    const TlsStep step = top().read(data, size, result.bytes);
    if (step == TlsStep::done || step == TlsStep::end) {
      co_return result;
    }
    if (step == TlsStep::failed) {
      result.fault = top().fault();
      co_return result;
    }
    auto waited = co_await wait(step, "transfer", deadline);
    if (waited) {
      result.fault = std::move(waited);
      co_return result;
    }
  }
}

asio::awaitable<Transferred> TcpConnection::write_tls(std::string_view bytes, MonoTime deadline) {
  Transferred result;
  while (result.bytes < bytes.size()) {
    std::size_t moved = 0;
    const TlsStep step = top().write(bytes.substr(result.bytes), moved);
    if (step == TlsStep::done) {
      result.bytes += moved;
      continue;
    }
    if (step == TlsStep::failed || step == TlsStep::end) {
      result.fault = step == TlsStep::failed ? top().fault() : os_fault(EPIPE, "transfer");
      co_return result;
    }
    auto waited = co_await wait(step, "transfer", deadline);
    if (waited) {
      result.fault = std::move(waited);
      co_return result;
    }
  }
  co_return result;
}

}  // namespace

TcpDialer::TcpDialer(asio::any_io_executor executor, DialerOptions options)
    : executor_(executor), state_(std::make_unique<State>(std::move(executor), options)) {
  SW_ASSERT(options.full_handshake_every >= 1);
}

TcpDialer::~TcpDialer() = default;

asio::awaitable<Dialed> TcpDialer::connect(asio::ip::tcp::endpoint to,
                                           MonoTime deadline,
                                           std::optional<asio::ip::address> from) {
  auto connection = std::make_unique<TcpConnection>(executor_, *state_, std::move(to));
  return TcpConnection::open(std::move(connection), deadline, from);
}

}  // namespace seamwatch
