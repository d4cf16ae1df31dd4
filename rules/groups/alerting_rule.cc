#include <algorithm>
#include <unordered_map>

#include "agent/core/assert.h"
#include "rules/groups/alert_sending.h"
#include "rules/groups/rule_runner.h"

namespace seamwatch::rules {
namespace {

struct ParsedText {
  std::string name;
  templates::AlertTemplate text;
};

std::vector<ParsedText> parse_texts(const Rule& rule, const LabelTexts& texts) {
  std::vector<ParsedText> parsed;
  for (const auto& [name, text] : texts) {
    auto made = templates::AlertTemplate::parse("__alert_" + rule.name, text);
    SW_ASSERT(made);  // load_rule_file refuses templates that do not parse
    parsed.push_back({name, std::move(*made)});
  }
  return parsed;
}

// What the expression says of one alert at one time.
struct Holding {
  Labels labels;
  Labels annotations;
  double value = 0;
};

// The only state machine of alerts: inactive -> pending -> firing -> inactive.
class AlertingRule final : public RuleRunner {
 public:
  AlertingRule(const Rule& rule, std::string key)
      : RuleRunner(rule, std::move(key)),
        labels_(parse_texts(rule, rule.labels)),
        annotations_(parse_texts(rule, rule.annotations)),
        table_link_(templates::table_link(promql::to_string(*rule.expr))) {}

  Result<RuleOutput> evaluate(const RuleInput& input) override;

  const std::vector<AlertState>& alerts() const override { return alerts_; }

  void restore(std::vector<AlertState> states) override;

 protected:
  std::vector<AlertState> release_alerts() override {
    index_.clear();
    return std::exchange(alerts_, {});
  }

 private:
  Holding expand(const promql::VectorSample& sample,
                 const RuleInput& input,
                 RuleOutput& output) const;
  Result<std::vector<Holding>> holding(const RuleInput& input, RuleOutput& output) const;
  std::size_t find(const Labels& labels) const;
  void begin_or_continue(Holding& now_holding, WallTime at);
  bool step(AlertState& alert, bool holds, const RuleInput& input) const;
  void advance(const RuleInput& input, RuleOutput& output, std::int64_t& active);
  void write(const AlertState& alert, const RuleInput& input, RuleOutput& output) const;
  void send(const RuleInput& input, RuleOutput& output);
  void build_index();

