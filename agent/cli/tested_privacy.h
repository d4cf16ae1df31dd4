// TestedPrivacy: what privacy makes of the alerts of `seamwatch test routes` and of test files, so
// that they are routed as the agent would route them. Pure but for what it remembers; a test file
// has one, and its tests run on several threads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "agent/config/config.h"
#include "agent/core/alert.h"
#include "agent/core/diagnostics.h"
#include "rules/testing/test_file.h"

namespace seamwatch::agent {

class TestedPrivacy {
 public:
  // By the list and the classes of `config`; by the built-in ones where it is nullptr.
  explicit TestedPrivacy(std::shared_ptr<const Config> config);

  // As the agent takes it in. In place of the digest under the agent's key stands one without a
  // key.
  void redact(Alert& alert);

  // The alerts, silences and asked-for labels of a test file.
  void redact(rules::testing::TestFile& file);

  // Which labels were changed since the start, one diagnostic at `place` each, with what to do.
  void report(const Place& place, Diagnostics& to) const;

 private:
  std::shared_ptr<const Config> config_;
  Privacy builtin_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> changed_;  // by name: what it became
};

}  // namespace seamwatch::agent
