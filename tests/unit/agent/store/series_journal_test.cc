#include "agent/store/series_journal.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "tests/unit/agent/store/store_fixture.h"

namespace seamwatch::agent {
namespace {

constexpr WallTime kStart = wall_from_unix_millis(1'700'000'000'000);

WallTime after(std::int64_t seconds_since) {
  return kStart + Millis(seconds_since * 1000);
}

Labels series(int number) {
  return Labels{{"__name__", "m"}, {"n", std::to_string(number)}};
}

std::size_t points(const rules::SeriesStore& store) {
  return store.stats().samples;
}

struct SeriesJournalWorld {
  SeriesJournalOptions options(std::int64_t bytes_max = 1 << 30) const {
    SeriesJournalOptions out;
    out.folder = folder.path() + "/series";
    out.bytes_max = bytes_max;
    out.reserve_bytes = 0;
    return out;
  }

  std::vector<std::string> files() const { return series_files(folder.path() + "/series"); }

  std::string path(const std::string& name) const { return folder.path() + "/series/" + name; }

  void damage(const std::string& name, std::streamoff at) const {
    std::fstream file(path(name), std::ios::in | std::ios::out | std::ios::binary);
    REQUIRE(file.is_open());
    file.seekp(at);
    file.write("\x55\xaa\x55", 3);
  }