  std::vector<ParsedText> labels_;
  std::vector<ParsedText> annotations_;
  std::string table_link_;
  std::vector<AlertState> alerts_;
  // Parallel to alerts_, during an evaluation: whether the expression holds, and the phase before.
  std::vector<bool> holds_;
  std::vector<AlertPhase> before_;
  std::unordered_multimap<std::uint64_t, std::size_t> index_;  // fingerprint of labels to alerts_
};

constexpr std::size_t kNotFound = static_cast<std::size_t>(-1);

void AlertingRule::build_index() {
  index_.clear();
  for (std::size_t i = 0; i < alerts_.size(); ++i) {
    index_.emplace(alerts_[i].labels.fingerprint(), i);
  }
}

std::size_t AlertingRule::find(const Labels& labels) const {
  const auto [begin, end] = index_.equal_range(labels.fingerprint());
  const auto found = std::find_if(
      begin, end, [&](const auto& entry) { return alerts_[entry.second].labels == labels; });
  return found == end ? kNotFound : found->second;
}

void AlertingRule::restore(std::vector<AlertState> states) {
  alerts_ = std::move(states);
  for (AlertState& state : alerts_) {
    state.rule = key();
  }
  build_index();
}

Holding AlertingRule::expand(const promql::VectorSample& sample,
                             const RuleInput& input,
                             RuleOutput& output) const {
  const templates::Value data = input.expander.data(sample.labels, sample.value);
  const auto expanded = [&](const ParsedText& text) {
    templates::Expansion expansion = input.expander.expand(text.text, data);
    if (expansion.failed && output.template_failures++ == 0) {
      output.failed_template = text.name + ": " + expansion.text;
    }
    return std::move(expansion.text);
  };
  Holding made;
  made.value = sample.value;
  made.labels = sample.labels;
  made.labels.erase("__name__");
  for (const ParsedText& label : labels_) {
    made.labels.set(label.name, expanded(label));
  }
  made.labels.set("alertname", rule().name);
  for (const ParsedText& annotation : annotations_) {
    made.annotations.set(annotation.name, expanded(annotation));
  }
  if (input.evaluation.clean) {
    input.evaluation.clean(made.labels, made.annotations);
  }
  return made;
}

Result<std::vector<Holding>> AlertingRule::holding(const RuleInput& input,
                                                   RuleOutput& output) const {
  const auto samples =
      query_samples(*rule().expr, input.query_at, input.evaluation, &output.warnings);
  if (!samples) {
    return samples.error();
  }
  std::vector<Holding> all;
  all.reserve(samples->size());
  std::unordered_multimap<std::uint64_t, std::size_t> seen;
  for (const promql::VectorSample& sample : *samples) {
    all.push_back(expand(sample, input, output));
    const Labels& labels = all.back().labels;
    const std::uint64_t fingerprint = labels.fingerprint();
    const auto [begin, end] = seen.equal_range(fingerprint);
    if (std::any_of(
            begin, end, [&](const auto& entry) { return all[entry.second].labels == labels; })) {
      return error("vector contains metrics with the same labelset after applying alert labels");
    }
    seen.emplace(fingerprint, all.size() - 1);
  }
  return all;
}

void AlertingRule::begin_or_continue(Holding& now_holding, WallTime at) {
  std::size_t i = find(now_holding.labels);
  const bool is_new = i == kNotFound;
  if (is_new) {
    i = alerts_.size();
    index_.emplace(now_holding.labels.fingerprint(), i);
    alerts_.emplace_back();
    holds_.push_back(false);
    before_.push_back(AlertPhase::inactive);
  }
  AlertState& alert = alerts_[i];
  holds_[i] = true;
  if (is_new || alert.phase == AlertPhase::inactive) {
    alert = AlertState();
    alert.rule = key();
    alert.labels = std::move(now_holding.labels);
    alert.active_at = at;
  }
  alert.annotations = std::move(now_holding.annotations);
  alert.value = now_holding.value;
}

// Moves one alert on. False where it is to be forgotten.
bool AlertingRule::step(AlertState& alert, bool holds, const RuleInput& input) const {
  const WallTime at = input.evaluation.at;
  alert.evaluated_at = at;
  if (holds) {
    alert.keep_firing_since = std::nullopt;
    if (alert.phase == AlertPhase::pending && at - alert.active_at >= rule().hold) {
      alert.phase = AlertPhase::firing;
      alert.fired_at = at;
    }
    return true;
  }
  switch (alert.phase) {
    case AlertPhase::pending:
      return false;
    case AlertPhase::inactive:
      return alert.resolved_at &&
             is_resolution_told(*alert.resolved_at, at, input.resolved_retention);
    case AlertPhase::firing:
      break;
  }
  if (rule().keep_firing_for > Millis(0)) {
    if (!alert.keep_firing_since) {
      alert.keep_firing_since = at;
    }
    if (at - *alert.keep_firing_since < rule().keep_firing_for) {
      return true;
    }
  }
  alert.phase = AlertPhase::inactive;
  alert.resolved_at = at;
  return true;
}

void AlertingRule::advance(const RuleInput& input, RuleOutput& output, std::int64_t& active) {
  const WallTime at = input.evaluation.at;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < alerts_.size(); ++i) {
    AlertState& alert = alerts_[i];
    const bool stays = step(alert, holds_[i], input);
    const AlertPhase after = stays ? alert.phase : AlertPhase::inactive;
    if (after != before_[i]) {
      output.transitions.push_back({rule().name, alert.labels, before_[i], after, at, alert.value});
    }
    if (!stays) {
      continue;
    }
    if (alert.phase != AlertPhase::inactive) {
      ++active;
      write(alert, input, output);
    }
    if (kept != i) {
      alerts_[kept] = std::move(alert);
    }
    ++kept;
  }
  if (kept != alerts_.size()) {
    alerts_.resize(kept);
    build_index();
  }
}

// The series ALERTS and ALERTS_FOR_STATE of one alert.
void AlertingRule::write(const AlertState& alert,
                         const RuleInput& input,
                         RuleOutput& output) const {
  Sample state{alert.labels, input.query_at, 1};
  state.labels.set("__name__", "ALERTS");
  state.labels.set("alertstate", to_string(alert.phase));
  output.samples.push_back(std::move(state));
  const auto since = std::chrono::floor<std::chrono::seconds>(alert.active_at.time_since_epoch());
  Sample held{alert.labels, input.query_at, static_cast<double>(since.count())};
  held.labels.set("__name__", "ALERTS_FOR_STATE");
  output.samples.push_back(std::move(held));
}

// Firing alerts are told at once and again after each resend delay; resolved ones likewise for as
// long as they are remembered.
void AlertingRule::send(const RuleInput& input, RuleOutput& output) {
  const WallTime at = input.evaluation.at;
  const SendTimes times{input.interval, input.resend_delay};
  for (AlertState& alert : alerts_) {
    auto told = alert_to_send(alert, at, times);
    if (!told) {
      continue;
    }
    alert.last_sent_at = at;
    alert.valid_until = holds_until(at, times);
    told->generator_url = input.external_url + table_link_;
    output.to_send.push_back(std::move(*told));
  }
}

Result<RuleOutput> AlertingRule::evaluate(const RuleInput& input) {
  RuleOutput output;
  auto now_holding = holding(input, output);
  if (!now_holding) {
    return now_holding.error();
  }
  holds_.assign(alerts_.size(), false);
  before_.clear();
  for (const AlertState& alert : alerts_) {
    before_.push_back(alert.phase);
  }
  for (Holding& each : *now_holding) {
    begin_or_continue(each, input.evaluation.at);
  }
  std::int64_t active = 0;
  advance(input, output, active);
  if (input.limit > 0 && active > input.limit) {
    alerts_.clear();
    index_.clear();
    return error("exceeded limit of " + std::to_string(input.limit) + " with " +
                 std::to_string(active) + " alerts");
  }
  send(input, output);
  return output;
}

}  // namespace

std::unique_ptr<RuleRunner> make_alerting_rule(const Rule& rule, std::string key) {
  return std::make_unique<AlertingRule>(rule, std::move(key));
}

}  // namespace seamwatch::rules
