#include "agent/demo/tls_peer.h"

#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "agent/core/assert.h"

namespace seamwatch::agent::demo {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr long kDay = 24L * 3600;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  SW_ASSERT(key != nullptr);
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  SW_ASSERT(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// A certificate for `name`, valid from `from` to `to` seconds from now. Without an issuer it is an
// authority that signs itself.
Certificate make_certificate(const char* name,
                             EVP_PKEY* key,
                             X509* issuer,
                             EVP_PKEY* issuer_key,
                             std::pair<long, long> span) {
  Certificate certificate(X509_new());
  SW_ASSERT(certificate != nullptr);
  X509* const made = certificate.get();
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(made), span.first);
  X509_gmtime_adj(X509_getm_notAfter(made), span.second);
  X509_set_pubkey(made, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made),
                             "CN",
                             MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name),
                             -1,
                             -1,
                             0);
  X509_set_issuer_name(made, X509_get_subject_name(issuer == nullptr ? made : issuer));
  if (issuer == nullptr) {
    add_extension(made, made, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(made, issuer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  }
  SW_ASSERT(X509_sign(made, issuer_key, EVP_sha256()) != 0);
  return certificate;
}

std::string pem_of(X509* certificate) {
  std::unique_ptr<BIO, Freed<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

void use(asio::ssl::context& context, X509* certificate, EVP_PKEY* key) {
  SSL_CTX* const native = context.native_handle();
  SW_ASSERT(SSL_CTX_use_certificate(native, certificate) == 1);
  SW_ASSERT(SSL_CTX_use_PrivateKey(native, key) == 1);
  // No resumption: a client must see the certificate that is in use now.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(native, 0);
}

}  // namespace

struct TlsPeer::State {
  asio::ssl::context good{asio::ssl::context::tls_server};
  asio::ssl::context expired{asio::ssl::context::tls_server};
  std::string authority_pem;
  bool shows_expired = false;
};

TlsPeer::TlsPeer() : state_(std::make_unique<State>()) {
  const Key authority_key = make_key();
  const Certificate authority = make_certificate("Seamwatch demo authority",
                                                 authority_key.get(),
                                                 nullptr,
                                                 authority_key.get(),
                                                 {-kDay, 90 * kDay});
  const Key key = make_key();
  const Certificate good = make_certificate(
      "localhost", key.get(), authority.get(), authority_key.get(), {-kDay, 60 * kDay});
  const Certificate expired = make_certificate(
      "localhost", key.get(), authority.get(), authority_key.get(), {-30 * kDay, -kDay});
  state_->authority_pem = pem_of(authority.get());
  use(state_->good, good.get(), key.get());
  use(state_->expired, expired.get(), key.get());
}

TlsPeer::~TlsPeer() = default;

const std::string& TlsPeer::authority_pem() const {
  return state_->authority_pem;
}

void TlsPeer::set_expired(bool expired) {
  state_->shows_expired = expired;
}

asio::awaitable<void> TlsPeer::serve(tcp::socket socket) {
  asio::ssl::context& context = state_->shows_expired ? state_->expired : state_->good;
  asio::ssl::stream<tcp::socket> stream(std::move(socket), context);
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
  std::string request;
  auto dynamic = asio::dynamic_buffer(request, 64 << 10);
  co_await asio::async_read_until(stream, dynamic, "\r\n\r\n", asio::use_awaitable);
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
      "Connection: close\r\n\r\n{\"status\":\"ok\"}";
  auto buffer = asio::buffer(answer);
  co_await asio::async_write(stream, buffer, asio::use_awaitable);
}

}  // namespace seamwatch::agent::demo
