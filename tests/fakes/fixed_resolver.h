// FixedResolver: a Resolver that knows what a test tells it, and who was asked for.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/resolver.h"

namespace seamwatch::fakes {

class FixedResolver final : public Resolver {
 public:
  // Answers for `host` from now on.
  void know(std::string host, std::vector<std::string> addresses) {
    Resolution answer;
    for (const std::string& text : addresses) {
      answer.addresses.push_back(boost::asio::ip::make_address(text));
    }
    answers_[std::move(host)] = std::move(answer);
  }

  void fail(std::string host, Fault fault) {
    Resolution answer;
    answer.fault = std::move(fault);
    answers_[std::move(host)] = std::move(answer);
  }

  // Literal addresses resolve to themselves, names never told of to dns:NXDOMAIN(3).
  boost::asio::awaitable<Resolution> resolve(std::string host,
                                             IpPreference preference,
                                             MonoTime) override {
    asked.emplace_back(host, preference);
    const auto known = answers_.find(host);
    if (known != answers_.end()) {
      co_return known->second;
    }
    Resolution answer;
    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
      answer.addresses.push_back(address);
      co_return answer;
    }
    answer.fault = Fault();
    answer.fault->signal.protocol = "dns";
    answer.fault->signal.code = "NXDOMAIN(3)";
    answer.fault->phase = "resolve";
    co_return answer;
  }

  std::vector<std::pair<std::string, IpPreference>> asked;

 private:
  std::map<std::string, Resolution> answers_;
};

}  // namespace seamwatch::fakes
