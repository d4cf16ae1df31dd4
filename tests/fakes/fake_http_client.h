// FakeHttpClient: an HttpClient that records every request and answers from a script. For tests.
#pragma once

#include <deque>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/http_client.h"

namespace seamwatch::fakes {

class FakeHttpClient final : public HttpClient {
 public:
  struct Recorded {
    HttpRequest request;
    MonoTime deadline{};
  };

  // The answer to the next request that has none yet.
  void answer(HttpResponse response) { script_.push_back(std::move(response)); }

  void answer(int status, HttpHeaders headers = {}, std::string body = "") {
    HttpResponse response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    script_.push_back(std::move(response));
  }

  void answer_with_fault(Fault fault) {
    HttpResponse response;
    response.fault = std::move(fault);
    script_.push_back(std::move(response));
  }

  // In the order sent.
  const std::vector<Recorded>& requests() const { return requests_; }

  // Past the end of the script every request is answered with status 200.
  boost::asio::awaitable<HttpResponse> send(HttpRequest request, MonoTime deadline) override {
    requests_.push_back(Recorded{std::move(request), deadline});
    HttpResponse response;
    response.status = 200;
    if (!script_.empty()) {
      response = std::move(script_.front());
      script_.pop_front();
    }
    co_return response;
  }

 private:
  std::deque<HttpResponse> script_;
  std::vector<Recorded> requests_;
};

}  // namespace seamwatch::fakes
