#include "rules/routing/silence_recurrence.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>

#include <date/date.h>
#include <date/tz.h>
#include <libical/ical.h>

#include "agent/core/assert.h"
#include "agent/core/cron.h"
#include "agent/core/labels.h"
#include "rules/routing/zone.h"

namespace seamwatch::rules {
namespace {

constexpr Millis kDay{24 * 3'600'000LL};
constexpr Millis kDurationMin{60'000};
constexpr Millis kDurationMax = 31 * kDay;
constexpr int kCountMax = 10'000;
constexpr int kStepsMax = 2 * kCountMax;

// The rule as libical has it; no frequency where it cannot be read.
icalrecurrencetype parse_rule(const std::string& text) {
  // A message that a wrong rule aborts the process would be a poor answer to a request.
  icalerror_set_errors_are_fatal(0);
  const std::string bare = text.starts_with("RRULE:") ? text.substr(6) : text;
  return icalrecurrencetype_from_string(bare.c_str());
}

icaltimetype to_ical(date::local_seconds at) {
  const auto midnight = std::chrono::floor<date::days>(at);
  const date::year_month_day ymd(midnight);
  const date::hh_mm_ss<std::chrono::seconds> time(at - midnight);
  icaltimetype out = icaltime_null_time();
  out.year = static_cast<int>(ymd.year());
  out.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  out.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  out.hour = static_cast<int>(time.hours().count());
  out.minute = static_cast<int>(time.minutes().count());
  out.second = static_cast<int>(time.seconds().count());
  return out;
}

date::local_seconds from_ical(const icaltimetype& at) {
  const date::year_month_day ymd{date::year(at.year),
                                 date::month(static_cast<unsigned>(at.month)),
                                 date::day(static_cast<unsigned>(at.day))};
  return date::local_days(ymd) + std::chrono::hours(at.hour) + std::chrono::minutes(at.minute) +
         std::chrono::seconds(at.second);
}

// Every part of an iCalendar rule is NAME=VALUE; no part of a cron expression is.
bool is_cron(const std::string& rule) {
  return !rule.empty() && rule.find('=') == std::string::npos;
}

Status check_cron(const std::string& text) {
  const auto cron = parse_cron(text);
  if (!cron) {
    return error(
        "invalid recurrence rule: " + cron.error().message +
        "; write minute, hour, day of month, month and day of week, like \"0 22 * * 6\", or "
        "as iCalendar does, like FREQ=WEEKLY;BYDAY=SA");
  }
  if (cron->minutes.count() > 1) {
    return error("a recurrence must not be more frequent than hourly; name one minute");
  }
  return {};
}

// Whether a list of a rule holds anything; libical ends it with this value.
bool is_given(const short* list) {
  return list[0] != ICAL_RECURRENCE_ARRAY_MAX;
}

bool has_several(const short* list) {
  return is_given(list) && list[1] != ICAL_RECURRENCE_ARRAY_MAX;
}

// Whether a day of BYMONTHDAY lies in a month of BYMONTH.
bool has_a_day(const icalrecurrencetype& rule) {
  if (!is_given(rule.by_month) || !is_given(rule.by_month_day)) {
    return true;
  }
  constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (const short* month = rule.by_month; *month != ICAL_RECURRENCE_ARRAY_MAX; ++month) {
    for (const short* day = rule.by_month_day; *day != ICAL_RECURRENCE_ARRAY_MAX; ++day) {
      if (*month >= 1 && *month <= 12 && std::abs(*day) <= kDays[*month - 1]) {
        return true;
      }
    }
  }
  return false;
}

// Rules for whose next start libical would look hour by hour through centuries.
Status check_lists(const icalrecurrencetype& rule) {
  if (has_several(rule.by_minute) || has_several(rule.by_second)) {
    return error("a recurrence takes one BYMINUTE and one BYSECOND; write a silence for each");
  }
  if (!has_a_day(rule)) {
    return error("no month of BYMONTH has a day of BYMONTHDAY; correct one of them");
  }
  const bool hourly = rule.freq == ICAL_HOURLY_RECURRENCE;
  if (hourly &&
      (is_given(rule.by_month) || is_given(rule.by_month_day) || is_given(rule.by_year_day) ||
       is_given(rule.by_week_no) || is_given(rule.by_set_pos) || is_given(rule.by_hour))) {
    return error("FREQ=HOURLY takes only BYDAY and BYMINUTE; write FREQ=DAILY with BYHOUR");
  }
  return {};
}

Status check_rule(const std::string& text) {
  const icalrecurrencetype rule = parse_rule(text);
  if (rule.freq == ICAL_NO_RECURRENCE) {
    return error(
        "invalid recurrence rule " + quoted(text) +
        "; write it as iCalendar does, like FREQ=WEEKLY;BYDAY=SA, or as cron does, like \"0 "
        "22 * * 6\"");
  }
  if (rule.freq == ICAL_SECONDLY_RECURRENCE || rule.freq == ICAL_MINUTELY_RECURRENCE) {
    return error("a recurrence must not be more frequent than FREQ=HOURLY");
  }
  if (rule.count > kCountMax) {
    return error("a recurrence must not have a COUNT past " + std::to_string(kCountMax));
  }
  return check_lists(rule);
}

// Walks the starts of an iCalendar rule's windows, in order. Works on local times, as libical's own
// zones would need another zone database beside the one that time intervals use.
class RuleStarts {
 public:
  RuleStarts(const SilenceRecurrence& recurrence, WallTime first)
      : zone_(find_zone(recurrence.time_zone)), rule_(parse_rule(recurrence.rule)) {
    SW_ASSERT(zone_ != nullptr && rule_.freq != ICAL_NO_RECURRENCE);
    if (!icaltime_is_null_time(rule_.until)) {
      until_ = from_ical(rule_.until);
      until_is_utc_ = icaltime_is_utc(rule_.until) != 0;
      rule_.until = icaltime_null_time();
    }
    iterator_.reset(icalrecur_iterator_new(rule_, to_ical(local(first))));
  }

  // Skips what starts more than a day before `at`, where that changes nothing.
  void skip_to(WallTime at, WallTime first) {
    if (iterator_ == nullptr || rule_.count != 0 || at - kDay <= first) {
      return;
    }
    if (rule_.freq != ICAL_HOURLY_RECURRENCE) {
      icalrecur_iterator_set_start(iterator_.get(), to_ical(local(at - kDay)));
      return;
    }
    // Hours that do not go into a day: libical would begin to count anew.
    const auto step = std::chrono::hours(std::max<short>(rule_.interval, 1));
    const date::local_seconds from = local(first);
    const date::local_seconds skipped = from + (local(at - kDay) - from) / step * step;
    iterator_.reset(icalrecur_iterator_new(rule_, to_ical(skipped)));
  }

  std::optional<WallTime> next() {
    if (iterator_ == nullptr) {
      return std::nullopt;
    }
    const icaltimetype at = icalrecur_iterator_next(iterator_.get());
    if (icaltime_is_null_time(at)) {
      return std::nullopt;
    }
    const date::local_seconds here = from_ical(at);
    const date::sys_seconds instant = zone_->to_sys(here, date::choose::earliest);
    const auto past = [&](auto seconds) {
      return until_ && seconds.time_since_epoch() > until_->time_since_epoch();
    };
    if (until_is_utc_ ? past(instant) : past(here)) {
      return std::nullopt;
    }
    return WallTime(std::chrono::duration_cast<Millis>(instant.time_since_epoch()));
  }

 private:
  struct Free {
    void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
  };

  date::local_seconds local(WallTime at) const {
    const date::sys_seconds instant(
        std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()));
    return zone_->to_local(instant);
  }

  const date::time_zone* zone_;
  icalrecurrencetype rule_;
  std::optional<date::local_seconds> until_;
  bool until_is_utc_ = false;
  std::unique_ptr<icalrecur_iterator, Free> iterator_;
};

// Gives the starts of windows in order, from one that is still open at `at` or earlier.
using NextStart = std::function<std::optional<WallTime>()>;

NextStart starts_of(const SilenceRecurrence& recurrence, WallTime first, WallTime at) {
  if (is_cron(recurrence.rule)) {
    const WallTime before = std::max(at, first) - recurrence.duration;
    return [cron = parse_cron(recurrence.rule).value(),
            zone = recurrence.time_zone,
            last = std::optional(before)]() mutable {
      last = last ? next_after(cron, zone, *last) : std::nullopt;
      return last;
    };
  }
  auto starts = std::make_shared<RuleStarts>(recurrence, first);
  starts->skip_to(at - recurrence.duration, first);
  return [starts] { return starts->next(); };
}

}  // namespace

Status check_recurrence(const SilenceRecurrence& recurrence) {
  const Status good =
      is_cron(recurrence.rule) ? check_cron(recurrence.rule) : check_rule(recurrence.rule);
  if (!good) {
    return good;
  }
  if (find_zone(recurrence.time_zone) == nullptr) {
    return error("unknown time zone " + quoted(recurrence.time_zone));
  }
  if (recurrence.duration < kDurationMin || recurrence.duration > kDurationMax) {
    return error("the duration of a recurrence must be between 1m and 31d");
  }
  return {};
}

SilenceWindow window_at(const SilenceRecurrence& recurrence, WallTime first, WallTime at) {
  const NextStart next = starts_of(recurrence, first, at);
  SilenceWindow out;
  for (int step = 0; step < kStepsMax; ++step) {
    const std::optional<WallTime> start = next();
    if (!start) {
      return out;
    }
    const WallTime begin = std::max(*start, first);
    const WallTime end = *start + recurrence.duration;
    if (begin > out.until.value_or(at)) {
      if (!out.open) {
        out.until = begin;
      }
      return out;
    }
    if (end > at) {
      out.open = true;
      out.until = std::max(end, out.until.value_or(end));
      if (*out.until > at + kDurationMax + kDay) {
        return out;  // windows that overlap without end are looked at again then
      }
    }
  }
  return out;
}

}  // namespace seamwatch::rules
