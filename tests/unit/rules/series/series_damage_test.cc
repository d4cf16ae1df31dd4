// What a restore makes of files that are damaged, cut short, old or foreign.
#include <algorithm>
#include <random>

#include <catch2/catch.hpp>
#include <zlib.h>

#include "rules/series/archive_bytes.h"
#include "rules/series/series_restore.h"
#include "tests/unit/rules/series/archive_fixture.h"

namespace seamwatch::rules {
namespace {

TEST_CASE("a file that ends early is restored up to there") {
  std::mt19937_64 random(3);
  SeriesStore store;
  fill(store, random, 10, 0, 30);
  SeriesArchive archive(store);
  const std::string file = checkpoint(archive);
  fill(store, random, 14, 30, 40);
  const std::string journal = SeriesArchive::journal_header(kNow) + journal_of(archive);
  for (std::size_t size = 0; size < journal.size(); size += 3) {
    SeriesStore restored;
    SeriesRestore restore(restored, kNow);
    CHECK(restore.take_checkpoint(file).state == State::good);
    const RestoredFile result = restore.take_journal(journal.substr(0, size));
    CHECK(result.state != State::corrupt);
    CHECK(restored.size() >= 10);
  }
  for (std::size_t size = 0; size < file.size(); size += 5) {
    SeriesStore restored;
    SeriesRestore restore(restored, kNow);
    // A checkpoint gets its name when it is whole, so one that is not was damaged.
    CHECK(restore.take_checkpoint(file.substr(0, size)).state == State::corrupt);
  }
}

TEST_CASE("a damaged byte is seen, and the rest restored") {
  std::mt19937_64 random(4);
  SeriesStore store;
  fill(store, random, 10, 0, 30);
  SeriesArchive archive(store);
  const std::string file = checkpoint(archive);
  for (std::size_t at = 0; at < file.size(); at += 7) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ (1U << (random() % 8)));
    SeriesStore restored;
    SeriesRestore restore(restored, kNow);
    CHECK(restore.take_checkpoint(damaged).state == State::corrupt);
    CHECK(restored.size() <= 10);
  }
}

// The points of `got` that `written` has not.
std::size_t invented_points(const SeriesStore& got_store, const SeriesStore& written_store) {
  auto written = content(written_store);
  std::size_t invented = 0;
  for (const auto& [key, points] : content(got_store)) {
    for (const Point& point : points) {
      const auto& known = written[key];
      invented += std::none_of(known.begin(), known.end(), [&](const Point& one) {
        return one.at == point.at &&
               std::bit_cast<std::uint64_t>(one.value) == std::bit_cast<std::uint64_t>(point.value);
      });
    }
  }
  return invented;
}

TEST_CASE("no damage to a journal makes up a point") {
  std::mt19937_64 random(11);
  SeriesStore store;
  fill(store, random, 6, 0, 5);
  SeriesArchive archive(store);
  const std::string file = checkpoint(archive);
  std::vector<std::string> takes;
  for (int take = 0; take < 3; ++take) {
    // Each has series of its own too: another damaged block must not give theirs to others.
    fill(store, random, 6 + 2 * take, 5 + take * 4, 9 + take * 4);
    takes.push_back(journal_of(archive));
  }
  const std::string header = SeriesArchive::journal_header(kNow);
  for (std::size_t take = 0; take < takes.size(); ++take) {
    DYNAMIC_SECTION("take " << take) {
      std::size_t before = header.size();
      for (std::size_t i = 0; i < take; ++i) {
        before += takes[i].size();
      }
      SeriesStore good;
      SeriesRestore up_to(good, kNow);
      up_to.take_checkpoint(file);
      up_to.take_journal((header + takes[0] + takes[1] + takes[2]).substr(0, before));
      for (std::size_t at = 0; at < takes[take].size(); ++at) {
        std::string journal = header + takes[0] + takes[1] + takes[2];
        journal[before + at] = static_cast<char>(journal[before + at] ^ (1U << (random() % 8)));
        SeriesStore restored;
        SeriesRestore restore(restored, kNow);
        CHECK(restore.take_checkpoint(file).state == State::good);
        const RestoredFile result = restore.take_journal(journal);
        CHECK(result.state == State::corrupt);
        CHECK(result.problem ==
              "a block's checksum is wrong; what comes after it is left out, as it builds on it");
        REQUIRE(invented_points(restored, store) == 0);
        REQUIRE(restored.stats().samples >= good.stats().samples);
      }
    }
  }
}

TEST_CASE("a point that is left out ends its series' journal") {
  SeriesStore store;
  store.append(Sample{labels(0), after(10), 1});
  SeriesArchive archive(store);
  const std::string file = checkpoint(archive);
  store.append(Sample{labels(0), after(20), 2});
  store.append(Sample{labels(0), after(4000), 3});
  const std::string journal = SeriesArchive::journal_header(kNow) + journal_of(archive);
  store.append(Sample{labels(0), after(4010), 4});
  const std::string more = journal + journal_of(archive);
  SeriesStore restored;
  SeriesRestore restore(restored, after(3000));
  CHECK(restore.take_checkpoint(file).state == State::good);
  CHECK(restore.take_journal(more).state == State::good);
  CHECK(invented_points(restored, store) == 0);
  CHECK(restored.stats().samples == 2);
}

