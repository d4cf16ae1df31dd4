#include "probes/queues/rabbitmq_connection.h"

#include <algorithm>
#include <cerrno>

#include <amqp.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/time.h>

#include "probes/queues/rabbitmq_faults.h"

namespace seamwatch::probes {
namespace {

constexpr amqp_channel_t kChannel = 1;
constexpr int kFrameBytesMax = 131072;

// What the TLS handshake showed, filled by OpenSSL's callback.
struct TlsTrace {
  std::string server_name;  // for SNI
  int alert_received = -1;
  long verify_result = X509_V_OK;
};

int trace_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void on_tls_event(const SSL* ssl, int where, int value) {
  auto* trace = static_cast<TlsTrace*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), trace_index()));
  if (trace == nullptr) {
    return;
  }
  if ((where & SSL_CB_HANDSHAKE_START) != 0 && !trace->server_name.empty()) {
    // rabbitmq-c is handed an address, so that it does not resolve names, and would send that as
    // SNI. The callback is the one place between its setting and the ClientHello.
    SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), trace->server_name.c_str());
  }
  if ((where & SSL_CB_ALERT) != 0 && (where & SSL_CB_READ) != 0) {
    trace->alert_received = value & 0xff;
  }
  if ((where & SSL_CB_ALERT) != 0 && (where & SSL_CB_WRITE) != 0) {
    trace->verify_result = SSL_get_verify_result(ssl);
  }
}

timeval to_timeval(Millis span) {
  const Millis bounded = std::max(span, Millis(1));
  timeval out{};
  out.tv_sec = bounded.count() / 1000;
  out.tv_usec = (bounded.count() % 1000) * 1000;
  return out;
}

std::string text_of(const amqp_bytes_t& bytes) {
  return std::string(static_cast<const char*>(bytes.bytes), bytes.len);
}

// What `reply` says went wrong; empty where nothing did. `channel_only` is set where just the
// channel is gone.
std::optional<Fault> fault_of(const amqp_rpc_reply_t& reply,
                              int system_errno,
                              const std::string& phase,
                              bool& channel_only) {
  channel_only = false;
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
    return std::nullopt;
  }
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) {
    if (reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD) {
      const auto* close = static_cast<const amqp_channel_close_t*>(reply.reply.decoded);
      channel_only = true;
      return rabbit_close_fault(close->reply_code, text_of(close->reply_text), phase);
    }
    if (reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD) {
      const auto* close = static_cast<const amqp_connection_close_t*>(reply.reply.decoded);
      return rabbit_close_fault(close->reply_code, text_of(close->reply_text), phase);
    }
  }
  const int status = reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION
                         ? reply.library_error
                         : static_cast<int>(AMQP_STATUS_UNEXPECTED_STATE);
  return rabbit_status_fault(status, system_errno, phase);
}

int protocol_number(const std::string& version, int otherwise) {
  if (version == "TLS10") {
    return TLS1_VERSION;
  }
  if (version == "TLS11") {
    return TLS1_1_VERSION;
  }
  if (version == "TLS12") {
    return TLS1_2_VERSION;
  }
  return version == "TLS13" ? TLS1_3_VERSION : otherwise;
}

std::optional<Fault> local_file_fault(const std::string& path) {
  Fault fault;
  fault.signal = Signal{"tls", "local_configuration", "", ""};
  fault.phase = "tls";
  fault.detail = "cannot use certificate file " + path;
  return fault;
}

// Sets up `socket` after `options`. Empty where all of it worked.
std::optional<Fault> prepare_tls(amqp_socket_t* socket,
                                 const RabbitTarget& target,
                                 const TlsOptions& options,
                                 TlsTrace& trace) {
  auto* context = static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket));
  SSL_CTX_set_min_proto_version(context, protocol_number(options.min_version, TLS1_2_VERSION));
  SSL_CTX_set_max_proto_version(context, protocol_number(options.max_version, 0));
  if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (amqp_ssl_socket_set_cacert(socket, options.ca_file.c_str()) != AMQP_STATUS_OK) {
    return local_file_fault(options.ca_file);
  }
  if (!options.cert_file.empty() &&
      amqp_ssl_socket_set_key(socket, options.cert_file.c_str(), options.key_file.c_str()) !=
          AMQP_STATUS_OK) {
    return local_file_fault(options.cert_file);
  }
  amqp_ssl_socket_set_verify_peer(socket, options.insecure_skip_verify ? 0 : 1);
  amqp_ssl_socket_set_verify_hostname(socket, 0);
  const std::string name = options.server_name.empty() ? target.host : options.server_name;
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(name, not_an_address);
  X509_VERIFY_PARAM* wanted = SSL_CTX_get0_param(context);
  if (!options.insecure_skip_verify && not_an_address) {
    X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), name.size());
  } else if (!options.insecure_skip_verify) {
    X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str());
  }
  trace.server_name = not_an_address ? name : std::string();
  SSL_CTX_set_ex_data(context, trace_index(), &trace);
  SSL_CTX_set_info_callback(context, on_tls_event);
  return std::nullopt;
}

