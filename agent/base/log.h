// The agent's log: one line an event, `time level event key=value ...`, on standard error. Only
// agent/ logs, and each event once, where it is decided. Values with spaces are quoted. Secrets and
// personal data are taken out of every value, by the built-in patterns and the admin's. Any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "agent/privacy/redactor.h"

namespace seamwatch::agent {

enum class LogLevel { debug, info, warning, error, off };

struct LogField {
  std::string_view key;
  std::string value;
};

// Writes one line, unless `level` is below the one set.
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// What is taken out of values from now on; the built-in list at the start.
void set_log_redactor(const Redactor& redactor);

// Info at the start.
void set_log_level(LogLevel level);

}  // namespace seamwatch::agent
