#include "agent/store/outbox_rows.h"

#include <utility>

namespace seamwatch::agent {
namespace {

ReadRow read_row(const Statement& statement) {
  ReadRow row;
  Result<Notification> notification = notification_from_json(statement.text(4));
  row.entry.attempts = static_cast<int>(statement.integer(6));
  row.entry.next_attempt_at = statement.time(7);
  if (!statement.is_null(8)) {
    row.entry.first_attempt_at = statement.time(8);
  }
  row.entry.last_error = statement.text(9);
  row.entry.changed_at = statement.time(10);
  row.entry.news_at = statement.time(5);
  if (notification.has_value()) {
    row.entry.notification = std::move(*notification);
    return row;
  }
  row.readable = false;
  row.entry.last_error = notification.error().message;
  row.entry.notification.id = statement.text(0);
  row.entry.notification.receiver = statement.text(1);
  row.entry.notification.sink = statement.text(2);
  row.entry.notification.group_key = statement.text(3);
  row.entry.notification.created_at = statement.time(5);
  return row;
}

}  // namespace

Status read_rows(Statement& statement, std::vector<ReadRow>& out) {
  while (true) {
    const Result<bool> row = statement.step();
    if (row.has_error()) {
      return row.error();
    }
    if (!*row) {
      return {};
    }
    out.push_back(read_row(statement));
  }
}

}  // namespace seamwatch::agent
