// The answers about which series there are: /api/v1/labels, /api/v1/label/NAME/values,
// /api/v1/series and /api/v1/status/tsdb. Run on a worker thread.
// Source: Prometheus web/api/v1/api.go.
#pragma once

#include <memory>
#include <string>

#include "agent/core/times.h"
#include "agent/web/prometheus/envelope.h"
#include "agent/web/prometheus/parameters.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

// What an answer is paid from while it is found and sent: where it does not suffice, the answer is
// a failure that says so.
using Held = std::shared_ptr<rules::promql::HeldMemory>;

// Names of labels, sorted; of the series that any match[] selects where there are some, between
// start and end, at most limit.
ApiAnswer labels_answer(const Form& form, const rules::SeriesStore& store, Held held);

// Values of the label `name` (as it stands in the path; U__ escapes are undone), likewise.
ApiAnswer label_values_answer(const Form& form,
                              const std::string& name,
                              const rules::SeriesStore& store,
                              Held held);

// The label sets of all series that any match[] selects, sorted, each once.
ApiAnswer series_answer(const Form& form, const rules::SeriesStore& store, Held held);

// How many series there are by metric, label and pair; the `limit` (10) largest of each. Samples
// are kept from `oldest` to `now`.
ApiAnswer tsdb_answer(const Form& form,
                      const rules::SeriesStore& store,
                      WallTime oldest,
                      WallTime now);

}  // namespace seamwatch::agent
