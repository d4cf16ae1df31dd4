#include "exporters/sinks/digest.h"

#include <array>
#include <span>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "agent/core/assert.h"
#include "agent/core/hex.h"

namespace seamwatch::exporters {
std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int done =
      EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  SW_ASSERT(done == 1);
  return hex(std::span(digest).first(size));
}

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const unsigned char* done = HMAC(EVP_sha256(),
                                   key.data(),
                                   static_cast<int>(key.size()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   text.size(),
                                   digest.data(),
                                   &size);
  SW_ASSERT(done != nullptr);
  return hex(std::span(digest).first(size));
}

}  // namespace seamwatch::exporters
