// Reading the parts of a notification file, one idea a .cc file. Used by load_notify_config; the
// HTTP part also for alerting.alertmanagers of seamwatch.yml, which has the same keys.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/http_url.h"
#include "agent/core/map_reader.h"
#include "rules/routing/notify_config.h"
#include "rules/routing/notify_vendor_schema.h"

namespace seamwatch::rules {

// What `global` gives to receivers that do not say otherwise.
struct GlobalDefaults {
  Millis resolve_timeout{300'000};
  HttpConfig http;
  EmailConfig email;
  // What only types of single vendors read, by the keys of `global`.
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, SecretSource, std::less<>> secrets;
};

// notify_http.cc. A secret at `key` or its path at `key`_file; reports both. True where one is
// there.
bool read_secret(MapReader& reader, std::string_view key, SecretSource& out);

// `key`_ref names a secret of a secret manager: Alertmanager's check takes it, `unserved` says that
// it cannot be had here. `given`: the secret itself or its file is there too, which is reported.
// True where a reference is there.
bool read_reference(MapReader& reader,
                    std::string_view key,
                    bool given,
                    std::vector<Diagnostic>& unserved);

TlsOptions read_tls_config(const Document& document,
                           const Node& node,
                           Diagnostics& problems,
                           std::vector<Diagnostic>& unserved);
void read_proxy(MapReader& reader, ProxyConfig& out);

// How long one request may take, a Go duration; what is finer than a millisecond is rounded up.
// Alertmanager takes any; one that is longer than we ever wait is told in `unserved`.
void read_timeout(MapReader& reader, Millis& out, std::vector<Diagnostic>& unserved);

HttpConfig read_http_config(const Document& document, const Node& node, Diagnostics& problems);

// Whether `text` may stand before the colon of an HTTP header. Source: RFC 9110 section 5.1.
bool is_header_name(std::string_view text);

// notify_oauth2.cc.
OAuth2Config read_oauth2(const Document& document,
                         const Node& node,
                         Diagnostics& problems,
                         std::vector<Diagnostic>& unserved);

// notify_vendor.cc.
VendorConfig read_vendor(const Document& document,
                         const Node& node,
                         const VendorType& type,
                         const GlobalDefaults& defaults,
                         Diagnostics& problems);

// notify_receiver.cc.
// Whether mail can go there: a host, and a port by its number or one of the names of mail's ports.
bool takes_mail(std::string_view smarthost);

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
