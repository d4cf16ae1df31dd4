#include "probes/endpoints/module_parts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <re2/re2.h>

#include "agent/core/go_regexp.h"
#include "agent/core/labels.h"

namespace seamwatch::probes {
namespace {

std::optional<double> unit_bytes(std::string_view unit) {
  constexpr std::string_view kLetters = "KMGTPE";
  if (unit == "B") {
    return 1.0;
  }
  const std::size_t power = unit.empty() ? std::string_view::npos : kLetters.find(unit.front());
  const std::string_view rest = unit.empty() ? unit : unit.substr(1);
  if (power == std::string_view::npos || (rest != "B" && rest != "iB")) {
    return std::nullopt;
  }
  return std::pow(1024.0, static_cast<double>(power + 1));
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  if (text == "0") {
    return 0;
  }
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    text.remove_prefix(1);
  }
  double total = 0;
  if (text.empty()) {
    return std::nullopt;
  }
  while (!text.empty()) {
    const std::size_t number_end = std::min(text.find_first_not_of("0123456789."), text.size());
    double count = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + number_end, count);
    text.remove_prefix(number_end);
    const std::size_t unit_end = std::min(text.find_first_of("0123456789."), text.size());
    const auto unit = unit_bytes(text.substr(0, unit_end));
    if (failure != std::errc() || end != text.data() || !unit) {
      return std::nullopt;
    }
    total += count * *unit;
    text.remove_prefix(unit_end);
  }
  if (!(total < 9e18)) {
    return std::nullopt;
  }
  const auto bytes = static_cast<std::int64_t>(total);
  return negative ? -bytes : bytes;
}

}  // namespace

void read_tls_config(MapReader& reader, TlsOptions& out) {
  const Node* node = reader.find("tls_config");
  if (node == nullptr) {
    return;
  }
  MapReader tls(reader.document(), *node, "tls_config", reader.problems());
  tls.read("ca_file", out.ca_file);
  tls.read("cert_file", out.cert_file);
  tls.read("key_file", out.key_file);
  tls.read("server_name", out.server_name);
  tls.read("insecure_skip_verify", out.insecure_skip_verify);
  tls.read("min_version", out.min_version);
  tls.read("max_version", out.max_version);
  tls.read("ca", out.ca);
  tls.read("cert", out.cert);
  tls.read("key", out.key);
  for (const char* key : {"ca_ref", "cert_ref", "key_ref"}) {
    if (const Node* text = tls.find(key)) {
      tls.report(*text,
                 "\"" + std::string(key) + "\" is not supported: there is no secrets manager",
                 "put the PEM text itself under ca, cert or key, or into a file");
    }
  }
  for (const auto& [text, file] :
       {std::pair("ca", "ca_file"), {"cert", "cert_file"}, {"key", "key_file"}}) {
    if (tls.find(text) != nullptr && tls.find(file) != nullptr) {
      tls.report(*tls.find(text), std::string(text) + " and " + file + " exclude each other");
    }
  }
  for (const char* key : {"min_version", "max_version"}) {
    const Node* version = tls.find(key);
    constexpr std::array<std::string_view, 4> kVersions = {"TLS10", "TLS11", "TLS12", "TLS13"};
    if (version != nullptr && version->is_scalar() &&
        std::find(kVersions.begin(), kVersions.end(), version->scalar) == kVersions.end()) {
      tls.report(*version,
                 "unknown TLS version " + quoted(version->scalar),
                 "use TLS10, TLS11, TLS12 or TLS13");
    }
  }
  const bool has_certificate = !out.cert_file.empty() || !out.cert.empty();
  const bool has_key = !out.key_file.empty() || !out.key.empty();
  if (has_certificate != has_key) {
    tls.report(
        *node, "a client certificate and its key go together, only one is set", "set both or none");
  }
  tls.done();
}

IpPreference read_ip_preference(MapReader& reader) {
  std::string preferred = "ip6";
  bool fallback = true;
  reader.read("preferred_ip_protocol", preferred);
  reader.read("ip_protocol_fallback", fallback);
  const bool six = preferred == "ip6" || preferred.empty();
  if (fallback) {
    return six ? IpPreference::ip6_then_ip4 : IpPreference::ip4_then_ip6;
  }
  return six ? IpPreference::ip6_only : IpPreference::ip4_only;
}

std::shared_ptr<const re2::RE2> compile(MapReader& reader, const Node& node) {
  if (!node.is_scalar()) {
    reader.report(node, "a regular expression must be a text", "write it in quotes");
    return nullptr;
  }
  auto expression = std::make_shared<const re2::RE2>(node.scalar, re2::RE2::Quiet);
  const bool known = expression->ok();
  const std::string fault = known ? go_regexp_fault(node.scalar) : expression->error();
  if (!fault.empty()) {
    reader.report(node,
                  "cannot compile the regular expression " + quoted(node.scalar) + ": " + fault,
                  known ? "use RE2 syntax as Go has it: without \\C, names of groups in ASCII"
                        : "use RE2 syntax");
    return nullptr;
  }
  return expression;
}

void read_bytes(MapReader& reader, std::string_view key, std::int64_t& out) {
  const Node* node = reader.find(key);
  if (node == nullptr) {
    return;
  }
  const auto parsed = node->is_scalar() ? parse_bytes(node->scalar) : std::nullopt;
  if (!parsed) {
    reader.report(*node,
                  "\"" + std::string(key) + "\" must be a size, not " + quoted(node->scalar),
                  "write a size like 10MB or 512KB");
    return;
  }
  out = *parsed;
}

}  // namespace seamwatch::probes
