#include "agent/io/tls_session.h"

#include <cerrno>
#include <ctime>

#include <boost/asio/ip/address.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "agent/core/assert.h"
#include "agent/io/certificate_facts.h"
#include "agent/io/os_fault.h"
#include "agent/io/tls_names.h"

namespace seamwatch {

// OpenSSL calls these with a TlsSession found in the object at hand.
struct TlsSession::Callbacks {
  static int index() {
    static const int kIndex = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return kIndex;
  }

  static TlsSession& of(const SSL* ssl) {
    return *static_cast<TlsSession*>(SSL_get_ex_data(ssl, index()));
  }

  static int verify(X509_STORE_CTX* store, void*) {
    const void* ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    return of(static_cast<const SSL*>(ssl)).verify(store) ? 1 : 0;
  }

  static void info(const SSL* ssl, int where, int value) {
    constexpr int kFatal = 2;
    if ((where & SSL_CB_ALERT) != 0 && (value >> 8) == kFatal) {
      TlsSession& session = of(ssl);
      session.alert_ = value & 0xff;
      session.alert_ours_ = (where & SSL_CB_WRITE) != 0;
    }
  }

  // Keeps the newest ticket; returning 1 takes it over.
  static int new_session(SSL* ssl, SSL_SESSION* ticket) {
    TlsSession& session = of(ssl);
    KeptSession kept;
    kept.session.reset(ticket);
    kept.facts = session.shown_;
    kept.resumed = session.resumed_;
    session.contexts_.sessions.put(session.key_, std::move(kept));
    return 1;
  }

  // The last flight of a handshake is held back to leave with the first words after it: one packet
  // and one system call less a connection. Whatever reads, or ends, sends it first.
  static int send(BIO* bio, const char* data, int size) {
    TlsSession& session = *static_cast<TlsSession*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (!session.established_ || session.below_ != nullptr) {
      session.held_.append(data, static_cast<std::size_t>(size));
      const bool lost = session.established_ && session.push("") < 0 && errno != EAGAIN;
      return lost ? session.moved(bio, -1, true) : size;
    }
    const std::ptrdiff_t held = static_cast<std::ptrdiff_t>(session.held_.size());
    const std::ptrdiff_t sent =
        session.push(std::string_view(data, static_cast<std::size_t>(size)));
    if (sent >= 0 && sent <= held) {
      BIO_set_retry_write(bio);
      return -1;
    }
    return session.moved(bio, sent < 0 ? sent : sent - held, true);
  }

  static int receive(BIO* bio, char* data, int size) {
    TlsSession& session = *static_cast<TlsSession*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    while (!session.held_.empty()) {
      const std::ptrdiff_t sent = session.push("");
      if (sent < 0) {
        return session.moved(bio, sent, true);
      }
    }
    const auto room = static_cast<std::size_t>(size);
    const std::ptrdiff_t got = session.below_ != nullptr
                                   ? session.pull_below(data, room)
                                   : ::recv(session.socket_, data, room, MSG_DONTWAIT);
    return session.moved(bio, got, false);
  }

  static long control(BIO* bio, int command, long, void*) {
    const TlsSession& session = *static_cast<TlsSession*>(BIO_get_data(bio));
    return command == BIO_CTRL_FLUSH || (command == BIO_CTRL_EOF && session.peer_ended_) ? 1 : 0;
  }

  static int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
      SW_ASSERT(made != nullptr);
      BIO_meth_set_write(made, &Callbacks::send);
      BIO_meth_set_read(made, &Callbacks::receive);
      BIO_meth_set_ctrl(made, &Callbacks::control);
      BIO_meth_set_create(made, &Callbacks::create);
      return made;
    }();
    return kMethod;
  }
};

void TlsSession::FreeSsl::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

void TlsSession::set_callbacks(ssl_ctx_st* context) {
  SSL_CTX_set_cert_verify_callback(context, &Callbacks::verify, nullptr);
  SSL_CTX_set_info_callback(context, &Callbacks::info);
  SSL_CTX_sess_set_new_cb(context, &Callbacks::new_session);
}

TlsSession::TlsSession(int socket,
                       TlsContexts& contexts,
                       TlsContext context,
                       const TlsOptions& options,
                       TlsResumption resumption)
    : socket_(socket),
      contexts_(contexts),
      context_(std::move(context)),
      ssl_(SSL_new(context_.ssl.get())),
      insecure_(options.insecure_skip_verify) {
  SW_ASSERT(ssl_ && !options.server_name.empty());
  SSL_set_ex_data(ssl_.get(), Callbacks::index(), this);
  BIO* bio = BIO_new(Callbacks::method());
  SW_ASSERT(bio != nullptr);
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_connect_state(ssl_.get());
  set_peer_name(options);
  key_.reserve(12 + options.server_name.size() + resumption.endpoint.size());
  key_.append(std::to_string(context_.number)).append(" ");
  key_.append(options.server_name).append(" ").append(resumption.endpoint);
  resume(resumption.full_handshake_every);
}

