// Result<T>: what parse, load and store functions return. What the outside world did is data
// (Fault, Delivery) and never a Result; programmer errors are SW_ASSERT.
#pragma once

#include <ostream>
#include <string>
#include <utility>

#include <boost/system/result.hpp>

namespace seamwatch {

// One line for a person: what is wrong, where if known, and what to do.
struct Error {
  // No aggregate: a text would otherwise be as good an Error as a value in a Result<std::string>.
  Error() = default;

  std::string message;

  friend std::ostream& operator<<(std::ostream& out, const Error& error) {
    return out << error.message;
  }
};

[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& location);

template <class T>
using Result = boost::system::result<T, Error>;

using Status = Result<void>;

inline Error error(std::string message) {
  Error out;
  out.message = std::move(message);
  return out;
}

}  // namespace seamwatch