Fault open_fault(int status, int system_errno, const RabbitTarget& target, const TlsTrace& trace) {
  if (target.tls && trace.verify_result != X509_V_OK) {
    return numbered_fault("x509", static_cast<int>(trace.verify_result), "tls");
  }
  if (target.tls && trace.alert_received >= 0) {
    return numbered_fault("tls", trace.alert_received, "tls");
  }
  const bool in_tls = status <= AMQP_STATUS_SSL_ERROR;
  // Where the TCP connection was refused, errno is what rabbitmq-c left there, not the reason.
  return rabbit_status_fault(status, in_tls ? system_errno : 0, in_tls ? "tls" : "connect");
}

}  // namespace

struct RabbitConnection::Library {
  amqp_connection_state_t state = nullptr;
  TlsTrace trace;
  bool logged_in = false;
  bool channel_open = false;

  ~Library() {
    if (logged_in) {
      amqp_connection_close_t close{};
      close.reply_code = AMQP_REPLY_SUCCESS;
      close.reply_text = amqp_cstring_bytes("done");
      amqp_send_method(state, 0, AMQP_CONNECTION_CLOSE_METHOD, &close);
    }
    if (state != nullptr) {
      amqp_destroy_connection(state);
    }
  }
};

RabbitConnection::RabbitConnection(std::unique_ptr<Library> library)
    : library_(std::move(library)) {}

RabbitConnection::~RabbitConnection() = default;

RabbitConnection::Opened RabbitConnection::open(const RabbitTarget& target,
                                                const boost::asio::ip::address& address,
                                                const RabbitLogin& login,
                                                const TimeLeft& time_left) {
  auto library = std::make_unique<Library>();
  library->state = amqp_new_connection();
  amqp_socket_t* socket = nullptr;
  if (library->state != nullptr) {
    socket = target.tls ? amqp_ssl_socket_new(library->state) : amqp_tcp_socket_new(library->state);
  }
  if (socket == nullptr) {
    return Opened{nullptr, rabbit_status_fault(AMQP_STATUS_NO_MEMORY, 0, "connect")};
  }
  if (target.tls) {
    if (auto fault = prepare_tls(socket, target, login.tls, library->trace)) {
      return Opened{nullptr, std::move(fault)};
    }
  }
  if (time_left() <= Millis(0)) {
    return Opened{nullptr, rabbit_timeout("connect")};
  }
  const timeval connect_time = to_timeval(time_left());
  errno = 0;
  const int status =
      amqp_socket_open_noblock(socket, address.to_string().c_str(), target.port, &connect_time);
  if (status != AMQP_STATUS_OK) {
    return Opened{nullptr, open_fault(status, errno, target, library->trace)};
  }
  const timeval login_time = to_timeval(time_left());
  amqp_set_handshake_timeout(library->state, &login_time);
  amqp_set_rpc_timeout(library->state, &login_time);
  errno = 0;
  const amqp_rpc_reply_t reply = amqp_login(library->state,
                                            target.vhost.c_str(),
                                            0,
                                            kFrameBytesMax,
                                            0,
                                            AMQP_SASL_METHOD_PLAIN,
                                            login.username.c_str(),
                                            login.password.reveal().c_str());
  bool channel_only = false;
  if (auto fault = fault_of(reply, errno, "login", channel_only)) {
    return Opened{nullptr, std::move(fault)};
  }
  library->logged_in = true;
  return Opened{std::unique_ptr<RabbitConnection>(new RabbitConnection(std::move(library))), {}};
}

Declared RabbitConnection::declare(const std::string& queue, const TimeLeft& time_left) {
  Declared out;
  amqp_connection_state_t state = library_->state;
  const auto failed = [&](bool& channel_only) {
    const int system_errno = errno;
    out.fault = fault_of(amqp_get_rpc_reply(state), system_errno, "declare", channel_only);
    if (!out.fault) {
      out.fault = rabbit_status_fault(AMQP_STATUS_UNEXPECTED_STATE, 0, "declare");
    }
    out.connection_lost = !channel_only;
    library_->logged_in = channel_only;
    library_->channel_open = false;
  };
  if (time_left() <= Millis(0)) {
    out.fault = rabbit_timeout("declare");
    return out;
  }
  const timeval span = to_timeval(time_left());
  amqp_set_rpc_timeout(state, &span);
  bool channel_only = false;
  errno = 0;
  if (!library_->channel_open) {
    if (amqp_channel_open(state, kChannel) == nullptr) {
      failed(channel_only);
      return out;
    }
    library_->channel_open = true;
  }
  const amqp_bytes_t name{queue.size(), const_cast<char*>(queue.data())};
  const amqp_queue_declare_ok_t* answer =
      amqp_queue_declare(state, kChannel, name, 1, 0, 0, 0, amqp_empty_table);
  if (answer == nullptr) {
    failed(channel_only);
    if (channel_only) {
      // The server waits for this before the channel's number may be used again.
      amqp_channel_close_ok_t ok{};
      amqp_send_method(state, kChannel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
    }
  } else {
    out.ready = answer->message_count;
    out.consumers = answer->consumer_count;
  }
  amqp_maybe_release_buffers(state);
  return out;
}

std::unique_ptr<RabbitConnection> RabbitConnections::take(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto kept = kept_.find(key);
  if (kept == kept_.end()) {
    return nullptr;
  }
  auto connection = std::move(kept->second);
  kept_.erase(kept);
  return connection;
}

void RabbitConnections::keep(const std::string& key, std::unique_ptr<RabbitConnection> connection) {
  const std::lock_guard lock(mutex_);
  kept_.try_emplace(key, std::move(connection));
}

}  // namespace seamwatch::probes
