#include "agent/web/prometheus/remote_write.h"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>

#include "agent/core/with_deadline.h"
#include "agent/web/prometheus/parameters.h"
#include "agent/web/prometheus/worker_call.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Millis kWaitMax(30'000);  // for a worker

// What one request comes to; written on a worker, read on the loop when that has ended.
struct Outcome {
  bool done = false;
  int status = 204;
  std::string text;
  RemoteWriteStats stats;  // of this request
};

// Why the store did not take points of one series: it says only no, so the last point tells. Asked
// for once, as a request may hold many such points.
class Refusals {
 public:
  Refusals(const Labels& labels, const rules::SeriesStore& store)
      : labels_(labels), store_(store) {}

  // Whether the store has the series, with points not before `from`.
  bool knows(WallTime from) {
    look_up(from);
    return known_;
  }

  // Counts a refused point in `stats` and returns why.
  std::string count(const rules::Point& point, RemoteWriteStats& stats) {
    if (!known_ || point.at > last_) {
      look_up(point.at);
    }
    if (!known_) {
      ++stats.refused_series_limit;
      const std::string limit(store_.limit_met(labels_));
      return "the agent keeps no more series" +
             (limit.empty() ? "" : ": storage." + limit + " is reached; raise it");
    }
    const bool same_time = last_ == point.at;
    ++(same_time ? stats.refused_duplicate : stats.refused_out_of_order);
    return same_time ? "duplicate sample for timestamp" : "out of order sample";
  }

 private:
  void look_up(WallTime from) {
    std::vector<rules::Matcher> matchers;
    for (const auto& [name, value] : labels_) {
      matchers.push_back(
          *rules::Matcher::make(rules::MatchType::equal, std::string(name), std::string(value)));
    }
    for (const rules::SeriesData& found : store_.select_last(matchers, from, kTimeMax)) {
      if (found.labels == labels_) {
        last_ = found.points.back().at;
        known_ = true;
      }
    }
  }

  const Labels& labels_;
  const rules::SeriesStore& store_;
  bool known_ = false;
  WallTime last_{};  // point of the series, where known
};

void add(RemoteWriteStats& total, const RemoteWriteStats& more) {
  total.samples += more.samples;
  total.refused_out_of_order += more.refused_out_of_order;
  total.refused_duplicate += more.refused_duplicate;
  total.refused_out_of_bounds += more.refused_out_of_bounds;
  total.refused_invalid += more.refused_invalid;
  total.refused_series_limit += more.refused_series_limit;
  total.refused_histograms += more.refused_histograms;
}

// A text in front of the first failure, with what was refused.
std::string described(const WrittenSeries& series, const std::string& why) {
  return why + ", series " + series.labels.to_string();
}

// Which protocol the headers announce; "" where it is ours.
std::string wrong_protocol(const HttpCall& call) {
  const std::string_view encoding = header(call.headers, "content-encoding");
  if (!boost::algorithm::iequals(encoding, "snappy")) {
    return "Content-Encoding is not snappy";
  }
  const std::string_view type = header(call.headers, "content-type");
  const std::string_view media = type.substr(0, type.find(';'));
  if (!boost::algorithm::iequals(boost::algorithm::trim_copy(std::string(media)),
                                 "application/x-protobuf")) {
    return "Content-Type is not application/x-protobuf";
  }
  const std::size_t proto = type.find("proto=");
  const std::string_view message =
      proto == std::string_view::npos ? "" : type.substr(proto + 6).substr(0, 40);
  if (!message.empty() && !message.starts_with("prometheus.WriteRequest")) {
    return "only prometheus.WriteRequest of Remote-Write 1.0 is taken";
  }
  return "";
}

void take_body(const std::string& body,
               WallTime now,
               const RemoteWriteOptions& options,
               rules::SeriesStore& store,
               Outcome& out) {
  out.status = 400;
  auto bytes = uncompress_snappy(body, options.limits.decoded_bytes_max);
  if (!bytes) {
    out.text = bytes.error().message;
    return;
  }
  const auto request = decode_write_request(*bytes, options.limits);
  bytes = std::string();  // both at a time would be twice the memory
  if (!request) {
    out.text = request.error().message;
    return;
  }
  out.text = append_written(*request, now, options, store, out.stats);
  out.status = out.text.empty() ? 204 : 400;
}

}  // namespace

std::string append_written(const WriteRequest& request,
                           WallTime now,
                           const RemoteWriteOptions& options,
                           rules::SeriesStore& store,
                           RemoteWriteStats& stats) {
  std::string first = request.invalid;
  stats.refused_invalid += request.invalid_samples;
  stats.refused_histograms += request.histograms;
  const WallTime oldest = now - options.retention;
  const WallTime latest = now + options.future_max;
  const std::string no_room =
      "the agent keeps no more series of others: a tenth of storage.series_max is for its own; "
      "raise it";
  for (const WrittenSeries& series : request.series) {
    Refusals refusals(series.labels, store);
    const bool refused = store.size() >= options.store_series_max && !refusals.knows(oldest);
    for (const rules::Point& point : series.points) {
      std::string why;
      if (point.at < oldest || point.at > latest) {
        ++stats.refused_out_of_bounds;
        why = point.at < oldest ? "out of bounds" : "too far in the future";
      } else if (refused) {
        ++stats.refused_series_limit;
        why = no_room;
      } else if (store.append(Sample{series.labels, point.at, point.value})) {
        ++stats.samples;
      } else {
        why = refusals.count(point, stats);
      }
      if (first.empty() && !why.empty()) {
        first = described(series, why);
      }
    }
  }
  if (first.empty() && request.histograms > 0) {
    first = "native histograms are not taken";
  }
  return first;
}

RemoteWrite::RemoteWrite(Clock& clock,
                         WorkerPool& workers,
                         rules::SeriesStore& store,
                         RemoteWriteOptions options)
    : clock_(clock), workers_(workers), store_(store), options_(std::move(options)) {}

Route RemoteWrite::route() {
  Route route{{"POST"}, "/api/v1/write", [this](HttpCall call) { return take(std::move(call)); }};
  route.body_bytes_max = options_.enabled ? options_.limits.body_bytes_max : 1024;
  return route;
}

asio::awaitable<HttpReply> RemoteWrite::take(HttpCall call) {
  if (!options_.enabled) {
    co_return text_reply(404,
                         "remote write receiver needs to be enabled: "
                         "web.remote_write_receiver.enabled\n");
  }
  ++stats_.requests;
  const std::string wrong = wrong_protocol(call);
  if (!wrong.empty()) {
    ++stats_.refused_requests;
    co_return text_reply(415, wrong + "\n");
  }
  if (running_ >= options_.requests_max) {
    ++stats_.refused_requests;
    co_return text_reply(503, "too many remote write requests at a time\n");
  }
  const RunningCall running(running_);
  const auto out = std::make_shared<Outcome>();
  const WallTime now = clock_.wall_now();
  auto work = [this, out, now, body = std::move(call.body)] {
    take_body(body, now, options_, store_, *out);
    out->done = true;
  };
  const MonoTime deadline = clock_.mono_now() + kWaitMax;
  auto task = run_on(workers_, std::move(work));
  co_await with_deadline(clock_, deadline, std::move(task));
  if (!out->done) {
    ++stats_.refused_requests;
    co_return text_reply(503, "the agent is too busy\n");
  }
  add(stats_, out->stats);
  stats_.refused_requests += out->status != 204 && out->stats.samples == 0 ? 1 : 0;
  co_return text_reply(out->status, out->text.empty() ? "" : out->text + "\n");
}

}  // namespace seamwatch::agent
