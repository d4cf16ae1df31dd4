// Reading the parts of a notification file, one idea a .cc file. Used by load_notify_config only.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/map_reader.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::rules {

// What `global` gives to receivers that do not say otherwise.
struct GlobalDefaults {
  Millis resolve_timeout{300'000};
  HttpConfig http;
  EmailConfig email;
};

// notify_http.cc. A secret at `key` or its path at `key`_file; reports both. True where one is
// there.
bool read_secret(MapReader& reader, std::string_view key, SecretSource& out);
TlsOptions read_tls_config(const Document& document, const Node& node, Diagnostics& problems);
HttpConfig read_http_config(const Document& document, const Node& node, Diagnostics& problems);

// Whether `text` is an http or https address with a host.
bool is_http_url(std::string_view text);

// notify_receiver.cc.
GlobalDefaults read_global(const Document& document, const Node& node, Diagnostics& problems);
Receiver read_receiver(const Document& document,
                       const Node& node,
                       const GlobalDefaults& defaults,
                       Diagnostics& problems);

// notify_route.cc. `parent` is nullptr for the root.
Route read_route(const Document& document,
                 const Node& node,
                 const Route* parent,
                 Diagnostics& problems);
InhibitRule read_inhibit_rule(const Document& document, const Node& node, Diagnostics& problems);

}  // namespace seamwatch::rules
