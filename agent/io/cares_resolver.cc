#include "agent/io/cares_resolver.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <tuple>
#include <unordered_map>
#include <vector>

#include <ares.h>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <netdb.h>

#include "agent/core/assert.h"
#include "agent/io/ares_answer.h"
#include "agent/io/lru_map.h"
#include "agent/io/os_fault.h"
#include "agent/io/system_clock.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr const char* kResolvConf = "/etc/resolv.conf";
constexpr std::chrono::seconds kLookEvery(5);
constexpr std::size_t kHostBytesMax = 253;  // RFC 1035 section 2.3.4, without the root's dot

MonoTime mono_now() {
  return MonoTime(std::chrono::steady_clock::now().time_since_epoch());
}

std::filesystem::file_time_type written_at(const char* path) {
  std::error_code ignored;
  const auto time = std::filesystem::last_write_time(path, ignored);
  return ignored ? std::filesystem::file_time_type() : time;
}

// c-ares without and with the check of a reply's code. The checked one passes a server's SERVFAIL,
// REFUSED or NOTIMP over for the next server, and forgets what they said; the exact one tells.
enum class Kind { checked, exact };

struct Channel {
  CaresResolver::State* state = nullptr;
  ares_channel handle = nullptr;
};

// A socket of c-ares. It belongs to c-ares: Asio only watches it.
struct Watch {
  Watch(const asio::any_io_executor& executor, Channel& of) : channel(of), descriptor(executor) {}

  Channel& channel;
  asio::posix::stream_descriptor descriptor;
  bool read = false;  // wanted
  bool write = false;
  bool reading = false;  // a wait is under way
  bool writing = false;
};

// One name being asked for, and all who wait for it.
struct Query {
  std::vector<asio::steady_timer*> waiters;
  std::optional<AresAnswer> answer;
};

struct Joined {
  std::shared_ptr<Query> query;
  std::optional<Fault> fault = std::nullopt;
};

Resolution to_resolution(const AresAnswer& answer, IpPreference preference) {
  if (answer.fault) {
    Resolution failed;
    failed.fault = answer.fault;
    return failed;
  }
  return order_addresses(answer.addresses, preference);
}

bool is_plain(const std::string& host) {
  return !host.empty() && host.size() <= kHostBytesMax + 1 &&
         std::none_of(host.begin(), host.end(), [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
         });
}

// What is known already. A small coroutine of its own: nearly all probes come this way.
asio::awaitable<Resolution> ready(Resolution resolution) {
  co_return std::move(resolution);
}

}  // namespace

struct CaresResolver::State : std::enable_shared_from_this<CaresResolver::State> {
  State(asio::any_io_executor on, ResolverOptions wanted)
      : executor(std::move(on)),
        options(std::move(wanted)),
        cache(options.cache_entries_max),
        timer(executor) {}

  void open();
  void close();
  bool open(Channel& channel, int flags);
  void ask(const std::string& host, Kind kind);
  void reopen_if_changed();
  Joined join(const std::string& host);
  void answered(const std::string& host, AresAnswer answer);
  void watch(Channel& channel, ares_socket_t socket, bool read, bool write);
  void wait(ares_socket_t socket, const std::shared_ptr<Watch>& watch, bool reading);
  void process(Channel& channel, ares_socket_t readable, ares_socket_t writable);
  void set_timer();

  asio::any_io_executor executor;
  ResolverOptions options;
  LruMap<AresAnswer> cache;
  std::unordered_map<std::string, std::shared_ptr<Query>> queries;
  Channel checked;
  Channel exact;
  std::unordered_map<ares_socket_t, std::shared_ptr<Watch>> watches;
  asio::steady_timer timer;
  std::chrono::steady_clock::time_point looked_at{};
  std::filesystem::file_time_type conf_written{};
  bool timer_set = false;
};

namespace {

struct Asked {
  std::weak_ptr<CaresResolver::State> state;
  std::string host;
  Kind kind;
};

void on_socket(void* data, ares_socket_t socket, int read, int write) {
  Channel& channel = *static_cast<Channel*>(data);
  channel.state->watch(channel, socket, read != 0, write != 0);
}

void on_answer(void* data, int status, int, ares_addrinfo* info) {
  const std::unique_ptr<Asked> asked(static_cast<Asked*>(data));
  AresAnswer answer = read_answer(status, info);
  const auto state = asked->state.lock();
  if (!state || status == ARES_EDESTRUCTION) {
    return;
  }
  if (status == ARES_ECONNREFUSED && asked->kind == Kind::checked) {
    state->ask(asked->host, Kind::exact);
    return;
  }
  state->answered(asked->host, std::move(answer));
}

}  // namespace

