#include "rules/replay/replay.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "agent/core/assert.h"
#include "rules/groups/group_schedule.h"
#include "rules/promql/query_cache.h"
#include "rules/series/series_store.h"
#include "rules/testing/recorded_flows.h"

namespace seamwatch::rules::replay {
namespace {

constexpr std::size_t kSeriesMax = 100'000'000;  // what was recorded had room
constexpr std::string_view kAlerts = "ALERTS";
constexpr std::string_view kForState = "ALERTS_FOR_STATE";

promql::EngineOptions engine_options(const ReplayOptions& options) {
  promql::EngineOptions out;
  out.default_step = options.groups.interval;
  out.features = options.features;
  return out;
}

SeriesStoreOptions store_options() {
  SeriesStoreOptions options;
  options.series_max = kSeriesMax;
  return options;
}

class Run {
 public:
  Run(const Recording& recording, const std::vector<RuleFile>& files, const ReplayOptions& options);

  ReplayResult run();

 private:
  struct Input {
    SeriesId id;
    const std::vector<Point>* points;
    std::size_t next = 0;
    std::size_t end = 0;
  };

  struct Scheduled {
    Group group;
    WallTime next{};
  };

  using EpisodeKey = std::tuple<std::size_t, std::string, Labels>;  // group, alert, labels

  void add_inputs(const Recording& recording, const std::vector<RuleFile>& files);
  void load_until(WallTime now);
  std::optional<WallTime> next_event() const;
  void evaluate(std::size_t index, WallTime now);
  void note_failures(const Group& group, const GroupResult& result, WallTime now);
  void note_transition(std::size_t index, const AlertTransition& moved);
  void note_annotations(std::size_t index);

