#include "agent/base/kept_state.h"

namespace seamwatch::agent {

void KeptState::set(std::string key, std::string value) {
  changes_[std::move(key)] = std::move(value);
}

void KeptState::erase(std::string key) {
  changes_[std::move(key)] = std::nullopt;
}

boost::asio::awaitable<Status> KeptState::flush() {
  if (changes_.empty()) {
    co_return Status();
  }
  std::map<std::string, std::optional<std::string>> writing;
  writing.swap(changes_);
  std::vector<KeyValue> upserts;
  std::vector<std::string> deletes;
  for (const auto& [key, value] : writing) {
    if (value) {
      upserts.push_back(KeyValue{key, *value});
    } else {
      deletes.push_back(key);
    }
  }
  auto written = co_await store_.put_all(space_, std::move(upserts), std::move(deletes));
  if (!written) {
    // What changed again meanwhile is newer.
    changes_.merge(writing);
  }
  co_return written;
}

}  // namespace seamwatch::agent
