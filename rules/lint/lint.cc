#include "rules/lint/lint.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "rules/lint/contradiction.h"
#include "rules/lint/expr_facts.h"
#include "rules/lint/ignore_comments.h"

namespace seamwatch::rules {
namespace {

using promql::Expr;

constexpr LintCode kCodes[] = {
    {"duplicate-rules", "two rules of a file with the same name and labels"},
    {"empty-selector", "matchers that contradict each other: foo{a=\"x\",a=\"y\"}"},
    {"never-holds", "an expression, or an operand of `or`, that can never give a sample"},
    {"native-histogram", "a function of native histograms, which Seamwatch does not keep"},
    {"always-fires", "an alert whose condition always holds"},
    {"bool-alert", "an alert on a `bool` comparison: it fires where that is false, too"},
    {"missing-for", "an alert without `for:` (write `for: 0s` where that is meant)"},
    {"hold-too-long", "`for` or `keep_firing_for` longer than series are kept"},
    {"range-too-long", "a range or offset that reaches farther back than series are kept"},
    {"missing-owner", "a critical alert that does not say whose it is"},
    {"missing-runbook", "a critical alert that does not say what to do"},
    {"no-series", "a selector for which the agent at --url has no series"},
    {"unknown-ignore", "a seamwatch:ignore comment with a code that does not exist"},
};

bool is_code(std::string_view code) {
  return std::any_of(std::begin(kCodes), std::end(kCodes), [&](const LintCode& known) {
    return known.code == code;
  });
}

// Calls `visit` for `expr` and, where it returns true, for what is below.
void walk(const Expr& expr, const std::function<bool(const Expr&)>& visit) {
  if (!visit(expr)) {
    return;
  }
  const auto down = [&](const promql::ExprPtr& child) {
    if (child != nullptr) {
      walk(*child, visit);
    }
  };
  if (const auto* matrix = promql::as_if<promql::MatrixSelector>(expr)) {
    walk(*matrix->selector, visit);
  } else if (const auto* subquery = promql::as_if<promql::Subquery>(expr)) {
    down(subquery->expr);
  } else if (const auto* call = promql::as_if<promql::Call>(expr)) {
    std::for_each(call->args.begin(), call->args.end(), down);
  } else if (const auto* aggregate = promql::as_if<promql::Aggregate>(expr)) {
    down(aggregate->param);
    down(aggregate->expr);
  } else if (const auto* binary = promql::as_if<promql::Binary>(expr)) {
    down(binary->lhs);
    down(binary->rhs);
  } else if (const auto* unary = promql::as_if<promql::Unary>(expr)) {
    down(unary->expr);
  } else if (const auto* paren = promql::as_if<promql::Paren>(expr)) {
    down(paren->expr);
  }
}

bool is_absent(const Expr& expr) {
  const auto* call = promql::as_if<promql::Call>(expr);
  return call != nullptr && call->function->name.starts_with("absent");
}

bool has_condition(const Expr& expr) {
  bool found = false;
  walk(expr, [&](const Expr& each) {
    const auto* binary = promql::as_if<promql::Binary>(each);
    found = found || is_absent(each) || (binary != nullptr && promql::is_comparison(binary->op));
    return !found;
  });
  return found;
}

Millis offset_of(const promql::TimeModifiers& modifiers) {
  return std::max(promql::instant_length(modifiers.offset, modifiers.offset_expr), Millis(0));
}

// How far back the values of `expr` itself reach.
Millis reach(const Expr& expr) {
  if (const auto* matrix = promql::as_if<promql::MatrixSelector>(expr)) {
    return promql::instant_length(matrix->range, matrix->range_expr) +
           offset_of(matrix->selector->modifiers);
  }
  if (const auto* subquery = promql::as_if<promql::Subquery>(expr)) {
    return promql::instant_length(subquery->range, subquery->range_expr) +
           offset_of(subquery->modifiers);
  }
  const auto* selector = promql::as_if<promql::VectorSelector>(expr);
  return selector != nullptr ? offset_of(selector->modifiers) : Millis(0);
}

const std::string* text_of(const LabelTexts& texts, std::string_view name) {
  const auto found = std::find_if(
      texts.begin(), texts.end(), [&](const auto& pair) { return pair.first == name; });
  return found == texts.end() || found->second.empty() ? nullptr : &found->second;
}

bool has_any(const Rule& rule, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return text_of(rule.labels, name) != nullptr || text_of(rule.annotations, name) != nullptr;
  });
}

