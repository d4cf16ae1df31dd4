#include "agent/oauth2/jwt.h"

#include <memory>

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

using namespace seamwatch;
namespace json = boost::json;

namespace {

using Key = std::shared_ptr<EVP_PKEY>;

Key new_rsa_key(unsigned bits) {
  return Key(EVP_RSA_gen(bits), EVP_PKEY_free);
}

Key new_ec_key() {
  return Key(EVP_EC_gen("P-256"), EVP_PKEY_free);
}

Secret pem_of(const Key& key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return Secret(std::string(text, static_cast<std::size_t>(size)));
}

std::string from_base64_url(std::string text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    REQUIRE(kDigits.find(c) != std::string_view::npos);
    bits = (bits << 6U | static_cast<unsigned>(kDigits.find(c))) & 0xffffU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> static_cast<unsigned>(held) & 0xffU);
    }
  }
  return out;
}

bool verifies(const Key& key, const EVP_MD* digest, const std::string& token) {
  const std::size_t dot = token.rfind('.');
  const std::string signature = from_base64_url(token.substr(dot + 1));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(),
                          reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(),
                          reinterpret_cast<const unsigned char*>(token.data()),
                          dot) == 1;
}

}  // namespace

TEST_CASE("jwt: header, claims, and a signature that the public key verifies") {
  struct Case {
    const char* algorithm;
    const EVP_MD* digest;
  };

  const Key key = new_rsa_key(2048);
  const Case cases[] = {{"RS256", EVP_sha256()}, {"RS384", EVP_sha384()}, {"RS512", EVP_sha512()}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.algorithm) {
      const json::object claims{{"iss", "id"}, {"exp", 17}};
      const auto token = signed_jwt(claims, {pem_of(key), "k1", c.algorithm});
      REQUIRE(token.has_value());
      const std::string& text = token->reveal();
      const std::size_t dot = text.find('.');
      const json::value header = json::parse(from_base64_url(text.substr(0, dot)));
      CHECK(header == json::value{{"alg", c.algorithm}, {"typ", "JWT"}, {"kid", "k1"}});
      const std::string body = text.substr(dot + 1, text.rfind('.') - dot - 1);
      CHECK(json::parse(from_base64_url(body)) == json::value(claims));
      CHECK(verifies(key, c.digest, text));
      CHECK_FALSE(verifies(new_rsa_key(2048), c.digest, text));
    }
  }
}

TEST_CASE("jwt: no key id, no kid") {
  const auto token = signed_jwt({}, {pem_of(new_rsa_key(2048)), "", "RS256"});
  REQUIRE(token.has_value());
  CHECK(from_base64_url(token->reveal().substr(0, token->reveal().find('.'))) ==
        R"({"alg":"RS256","typ":"JWT"})");
}

TEST_CASE("jwt: keys that cannot sign") {
  struct Case {
    const char* name;
    JwtKey key;
    const char* want;
  };

  const std::string no_key = "client_certificate_key is no RSA key in PEM without a passphrase";
  const Case cases[] = {{"no text", {Secret(), "", "RS256"}, no_key.c_str()},
                        {"no PEM", {Secret("s3cret"), "", "RS256"}, no_key.c_str()},
                        {"not RSA", {pem_of(new_ec_key()), "", "RS256"}, no_key.c_str()},
                        {"no such algorithm",
                         {pem_of(new_rsa_key(2048)), "", "none"},
                         "unknown signature algorithm; use RS256, RS384 or RS512"},
                        {"too short",
                         {pem_of(new_rsa_key(512)), "", "RS512"},
                         "client_certificate_key cannot sign with RS512; use a longer key"}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto token = signed_jwt({}, c.key);
      REQUIRE_FALSE(token.has_value());
      CHECK(token.error().message == c.want);
    }
  }
}
