#include "agent/store/kept_reader.h"

#include <filesystem>
#include <memory>

#include <sqlite3.h>

namespace seamwatch::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMillis = 5000;

struct Close {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using Connection = std::unique_ptr<sqlite3, Close>;

// `path` as the path of a URI.
std::string escaped(const std::string& path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 0xfU];
    } else {
      out += c;
    }
  }
  return out;
}

std::string text(sqlite3_stmt* statement, int column) {
  const auto* bytes = sqlite3_column_text(statement, column);
  return bytes == nullptr ? "" : std::string(reinterpret_cast<const char*>(bytes));
}

}  // namespace

Result<std::vector<KeyValue>> read_kept(const std::string& storage, std::string_view space) {
  const std::string path = storage + "/seamwatch.db";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return std::vector<KeyValue>();
  }
  // Without a write-ahead log nobody writes, and nothing else need be made to read it.
  const bool has_log = fs::exists(path + "-wal", ignored);
  const std::string uri = "file:" + escaped(path) + (has_log ? "?mode=ro" : "?immutable=1");
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(uri.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  const Connection connection(opened);
  const auto failure = [&] {
    return error(path + ": " + sqlite3_errmsg(connection.get()) +
                 "; check that the folder is an agent's storage and may be read");
  };
  if (code != SQLITE_OK) {
    return failure();
  }
  sqlite3_busy_timeout(connection.get(), kBusyMillis);
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(connection.get(),
                         "SELECT key, value FROM kv WHERE space = ? ORDER BY key",
                         -1,
                         &prepared,
                         nullptr) != SQLITE_OK) {
    return failure();
  }
  const std::unique_ptr<sqlite3_stmt, Close> statement(prepared);
  sqlite3_bind_text(prepared, 1, space.data(), static_cast<int>(space.size()), SQLITE_STATIC);
  std::vector<KeyValue> out;
  int step = sqlite3_step(prepared);
  for (; step == SQLITE_ROW; step = sqlite3_step(prepared)) {
    out.push_back({text(prepared, 0), text(prepared, 1)});
  }
  if (step != SQLITE_DONE) {
    return failure();
  }
  return out;
}

}  // namespace seamwatch::agent
