#include "probes/queues/rabbitmq_module.h"

#include <algorithm>
#include <array>

#include "agent/core/labels.h"

namespace seamwatch::probes {
namespace {

constexpr std::size_t kQueueNameBytesMax = 255;  // AMQP's short string
constexpr std::size_t kQueuesMax = 1000;

void read_tls(MapReader& reader, TlsOptions& tls) {
  const Node* node = reader.find("tls_config");
  if (node == nullptr) {
    return;
  }
  MapReader inner(reader.document(), *node, "tls_config", reader.problems());
  inner.read("ca_file", tls.ca_file);
  inner.read("cert_file", tls.cert_file);
  inner.read("key_file", tls.key_file);
  inner.read("server_name", tls.server_name);
  inner.read("insecure_skip_verify", tls.insecure_skip_verify);
  inner.read("min_version", tls.min_version);
  inner.read("max_version", tls.max_version);
  static constexpr std::array<std::string_view, 5> kVersions = {
      "", "TLS10", "TLS11", "TLS12", "TLS13"};
  for (const std::string_view key : {"min_version", "max_version"}) {
    const Node* version = node->find(key);
    if (version != nullptr && version->is_scalar() &&
        std::find(kVersions.begin(), kVersions.end(), version->scalar) == kVersions.end()) {
      inner.report(*version,
                   "unknown TLS version " + quoted(version->scalar),
                   "use TLS10, TLS11, TLS12 or TLS13");
    }
  }
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    inner.report(*node, "\"cert_file\" and \"key_file\" go together", "set both or none");
  }
  inner.done();
}

void read_queues(MapReader& reader, RabbitModule& module) {
  std::string one;
  const bool single = reader.read("queue", one);
  const Node* list = reader.find("queues");
  reader.read("queues", module.queues);
  if (single) {
    module.queues.insert(module.queues.begin(), one);
  }
  if (single && list != nullptr) {
    reader.report(*list, "both \"queue\" and \"queues\" are set", "keep one of them");
  } else if (!single && list == nullptr && reader.node().find("queue") == nullptr) {
    reader.report(reader.node(),
                  "rabbitmq module has no \"queue\"",
                  "name the queue to look at, or several under queues");
  }
  const Node* place = list != nullptr ? list : reader.find("queue");
  for (const std::string& name : module.queues) {
    if (name.empty() || name.size() > kQueueNameBytesMax) {
      reader.report(*place, "a queue name has 1 to 255 bytes", "write the name of the queue");
    }
  }
  if (list != nullptr && list->is_list() &&
      (list->items.empty() || list->items.size() > kQueuesMax)) {
    reader.report(*list, "\"queues\" must name 1 to 1000 queues", "name them one by one");
  }
}

void read_bound(MapReader& reader, std::string_view key, std::optional<std::int64_t>& bound) {
  std::int64_t value = 0;
  if (!reader.read(key, value)) {
    return;
  }
  if (value < 0) {
    reader.report(*reader.find(key),
                  "\"" + std::string(key) + "\" must be 0 or more",
                  "write a whole number, like 0");
  }
  bound = value;
}

void read_bounds(MapReader& reader, RabbitModule& module) {
  read_bound(reader, "backlog_max", module.bounds.backlog_max);
  read_bound(reader, "consumers_min", module.bounds.consumers_min);
  read_bound(reader, "dead_letters_max", module.bounds.dead_letters_max);
  Millis age{};
  if (reader.read("oldest_age_max", age)) {
    module.bounds.oldest_age_max = age;
    if (reader.find("management_url") == nullptr) {
      reader.report(*reader.find("oldest_age_max"),
                    "\"oldest_age_max\" needs \"management_url\": AMQP does not tell ages",
                    "set management_url, or remove oldest_age_max");
    }
  }
  reader.read("dead_letter_queue", module.dead_letter_queue);
  if (module.bounds.dead_letters_max && module.dead_letter_queue.empty()) {
    reader.report(*reader.find("dead_letters_max"),
                  "\"dead_letters_max\" needs \"dead_letter_queue\"",
                  "name the queue to look at");
  }
}

void read_management(MapReader& reader, RabbitModule& module) {
  const Node* url = reader.find("management_url");
  reader.read("management_url", module.management_url);
  if (url != nullptr && url->is_scalar() &&
      (!(url->scalar.starts_with("http://") || url->scalar.starts_with("https://")) ||
       url->scalar.find_first_of("@?#") != std::string::npos)) {
    reader.report(*url,
                  "\"management_url\" must be a plain http:// or https:// URL",
                  "write it like http://broker.example:15672; credentials go to "
                  "management_username and management_password_file");
  }
  module.management_username = module.login.username;
  module.management_password = module.login.password;
  reader.read("management_username", module.management_username);
  reader.read("management_password", module.management_password);
}

void read_preference(MapReader& reader, RabbitModule& module) {
  std::string family = "ip6";
  bool fallback = true;
  const Node* node = reader.find("preferred_ip_protocol");
  reader.read("preferred_ip_protocol", family);
  reader.read("ip_protocol_fallback", fallback);
  if (node != nullptr && family != "ip4" && family != "ip6") {
    reader.report(*node,
                  "\"preferred_ip_protocol\" must be ip4 or ip6, not " + quoted(family),
                  "write ip4 or ip6");
  }
  if (family == "ip4") {
    module.preference = fallback ? IpPreference::ip4_then_ip6 : IpPreference::ip4_only;
  } else {
    module.preference = fallback ? IpPreference::ip6_then_ip4 : IpPreference::ip6_only;
  }
}

}  // namespace

std::shared_ptr<const Module> read_rabbit_module(const Document& document,
                                                 const Node& options,
                                                 Diagnostics& problems) {
  auto module = std::make_shared<RabbitModule>();
  MapReader reader(document, options, "rabbitmq module", problems);
  reader.read("username", module->login.username);
  reader.read("password", module->login.password);
  read_tls(reader, module->login.tls);
  read_queues(reader, *module);
  read_bounds(reader, *module);
  read_management(reader, *module);
  read_preference(reader, *module);
  if (reader.read("timeout", module->timeout) && module->timeout <= Millis(0)) {
    reader.report(
        *reader.find("timeout"), "\"timeout\" must be longer than 0", "write one like 5s");
  }
  reader.done();
  return module;
}

}  // namespace seamwatch::probes
