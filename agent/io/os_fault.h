// Errors of the operating system as Faults, in the spelling of the signal tables.
#pragma once

#include <string>

#include <boost/system/error_code.hpp>

#include "agent/core/fault.h"

namespace seamwatch {

// "ECONNREFUSED" for 111; "errno 9999" for a number without a name.
std::string errno_name(int number);

// Signal errno:NAME with the system's own words as detail.
Fault os_fault(int number, std::string phase);

// Likewise for an error of Asio; errors without an errno get code "EIO" and their message.
Fault os_fault(const boost::system::error_code& failure, std::string phase);

// A deadline that passed: signal errno:ETIMEDOUT.
Fault timeout_fault(std::string phase);

}  // namespace seamwatch