bool is_critical(const Rule& rule) {
  const std::string* severity = text_of(rule.labels, "severity");
  return rule.kind == Rule::Kind::alerting && severity != nullptr &&
         (*severity == "critical" || *severity == "page");
}

// Of an integration the agent knows the owner.
bool is_by_integration(const Expr& expr) {
  bool found = false;
  walk(expr, [&](const Expr& each) {
    const auto* aggregate = promql::as_if<promql::Aggregate>(each);
    found = found ||
            (aggregate != nullptr && !aggregate->without &&
             std::find(aggregate->grouping.begin(), aggregate->grouping.end(), "integration") !=
                 aggregate->grouping.end());
    return !found;
  });
  return found;
}

class Linter {
 public:
  Linter(const LintSource& source, const LintOptions& options)
      : source_(source), options_(options), texts_(read_rule_texts(source.rules, source.text)) {}

  std::vector<Finding> run() {
    if (is_wanted("duplicate-rules")) {
      duplicates_ = find_duplicate_rules({source_.rules});
    }
    std::size_t i = 0;
    for (const RuleGroup& group : source_.rules.groups) {
      group_ = &group;
      for (const Rule& rule : group.rules) {
        rule_ = &rule;
        text_ = &texts_[i++];
        look();
      }
    }
    return std::move(found_);
  }

 private:
  bool is_wanted(const std::string& code) const {
    return options_.codes.empty() || options_.codes.contains(code);
  }

  void add_at(const std::string& code, Place place, std::string what, std::string remedy) {
    if (is_wanted(code) && !text_->ignored.contains(code)) {
      found_.push_back({code,
                        {std::move(place), rule_->name + ": " + std::move(what), std::move(remedy)},
                        group_->name,
                        rule_->name});
    }
  }

  void add(const std::string& code, std::string what, std::string remedy) {
    add_at(code, rule_->place, std::move(what), std::move(remedy));
  }

  void look() {
    // Aliases let two rules stand at one place: each entry is for one of them.
    if (duplicate_ < duplicates_.size() && duplicates_[duplicate_].place == rule_->place) {
      if (!text_->ignored.contains("duplicate-rules")) {
        found_.push_back({"duplicate-rules", duplicates_[duplicate_], group_->name, rule_->name});
      }
      ++duplicate_;
    }
    selectors();
    condition();
    durations();
    for_people();
    for (const auto& [code, place] : text_->ignored_at) {
      if (!is_code(code)) {
        add_at("unknown-ignore",
               place,
               code.empty() ? "seamwatch:ignore names no lint, so it silences nothing"
                            : "there is no lint " + quoted(code) + " to ignore",
               "use a code that `seamwatch check rules --help` names");
      }
    }
  }

  void selectors() {
    walk(*rule_->expr, [&](const Expr& each) {
      if (const auto* selector = promql::as_if<promql::VectorSelector>(each)) {
        const std::string why = contradiction(*selector);
        if (!why.empty()) {
          add("empty-selector",
              promql::to_string(*selector) + " matches no series: " + why,
              "remove one of the matchers");
        }
      }
      const auto* call = promql::as_if<promql::Call>(each);
      if (call != nullptr && call->function->needs_native_histograms()) {
        add("native-histogram",
            promql::to_string(each) +
                " gives nothing: Seamwatch does not keep native histograms, of which it is",
            "take the classic series instead: those of _count, _sum and _bucket");
      }
      return true;
    });
  }

  void condition() {
    std::vector<ExprFacts> dead_branches;
    const ExprFacts facts = facts_of(*rule_->expr, &dead_branches);
    const bool alert = rule_->kind == Rule::Kind::alerting;
    if (facts.never && !facts.by_matchers) {
      add("never-holds",
          (alert ? "never fires: " : "never gives a sample: ") + facts.why,
          "correct the condition, or remove the rule");
    }
    for (const ExprFacts& branch : dead_branches) {
      if (!branch.by_matchers) {
        add("never-holds",
            "an operand of `or` never gives a sample: " + branch.why,
            "correct the condition, or remove the operand");
      }
    }
    const auto* root = promql::as_if<promql::Binary>(promql::unwrapped(*rule_->expr));
    if (alert && root != nullptr && root->return_bool) {
      add("bool-alert",
          "fires also where the comparison is false, with the value 0",
          "remove `bool`, or add `== 1`");
    } else if (alert && facts.always && has_condition(*rule_->expr)) {
      add("always-fires", "its condition always holds", "correct the condition");
    }
  }