bool CaresResolver::State::open(Channel& channel, int flags) {
  channel.state = this;
  ares_options wanted{};
  wanted.flags = flags;
  wanted.timeout = static_cast<int>(options.query_timeout.count());
  wanted.tries = options.tries;
  wanted.sock_state_cb = &on_socket;
  wanted.sock_state_cb_data = &channel;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  if (ares_init_options(&channel.handle, &wanted, mask) != ARES_SUCCESS) {
    channel.handle = nullptr;
    return false;
  }
  return options.servers.empty() ||
         ares_set_servers_ports_csv(channel.handle, options.servers.c_str()) == ARES_SUCCESS;
}

void CaresResolver::State::open() {
  if (!open(checked, 0) || !open(exact, ARES_FLAG_NOCHECKRESP)) {
    close();
  }
  conf_written = written_at(kResolvConf);
  looked_at = std::chrono::steady_clock::now();
}

void CaresResolver::State::close() {
  for (Channel* channel : {&checked, &exact}) {
    if (channel->handle != nullptr) {
      ares_destroy(channel->handle);
      channel->handle = nullptr;
    }
  }
  SW_ASSERT(watches.empty());
}

void CaresResolver::State::reopen_if_changed() {
  const auto now = std::chrono::steady_clock::now();
  if (checked.handle != nullptr && (now - looked_at < kLookEvery || !queries.empty())) {
    return;
  }
  looked_at = now;
  if (checked.handle == nullptr || written_at(kResolvConf) != conf_written) {
    close();
    cache.clear();
    open();
  }
}

// The query for `host` that is under way, or a new one.
Joined CaresResolver::State::join(const std::string& host) {
  const auto found = queries.find(host);
  if (found != queries.end()) {
    return Joined{found->second};
  }
  reopen_if_changed();
  if (checked.handle == nullptr) {
    return Joined{nullptr, os_fault(ENOSYS, "resolve")};
  }
  if (queries.size() >= options.queries_max) {
    Joined refused{nullptr, os_fault(ENOBUFS, "resolve")};
    refused.fault->detail = "too many names are being resolved";
    return refused;
  }
  const auto query = std::make_shared<Query>();
  queries.emplace(host, query);
  ask(host, Kind::checked);
  return Joined{query};
}

void CaresResolver::State::ask(const std::string& host, Kind kind) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NOSORT;  // sorting opens a socket an address; the order is ours anyway
  auto asked = std::make_unique<Asked>();
  asked->state = weak_from_this();
  asked->host = host;
  asked->kind = kind;
  Channel& channel = kind == Kind::checked ? checked : exact;
  ares_getaddrinfo(channel.handle, host.c_str(), nullptr, &hints, &on_answer, asked.release());
  set_timer();
}

void CaresResolver::State::answered(const std::string& host, AresAnswer answer) {
  const auto found = queries.find(host);
  SW_ASSERT(found != queries.end());
  const std::shared_ptr<Query> query = found->second;
  queries.erase(found);
  query->answer = std::move(answer);
  for (asio::steady_timer* waiter : query->waiters) {
    waiter->cancel();
  }
  AresAnswer kept = *query->answer;
  if (!kept.fault) {
    kept.until = mono_now() + std::clamp(kept.ttl, options.ttl_min, options.ttl_max);
    cache.put(host, std::move(kept));
  } else if (kept.fault->signal.code == "NXDOMAIN(3)" ||
             kept.fault->signal.code == "NOERROR:NODATA") {
    kept.until = mono_now() + options.negative_ttl;
    cache.put(host, std::move(kept));
  }
}

void CaresResolver::State::watch(Channel& channel, ares_socket_t socket, bool read, bool write) {
  const auto found = watches.find(socket);
  if (!read && !write) {
    if (found != watches.end()) {
      found->second->descriptor.release();  // c-ares closes it next
      watches.erase(found);
    }
    return;
  }
  auto& entry = watches[socket];
  if (!entry) {
    entry = std::make_shared<Watch>(executor, channel);
    error_code failure;
    entry->descriptor.assign(socket, failure);  // where it fails, the query runs out of time
  }
  entry->read = read;
  entry->write = write;
  const std::shared_ptr<Watch> kept = entry;
  wait(socket, kept, true);
  wait(socket, kept, false);
}

