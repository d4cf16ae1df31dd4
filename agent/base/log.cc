#include "agent/base/log.h"

#include <memory>
#include <mutex>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "agent/core/labels.h"

namespace seamwatch::agent {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("seamwatch",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *instance;
}

struct LogRedactor {
  std::mutex mutex;
  Redactor redactor;
};

LogRedactor& log_redactor() {
  static LogRedactor instance;
  return instance;
}

Redactor redactor_now() {
  LogRedactor& shared = log_redactor();
  const std::lock_guard lock(shared.mutex);
  return shared.redactor;
}

bool plain(std::string_view value) {
  return !value.empty() && value.find_first_of(" \t\r\n\"=") == std::string_view::npos;
}

}  // namespace

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!logger().should_log(spdlog_level(level))) {
    return;
  }
  const Redactor redactor = redactor_now();
  std::string line(event);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    const std::string value = redactor.redact(field.value);
    line += plain(value) ? value : quoted(value);
  }
  logger().log(spdlog_level(level), "{}", line);
}

void set_log_redactor(const Redactor& redactor) {
  LogRedactor& shared = log_redactor();
  const std::lock_guard lock(shared.mutex);
  shared.redactor = redactor;
}

void set_log_level(LogLevel level) {
  logger().set_level(spdlog_level(level));
}

}  // namespace seamwatch::agent
