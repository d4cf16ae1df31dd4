#include "agent/notify/label_digest.h"

#include <array>

#include <openssl/rand.h>

#include "agent/core/assert.h"
#include "agent/core/hex.h"
#include "exporters/sinks/digest.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kDigestKeyEntry = "key";
constexpr std::size_t kDigits = 10;

Secret fresh_key() {
  std::array<unsigned char, 32> bytes{};
  SW_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return Secret(hex(bytes));
}

}  // namespace

std::string label_digest(std::string_view value, const Secret& key) {
  return exporters::hmac_sha256_hex(key.reveal(), value).substr(0, kDigits);
}

Secret label_digest_key(const std::vector<KeyValue>& kept) {
  for (const KeyValue& entry : kept) {
    if (entry.key == kDigestKeyEntry && !entry.value.empty()) {
      return Secret(entry.value);
    }
  }
  return fresh_key();
}

KeyedLabelDigest::KeyedLabelDigest(Store& store) : store_(store), key_(fresh_key()) {}

void KeyedLabelDigest::restore(const std::vector<KeyValue>& kept) {
  for (const KeyValue& entry : kept) {
    if (entry.key == kDigestKeyEntry && !entry.value.empty()) {
      key_ = Secret(entry.value);
      kept_ = true;
    }
  }
}

void KeyedLabelDigest::use(Secret key) {
  if (key.reveal() != key_.reveal()) {
    key_ = std::move(key);
    kept_ = false;
  }
}

asio::awaitable<Status> KeyedLabelDigest::keep_key() {
  if (kept_) {
    co_return Status();
  }
  const Secret key = key_;
  std::vector<KeyValue> upserts(1, KeyValue{std::string(kDigestKeyEntry), key.reveal()});
  std::vector<std::string> nothing;
  std::string space(kLabelDigestSpace);
  auto written = co_await store_.put_all(std::move(space), std::move(upserts), std::move(nothing));
  kept_ = written.has_value() && key == key_;  // another one may have come meanwhile
  co_return written;
}

std::string KeyedLabelDigest::operator()(std::string_view value) const {
  return label_digest(value, key_);
}

}  // namespace seamwatch::agent
