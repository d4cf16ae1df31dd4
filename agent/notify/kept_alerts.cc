#include "agent/notify/kept_alerts.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/base/log.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr char kErased = '-';  // begins the line of an alert that is to be forgotten
constexpr char kShared = '=';  // begins the line of what those after it share
constexpr std::size_t kLinesSpare = 1000;

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  return out;
}

// Calls `take` with each line of `text`.
template <class Take>
void each_line(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::vector<rules::IncomingAlert> KeptAlerts::restore(const std::vector<KeyValue>& kept) {
  std::map<std::uint64_t, rules::IncomingAlert> found;
  for (const KeyValue& entry : kept) {
    last_block_ = number_of(entry.key);
    Block& block = blocks_[last_block_];
    Result<rules::IncomingAlert> shared = error("");  // earlier versions shared nothing
    bool shares = false;
    each_line(entry.value, [&](std::string_view line) {
      if (line.starts_with(kShared)) {
        shared = rules::incoming_alert_from_json(line.substr(1));
        shares = true;
        return;
      }
      ++block.lines;
      ++lines_;
      if (line.starts_with(kErased)) {
        const std::uint64_t fingerprint = number_of(line.substr(1));
        found.erase(fingerprint);
        leave_block(fingerprint);
        return;
      }
      auto alert = !shares  ? rules::incoming_alert_from_json(line)
                   : shared ? rules::incoming_alert_from_json(line, *shared)
                            : shared;
      if (!alert) {
        log(LogLevel::warning,
            "posted alert dropped",
            {{"block", entry.key}, {"reason", alert.error().message}});
        return;
      }
      const std::uint64_t fingerprint = alert->alert.labels.fingerprint();
      leave_block(fingerprint);
      join_block(fingerprint, block);
      found.insert_or_assign(fingerprint, std::move(*alert));
    });
  }
  std::vector<rules::IncomingAlert> out;
  out.reserve(found.size());
  for (auto& [fingerprint, alert] : found) {
    out.push_back(std::move(alert));
  }
  return out;
}

bool KeptAlerts::keeps(std::uint64_t fingerprint) const {
  const auto change = changes_.find(fingerprint);
  return change != changes_.end() ? change->second : block_of_.contains(fingerprint);
}

void KeptAlerts::erase(std::uint64_t fingerprint) {
  if (block_of_.contains(fingerprint) || changes_.contains(fingerprint)) {
    changes_[fingerprint] = false;
  }
}

void KeptAlerts::join_block(std::uint64_t fingerprint, Block& newest) {
  block_of_[fingerprint] = last_block_;
  newest.alerts.push_back(fingerprint);
  ++newest.current;
}

void KeptAlerts::leave_block(std::uint64_t fingerprint) {
  const auto at = block_of_.find(fingerprint);
  if (at != block_of_.end()) {
    --blocks_.at(at->second).current;
    block_of_.erase(at);
  }
}

// What `writing` is about leaves its block. Then the oldest blocks go of which nothing is left;
// and, where the disk holds too much that is not current, the oldest of all, whose alerts are
// written anew with the rest.
void KeptAlerts::drop_blocks(Changes& writing) {
  for (const auto& [fingerprint, keep] : writing) {
    leave_block(fingerprint);
  }
  while (!blocks_.empty()) {
    const auto& [number, oldest] = *blocks_.begin();
    if (oldest.current > 0) {
      if (lines_ + writing.size() <= 2 * (block_of_.size() + writing.size()) + kLinesSpare) {
        return;
      }
      for (const std::uint64_t fingerprint : oldest.alerts) {
        const auto at = block_of_.find(fingerprint);
        if (at != block_of_.end() && at->second == number) {
          block_of_.erase(at);
          writing.emplace(fingerprint, true);
        }
      }
    }
    lines_ -= oldest.lines;
    gone_.push_back(fingerprint_hex(number));
    blocks_.erase(blocks_.begin());
  }
}

// The newest block, where it holds a line: what is erased is a word to older ones, if there are
// any.
std::vector<KeyValue> KeptAlerts::make_block(const Changes& writing) {
  const bool has_older = !blocks_.empty();
  Block block;
  KeyValue out{fingerprint_hex(++last_block_), ""};
  std::vector<std::uint64_t> kept;
  kept.reserve(writing.size());
  for (const auto& [fingerprint, keep] : writing) {
    if (keep) {
      kept.push_back(fingerprint);
    }
  }
  const rules::IncomingAlert shared = alerts_.common_of(kept);
  if (!kept.empty()) {
    out.value = kShared + rules::to_json(shared) + '\n';
  }
  block.alerts.reserve(kept.size());
  for (const auto& [fingerprint, keep] : writing) {
    if (keep && alerts_.append_json(out.value, fingerprint, shared)) {
      join_block(fingerprint, block);
    } else if (!keep && has_older) {
      out.value += kErased + fingerprint_hex(fingerprint);
    } else {
      continue;
    }
    out.value += '\n';
    ++block.lines;
  }
  if (block.lines == 0) {
    return {};
  }
  lines_ += block.lines;
  blocks_[last_block_] = std::move(block);
  return std::vector<KeyValue>(1, std::move(out));
}

asio::awaitable<Status> KeptAlerts::flush(Writer::Meanwhile meanwhile) {
  if (!dirty()) {
    if (meanwhile) {
      meanwhile();
    }
    co_return Status();
  }
  Changes writing = std::exchange(changes_, Changes());
  drop_blocks(writing);
  std::vector<KeyValue> upserts = make_block(writing);
  const std::uint64_t number = last_block_;
  std::vector<std::string> gone = std::exchange(gone_, std::vector<std::string>());
  std::vector<std::string> deletes = gone;
  std::string space(kPostedAlertSpace);
  auto written = co_await store_.put_all(
      std::move(space), std::move(upserts), std::move(deletes), std::move(meanwhile));
  if (!written) {
    take_back(number, writing, gone);
  }
  co_return written;
}

// A block that could not be written: what of it nothing newer is known of is to be written again,
// and what it made needless is still to be deleted.
void KeptAlerts::take_back(std::uint64_t number,
                           const Changes& writing,
                           const std::vector<std::string>& gone) {
  for (const auto& [fingerprint, keep] : writing) {
    const auto at = block_of_.find(fingerprint);
    const bool newest =
        keep ? at != block_of_.end() && at->second == number : at == block_of_.end();
    if (newest) {
      changes_.emplace(fingerprint, keep);
    }
  }
  gone_.insert(gone_.end(), gone.begin(), gone.end());
}

}  // namespace seamwatch::agent
