// enrich: gives an alert what the landscape knows about its integration, before it is routed. Pure;
// the loop thread calls it for each alert that rules or the API bring.
#pragma once

#include <optional>

#include "agent/core/alert.h"
#include "agent/core/times.h"
#include "agent/landscape/landscape.h"

namespace seamwatch::agent {

// `alert` with what its label `integration` leads to; what the alert says itself always stays:
// - labels owner, criticality (of the probe that label `probe` names, else of the integration),
//   source, target;
// - annotations display, owner_display (where it is not the name), contact (or the owner's email),
//   faq_url (the integration's, else the owner's);
// - annotation advice: the integration's, before what the alert itself advises;
// - annotation expected, where label persistence is there: "expected to fix itself" for transient,
//   "needs someone" for persistent.
// An alert without that label, or with one that names no integration, only gets `expected`.
Alert enrich(Alert alert, const Landscape& landscape);

// How an integration stands now, as far as it bears on one alert: what its probes say, or the one
// that the alert names.
struct FlowStanding {
  bool failing = false;
  bool persistent = false;                                 // one that fails needs someone
  std::optional<WallTime> since = std::nullopt;            // the longest of them fails
  std::optional<WallTime> throttled_until = std::nullopt;  // its peer asked to wait
  std::string fault = {};  // what fails, in words: of one that needs someone, where there is one
};

// `alert`, of an integration of the landscape, with annotations from what is seen of it:
// - `expected`, where neither that nor label persistence is there: whether it fixes itself;
// - `failing_since`, where nothing earlier is known;
// - `summary`, where the rule gives none: what fails.
Alert with_standing(Alert alert, const FlowStanding& standing);

// An alert that others posted: only annotations, as its labels are the poster's by which it ends.
// Those of enrich(), and owner_display where it has no label owner.
Alert enrich_posted(Alert alert, const Landscape& landscape);

// An alert of our own rules as all are told of it: with the external labels that it does not have
// itself, then enriched.
Alert as_told(Alert alert, const Labels& external_labels, const Landscape& landscape);

}  // namespace seamwatch::agent