  const ReplayOptions& options_;
  ReplayResult result_;
  SeriesStore store_{store_options()};
  promql::Engine engine_;
  promql::QueryCache cache_;
  std::vector<Scheduled> groups_;
  std::vector<Input> inputs_;
  WallTime next_point_ = WallTime::min();        // of any input, not before it
  std::unique_ptr<SimulatedNotifier> notifier_;  // nullptr: nobody is told
  std::map<EpisodeKey, std::size_t> open_;       // in result_.alerts
  std::map<std::pair<std::string, std::string>, std::size_t> failures_;
};

Run::Run(const Recording& recording,
         const std::vector<RuleFile>& files,
         const ReplayOptions& options)
    : options_(options), engine_(engine_options(options)) {
  SW_ASSERT(options.span.from <= options.span.to);
  SW_ASSERT(options.groups.interval > Millis(0));
  result_.span = options.span;
  result_.series = recording.series.size();
  for (const RuleFile& file : files) {
    result_.rules += file.rule_count();
    for (const RuleGroup& group : file.groups) {
      groups_.push_back({Group(group, options.groups), options.span.from});
      Scheduled& made = groups_.back();
      if (options.own_offsets) {
        const Millis interval = made.group.interval();
        made.next = first_evaluation(made.next, interval, evaluation_offset(group, interval));
      }
    }
  }
  add_inputs(recording, files);
  if (options.notify) {
    SimulationOptions told{options.notify, options.span.from, options.groups.external_url};
    told.silenced_by = options.silenced_by;
    told.acknowledged = options.acknowledged;
    told.noise = options.noise;
    if (options.noise && options.noise->landscape) {
      told.flows = [flows = RecordedFlows(store_, options.noise->landscape)](std::int64_t down_min,
                                                                             WallTime now) mutable {
        return flows.at(down_min, now);
      };
    }
    notifier_ = std::make_unique<SimulatedNotifier>(std::move(told));
  }
}

void Run::add_inputs(const Recording& recording, const std::vector<RuleFile>& files) {
  const std::vector<std::string> own = names_written(files);
  std::set<std::string, std::less<>> written(own.begin(), own.end());
  written.insert(options_.names_written.begin(), options_.names_written.end());
  std::set<std::string> left_out;
  for (const SeriesData& series : recording.series) {
    const std::string_view name = series.labels.get("__name__");
    std::size_t end = series.points.size();
    if (name == kAlerts || name == kForState) {
      end = 0;
    } else if (written.contains(name)) {
      const auto first =
          std::lower_bound(series.points.begin(),
                           series.points.end(),
                           options_.span.from,
                           [](const Point& point, WallTime from) { return point.at < from; });
      end = static_cast<std::size_t>(first - series.points.begin());
    }
    if (end != series.points.size()) {
      left_out.emplace(name);
    }
    if (end > 0) {
      const auto id = store_.add(series.labels);
      SW_ASSERT(id.has_value());
      inputs_.push_back({*id, &series.points, 0, end});
    }
  }
  result_.left_out.assign(left_out.begin(), left_out.end());
}

ReplayResult Run::run() {
  std::size_t turns = 0;
  for (auto now = next_event(); now && *now <= options_.span.to; now = next_event()) {
    const std::size_t before = result_.evaluations;
    load_until(*now);
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      if (groups_[i].next == *now) {
        evaluate(i, *now);
      }
    }
    if (notifier_) {
      notifier_->flush(*now);
    }
    turns += result_.evaluations == before ? 1 : 0;
    if (turns > options_.turns_max) {
      result_.stopped_at = *now;
      break;
    }
  }
  if (notifier_) {
    const Told& told = notifier_->told();
    result_.notices = told.notices;
    result_.held_back = told.held_back;
    result_.receivers = told.counts;
  }
  return std::move(result_);
}

std::optional<WallTime> Run::next_event() const {
  std::optional<WallTime> out = notifier_ ? notifier_->next_flush() : std::nullopt;
  for (const Scheduled& group : groups_) {
    out = out ? std::min(*out, group.next) : group.next;
  }
  return out;
}

void Run::load_until(WallTime now) {
  if (now < next_point_) {
    return;
  }
  next_point_ = WallTime::max();
  for (Input& input : inputs_) {
    for (; input.next < input.end && (*input.points)[input.next].at <= now; ++input.next) {
      const Point& point = (*input.points)[input.next];
      store_.append(input.id, point.at, point.value);
    }
    if (input.next < input.end) {
      next_point_ = std::min(next_point_, (*input.points)[input.next].at);
    }
  }
}

void Run::evaluate(std::size_t index, WallTime now) {
  Group& group = groups_[index].group;
  const auto append = [this](const Sample& sample) { store_.append(sample); };
  const Evaluation evaluation{now, engine_, store_, append, {}, &cache_};
  GroupResult result = group.evaluate(evaluation);
  if (options_.look) {
    options_.look(group, evaluation);
  }
  groups_[index].next = now + group.interval();
  ++result_.evaluations;
  note_failures(group, result, now);
  for (const AlertTransition& moved : result.transitions) {
    note_transition(index, moved);
  }
  note_annotations(index);
  if (notifier_ && !result.to_send.empty()) {
    if (options_.as_told) {
      for (Alert& alert : result.to_send) {
        alert = options_.as_told(std::move(alert));
      }
    }
    notifier_->take(std::move(result.to_send), now);
  }
}

void Run::note_failures(const Group& group, const GroupResult& result, WallTime now) {
  for (const RuleError& problem : result.errors) {
    const Rule& rule = group.definition().rules.at(problem.rule);
    const std::string place = Diagnostic{rule.place, "", ""}.to_string();
    const auto [at, is_new] =
        failures_.emplace(std::pair(place, problem.what), result_.failures.size());
    if (is_new) {
      result_.failures.push_back({rule.place, rule.name, problem.what, now, 0});
    }
    ++result_.failures[at->second].times;
  }
}

void Run::note_transition(std::size_t index, const AlertTransition& moved) {
  EpisodeKey key(index, moved.alert, moved.labels);
  const auto known = open_.find(key);
  if (moved.from == AlertPhase::inactive || known == open_.end()) {
    AlertEpisode episode;
    episode.alert = moved.alert;
    episode.labels = moved.labels;
    episode.group = groups_[index].group.definition().name;
    episode.pending_at = moved.at;
    episode.value = moved.value;
    if (moved.to == AlertPhase::firing) {
      episode.fired_at = moved.at;
    }
    open_.insert_or_assign(std::move(key), result_.alerts.size());
    result_.alerts.push_back(std::move(episode));
    return;
  }
  AlertEpisode& episode = result_.alerts[known->second];
  if (moved.to == AlertPhase::firing) {
    episode.fired_at = moved.at;
    episode.value = moved.value;
    return;
  }
  episode.ended_at = moved.at;
  open_.erase(known);
}

void Run::note_annotations(std::size_t index) {
  for (const RuleStatus& status : groups_[index].group.statuses()) {
    for (const AlertState* alert : status.alerts) {
      const auto known = open_.find(EpisodeKey(index, status.rule->name, alert->labels));
      if (known != open_.end()) {
        result_.alerts[known->second].annotations = alert->annotations;
      }
    }
  }
}

}  // namespace

std::size_t ReplayResult::fired() const {
  return static_cast<std::size_t>(std::count_if(
      alerts.begin(), alerts.end(), [](const AlertEpisode& each) { return each.fired_at; }));
}

std::vector<std::string> names_written(const std::vector<RuleFile>& files) {
  std::set<std::string> out{std::string(kAlerts), std::string(kForState)};
  for (const RuleFile& file : files) {
    for (const RuleGroup& group : file.groups) {
      for (const Rule& rule : group.rules) {
        if (rule.kind == Rule::Kind::recording) {
          out.insert(rule.name);
        }
      }
    }
  }
  return {out.begin(), out.end()};
}

ReplayResult replay(const Recording& recording,
                    const std::vector<RuleFile>& files,
                    const ReplayOptions& options) {
  return Run(recording, files, options).run();
}

}  // namespace seamwatch::rules::replay
