// FakeMailClient: a MailClient that records every mail and answers from a script. For tests.
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/mail_client.h"

namespace seamwatch::fakes {

class FakeMailClient final : public MailClient {
 public:
  struct Recorded {
    Mail mail;
    MonoTime deadline{};
  };

  // The answer to the next mail that has none yet; nothing = taken.
  void answer(std::optional<Fault> fault) { script_.push_back(std::move(fault)); }

  // In the order sent.
  const std::vector<Recorded>& mails() const { return mails_; }

  // Past the end of the script every mail is taken.
  boost::asio::awaitable<std::optional<Fault>> send(Mail mail, MonoTime deadline) override {
    mails_.push_back(Recorded{std::move(mail), deadline});
    std::optional<Fault> fault;
    if (!script_.empty()) {
      fault = std::move(script_.front());
      script_.pop_front();
    }
    co_return fault;
  }

 private:
  std::deque<std::optional<Fault>> script_;
  std::vector<Recorded> mails_;
};

}  // namespace seamwatch::fakes
