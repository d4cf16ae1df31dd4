#include "rules/replay/replay.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "agent/core/assert.h"
#include "rules/groups/group_schedule.h"
#include "rules/promql/query_cache.h"
#include "rules/series/series_store.h"
#include "rules/testing/recorded_flows.h"

namespace seamwatch::rules::replay {
namespace {

constexpr std::string_view kAlerts = "ALERTS";
constexpr std::string_view kForState = "ALERTS_FOR_STATE";

promql::EngineOptions engine_options(const ReplayOptions& options) {
  promql::EngineOptions out;
  out.default_step = options.groups.interval;
  out.features = options.features;
  return out;
}

bool is_own(std::string_view name) {
  return name == kAlerts || name == kForState;
}

class Run {
 public:
  Run(const Recording& recording, const std::vector<RuleFile>& files, const ReplayOptions& options);

  ReplayResult run();

 private:
  struct Input {
    SeriesId id;
    std::vector<Point> points;
    std::size_t next = 0;
  };

  struct Scheduled {
    Group group;
    WallTime next{};
  };

  using EpisodeKey = std::tuple<std::size_t, std::string, Labels>;  // group, alert, labels

  void add_series(const std::vector<RuleFile>& files);
  void read_window();
  void load_until(WallTime now);
  std::optional<WallTime> next_event() const;
  void evaluate(std::size_t index, WallTime now);
  void note_failures(const Group& group, const GroupResult& result, WallTime now);
  void note_transition(std::size_t index, const AlertTransition& moved);
  void note_annotations(std::size_t index);

  const ReplayOptions& options_;
  ReplayResult result_;
  const Recording& recording_;
  SeriesStore store_{unlimited()};
  promql::Engine engine_;
  promql::QueryCache cache_;
  std::vector<Scheduled> groups_;
  std::set<std::string, std::less<>> written_;  // names that the rules make anew
  std::unordered_map<Labels, SeriesId, LabelsHash> ids_;
  std::set<std::string> left_out_;
  std::vector<Input> inputs_;                    // of the window that is read
  Millis window_{0};                             // how long one is
  WallTime window_end_ = WallTime::max();        // of the one that is read
  WallTime last_point_ = WallTime::min();        // of the recording
  WallTime next_point_ = WallTime::min();        // of any input, not before it
  std::unique_ptr<SimulatedNotifier> notifier_;  // nullptr: nobody is told
  std::map<EpisodeKey, std::size_t> open_;       // in result_.alerts
  std::map<std::pair<std::string, std::string>, std::size_t> failures_;
};

Run::Run(const Recording& recording,
         const std::vector<RuleFile>& files,
         const ReplayOptions& options)
    : options_(options), recording_(recording), engine_(engine_options(options)) {
  SW_ASSERT(options.span.from <= options.span.to);
  SW_ASSERT(options.groups.interval > Millis(0));
  result_.span = options.span;
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
  add_series(files);
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

void Run::add_series(const std::vector<RuleFile>& files) {
  const std::vector<std::string> own = names_written(files);
  written_.insert(own.begin(), own.end());
  written_.insert(options_.names_written.begin(), options_.names_written.end());
  // In their order, which decides where a query gives several that are equal.
  const std::vector<Labels> all = recording_.series();
  result_.series = all.size();
  for (const Labels& labels : all) {
    if (!is_own(labels.get("__name__"))) {
      const auto id = store_.add(labels);
      SW_ASSERT(id.has_value());
      ids_.emplace(labels, *id);
    }
  }
  if (const auto span = recording_.span()) {
    const auto windows = static_cast<Millis::rep>(recording_.points() / options_.window_points + 1);
    window_ = (span->to - span->from) / windows + Millis(1);
    window_end_ = span->from - Millis(1);
    last_point_ = span->to;
  }
}

// The next window of the recording, without what the rules make anew.
void Run::read_window() {
  const WallTime from = window_end_ + Millis(1);
  window_end_ += window_;
  inputs_.clear();
  for (SeriesData& series : recording_.between(from, window_end_)) {
    const std::string_view name = series.labels.get("__name__");
    if (written_.contains(name)) {
      const WallTime end = is_own(name) ? WallTime::min() : options_.span.from;
      const auto first = std::lower_bound(
          series.points.begin(), series.points.end(), end, [](const Point& point, WallTime at) {
            return point.at < at;
          });
      if (first != series.points.end()) {
        left_out_.emplace(name);
        series.points.erase(first, series.points.end());
      }
    }
    if (!series.points.empty()) {
      inputs_.push_back({ids_.at(series.labels), std::move(series.points)});
    }
  }
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
  result_.left_out.assign(left_out_.begin(), left_out_.end());
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
  while (now >= next_point_) {
    next_point_ = WallTime::max();
    for (Input& input : inputs_) {
      for (; input.next < input.points.size() && input.points[input.next].at <= now; ++input.next) {
        const Point& point = input.points[input.next];
        store_.append(input.id, point.at, point.value);
      }
      if (input.next < input.points.size()) {
        next_point_ = std::min(next_point_, input.points[input.next].at);
      }
    }
    if (next_point_ == WallTime::max() && window_end_ < last_point_) {
      read_window();
      next_point_ = WallTime::min();
    } else if (next_point_ > now) {
      return;
    }
  }
}

void Run::evaluate(std::size_t index, WallTime now) {
  Group& group = groups_[index].group;
  const auto append = [this](const Sample& sample) { store_.append(sample); };
  const Evaluation evaluation{now, engine_, store_, append, {}, &cache_, {}, options_.clean};
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
