#include <algorithm>

#include "rules/groups/rule_runner.h"

namespace seamwatch::rules {
namespace {

// A rule with `record`: its result under another name, with other labels.
class RecordingRule final : public RuleRunner {
 public:
  using RuleRunner::RuleRunner;

  Result<RuleOutput> evaluate(const RuleInput& input) override {
    RuleOutput output;
    auto samples = query_samples(*rule().expr, input.query_at, input.evaluation, &output.warnings);
    if (!samples) {
      return samples.error();
    }
    const auto count = static_cast<std::int64_t>(samples->size());
    output.samples.reserve(samples->size());
    for (promql::VectorSample& sample : *samples) {
      sample.labels.set("__name__", rule().name);
      for (const auto& [name, value] : rule().labels) {
        sample.labels.set(name, value);
      }
      output.samples.push_back({std::move(sample.labels), input.query_at, sample.value});
    }
    // Series that were written once before, in the same order, were checked then.
    if (!written().same(output.samples) && has_equal_labels(output.samples)) {
      return error("vector contains metrics with the same labelset after applying rule labels");
    }
    if (input.limit > 0 && count > input.limit) {
      return error("exceeded limit of " + std::to_string(input.limit) + " with " +
                   std::to_string(count) + " series");
    }
    return output;
  }
};

}  // namespace

std::unique_ptr<RuleRunner> make_recording_rule(const Rule& rule, std::string key) {
  return std::make_unique<RecordingRule>(rule, std::move(key));
}

}  // namespace seamwatch::rules
