#include "agent/label_digest.h"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "agent/core/assert.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kKeyEntry = "key";
constexpr std::size_t kDigestBytes = 5;

std::string hex(const unsigned char* bytes, std::size_t size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += kDigits[bytes[i] >> 4U];
    out += kDigits[bytes[i] & 15U];
  }
  return out;
}

Secret fresh_key() {
  std::array<unsigned char, 32> bytes{};
  SW_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return Secret(hex(bytes.data(), bytes.size()));
}

}  // namespace

KeyedLabelDigest::KeyedLabelDigest(Store& store) : store_(store), key_(fresh_key()) {}

void KeyedLabelDigest::restore(const std::vector<KeyValue>& kept) {
  for (const KeyValue& entry : kept) {
    if (entry.key == kKeyEntry && !entry.value.empty()) {
      key_ = Secret(entry.value);
      kept_ = true;
    }
  }
}

asio::awaitable<Status> KeyedLabelDigest::keep_key() {
  if (kept_) {
    co_return Status();
  }
  std::vector<KeyValue> upserts(1, KeyValue{std::string(kKeyEntry), key_.reveal()});
  std::vector<std::string> nothing;
  std::string space(kLabelDigestSpace);
  auto written = co_await store_.put_all(std::move(space), std::move(upserts), std::move(nothing));
  kept_ = written.has_value();
  co_return written;
}

std::string KeyedLabelDigest::operator()(std::string_view value) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(),
       key_.reveal().data(),
       static_cast<int>(key_.reveal().size()),
       reinterpret_cast<const unsigned char*>(value.data()),
       value.size(),
       digest.data(),
       &size);
  return hex(digest.data(), kDigestBytes);
}

}  // namespace seamwatch::agent