TlsSession::TlsSession(TlsSession& below,
                       TlsContext context,
                       const TlsOptions& options,
                       TlsResumption resumption)
    : TlsSession(below.socket_, below.contexts_, std::move(context), options, resumption) {
  below_ = &below;
}

TlsSession::~TlsSession() {
  ERR_clear_error();
  if (established_ && !broken_) {
    SSL_shutdown(ssl_.get());
  } else if (!held_.empty()) {
    push("");  // an alert that says why
  }
  // A session that is dropped before the peer's own good-bye is still good to resume.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  ERR_clear_error();
}

void TlsSession::set_peer_name(const TlsOptions& options) {
  const std::string& name = options.server_name;
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(name, not_an_address);
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
  if (!not_an_address) {
    if (!insecure_) {
      X509_VERIFY_PARAM_set1_ip_asc(parameters, address.to_string().c_str());
    }
    return;  // Source: RFC 6066 section 3: no address in SNI
  }
  const std::string bare = name.back() == '.' ? name.substr(0, name.size() - 1) : name;
  SSL_set_tlsext_host_name(ssl_.get(), bare.c_str());
  if (!insecure_) {
    // Source: RFC 6125 section 6.4.4, RFC 9525: the subject's common name is no identity.
    X509_VERIFY_PARAM_set_hostflags(
        parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    X509_VERIFY_PARAM_set1_host(parameters, bare.c_str(), bare.size());
  }
}

void TlsSession::resume(int full_handshake_every) {
  KeptSession* kept = contexts_.sessions.find(key_);
  if (kept == nullptr) {
    return;
  }
  const WallTime now = wall_from_unix_millis(1000 * static_cast<std::int64_t>(std::time(nullptr)));
  const bool expired = kept->facts->earliest_expiry && *kept->facts->earliest_expiry <= now;
  if (kept->resumed + 1 >= full_handshake_every || expired) {
    contexts_.sessions.erase(key_);
    return;
  }
  SSL_set_session(ssl_.get(), kept->session.get());
  shown_ = kept->facts;
  resumed_ = ++kept->resumed;  // also where no new ticket replaces this one
}

bool TlsSession::verify(x509_store_ctx_st* store) {
  // Reached in full handshakes only: what a kept session had shown is replaced.
  const auto shown = std::make_shared<TlsHandshake>();
  shown_ = shown;
  resumed_ = 0;
  shown->earliest_expiry = earliest_expiry(X509_STORE_CTX_get0_untrusted(store));
  if (X509* leaf = X509_STORE_CTX_get0_cert(store)) {
    describe_leaf(*leaf, *shown);
  }
  if (insecure_) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return true;
  }
  const bool good = X509_verify_cert(store) == 1;
  if (good) {
    shown->last_chain_expiry = earliest_expiry(X509_STORE_CTX_get0_chain(store));
  } else {
    verify_error_ = X509_STORE_CTX_get_error(store);
    verify_error_ = verify_error_ == X509_V_OK ? X509_V_ERR_UNSPECIFIED : verify_error_;
  }
  return good;
}

TlsStep TlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const TlsStep step = outcome(result);
  if (step == TlsStep::done) {
    established_ = true;
  } else if (step == TlsStep::failed || step == TlsStep::end) {
    contexts_.sessions.erase(key_);  // the next attempt starts afresh
  }
  return step;
}

TlsHandshake TlsSession::facts() const {
  TlsHandshake facts = shown_ ? *shown_ : TlsHandshake();
  if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get())) {
    const char* standard = SSL_CIPHER_standard_name(cipher);
    facts.cipher = standard != nullptr ? standard : SSL_CIPHER_get_name(cipher);
    const int version = SSL_version(ssl_.get());
    facts.version = version == TLS1_3_VERSION   ? "TLS 1.3"
                    : version == TLS1_2_VERSION ? "TLS 1.2"
                    : version == TLS1_1_VERSION ? "TLS 1.1"
                                                : "TLS 1.0";
  }
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  if (protocol != nullptr) {
    facts.protocol.assign(reinterpret_cast<const char*>(protocol), size);
  }
  facts.resumed = established_ && SSL_session_reused(ssl_.get()) == 1;
  return facts;
}

TlsStep TlsSession::read(char* data, std::size_t size, std::size_t& moved) {
  ERR_clear_error();
  return outcome(SSL_read_ex(ssl_.get(), data, size, &moved));
}

