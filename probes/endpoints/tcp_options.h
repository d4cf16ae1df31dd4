// TcpModule: the options of a module of kind "tcp", read from its `tcp:` map. Immutable.
// Source: blackbox_exporter CONFIGURATION.md, tcp_probe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "probes/endpoints/module_parts.h"
#include "probes/probe.h"

namespace seamwatch::probes {

// One entry of the dialogue; what is set is done in this order.
struct DialogueStep {
  std::shared_ptr<const re2::RE2> expect;                   // read lines until one matches
  std::vector<std::pair<std::string, std::string>> labels;  // of probe_expect_info; templates
  std::string expect_bytes;                                 // read exactly these
  std::string send;  // with captures put in where `expect` is set; a line end is added
  bool starttls = false;
};

struct TcpModule final : Module {
  std::vector<DialogueStep> dialogue;
  bool tls = false;
  TlsOptions tls_options;
  IpPreference ip = IpPreference::ip6_then_ip4;
  Millis cert_expiry_min{0};
  std::optional<boost::asio::ip::address> source = std::nullopt;  // `source_ip_address`
};

std::shared_ptr<const Module> read_tcp_module(const Document& document,
                                              const Node& options,
                                              Diagnostics& problems);

}  // namespace seamwatch::probes
