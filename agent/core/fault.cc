#include "agent/core/fault.h"

namespace seamwatch {

std::string describe(const Signal& signal) {
  if (signal.protocol == "http") {
    return "HTTP " + signal.code;
  }
  if (signal.protocol == "errno" || signal.protocol == "curl" || signal.protocol == "x509") {
    return signal.code;
  }
  return signal.protocol + ":" + signal.code;
}

}  // namespace seamwatch