  void durations() {
    const std::string kept = "; series are kept for " + format_duration(options_.retention);
    if (rule_->hold > options_.retention || rule_->keep_firing_for > options_.retention) {
      const bool hold = rule_->hold > options_.retention;
      add("hold-too-long",
          std::string(hold ? "`for`" : "`keep_firing_for`") + " is " +
              format_duration(hold ? rule_->hold : rule_->keep_firing_for) + kept,
          "shorten it, or name the retention with --retention");
    }
    if (rule_->kind == Rule::Kind::alerting && rule_->hold == Millis(0) && !text_->has_for) {
      add("missing-for",
          "fires at the first evaluation that finds it, and for one that is a blip",
          "add `for: 1m`, or `for: 0s` where that is meant");
    }
    std::optional<std::string> farthest;
    Millis far = options_.retention;
    walk(*rule_->expr, [&](const Expr& each) {
      if (reach(each) > far) {
        far = reach(each);
        farthest = promql::to_string(each);
      }
      return true;
    });
    if (farthest) {
      add("range-too-long",
          *farthest + " reaches back " + format_duration(far) + kept,
          "shorten it, record it by another rule, or name the retention with --retention");
    }
  }

  void for_people() {
    if (!is_critical(*rule_)) {
      return;
    }
    if (!has_any(*rule_, {"owner", "team", "squad", "service_owner"}) &&
        !is_by_integration(*rule_->expr)) {
      add("missing-owner", "is critical, and nobody is named for it", "add the label `owner:`");
    }
    if (!has_any(*rule_, {"runbook", "runbook_url", "playbook", "playbook_url", "advice"})) {
      add("missing-runbook",
          "is critical, and does not say what to do",
          "add the annotation `runbook:` with a link, or `advice:` with a sentence");
    }
  }

  const LintSource& source_;
  const LintOptions& options_;
  std::vector<RuleText> texts_;
  std::vector<Diagnostic> duplicates_;  // in the order of the rules
  std::size_t duplicate_ = 0;           // the next of them
  const RuleGroup* group_ = nullptr;
  const Rule* rule_ = nullptr;
  const RuleText* text_ = nullptr;
  std::vector<Finding> found_;
};

std::string bare_text(const promql::VectorSelector& selector) {
  promql::VectorSelector bare = selector;
  bare.modifiers = {};
  return promql::to_string(bare);
}

}  // namespace

std::span<const LintCode> lint_codes() {
  return kCodes;
}

std::vector<Finding> lint_rules(const LintSource& source, const LintOptions& options) {
  return Linter(source, options).run();
}

std::vector<RuleSelector> selectors_of(const LintSource& source) {
  std::set<std::string, std::less<>> written{"ALERTS", "ALERTS_FOR_STATE"};
  for (const RuleGroup& group : source.rules.groups) {
    for (const Rule& rule : group.rules) {
      if (rule.kind == Rule::Kind::recording) {
        written.insert(rule.name);
      }
    }
  }
  const std::vector<RuleText> texts = read_rule_texts(source.rules, source.text);
  std::vector<RuleSelector> all;
  std::size_t i = 0;
  for (const RuleGroup& group : source.rules.groups) {
    for (const Rule& rule : group.rules) {
      if (texts[i++].ignored.contains("no-series")) {
        continue;
      }
      walk(*rule.expr, [&](const Expr& each) {
        const auto* selector = promql::as_if<promql::VectorSelector>(each);
        if (selector != nullptr && !written.contains(selector->name) &&
            contradiction(*selector).empty()) {
          all.push_back({bare_text(*selector), group.name, rule.name, rule.place});
        }
        return !is_absent(each);
      });
    }
  }
  return all;
}

Finding no_series(const RuleSelector& selector) {
  return {"no-series",
          {selector.place,
           selector.rule + ": the agent has no series for " + selector.text,
           "correct the name and the matchers, or say `# seamwatch:ignore no-series`"},
          selector.group,
          selector.rule};
}

}  // namespace seamwatch::rules
