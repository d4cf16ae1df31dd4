// The `oauth2` of an HTTP client: how the token of its requests is got. Part of an HttpModule.
// Source: prometheus/common, OAuth2.
#pragma once

#include <memory>
#include <string>

#include "agent/core/map_reader.h"
#include "agent/core/result.h"
#include "agent/oauth2/token_cache.h"

namespace seamwatch::probes {

struct OAuth2Module {
  OAuth2Options options;    // without what stands in files
  std::string secret_file;  // of client_secret; empty = none
  std::string key_file;     // of client_certificate_key; empty = none
  // Of all probes that use the module, on the loop thread.
  std::shared_ptr<TokenCache> tokens = std::make_shared<TokenCache>();
};

// The options that stand at `node`. Reports every problem; used only where nothing was reported.
std::shared_ptr<const OAuth2Module> read_oauth2(MapReader& reader, const Node& node);

// The options with what stands in files. Errors: a file that cannot be read.
[[nodiscard]] Result<OAuth2Options> complete_options(const OAuth2Module& module);

}  // namespace seamwatch::probes
