// FirstTold: how the alerts of our own rules were told first. What the landscape adds to an alert
// is part of who it is, and routes it. So while it fires, and to its end, it stays who it was,
// whatever a reload or a restart makes of the landscape: its end reaches those who know of its
// beginning. What is new holds for what fires next. Owned by the notifier; loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/kept_state.h"
#include "agent/core/alert.h"

namespace seamwatch::agent {

class FirstTold {
 public:
  // `store` outlives this.
  explicit FirstTold(Store& store);

  // Puts back what was kept over a restart. Drops what cannot be read.
  void restore(const std::vector<KeyValue>& kept);

  struct Telling {
    Labels labels;
    WallTime starts_at{};
    Labels added;         // annotations that it had beyond those of its rule
    std::string privacy;  // the class of its integration; "" where that has none of its own

    friend bool operator==(const Telling&, const Telling&) = default;
  };

  // What is known now of an alert.
  struct Known {
    bool fires = false;
    bool in_landscape = false;  // its integration is there
    std::string privacy;        // the class that this names
  };

  // `now_told`, which is `raw` as a rule gives it with what is known now, with the labels that it
  // was first told with. What it was told then beside them stays where nobody knows better: of an
  // integration that is gone all of it, else what to expect, which is not seen right after a start.
  // One that fires since a later time is another one.
  Alert as_first_told(const Alert& raw, Alert now_told, const Known& now);

  // The privacy class of an alert with these labels when it was first told; nullptr where it was
  // not.
  const std::string* privacy_of(const Labels& told) const;

  // Forgets those of which `needed` says no.
  void forget(const std::function<bool(const Labels& told)>& needed);

  std::size_t size() const { return tellings_.size(); }

  // Writes what changed. Error: the store's; it is tried again with the next call.
  boost::asio::awaitable<Status> keep();

 private:
  void unlink(std::uint64_t raw, const Telling& telling);
  void hold(std::uint64_t raw, Telling telling);
  void put(std::uint64_t raw, Telling telling);

  KeptState kept_;
  std::unordered_map<std::uint64_t, Telling> tellings_;       // by the labels of the rule alone
  std::unordered_map<std::uint64_t, std::uint64_t> by_told_;  // their keys, by Telling::labels
};

}  // namespace seamwatch::agent
