// LabelDigest: what stands in a redacted label for the value that was there, so that two alerts
// that differ only in it stay two: the first digits of an HMAC under a key of this agent. Without
// the key nobody can try out values. Owned by the notifier; loop thread. Source: RFC 2104, SHA-256.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/secret.h"
#include "agent/store/store.h"

namespace seamwatch::agent {

// Ten hex digits.
std::string label_digest(std::string_view value, const Secret& key);

// The key among what was kept, else a fresh one.
Secret label_digest_key(const std::vector<KeyValue>& kept);

class KeyedLabelDigest {
 public:
  // With a fresh key, which holds until restore() brings the kept one. `store` outlives this.
  explicit KeyedLabelDigest(Store& store);

  // Takes the key of earlier starts, so that redacted labels stay what they were.
  void restore(const std::vector<KeyValue>& kept);

  // From now on this key, which is kept in the place of the one before: redacted labels change.
  void use(Secret key);

  // Keeps the key where it is not kept yet. Error: the store's; the next start has another key
  // then.
  boost::asio::awaitable<Status> keep_key();

  const Secret& key() const { return key_; }

  // label_digest() under its key.
  std::string operator()(std::string_view value) const;

 private:
  Store& store_;
  Secret key_;
  bool kept_ = false;
};

}  // namespace seamwatch::agent
