#include "probes/queues/rabbitmq.h"

#include <algorithm>
#include <utility>

#include "agent/core/assert.h"
#include "probes/queues/queue.h"
#include "probes/queues/rabbitmq_connection.h"
#include "probes/queues/rabbitmq_faults.h"
#include "probes/queues/rabbitmq_management.h"
#include "probes/queues/rabbitmq_module.h"
#include "probes/queues/rabbitmq_target.h"

namespace seamwatch::probes {
namespace {

// The work of one run on the worker thread: what goes in, and what comes out.
struct Job {
  RabbitTarget target;
  std::vector<boost::asio::ip::address> addresses;
  std::shared_ptr<const RabbitModule> module;
  TimeLeft time_left;
  std::vector<QueueFacts> queues;  // names go in, depths come out
  std::optional<Fault> fault = std::nullopt;
  std::optional<boost::asio::ip::address> refused = std::nullopt;  // whose connect failed
  std::vector<std::string> steps;
};

std::string key_of(const RabbitTarget& target) {
  return (target.tls ? "amqps " : "amqp ") + target.host + " " + std::to_string(target.port) + " " +
         target.vhost;
}

// A connection to the first address that takes one.
std::unique_ptr<RabbitConnection> connect(Job& job) {
  for (const auto& address : job.addresses) {
    auto opened = RabbitConnection::open(job.target, address, job.module->login, job.time_left);
    if (opened.connection) {
      job.steps.push_back("logged in at " + address.to_string());
      job.fault.reset();
      job.refused.reset();
      return std::move(opened.connection);
    }
    job.fault = std::move(opened.fault);
    job.refused.reset();
    if (job.fault->phase != "connect") {
      return nullptr;
    }
    job.refused = address;
    job.steps.push_back("cannot connect to " + address.to_string());
  }
  return nullptr;
}

// Declares one queue, and its dead letter queue for the first. False where the connection is lost.
bool look_at_queue(Job& job, RabbitConnection& connection, QueueFacts& facts, bool first) {
  const Declared seen = connection.declare(facts.queue, job.time_left);
  if (seen.connection_lost) {
    job.fault = seen.fault;
    return false;
  }
  if (seen.fault) {
    if (!job.fault) {
      job.fault = seen.fault;
    }
    job.steps.push_back("queue " + facts.queue + ": " + describe(seen.fault->signal));
    return true;
  }
  facts.ready = seen.ready;
  facts.consumers = seen.consumers;
  job.steps.push_back("queue " + facts.queue + ": " + std::to_string(seen.ready) + " ready, " +
                      std::to_string(seen.consumers) + " consumers");
  if (!first || job.module->dead_letter_queue.empty()) {
    return true;
  }
  const Declared dead = connection.declare(job.module->dead_letter_queue, job.time_left);
  if (dead.connection_lost) {
    job.fault = dead.fault;
    return false;
  }
  if (!dead.fault) {
    facts.dead_letters = dead.ready;
    return true;
  }
  Fault missing = *dead.fault;
  if (missing.signal.code == "NOT_FOUND(404)") {
    missing.signal = Signal{"queue", "missing_dead_letter_queue", "", ""};
    missing.phase = "check";
  }
  if (!job.fault) {
    job.fault = std::move(missing);
  }
  return true;
}

bool look_at_all(Job& job, RabbitConnection& connection) {
  bool first = true;
  for (QueueFacts& facts : job.queues) {
    if (!look_at_queue(job, connection, facts, first)) {
      return false;
    }
    first = false;
  }
  return true;
}

// Runs on a worker thread.
void do_job(Job& job) {
  const std::string key = key_of(job.target);
  auto connection = job.module->connections->take(key);
  if (connection) {
    job.steps.push_back("uses the kept connection");
    if (look_at_all(job, *connection)) {
      job.module->connections->keep(key, std::move(connection));
      return;
    }
    if (job.time_left() <= Millis(0)) {
      return;  // it did not answer in time, and there is none left to ask anew
    }
    // The server may have closed it at any time since the last run: that is no fault of today.
    job.steps.push_back("the kept connection is gone, connects anew");
    job.fault.reset();
  }
  connection = connect(job);
  if (connection && look_at_all(job, *connection)) {
    job.module->connections->keep(key, std::move(connection));
  }
}

HttpRequest management_request(const RabbitModule& module,
                               const RabbitTarget& target,
                               const std::string& queue) {
  HttpRequest request;
  request.url = Secret(management_queue_url(module.management_url, target.vhost, queue));
  request.basic_user = module.management_username;
  request.basic_password = module.management_password;
  request.tls = module.login.tls;
  request.follow_redirects = false;
  return request;
}

// What an answer of the management API adds to `facts`, or its fault.
std::optional<Fault> take_answer(const HttpResponse& response, WallTime now, QueueFacts& facts) {
  if (response.fault) {
    Fault fault = *response.fault;
    fault.phase = "management";
    return fault;
  }
  if (response.status == 200) {
    return read_management_answer(response.body, now, facts);
  }
  Fault fault;
  fault.signal.protocol = "http";
  fault.signal.code = std::to_string(response.status);
  fault.phase = "management";
  fault.detail = "the management API answered " + fault.signal.code;
  fault.retry_after = retry_after(header(response.headers, "retry-after"), now);
  if (fault.retry_after) {
    fault.signal.when = "Retry-After present";
  }
  return fault;
}

class RabbitProbe final : public Probe {
 public:
  RabbitProbe(RabbitTarget target, std::shared_ptr<const RabbitModule> module, const Ports& ports)
      : target_(std::move(target)), module_(std::move(module)), ports_(ports) {}

