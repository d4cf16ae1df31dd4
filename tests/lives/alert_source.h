// AlertSource: where alerts come from. It posts them to an agent as a Prometheus does, again and
// again while they fire and for a while after their end; or once only, with an end that is known.
// And it breaks and mends what the agent's own probes look at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/lives/chance.h"
#include "tests/scenario/sim_world.h"

namespace seamwatch::fakes {

// An alert as its source knows it.
struct SourceAlert {
  std::string name;
  std::string service;
  std::string zone;
  bool is_posted_once = false;
  bool is_own = false;  // the agent's own: its integration is `service`
  std::optional<WallTime> starts_at = std::nullopt;
  std::optional<WallTime> ends_at = std::nullopt;  // may lie ahead where it is posted once
  bool is_taken = false;                           // by the agent, as it now stands

  bool fires(WallTime now) const { return starts_at && (!ends_at || *ends_at > now); }

  std::string id() const { return name + "/" + service; }
};

class AlertSource {
 public:
  // `probed`: names of integrations.
  AlertSource(Chance& chance, SimWorld& world, const std::vector<std::string>& probed);

  // Some begin and some end, and are posted. What the agent does not take is posted again.
  void flip_some();

  // All end.
  void end_all();

  // Posts again what is posted again and again.
  void repeat();

  const std::vector<SourceAlert>& alerts() const { return alerts_; }

 private:
  WallTime now() const;
  void flip(SourceAlert& alert);
  void break_or_mend(const SourceAlert& alert);
  void post(const std::vector<SourceAlert*>& alerts);

  Chance& chance_;
  SimWorld& world_;
  std::vector<SourceAlert> alerts_;
};

}  // namespace seamwatch::fakes
