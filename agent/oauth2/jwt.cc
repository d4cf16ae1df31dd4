#include "agent/oauth2/jwt.h"

#include <memory>

#include <boost/json/serialize.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "agent/core/base64.h"

namespace seamwatch {
namespace {

namespace json = boost::json;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

using PrivateKey = std::unique_ptr<EVP_PKEY, FreeKey>;

// A key with a passphrase cannot be used: nobody is there to be asked for it.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

// Source: RFC 7515 appendix C.
std::string base64_url(std::string_view bytes) {
  std::string out = base64(bytes);
  for (char& c : out) {
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  }
  return out.substr(0, out.find('='));
}

const EVP_MD* digest_of(const std::string& algorithm) {
  return algorithm == "RS256"   ? EVP_sha256()
         : algorithm == "RS384" ? EVP_sha384()
         : algorithm == "RS512" ? EVP_sha512()
                                : nullptr;
}

PrivateKey rsa_key(const std::string& text) {
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr));
  const bool rsa = key && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA;
  return rsa ? std::move(key) : nullptr;
}

// "" where it cannot be signed.
std::string signature(EVP_PKEY* key, const EVP_MD* digest, const std::string& text) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return "";
  }
  std::string out(size, '\0');
  auto* place = reinterpret_cast<unsigned char*>(out.data());
  if (EVP_DigestSign(context.get(), place, &size, bytes, text.size()) != 1) {
    return "";
  }
  out.resize(size);
  return out;
}

}  // namespace

Result<Secret> signed_jwt(const json::object& claims, const JwtKey& key) {
  const EVP_MD* digest = digest_of(key.algorithm);
  if (digest == nullptr) {
    return error("unknown signature algorithm; use RS256, RS384 or RS512");
  }
  const PrivateKey secret = rsa_key(key.private_key.reveal());
  ERR_clear_error();
  if (!secret) {
    return error("client_certificate_key is no RSA key in PEM without a passphrase");
  }
  json::object header{{"alg", key.algorithm}, {"typ", "JWT"}};
  if (!key.id.empty()) {
    header["kid"] = key.id;
  }
  const std::string text =
      base64_url(json::serialize(header)) + "." + base64_url(json::serialize(claims));
  const std::string signed_text = signature(secret.get(), digest, text);
  ERR_clear_error();
  if (signed_text.empty()) {
    return error("client_certificate_key cannot sign with " + key.algorithm + "; use a longer key");
  }
  return Secret(text + "." + base64_url(signed_text));
}

}  // namespace seamwatch