TEST_CASE("a checkpoint with a damaged size is restored before and after it") {
  std::mt19937_64 random(12);
  SeriesStore store;
  for (int i = 0; i < 3000; ++i) {  // three pages
    store.append(Sample{labels(i), after(i), 1});
  }
  SeriesArchive archive(store);
  std::string file = checkpoint(archive);
  std::string_view rest = file;
  take_block(rest);
  take_block(rest);
  const std::size_t second_page = file.size() - rest.size();
  for (std::size_t bit = 0; bit < 32; ++bit) {
    std::string damaged = file;
    char& byte = damaged[second_page + bit / 8];
    byte = static_cast<char>(byte ^ (1U << (bit % 8)));
    SeriesStore restored;
    SeriesRestore restore(restored, kNow);
    CHECK(restore.take_checkpoint(damaged).state == State::corrupt);
    CHECK(restored.size() == 3000 - 1024);
  }
}

// As version 1 wrote it: a block began with its size and the checksum of its payload.
std::string as_version_1(std::string_view file) {
  std::string out;
  while (!file.empty()) {
    const std::string_view before = file;
    const Block block = take_block(file);
    std::string framed(before.substr(0, before.size() - file.size()));
    framed.erase(8, 4);
    if (block.type == BlockType::header) {
      framed[8 + 1 + kArchiveMagic.size()] = 1;
      const auto sum = static_cast<std::uint32_t>(
          crc32_z(0, reinterpret_cast<const Bytef*>(framed.data() + 8), framed.size() - 8));
      std::memcpy(framed.data() + 4, &sum, sizeof sum);
    }
    out += framed;
  }
  return out;
}

TEST_CASE("files of version 1 are read") {
  std::mt19937_64 random(13);
  SeriesStore store;
  fill(store, random, 20, 0, 150);
  SeriesArchive archive(store);
  const std::string file = as_version_1(checkpoint(archive));
  fill(store, random, 24, 150, 180);
  const std::string journal =
      as_version_1(SeriesArchive::journal_header(kNow) + journal_of(archive));
  SeriesStore restored;
  SeriesRestore restore(restored, kNow);
  CHECK(restore.take_checkpoint(file).state == State::good);
  CHECK(restore.take_journal(journal).state == State::good);
  CHECK(restore.left_out() == 0);
  check_same(restored, store);
}

// Changes the payloads and makes the checksums right again.
std::string altered(std::string_view file, std::mt19937_64& random) {
  std::string out;
  while (!file.empty()) {
    const Block block = take_block(file);
    std::string payload(block.payload);
    const auto changes = block.type == BlockType::header ? 0 : random() % 4;
    for (std::size_t i = 0; i < changes && !payload.empty(); ++i) {
      payload[random() % payload.size()] = static_cast<char>(random() % 3 == 0 ? 0xff : random());
    }
    if (random() % 20 == 0) {
      payload.resize(random() % (payload.size() + 1));
    }
    ByteWriter writer(random() % 50 == 0 ? static_cast<BlockType>(random() % 10) : block.type);
    writer.raw(payload);
    out += std::move(writer).finish();
  }
  return out;
}

TEST_CASE("any content is restored without harm") {
  std::mt19937_64 random(6);
  SeriesStore store;
  fill(store, random, 12, 0, 200);
  SeriesArchive archive(store);
  const std::string file = checkpoint(archive);
  fill(store, random, 20, 200, 230);
  const std::string journal = SeriesArchive::journal_header(kNow) + journal_of(archive);
  for (int round = 0; round < 1500; ++round) {
    SeriesStore restored(SeriesStoreOptions{Millis(3'600'000), 2000});
    SeriesRestore restore(restored, kNow);
    restore.take_checkpoint(altered(file, random));
    restore.take_journal(altered(journal, random));
    for (const auto& [key, points] : content(restored)) {
      for (std::size_t i = 1; i < points.size(); ++i) {
        REQUIRE(points[i - 1].at < points[i].at);
      }
    }
    // It works on.
    fill(restored, random, 20, 300, 303);
    restored.collect(kNow);
    CHECK(restored.stats().bytes < (8U << 20U));
  }
}

TEST_CASE("files of another kind are refused") {
  SeriesStore store;
  SeriesArchive archive(store);
  const std::string file = checkpoint(archive);
  ByteWriter newer(BlockType::header);
  newer.raw(kArchiveMagic);
  newer.number(kArchiveVersion + 1);
  newer.number(ArchiveFile::checkpoint);
  newer.number(std::int64_t{0});
  const std::string of_newer = std::move(newer).finish();

  struct Case {
    const char* name;
    std::string file;
    const char* problem;
  };

  const Case cases[] = {
      {"a journal", SeriesArchive::journal_header(kNow), "it is no file of series"},
      {"text", "integrations:\n  - name: orders\n", "a block's checksum is wrong"},
      {"a newer version", of_newer, "it is of another version: 3"},
      {"no header",
       file.substr(SeriesArchive::journal_header(kNow).size()),
       "it is no file of series"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      SeriesStore restored;
      SeriesRestore restore(restored, kNow);
      const RestoredFile result = restore.take_checkpoint(c.file);
      CHECK(result.state == State::corrupt);
      CHECK(result.problem == c.problem);
    }
  }
}

}  // namespace
}  // namespace seamwatch::rules
