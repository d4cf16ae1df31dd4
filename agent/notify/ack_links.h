// AckLinks: links in notices by which whoever is told takes an alert on with one click. A link is
// signed, holds for a while and works once. Its page asks before it acts, as mail scanners follow
// links. Owned by the notifier; loop thread. Source of the signature: RFC 2104, SHA-256.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/notification.h"
#include "agent/core/secret.h"
#include "agent/store/store.h"

namespace seamwatch::agent {

// What a link says: which alert may be taken on until when.
struct AckLink {
  std::uint64_t fingerprint = 0;
  WallTime expires_at{};

  friend bool operator==(const AckLink&, const AckLink&) = default;
};

// The last part of the link's path: letters and digits.
std::string ack_token(const AckLink& link, const Secret& key);

// The link of a token that was signed with `key`; nothing where it was not.
std::optional<AckLink> read_ack_token(std::string_view token, const Secret& key);

class AckLinks {
 public:
  // `store` outlives this.
  explicit AckLinks(Store& store) : store_(store) {}

  // Puts back the key and which links were used; before the others.
  void restore(const std::vector<KeyValue>& kept, WallTime now);

  // Makes a key where there is none. Error: the store's.
  boost::asio::awaitable<Status> make_key();

  // Adds the annotation `ack_url` to each firing alert. Nothing where the notice has no external
  // URL or `lifetime` is 0.
  void add_to(Notification& notice, Millis lifetime) const;

  enum class Standing { good, used, expired, unknown };

  // What a token is worth now; `link` is set unless it is unknown.
  Standing look(std::string_view token, WallTime now, AckLink& link) const;

  // From now on this link is used; used ones that have expired are forgotten. Error: the store's;
  // then it is not used.
  boost::asio::awaitable<Status> use(std::string token, WallTime expires_at, WallTime now);

 private:
  Store& store_;
  Secret key_;
  std::map<std::string, WallTime, std::less<>> used_;  // tokens, until they expire
};

}  // namespace seamwatch::agent
