// The closed failure taxonomy. Every enumerator is spelled the same in metrics, YAML, JSON and
// logs; nothing may be added here without a decision page.
#pragma once

#include <optional>
#include <string_view>

namespace seamwatch {

enum class Category {
  unavailable,
  timeout,
  network,
  dns,
  tls,
  authentication,
  authorization,
  throttled,
  platform_limit,
  process,
  runtime,
  configuration,
  data,
  not_found,
};

// What a table row says. A Verdict never says `depends`.
enum class Persistence {
  transient,   // a few retries or waiting fix it
  persistent,  // someone must act
  depends,     // evidence settles it: confirm retries, repetition, Retry-After
};

enum class Criticality { critical, non_critical };

enum class IntegrationState {
  ok,
  degraded,
  throttled,  // the peer told us to wait; not down
  down,
  unknown,  // the agent itself has no connectivity, or nothing was observed yet
};

std::string_view to_string(Category category);
std::string_view to_string(Persistence persistence);
std::string_view to_string(Criticality criticality);  // "critical", "non-critical"
std::string_view to_string(IntegrationState state);

// Empty where `text` is none of the spellings.
std::optional<Category> parse_category(std::string_view text);
std::optional<Persistence> parse_persistence(std::string_view text);
std::optional<Criticality> parse_criticality(std::string_view text);
std::optional<IntegrationState> parse_integration_state(std::string_view text);

}  // namespace seamwatch
