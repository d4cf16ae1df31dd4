// The list of all probe kinds. A new kind is its own two files and a line here.
#include <array>

#include "probes/endpoints/http.h"
#include "probes/endpoints/tcp.h"
#include "probes/probe.h"
#include "probes/queues/rabbitmq.h"

namespace seamwatch::probes {

const ProbeKind* find_kind(std::string_view name) {
  static constexpr std::array kKinds = {&kHttpKind, &kTcpKind, &kRabbitmqKind};
  for (const ProbeKind* kind : kKinds) {
    if (kind->name == name) {
      return kind;
    }
  }
  return nullptr;
}

}  // namespace seamwatch::probes
