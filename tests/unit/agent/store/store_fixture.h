// What the store's tests share: a folder of their own and a loop that runs one awaitable to its
// end.
#pragma once

#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <stdlib.h>

#include "agent/store/database.h"
#include "agent/store/store.h"
#include "tests/fakes/sim_clock.h"

namespace seamwatch::agent {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "seamwatch-store-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }

  ~TempFolder() { std::filesystem::remove_all(path_); }

  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }

  std::string file() const { return path_ + "/seamwatch.db"; }

 private:
  std::string path_;
};

// Runs `task` on `io` until it has ended.
template <class T>
T run_on(boost::asio::io_context& io, boost::asio::awaitable<T> task) {
  std::optional<T> value;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr thrown, T result) {
    failure = thrown;
    value.emplace(std::move(result));
  });
  io.restart();
  io.run();
  if (failure) {
    std::rethrow_exception(failure);
  }
  return std::move(*value);
}

constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);

inline StoreOptions store_options(const std::string& folder) {
  StoreOptions options;
  options.folder = folder;
  options.busy_timeout = Millis(20);
  return options;
}

// Of a store that gives up at once where another one holds the database.
inline StoreOptions impatient_options(const std::string& folder) {
  StoreOptions options = store_options(folder);
  options.inline_writer = true;
  options.busy_timeout = Millis(1);
  return options;
}

// Holds a database, so that no store can write to it, for as long as it lives.
class HeldDatabase {
 public:
  explicit HeldDatabase(const TempFolder& folder) {
    DatabaseOptions options;
    options.path = folder.file();
    database_ = std::move(*Database::open(options, kNow));
    REQUIRE(database_->execute("BEGIN IMMEDIATE").has_value());
  }

 private:
  std::unique_ptr<Database> database_;
};

inline std::unique_ptr<Store> open_store(const StoreOptions& options) {
  static const fakes::SimClock clock(kNow);
  Result<std::unique_ptr<Store>> store = Store::open(options, clock);
  INFO((store.has_error() ? store.error().message : ""));
  REQUIRE(store.has_value());
  return std::move(*store);
}

}  // namespace seamwatch::agent
