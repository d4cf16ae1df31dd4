#include "agent/watch/connectivity.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace seamwatch::agent {
namespace {

constexpr Millis kRemembered{120'000};

bool is_no_route(const Signal& signal) {
  constexpr std::array<std::string_view, 3> kCodes = {"ENETUNREACH", "ENETDOWN", "ENONET"};
  return signal.protocol == "errno" &&
         std::find(kCodes.begin(), kCodes.end(), signal.code) != kCodes.end();
}

bool is_local(const Signal& signal) {
  return is_no_route(signal) || (signal.protocol == "dns" && signal.code == "query-timeout");
}

}  // namespace

bool is_loopback(std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const std::string_view host = bracketed ? authority.substr(1, authority.find(']') - 1)
                                          : authority.substr(0, authority.find(':'));
  const bool ip4 =
      host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
  return ip4 || host == "localhost" || host == "::1" || host.ends_with(".localhost");
}

void Connectivity::note(std::uint32_t probe, const std::optional<Fault>& fault, WallTime now) {
  const Outcome outcome{now, fault && is_local(fault->signal), fault && is_no_route(fault->signal)};
  if (outcomes_.size() <= probe) {
    outcomes_.reserve(std::max<std::size_t>(outcomes_.capacity(), probe + 1 + probe / 8));
    outcomes_.resize(probe + 1);
  }
  Outcome& before = outcomes_[probe];
  local_faults_ -= before.local_fault ? 1 : 0;
  local_faults_ += outcome.local_fault ? 1 : 0;
  before = outcome;
}

void Connectivity::forget(std::uint32_t probe) {
  if (probe < outcomes_.size()) {
    local_faults_ -= outcomes_[probe].local_fault ? 1 : 0;
    outcomes_[probe] = Outcome{};
  }
}

bool Connectivity::lost(WallTime now) const {
  if (local_faults_ == 0) {
    return false;
  }
  std::size_t agreeing = 0;
  bool no_route = false;
  for (const Outcome& outcome : outcomes_) {
    if (!outcome.at || *outcome.at + kRemembered < now) {
      continue;
    }
    if (!outcome.local_fault) {
      return false;
    }
    ++agreeing;
    no_route = no_route || outcome.no_route;
  }
  return agreeing >= 3 || (agreeing > 0 && no_route);
}

}  // namespace seamwatch::agent
