#include "agent/notify/ack_links.h"

#include <array>
#include <charconv>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "agent/base/log.h"
#include "agent/core/hex.h"
#include "exporters/sinks/digest.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kLinkKeyEntry = "key";
constexpr std::string_view kUsedPrefix = "used ";
constexpr std::size_t kClaimDigits = 32;  // fingerprint and time
constexpr std::size_t kSignatureDigits = 32;

std::string signature(std::string_view claim, const Secret& key) {
  return exporters::hmac_sha256_hex(key.reveal(), claim).substr(0, kSignatureDigits);
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t out = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  return whole ? std::optional(out) : std::nullopt;
}

}  // namespace

std::string ack_token(const AckLink& link, const Secret& key) {
  const std::string claim =
      fingerprint_hex(link.fingerprint) +
      fingerprint_hex(static_cast<std::uint64_t>(unix_millis(link.expires_at)));
  return claim + signature(claim, key);
}

std::optional<AckLink> read_ack_token(std::string_view token, const Secret& key) {
  if (key.empty() || token.size() != kClaimDigits + kSignatureDigits) {
    return std::nullopt;
  }
  const std::string want = signature(token.substr(0, kClaimDigits), key);
  const auto fingerprint = number(token.substr(0, 16));
  const auto expires_at = number(token.substr(16, 16));
  // In constant time, so that nobody can guess it digit by digit.
  const bool good = CRYPTO_memcmp(want.data(), token.data() + kClaimDigits, want.size()) == 0;
  if (!good || !fingerprint || !expires_at) {
    return std::nullopt;
  }
  return AckLink{*fingerprint, wall_from_unix_millis(static_cast<std::int64_t>(*expires_at))};
}

void AckLinks::restore(const std::vector<KeyValue>& kept, WallTime now) {
  for (const KeyValue& entry : kept) {
    if (entry.key == kLinkKeyEntry) {
      key_ = Secret(entry.value);
    } else if (entry.key.starts_with(kUsedPrefix)) {
      const auto until = number(entry.value);
      const WallTime expires_at =
          wall_from_unix_millis(until ? static_cast<std::int64_t>(*until) : 0);
      if (expires_at > now) {
        used_[entry.key.substr(kUsedPrefix.size())] = expires_at;
      }
    }
  }
}

asio::awaitable<Status> AckLinks::make_key() {
  if (!key_.empty()) {
    co_return Status();
  }
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    co_return error("the system gives no random bytes for the key of ack links");
  }
  const std::string text = hex(bytes);
  std::vector<KeyValue> upserts(1, KeyValue{std::string(kLinkKeyEntry), text});
  std::vector<std::string> nothing;
  std::string space(kAckLinkSpace);
  auto written = co_await store_.put_all(std::move(space), std::move(upserts), std::move(nothing));
  if (written) {
    key_ = Secret(text);
  }
  co_return written;
}

void AckLinks::add_to(Notification& notice, Millis lifetime) const {
  if (lifetime <= Millis(0) || notice.external_url.empty() || key_.empty()) {
    return;
  }
  for (Alert& alert : notice.alerts) {
    if (!alert.ends_at) {
      const AckLink link{alert.labels.fingerprint(), notice.created_at + lifetime};
      alert.annotations.set("ack_url", notice.external_url + "/ack/" + ack_token(link, key_));
    }
  }
}

AckLinks::Standing AckLinks::look(std::string_view token, WallTime now, AckLink& link) const {
  const auto read = read_ack_token(token, key_);
  if (!read) {
    return Standing::unknown;
  }
  link = *read;
  if (now >= link.expires_at) {
    return Standing::expired;
  }
  return used_.find(token) == used_.end() ? Standing::good : Standing::used;
}

asio::awaitable<Status> AckLinks::use(std::string token, WallTime expires_at, WallTime now) {
  const std::string until = fingerprint_hex(static_cast<std::uint64_t>(unix_millis(expires_at)));
  std::vector<KeyValue> upserts(1, KeyValue{std::string(kUsedPrefix) + token, until});
  std::vector<std::string> gone;
  std::erase_if(used_, [&](const auto& other) {
    const bool over = other.second <= now;
    if (over) {
      gone.push_back(std::string(kUsedPrefix) + other.first);
    }
    return over;
  });
  used_[token] = expires_at;  // at once, so that two clicks do not both count
  std::string space(kAckLinkSpace);
  auto written = co_await store_.put_all(std::move(space), std::move(upserts), std::move(gone));
  if (!written) {
    used_.erase(token);
  }
  co_return written;
}

}  // namespace seamwatch::agent
