#include "agent/io/curl_loop.h"

#include <chrono>
#include <unordered_map>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <curl/curl.h>

#include "agent/core/assert.h"
#include "agent/io/system_clock.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// A socket of libcurl. It belongs to libcurl: Asio only watches it.
struct Watch {
  explicit Watch(const asio::any_io_executor& executor) : descriptor(executor) {}

  asio::posix::stream_descriptor descriptor;
  int wanted = CURL_POLL_NONE;
  bool reading = false;  // a wait is under way
  bool writing = false;
};

struct Transfer {
  explicit Transfer(asio::any_io_executor executor) : waiter(std::move(executor)) {}

  asio::steady_timer waiter;  // set for the deadline, cancelled at the end
  bool ended = false;
  int code = CURLE_OK;
};

}  // namespace

struct CurlLoop::State : std::enable_shared_from_this<CurlLoop::State> {
  State(asio::any_io_executor on, CurlLimits wanted)
      : executor(std::move(on)), limits(wanted), timer(executor) {}

  void watch(curl_socket_t socket, int wanted);
  void wait(curl_socket_t socket, const std::shared_ptr<Watch>& watch, bool reading);
  void act(curl_socket_t socket, int events);
  void set_timer(long millis);
  void collect();
  void open();

  asio::any_io_executor executor;
  CurlLimits limits;
  CURLM* multi = nullptr;  // made for the first transfer
  asio::steady_timer timer;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches;
};

namespace {

int on_socket(CURL*, curl_socket_t socket, int wanted, void* data, void*) {
  static_cast<CurlLoop::State*>(data)->watch(socket, wanted);
  return 0;
}

int on_timer(CURLM*, long millis, void* data) {
  static_cast<CurlLoop::State*>(data)->set_timer(millis);
  return 0;
}

}  // namespace

void CurlLoop::State::watch(curl_socket_t socket, int wanted) {
  const auto found = watches.find(socket);
  if (wanted == CURL_POLL_REMOVE) {
    if (found != watches.end()) {
      found->second->descriptor.release();  // libcurl closes or keeps it
      watches.erase(found);
    }
    return;
  }
  auto& entry = watches[socket];
  if (!entry) {
    entry = std::make_shared<Watch>(executor);
    error_code failure;
    entry->descriptor.assign(socket, failure);  // where it fails, the transfer runs out of time
  }
  entry->wanted = wanted;
  const std::shared_ptr<Watch> kept = entry;
  wait(socket, kept, true);
  wait(socket, kept, false);
}

void CurlLoop::State::wait(curl_socket_t socket,
                           const std::shared_ptr<Watch>& watch,
                           bool reading) {
  const int mask = reading ? CURL_POLL_IN : CURL_POLL_OUT;
  bool& under_way = reading ? watch->reading : watch->writing;
  if ((watch->wanted & mask) == 0 || under_way || !watch->descriptor.is_open()) {
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
        const int still = reading ? CURL_POLL_IN : CURL_POLL_OUT;
        if ((watch->wanted & still) != 0) {  // else a wait from before the last change
          self->act(socket, reading ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
        }
        self->wait(socket, watch, reading);
      });
}

void CurlLoop::State::act(curl_socket_t socket, int events) {
  if (multi == nullptr) {
    return;
  }
  int running = 0;
  curl_multi_socket_action(multi, socket, events, &running);
  collect();
}

void CurlLoop::State::set_timer(long millis) {
  if (millis < 0) {
    timer.cancel();
    return;
  }
  timer.expires_after(std::chrono::milliseconds(millis));
  timer.async_wait([state = weak_from_this()](const error_code& failure) {
    const auto self = state.lock();
    if (!failure && self) {
      self->act(CURL_SOCKET_TIMEOUT, 0);
    }
  });
}

void CurlLoop::State::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) {
      continue;
    }
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;  // `message` ends with the removal
    char* data = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &data);
    curl_multi_remove_handle(multi, easy);
    auto* transfer = reinterpret_cast<Transfer*>(data);
    transfer->ended = true;
    transfer->code = code;
    transfer->waiter.cancel();
  }
}

void CurlLoop::State::open() {
  if (multi != nullptr) {
    return;
  }
  multi = curl_multi_init();
  SW_ASSERT(multi != nullptr);
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limits.connections_max);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, limits.kept_connections);
}

CurlLoop::CurlLoop(asio::any_io_executor executor, CurlLimits limits)
    : state_(std::make_shared<State>(std::move(executor), limits)) {}

CurlLoop::~CurlLoop() {
  if (state_->multi == nullptr) {
    return;
  }
  CURLM* multi = state_->multi;
  curl_multi_cleanup(multi);  // closes the kept connections
  state_->multi = nullptr;
  for (const auto& [socket, watch] : state_->watches) {
    watch->descriptor.release();
  }
  state_->watches.clear();
  state_->timer.cancel();
}

asio::awaitable<CurlOutcome> CurlLoop::perform(void* easy, MonoTime deadline) {
  const std::shared_ptr<State> state = state_;
  state->open();
  Transfer transfer(state->executor);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  transfer.waiter.expires_at(to_steady(deadline));
  const CURLMcode added = curl_multi_add_handle(state->multi, easy);
  SW_ASSERT(added == CURLM_OK);
  error_code woken;
  auto token = asio::redirect_error(asio::use_awaitable, woken);
  co_await transfer.waiter.async_wait(token);
  if (!transfer.ended) {
    curl_multi_remove_handle(state->multi, easy);
    if (woken) {
      throw boost::system::system_error(woken);
    }
  }
  CurlOutcome outcome;
  outcome.code = transfer.code;
  outcome.timed_out = !transfer.ended;
  co_return outcome;
}

}  // namespace seamwatch
