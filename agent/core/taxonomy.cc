#include "agent/core/taxonomy.h"

#include <array>

namespace seamwatch {
namespace {

using namespace std::string_view_literals;

// In the order of the enumerators.
constexpr std::array kCategories = {"unavailable"sv,
                                    "timeout"sv,
                                    "network"sv,
                                    "dns"sv,
                                    "tls"sv,
                                    "authentication"sv,
                                    "authorization"sv,
                                    "throttled"sv,
                                    "platform_limit"sv,
                                    "process"sv,
                                    "runtime"sv,
                                    "configuration"sv,
                                    "data"sv,
                                    "not_found"sv};
constexpr std::array kPersistences = {"transient"sv, "persistent"sv, "depends"sv};
constexpr std::array kCriticalities = {"critical"sv, "non-critical"sv};
constexpr std::array kStates = {"ok"sv, "degraded"sv, "throttled"sv, "down"sv, "unknown"sv};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Category category) {
  return kCategories.at(static_cast<std::size_t>(category));
}

std::string_view to_string(Persistence persistence) {
  return kPersistences.at(static_cast<std::size_t>(persistence));
}

std::string_view to_string(Criticality criticality) {
  return kCriticalities.at(static_cast<std::size_t>(criticality));
}

std::string_view to_string(IntegrationState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<Category> parse_category(std::string_view text) {
  return find<Category>(kCategories, text);
}

std::optional<Persistence> parse_persistence(std::string_view text) {
  return find<Persistence>(kPersistences, text);
}

std::optional<Criticality> parse_criticality(std::string_view text) {
  return find<Criticality>(kCriticalities, text);
}

std::optional<IntegrationState> parse_integration_state(std::string_view text) {
  return find<IntegrationState>(kStates, text);
}

}  // namespace seamwatch