TlsStep TlsSession::write(std::string_view bytes, std::size_t& moved) {
  ERR_clear_error();
  return outcome(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &moved));
}

// Sends what is held back and then `bytes`, as far as the socket takes them; what was held back and
// is sent is dropped. As ::send.
std::ptrdiff_t TlsSession::push(std::string_view bytes) {
  if (below_ != nullptr) {
    SW_ASSERT(bytes.empty());
    return push_below();
  }
  iovec parts[2] = {{held_.data(), held_.size()}, {const_cast<char*>(bytes.data()), bytes.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) {
    held_.erase(0, std::min(static_cast<std::size_t>(sent), held_.size()));
  }
  return sent;
}

// As push(). A session that was told to wait wants to see the same bytes again, maybe with more
// behind them: what it did not take stays held back.
std::ptrdiff_t TlsSession::push_below() {
  std::ptrdiff_t sent = 0;
  while (!held_.empty()) {
    std::size_t part = 0;
    const TlsStep step = below_->write(held_, part);
    if (step != TlsStep::done) {
      return not_moved(step);
    }
    held_.erase(0, part);
    sent += static_cast<std::ptrdiff_t>(part);
  }
  return sent;
}

// As ::recv.
std::ptrdiff_t TlsSession::pull_below(char* data, std::size_t size) {
  std::size_t got = 0;
  const TlsStep step = below_->read(data, size, got);
  return step == TlsStep::done  ? static_cast<std::ptrdiff_t>(got)
         : step == TlsStep::end ? 0
                                : not_moved(step);
}

std::ptrdiff_t TlsSession::not_moved(TlsStep step) {
  below_step_ = step;
  errno = step == TlsStep::want_read || step == TlsStep::want_write ? EAGAIN : EPIPE;
  return -1;
}

int TlsSession::moved(bio_st* bio, std::ptrdiff_t result, bool writing) {
  if (result >= 0) {
    peer_ended_ = peer_ended_ || (result == 0 && !writing);
    return static_cast<int>(result);
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    if (below_ != nullptr ? below_step_ == TlsStep::want_write : writing) {
      BIO_set_retry_write(bio);
    } else {
      BIO_set_retry_read(bio);
    }
  } else {
    io_errno_ = errno;
  }
  return -1;
}

TlsStep TlsSession::outcome(int result) {
  if (result == 1) {
    return TlsStep::done;
  }
  const int category = SSL_get_error(ssl_.get(), result);
  switch (category) {
    case SSL_ERROR_WANT_READ:
      return TlsStep::want_read;
    case SSL_ERROR_WANT_WRITE:
      return TlsStep::want_write;
    case SSL_ERROR_ZERO_RETURN:
      if (established_) {
        return TlsStep::end;
      }
      break;
    default:
      break;
  }
  broken_ = true;
  const int reason = ERR_GET_REASON(ERR_peek_error());
  const bool cut =
      category == SSL_ERROR_ZERO_RETURN || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  // Many peers end a stream without the good-bye; the protocol above tells whether it was complete.
  if (established_ && cut && io_errno_ == 0) {
    return TlsStep::end;
  }
  explain(cut, reason);
  ERR_clear_error();
  return TlsStep::failed;
}

void TlsSession::explain(bool cut, int reason) {
  fault_ = Fault();
  fault_.phase = established_ ? "transfer" : "tls";
  const char* words = ERR_reason_error_string(ERR_peek_error());
  if (verify_error_ != X509_V_OK) {
    fault_.signal.protocol = "x509";
    fault_.signal.code = x509_error_name(verify_error_);
    fault_.detail = X509_verify_cert_error_string(verify_error_);
    return;
  }
  if (io_errno_ != 0) {
    const std::string phase = fault_.phase;
    fault_ = below_step_ == TlsStep::failed ? below_->fault() : os_fault(io_errno_, phase);
    fault_.phase = phase;
    return;
  }
  fault_.signal.protocol = "tls";
  if (cut) {
    fault_.signal.code = "unexpected_eof";
    fault_.detail = "the peer closed the connection in the handshake";
  } else if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
    fault_.signal.code = "wrong_version_number";
    fault_.detail = "what the peer sent is not TLS";
  } else if (alert_ >= 0) {
    fault_.signal.code = tls_alert_name(alert_);
    fault_.detail = alert_ours_ ? "found by this side" : "sent by the peer";
    if (words != nullptr) {
      fault_.detail += std::string(": ") + words;
    }
  } else {
    fault_.signal.code = tls_alert_name(80);
    fault_.detail = words != nullptr ? words : "OpenSSL gives no reason";
  }
}

}  // namespace seamwatch