  TempFolder folder;
};

void write(rules::SeriesStore& store, int from, int to) {
  for (int i = from; i < to; ++i) {
    for (int number = 0; number < 5; ++number) {
      store.append(Sample{series(number), after(i), static_cast<double>(i * number)});
    }
  }
}

TEST_CASE("history is there after a restart") {
  const SeriesJournalWorld world;
  {
    rules::SeriesStore store;
    SeriesJournal journal(store, world.options());
    CHECK(journal.restore(kStart).series == 0);
    REQUIRE(journal.keep(after(0)).has_value());
    write(store, 0, 20);
    REQUIRE(journal.keep(after(20)).has_value());
    write(store, 20, 30);
    REQUIRE(journal.keep(after(30)).has_value());
    CHECK(journal.stats().checkpoints == 1);
    CHECK(journal.stats().kept_at == after(30));
    write(store, 30, 40);  // a crash takes these
  }
  CHECK(world.files() == std::vector<std::string>{"checkpoint-00000001", "journal-00000001"});
  rules::SeriesStore store;
  SeriesJournal journal(store, world.options());
  const SeriesJournal::Restored restored = journal.restore(after(60));
  CHECK(restored.series == 5);
  CHECK(restored.newest == after(29));
  CHECK(restored.left_out == 0);
  CHECK(restored.set_aside.empty());
  CHECK(points(store) == 150);
  // The first keep() begins new files.
  REQUIRE(journal.keep(after(61)).has_value());
  CHECK(world.files() == std::vector<std::string>{"checkpoint-00000002", "journal-00000002"});
}

TEST_CASE("checkpoints come at their interval, and where the clock was set back") {
  const SeriesJournalWorld world;
  rules::SeriesStore store;
  SeriesJournalOptions options = world.options();
  options.checkpoint_interval = Millis(60'000);
  SeriesJournal journal(store, options);

  struct Case {
    std::int64_t at;
    std::uint64_t want;
  };

  for (const Case& c : {Case{0, 1}, {59, 1}, {60, 2}, {119, 2}, {100, 2}, {59, 3}, {118, 3}}) {
    REQUIRE(journal.keep(after(c.at)).has_value());
    CHECK(journal.stats().checkpoints == c.want);
  }
}

TEST_CASE("a damaged file is set aside and the rest is restored") {
  struct Case {
    const char* name;
    const char* file;
    std::streamoff at;
    std::size_t points;
  };

  const Case cases[] = {{"a page of the checkpoint", "checkpoint-00000001", 60, 0},
                        {"the checkpoint's header", "checkpoint-00000001", 12, 0},
                        {"the journal's header", "journal-00000001", 12, 50},
                        {"a block of the journal", "journal-00000001", 60, 50}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const SeriesJournalWorld world;
      {
        rules::SeriesStore store;
        write(store, 0, 10);
        SeriesJournal journal(store, world.options());
        REQUIRE(journal.keep(after(10)).has_value());
        write(store, 10, 20);
        REQUIRE(journal.keep(after(20)).has_value());
      }
      world.damage(c.file, c.at);
      rules::SeriesStore store;
      SeriesJournal journal(store, world.options());
      const SeriesJournal::Restored restored = journal.restore(after(30));
      REQUIRE(restored.set_aside.size() == 1);
      CHECK(restored.set_aside[0].find(c.file) != std::string::npos);
      CHECK(points(store) == c.points);
      CHECK(journal.stats().corrupt_files == 1);
      REQUIRE(journal.keep(after(31)).has_value());
      const auto files = world.files();
      CHECK(files.size() == 3);
      CHECK(std::any_of(files.begin(), files.end(), [&](const std::string& name) {
        return name == std::string(c.file) + ".corrupt-1700000030";
      }));
    }
  }
}

TEST_CASE("a journal that a crash cut short is no damage") {
  const SeriesJournalWorld world;
  {
    rules::SeriesStore store;
    SeriesJournal journal(store, world.options());
    REQUIRE(journal.keep(after(0)).has_value());
    write(store, 0, 10);
    REQUIRE(journal.keep(after(10)).has_value());
    write(store, 10, 20);
    REQUIRE(journal.keep(after(20)).has_value());
  }
  const std::string journal_file = world.path("journal-00000001");
  std::filesystem::resize_file(journal_file, std::filesystem::file_size(journal_file) - 3);
  rules::SeriesStore store;
  SeriesJournal journal(store, world.options());
  const SeriesJournal::Restored restored = journal.restore(after(30));
  CHECK(restored.set_aside.empty());
  CHECK(restored.notes.size() == 1);
  CHECK(points(store) == 50);
}

// Leaves a checkpoint with 50 points and a journal with 50 more.
void leave_files(const SeriesJournalWorld& world) {
  rules::SeriesStore store;
  write(store, 0, 10);
  SeriesJournal journal(store, world.options());
  REQUIRE(journal.keep(after(10)).has_value());
  write(store, 10, 20);
  REQUIRE(journal.keep(after(20)).has_value());
}

TEST_CASE("what cannot be read in full is set aside, not overwritten") {
  const SeriesJournalWorld world;
  leave_files(world);
  const std::string checkpoint = world.path("checkpoint-00000001");
  std::size_t want_points = 0;
  std::size_t want_aside = 1;
  std::string want;
  SECTION("a folder in its place") {
    std::filesystem::remove(checkpoint);
    std::filesystem::create_directory(checkpoint);
    want_aside = 2;  // its journal too
    want = "it is no regular file";
  }
  SECTION("what cannot be opened") {
    std::filesystem::remove(checkpoint);
    std::filesystem::create_symlink("checkpoint-00000001", checkpoint);
    want_aside = 2;
    want = "levels of symbolic links";
  }
  SECTION("a journal without its checkpoint") {
    std::filesystem::remove(checkpoint);
    want = "its checkpoint is not there to read";
  }
  SECTION("a size that is damaged") {
    world.damage("journal-00000001", 34);
    want = "a block's checksum is wrong";
    want_points = 50;
  }
  rules::SeriesStore store;
  SeriesJournal journal(store, world.options());
  const SeriesJournal::Restored restored = journal.restore(after(30));
  REQUIRE(restored.set_aside.size() == want_aside);
  CHECK_THAT(restored.set_aside[0], Catch::Contains(want));
  CHECK(points(store) == want_points);
  CHECK(journal.stats().corrupt_files == want_aside);
  REQUIRE(journal.keep(after(31)).has_value());
  const auto files = world.files();
  CHECK(std::count(files.begin(), files.end(), "checkpoint-00000002") == 1);
  CHECK(std::count_if(files.begin(), files.end(), [](const std::string& name) {
          return name.ends_with(".corrupt-1700000030");
        }) == static_cast<std::ptrdiff_t>(want_aside));
}

TEST_CASE("a crash before a checkpoint got its name is no damage") {
  const SeriesJournalWorld world;
  leave_files(world);
  std::ofstream(world.path("journal-00000002")) << rules::SeriesArchive::journal_header(after(25));
  std::ofstream(world.path("checkpoint.unfinished")) << "half";
  rules::SeriesStore store;
  SeriesJournal journal(store, world.options());
  const SeriesJournal::Restored restored = journal.restore(after(30));
  CHECK(restored.set_aside.empty());
  CHECK(points(store) == 100);
  REQUIRE(journal.keep(after(31)).has_value());
  CHECK(world.files() == std::vector<std::string>{"checkpoint-00000003", "journal-00000003"});
}

// 500 series that do not change, so that they take no more memory as they go on.
void write_constant(rules::SeriesStore& store, int at) {
  for (int number = 0; number < 500; ++number) {
    store.append(Sample{series(number), after(at), 1});
  }
}

TEST_CASE("the limit is for the files that stay") {
  const SeriesJournalWorld world;
  rules::SeriesStore store;
  write_constant(store, 0);
  write_constant(store, 10);
  const auto used = static_cast<std::int64_t>(store.stats().bytes_used);
  SeriesJournalOptions options = world.options(used + used / 4);
  SECTION("not for what a checkpoint replaces") {
    options.checkpoint_interval = Millis(60'000);
    SeriesJournal journal(store, options);
    for (int minute = 1; minute <= 5; ++minute) {
      CHECK(journal.keep(after(minute * 60)).has_value());
      CHECK(journal.stats().bytes <= options.bytes_max);
    }
    CHECK(journal.stats().checkpoints == 5);
  }
  SECTION("and a journal that would pass it begins a new checkpoint") {
    options.checkpoint_interval = Millis(24 * 3'600'000);
    SeriesJournal journal(store, options);
    for (int at = 20; at < 3000; at += 10) {
      write_constant(store, at);
      REQUIRE(journal.keep(after(at)).has_value());
      REQUIRE(journal.stats().bytes <= options.bytes_max);
    }
    CHECK(journal.stats().checkpoints > 1);
    CHECK(journal.stats().checkpoints < 30);
  }
  SECTION("also of the first checkpoint after a restart") {
    options.bytes_max = used / 4;
    SeriesJournal journal(store, options);
    journal.restore(after(20));
    const Status status = journal.keep(after(20));
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().message.find("storage.history.bytes_max") != std::string::npos);
  }
}

TEST_CASE("of damaged files two are kept") {
  const SeriesJournalWorld world;
  for (int round = 0; round < 4; ++round) {
    rules::SeriesStore store;
    SeriesJournal journal(store, world.options());
    const WallTime now = after(round * 100);
    journal.restore(now);
    REQUIRE(journal.keep(now).has_value());
    world.damage(series_file_name("checkpoint", static_cast<std::uint32_t>(round + 1)), 12);
  }
  const auto files = world.files();
  CHECK(std::count_if(files.begin(), files.end(), [](const std::string& name) {
          return name.find("corrupt") != std::string::npos;
        }) == 2);
}

TEST_CASE("what cannot be written is said, and tried again") {
  const SeriesJournalWorld world;
  rules::SeriesStore store;
  SeriesJournal journal(store, world.options(20'000));
  write(store, 0, 5);
  REQUIRE(journal.keep(after(5)).has_value());
  for (int number = 0; number < 2000; ++number) {
    store.append(Sample{series(number), after(6), 0.1 * number});
  }
  const Status refused = journal.keep(after(7));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("bytes_max") != std::string::npos);
  CHECK_FALSE(journal.stats().healthy);
  CHECK(journal.stats().failures == 1);
  CHECK(journal.stats().kept_at == after(5));
  // What is on disk is still good.
  rules::SeriesStore restored;
  SeriesJournal other(restored, world.options());
  CHECK(other.restore(after(8)).series == 5);
  CHECK(points(restored) == 25);
}

TEST_CASE("a folder that cannot be made is an error") {
  const SeriesJournalWorld world;
  std::ofstream(world.folder.path() + "/series") << "a file is in the way";
  rules::SeriesStore store;
  SeriesJournal journal(store, world.options());
  CHECK(journal.restore(after(0)).series == 0);
  const Status status = journal.keep(after(0));
  REQUIRE_FALSE(status.has_value());
  std::filesystem::remove(world.folder.path() + "/series");
  CHECK(journal.keep(after(1)).has_value());
  CHECK(journal.stats().healthy);
}

TEST_CASE("the disk keeps a reserve for others") {
  const SeriesJournalWorld world;
  rules::SeriesStore store;
  SeriesJournalOptions options = world.options();
  options.reserve_bytes = std::int64_t{1} << 60;
  SeriesJournal journal(store, options);
  const Status status = journal.keep(after(0));
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().message.find("nearly full") != std::string::npos);
}

TEST_CASE("names of files") {
  CHECK(series_file_name("journal", 12) == "journal-00000012");
  CHECK(series_file_name("journal", 4'000'000'000) == "journal-4000000000");

  struct Case {
    const char* name;
    std::uint32_t want;
  };

  const Case cases[] = {{"journal-00000012", 12},
                        {"journal-4000000000", 4'000'000'000},
                        {"journal-00000000", 0},
                        {"journal-0000012", 0},
                        {"journal-00000012.corrupt-1700000000", 0},
                        {"journal-99999999999", 0},
                        {"journal--0000001", 0},
                        {"checkpoint-00000012", 0},
                        {"journal", 0},
                        {"", 0}};
  for (const Case& c : cases) {
    CHECK(number_of("journal", c.name) == c.want);
  }
}

}  // namespace
}  // namespace seamwatch::agent
