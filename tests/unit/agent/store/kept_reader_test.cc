#include "agent/store/kept_reader.h"

#include <fstream>

#include "tests/unit/agent/store/store_fixture.h"

namespace seamwatch::agent {
namespace {

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    out.push_back(entry.path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST_CASE("what is kept is read while the agent runs, and after, and nothing changes") {
  const TempFolder folder;
  boost::asio::io_context io;
  const fakes::SimClock clock(wall_from_unix_millis(1'700'000'000'000));
  StoreOptions options;
  options.folder = folder.path();
  auto store = Store::open(options, clock);
  REQUIRE(store.has_value());
  const std::vector<KeyValue> kept{{"a", "1"}, {"b%?#", "zwei"}};
  REQUIRE(run_on(io, (*store)->put_all("silence", kept, {})).has_value());
  REQUIRE(run_on(io, (*store)->put_all("ack", {{"a", "other"}}, {})).has_value());
  CHECK(read_kept(folder.path(), "silence").value() == kept);
  CHECK(read_kept(folder.path(), "nothing").value().empty());
  REQUIRE(run_on(io, (*store)->put_all("silence", {}, {"a"})).has_value());
  CHECK(read_kept(folder.path(), "silence").value().size() == 1);
  (*store)->stop();
  const std::vector<std::string> files = files_of(folder.path());
  CHECK(read_kept(folder.path(), "ack").value() == std::vector<KeyValue>{{"a", "other"}});
  CHECK(files_of(folder.path()) == files);
}

TEST_CASE("a folder without a database keeps nothing, another file is no database") {
  const TempFolder folder;
  CHECK(read_kept(folder.path(), "silence").value().empty());
  CHECK(read_kept(folder.path() + "/none", "silence").value().empty());
  std::ofstream(folder.file()) << std::string(4096, 'x');
  const auto bad = read_kept(folder.path(), "silence");
  REQUIRE(bad.has_error());
  CHECK(bad.error().message == folder.file() +
                                   ": file is not a database; check that the folder is an agent's "
                                   "storage and may be read");
}

}  // namespace
}  // namespace seamwatch::agent
