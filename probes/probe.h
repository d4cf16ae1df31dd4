// Probe: one way to look at one integration endpoint, queue or flow. run_once looks once and
// returns what it saw; when to look again is agent/watch's matter. One kind, one pair of files
// that defines its ProbeKind; probes/registry.cc lists them all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/core/dialer.h"
#include "agent/core/document.h"
#include "agent/core/http_client.h"
#include "agent/core/map_reader.h"
#include "agent/core/observation.h"
#include "agent/core/random.h"
#include "agent/core/resolver.h"
#include "agent/core/shared_text.h"
#include "agent/core/worker_pool.h"

namespace seamwatch::probes {

// The capabilities a probe may use. This and all in it outlive every probe.
struct Ports {
  Clock& clock;
  Random& random;
  Resolver& resolver;
  Dialer& dialer;
  HttpClient& http;
  WorkerPool& workers;
  bool explains = false;  // whether an observation's steps are read: they are many texts to make
};

// The options of one module, as read from a module's own map (`http:`, `tcp:`, ...). Immutable and
// shared by all probes that use the module.
struct Module {
  virtual ~Module() = default;
};

class Probe {
 public:
  virtual ~Probe() = default;

  // Looks once. Never throws for what the outside world did: that is the observation's fault. Ends
  // by `deadline`, with a timeout fault that names the phase. Runs at most once at a time.
  virtual boost::asio::awaitable<Observation> run_once(MonoTime deadline) = 0;
};

struct ProbeKind {
  std::string_view name;  // the `prober` of a module: "http", "tcp", "rabbitmq"

  // Reads the module's options out of `options` (which may be a null node: all defaults). Reports
  // every problem; the result is used only where none was reported.
  std::shared_ptr<const Module> (*read)(const Document& document,
                                        const Node& options,
                                        Diagnostics& problems);

  // Says what is wrong with `target` for this kind, or "" where it is good.
  std::string (*check_target)(const std::string& target);

  // Requires: `module` came from read(), check_target(target) is "".
  std::unique_ptr<Probe> (*make)(const SharedText& target,
                                 std::shared_ptr<const Module> module,
                                 const Ports& ports);
};

// The kind called `name`, or nullptr. The list is in probes/registry.cc.
const ProbeKind* find_kind(std::string_view name);

}  // namespace seamwatch::probes
