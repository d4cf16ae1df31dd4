#include "agent/io/os_fault.h"

#include <cerrno>
#include <cstring>

namespace seamwatch {

std::string errno_name(int number) {
  const char* name = ::strerrorname_np(number);
  return name != nullptr ? std::string(name) : "errno " + std::to_string(number);
}

Fault os_fault(int number, std::string phase) {
  char words[128];
  Fault fault;
  fault.signal.protocol = "errno";
  fault.signal.code = errno_name(number);
  fault.phase = std::move(phase);
  fault.detail = ::strerror_r(number, words, sizeof words);
  return fault;
}

Fault os_fault(const boost::system::error_code& failure, std::string phase) {
  if (failure.category() == boost::system::system_category()) {
    return os_fault(failure.value(), std::move(phase));
  }
  Fault fault = os_fault(EIO, std::move(phase));
  fault.detail = failure.message();
  return fault;
}

Fault timeout_fault(std::string phase) {
  Fault fault = os_fault(ETIMEDOUT, std::move(phase));
  fault.detail = "the deadline passed first";
  return fault;
}

}  // namespace seamwatch