  boost::asio::awaitable<Observation> run_once(MonoTime deadline) override {
    const MonoTime start = ports_.clock.mono_now();
    const MonoTime until = std::min<MonoTime>(deadline, start + module_->timeout);
    Observation seen;
    seen.started_at = ports_.clock.wall_now();
    Job job = prepare(until);
    auto found = co_await ports_.resolver.resolve(target_.host, module_->preference, until);
    job.addresses = std::move(found.addresses);
    job.fault = std::move(found.fault);
    if (!job.fault) {
      std::function<void()> work = [&job] { do_job(job); };
      co_await ports_.workers.run(work);
    }
    if (job.refused && job.fault->signal.code == "EIO") {
      // rabbitmq-c keeps the reason to itself; one connection of our own tells it.
      const boost::asio::ip::tcp::endpoint to(*job.refused, target_.port);
      auto dialed = co_await ports_.dialer.connect(to, until);
      if (dialed.fault) {
        job.fault = std::move(dialed.fault);
      }
    }
    if (!job.fault && !module_->management_url.empty()) {
      for (QueueFacts& facts : job.queues) {
        HttpRequest request = management_request(*module_, target_, facts.queue);
        auto response = co_await ports_.http.send(request, until);
        auto fault = take_answer(response, ports_.clock.wall_now(), facts);
        if (!job.fault) {
          job.fault = std::move(fault);
        }
      }
    }
    finish(job, seen);
    seen.duration = ports_.clock.mono_now() - start;
    co_return seen;
  }

 private:
  Job prepare(MonoTime until) const {
    Job job;
    job.target = target_;
    job.module = module_;
    Clock* clock = &ports_.clock;
    job.time_left = [clock, until] {
      return std::chrono::duration_cast<Millis>(until - clock->mono_now());
    };
    for (const std::string& queue : module_->queues) {
      QueueFacts facts;
      facts.queue = queue;
      facts.vhost = target_.vhost;
      job.queues.push_back(std::move(facts));
    }
    return job;
  }

  void finish(Job& job, Observation& seen) const {
    bool first = true;
    for (const QueueFacts& facts : job.queues) {
      QueueBounds bounds = module_->bounds;
      if (!first) {
        bounds.dead_letters_max.reset();
      }
      append_facts(facts, bounds, seen.facts);
      if (!job.fault) {
        job.fault = check_bounds(facts, bounds);
      }
      first = false;
    }
    seen.steps = std::move(job.steps);
    seen.success = !job.fault;
    seen.fault = std::move(job.fault);
  }

  RabbitTarget target_;
  std::shared_ptr<const RabbitModule> module_;
  const Ports& ports_;
};

std::string check_target(const std::string& target) {
  const auto parsed = parse_rabbit_target(target);
  return parsed ? std::string() : parsed.error().message;
}

std::unique_ptr<Probe> make(const SharedText& target,
                            std::shared_ptr<const Module> module,
                            const Ports& ports) {
  auto parsed = parse_rabbit_target(target.str());
  SW_ASSERT(parsed.has_value());
  return std::make_unique<RabbitProbe>(
      std::move(*parsed), std::static_pointer_cast<const RabbitModule>(module), ports);
}

}  // namespace

const ProbeKind kRabbitmqKind = {"rabbitmq", read_rabbit_module, check_target, make};

}  // namespace seamwatch::probes
