// Acks among the silences of API v2, so that clients of Alertmanager, which know no acks, see who
// has taken on what. An ack silences nothing: the alert stays active, only its repeats are held
// back. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "rules/routing/ack.h"
#include "rules/routing/silence.h"

namespace seamwatch::agent {

// The annotation that tells an ack from a silence.
inline constexpr std::string_view kAckAnnotation = "seamwatch_ack";

// The ack as a silence of the alert's labels, with an id that follows from its fingerprint.
rules::Silence ack_silence(const rules::Ack& ack);

// Of those that hold at `now`, by their end.
std::vector<rules::Silence> ack_silences(const std::map<std::uint64_t, rules::Ack>& acks,
                                         WallTime now);

// The fingerprint of the alert where `id` is that of an ack.
std::optional<std::uint64_t> acked_alert(std::string_view id);

// Both, in the order of the list: active ones by their end, then the others as they were.
std::vector<const rules::Silence*> with_acks(const std::vector<const rules::Silence*>& silences,
                                             const std::vector<rules::Silence>& acks,
                                             WallTime now);

}  // namespace seamwatch::agent
