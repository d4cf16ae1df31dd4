// The files of the demo's agent: configuration and notification file, with the ports of the
// simulated systems filled in.
#pragma once

#include <cstdint>
#include <string>

namespace seamwatch::agent::demo {

struct DemoPorts {
  std::uint16_t shop = 0;
  std::uint16_t bank = 0;
  std::uint16_t warehouse = 0;
  std::uint16_t broker = 0;
  std::uint16_t webhook = 0;
  std::uint16_t mail = 0;
};

// The heartbeat key of the ERP's export job.
inline constexpr const char* kExportKey = "demo-export";

std::string seamwatch_yml(const DemoPorts& ports, const std::string& listen);
std::string rules_yml();
std::string notify_yml(const DemoPorts& ports);

}  // namespace seamwatch::agent::demo
