// Reads the entries of a test that are about a notification file. Every fault is reported with its
// place and remedy: unknown keys, wrong types, checks that expect nothing. Pure.
#pragma once

#include "rules/testing/check_reader.h"
#include "rules/testing/routing_checks.h"

namespace seamwatch::rules::testing {

// `input_alerts`, `input_silences` and `input_acks` of a test.
void read_routing_inputs(CheckReader& reader, MapReader& test, RoutingChecks& into);

// One entry of `alert_route_test`, or of `notification_test`.
void read_route_check(CheckReader& reader, const Node& node, RoutingChecks& into);
void read_notification_check(CheckReader& reader, const Node& node, RoutingChecks& into);

}  // namespace seamwatch::rules::testing
