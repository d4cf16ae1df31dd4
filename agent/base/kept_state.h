// KeptState: values of one space of the store that change often and need not be durable at once:
// integration states, heartbeats, alert states. Collects changes and writes them in one go; a write
// that fails is tried again with the next. Owned by whoever owns the values; loop thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/store/store.h"

namespace seamwatch::agent {

class KeptState {
 public:
  // Requires: `store` outlives this.
  KeptState(Store& store, std::string_view space) : store_(store), space_(space) {}

  // To be written; replaces an earlier value of `key` that is not written yet.
  void set(std::string key, std::string value);

  // To be removed.
  void erase(std::string key);

  bool dirty() const { return !changes_.empty(); }

  // Writes all changes. Error: the store's; the changes stay for the next flush.
  boost::asio::awaitable<Status> flush();

 private:
  Store& store_;
  std::string space_;
  std::map<std::string, std::optional<std::string>> changes_;  // none = erase
};

}  // namespace seamwatch::agent