void CaresResolver::State::wait(ares_socket_t socket,
                                const std::shared_ptr<Watch>& watch,
                                bool reading) {
  const bool wanted = reading ? watch->read : watch->write;
  bool& under_way = reading ? watch->reading : watch->writing;
  if (!wanted || under_way || !watch->descriptor.is_open()) {
    return;
  }
  under_way = true;
  const auto what = reading ? asio::posix::stream_descriptor::wait_read
                            : asio::posix::stream_descriptor::wait_write;
  watch->descriptor.async_wait(
      what, [state = weak_from_this(), watch, socket, reading](const error_code& failure) {
        (reading ? watch->reading : watch->writing) = false;
        const auto self = state.lock();
        if (failure || !self) {
          return;
        }
        self->process(
            watch->channel, reading ? socket : ARES_SOCKET_BAD, reading ? ARES_SOCKET_BAD : socket);
        self->wait(socket, watch, reading);
      });
}

void CaresResolver::State::process(Channel& channel,
                                   ares_socket_t readable,
                                   ares_socket_t writable) {
  if (channel.handle != nullptr) {
    ares_process_fd(channel.handle, readable, writable);
    set_timer();
  }
}

// One timer for both channels, set for the earlier of their timeouts.
void CaresResolver::State::set_timer() {
  timeval left{};
  timeval* soonest = nullptr;
  if (checked.handle != nullptr) {
    soonest = ares_timeout(checked.handle, nullptr, &left);
    timeval other{};
    timeval* exact_left = ares_timeout(exact.handle, nullptr, &other);
    if (exact_left != nullptr && (soonest == nullptr || std::tie(other.tv_sec, other.tv_usec) <
                                                            std::tie(left.tv_sec, left.tv_usec))) {
      left = other;
      soonest = &left;
    }
  }
  if (soonest == nullptr) {
    if (timer_set) {
      timer_set = false;
      timer.cancel();
    }
    return;
  }
  timer_set = true;
  timer.expires_after(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec));
  timer.async_wait([state = weak_from_this()](const error_code& failure) {
    const auto self = state.lock();
    if (!failure && self) {
      self->process(self->checked, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      self->process(self->exact, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
  });
}

CaresResolver::CaresResolver(asio::any_io_executor executor, ResolverOptions options)
    : state_(std::make_shared<State>(std::move(executor), std::move(options))) {
  static const int kLibrary = ares_library_init(ARES_LIB_INIT_ALL);
  SW_ASSERT(kLibrary == ARES_SUCCESS);
}

CaresResolver::~CaresResolver() {
  state_->close();
  state_->timer.cancel();
}

asio::awaitable<Resolution> CaresResolver::resolve(std::string host,
                                                   IpPreference preference,
                                                   MonoTime deadline) {
  if (const auto literal = literal_address(host)) {
    return ready(order_addresses({*literal}, preference));
  }
  return look_up(std::move(host), preference, deadline);
}

asio::awaitable<Resolution> CaresResolver::look_up(std::string host,
                                                   IpPreference preference,
                                                   MonoTime deadline) {
  if (!is_plain(host)) {
    co_return failed_resolution("bad-name", "the host is no name that DNS could know");
  }
  std::transform(host.begin(), host.end(), host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  const AresAnswer* known = state_->cache.find(host);
  if (known != nullptr && known->until > mono_now()) {
    co_return to_resolution(*known, preference);
  }
  Joined joined = state_->join(host);
  if (joined.fault) {
    Resolution failed;
    failed.fault = std::move(joined.fault);
    co_return failed;
  }
  const std::shared_ptr<Query> query = joined.query;
  // c-ares answers what stands in /etc/hosts before join() returns.
  if (!query->answer) {
    asio::steady_timer waiter(state_->executor, to_steady(deadline));
    query->waiters.push_back(&waiter);
    error_code woken;
    auto token = asio::redirect_error(asio::use_awaitable, woken);
    co_await waiter.async_wait(token);
    std::erase(query->waiters, &waiter);
    if (!query->answer && woken) {
      throw boost::system::system_error(woken);
    }
  }
  if (!query->answer) {
    co_return failed_resolution("query-timeout", "no answer by the deadline");
  }
  co_return to_resolution(*query->answer, preference);
}

}  // namespace seamwatch
