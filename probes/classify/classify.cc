#include "probes/classify/classify.h"

#include <algorithm>

#include "agent/core/assert.h"
#include "probes/classify/episode.h"
#include "probes/classify/words.h"

namespace seamwatch::probes {
namespace {

// Without own connectivity these say nothing about the peer, however long they last.
bool comes_from_the_network(Category category) {
  switch (category) {
    case Category::network:
    case Category::dns:
    case Category::timeout:
    case Category::unavailable:
      return true;
    default:
      return false;
  }
}

// What a wait that the peer announced makes of a row: transient, and a refusal is throttling.
// Source: the team's error corpus notes, section 3.3.
void heed_announced_wait(TableVerdict& verdict) {
  verdict.persistence = Persistence::transient;
  verdict.honours_retry_after = true;
  switch (verdict.category) {
    case Category::throttled:
    case Category::unavailable:
    case Category::platform_limit:
    case Category::timeout:
      return;
    case Category::runtime:
    case Category::network:
    case Category::dns:
      verdict.category = Category::unavailable;
      return;
    default:
      verdict.category = Category::throttled;
  }
}

bool says_retry_after(const Signal& signal) {
  return !signal.when.empty() && when_similarity(signal.when, "Retry-After present") == 1;
}

bool budget_is_spent(const ClassifyContext& context, Category category) {
  if (!context.own_connectivity && comes_from_the_network(category)) {
    return false;
  }
  const WallTime since = context.fault_since.value_or(context.now);
  const WallTime from = std::max(since, context.announced_until.value_or(since));
  return context.now - from >= context.retry_budget;
}

}  // namespace

TableVerdict table_verdict(const Signal& signal) {
  TableVerdict verdict;
  verdict.match = match(signal);
  const Row& row = *verdict.match.row;
  verdict.persistence = row.persistence;
  verdict.category = row.category;
  verdict.honours_retry_after = row.honours_retry_after;
  if (!row.honours_retry_after && says_retry_after(signal)) {
    heed_announced_wait(verdict);
  }
  return verdict;
}

Verdict classify(const Fault& fault, const ClassifyContext& context) {
  SW_ASSERT(context.confirm.same_fingerprint <= context.confirm.retries_made);
  SW_ASSERT(context.retry_budget >= Millis(0));
  Signal signal = fault.signal;
  if (fault.retry_after && signal.when.empty()) {
    signal.when = "Retry-After present";
  }
  TableVerdict table = table_verdict(signal);
  if (fault.retry_after && table.persistence != Persistence::transient) {
    heed_announced_wait(table);
  }
  Verdict verdict;
  verdict.category = table.category;
  verdict.persistence = table.persistence;
  verdict.criticality = context.criticality;
  verdict.reason = table.match.reason;
  verdict.signal = fault.signal;
  verdict.row = describe_row(fault.signal.protocol, *table.match.row);
  verdict.source = table.match.source;
  verdict.confirm_retries = context.confirm.retries_made;
  if (fault.retry_after) {
    verdict.retry_at = context.now + std::min(*fault.retry_after, kAnnouncedWaitMax);
  }
  if (context.confirm.succeeded) {
    verdict.persistence = Persistence::transient;
    verdict.reason = "cleared_on_retry";
    return verdict;
  }
  if (verdict.persistence == Persistence::persistent) {
    return verdict;
  }
  const bool all_alike = context.confirm_retries_max > 0 &&
                         context.confirm.same_fingerprint >= context.confirm_retries_max &&
                         context.confirm.same_fingerprint == context.confirm.retries_made;
  const bool blind = !context.own_connectivity && comes_from_the_network(verdict.category);
  if (verdict.persistence == Persistence::depends && all_alike && !blind) {
    verdict.persistence = Persistence::persistent;
    verdict.reason = "confirmed";
  } else if (budget_is_spent(context, verdict.category)) {
    verdict.persistence = Persistence::persistent;
    verdict.reason = "retry_budget_exhausted";
  } else {
    verdict.persistence = Persistence::transient;
  }
  return verdict;
}

std::string fingerprint(const Fault& fault) {
  return squeeze(fault.signal.protocol) + "|" + squeeze(fault.signal.code) + "|" +
         squeeze(fault.signal.when) + "|" + fault.phase;
}

}  // namespace seamwatch::probes
