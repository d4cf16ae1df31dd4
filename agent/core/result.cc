#include "agent/core/result.h"

#include "agent/core/assert.h"

namespace seamwatch {

void throw_exception_from_error(const Error& error, const boost::source_location& location) {
  // Taking the value of a failed Result is a bug of the caller, not an exception to handle.
  assertion_failed(error.message.c_str(), location.file_name(), static_cast<int>(location.line()));
}

}  // namespace seamwatch
