#include "rules/series/series_archive.h"

#include <atomic>
#include <random>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/unit/rules/series/archive_fixture.h"

namespace seamwatch::rules {
namespace {

TEST_CASE("a checkpoint gives the store back") {
  std::mt19937_64 random(1);
  for (const int points : {0, 1, 2, 119, 120, 121, 350}) {
    DYNAMIC_SECTION(points << " points") {
      SeriesStore store;
      fill(store, random, 30, 0, points);
      SeriesArchive archive(store);
      const std::string file = checkpoint(archive);
      SeriesStore restored;
      SeriesRestore restore(restored, kNow);
      const RestoredFile result = restore.take_checkpoint(file);
      CHECK(result.state == State::good);
      CHECK(result.problem.empty());
      CHECK(restore.left_out() == 0);
      CHECK((points == 0 || restore.newest() == after((points - 1) * 10)));
      check_same(restored, store);
      // Both go on alike.
      std::mt19937_64 one(5);
      std::mt19937_64 other(5);
      fill(store, one, 30, points, points + 200);
      fill(restored, other, 30, points, points + 200);
      check_same(restored, store);
      CHECK(restored.stats().chunks == store.stats().chunks);
    }
  }
}

TEST_CASE("a journal goes on where its checkpoint ends") {
  std::mt19937_64 random(2);
  for (int round = 0; round < 10; ++round) {
    SeriesStore store(SeriesStoreOptions{Millis(600'000), 5000});
    fill(store, random, 20, 0, static_cast<int>(random() % 60));
    const auto held = store.add(Labels{{"__name__", "held"}});
    SeriesArchive archive(store);
    const std::string file = checkpoint(archive);
    std::string journal = SeriesArchive::journal_header(kNow);
    int at = 60;
    for (int take = 0; take < 8; ++take) {
      const int until = at + static_cast<int>(random() % 40);
      fill(store, random, 20 + take * 5, at, until);
      store.append(*held, after(until * 10), 1);
      at = until;
      store.collect(after(at * 10));
      journal += journal_of(archive);
    }
    SeriesStore restored(SeriesStoreOptions{Millis(600'000), 5000});
    SeriesRestore restore(restored, kNow);
    CHECK(restore.take_checkpoint(file).state == State::good);
    CHECK(restore.take_journal(journal).state == State::good);
    CHECK(restore.left_out() == 0);
    // What is too old went at other times here, chunk by chunk.
    for (const auto& [key, points] : content(store)) {
      const WallTime young = after(at * 10) - Millis(600'000);
      std::vector<Matcher> matchers;
      for (const auto& [name, value] : key) {
        matchers.push_back(*Matcher::make(MatchType::equal, std::string(name), std::string(value)));
      }
      const auto want = store.select(matchers, young, kNow);
      const auto got = restored.select(matchers, young, kNow);
      REQUIRE(got.size() == want.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        CHECK(got[i].points.size() == want[i].points.size());
        CHECK(got[i].points.back().at == want[i].points.back().at);
      }
    }
  }
}

TEST_CASE("slots that are used again are not mixed up") {
  SeriesStore store(SeriesStoreOptions{Millis(10'000), 100});
  SeriesArchive archive(store);
  const std::string file = checkpoint(archive);
  std::string journal = SeriesArchive::journal_header(kNow);
  for (int round = 0; round < 30; ++round) {
    const std::string name = "round" + std::to_string(round);
    for (int i = 0; i < 3; ++i) {
      store.append(Sample{Labels{{"__name__", name}, {"i", std::to_string(i)}},
                          after(round * 100 + i),
                          static_cast<double>(round)});
    }
    store.collect(after(round * 100 + (round % 3) * 10));
    if (round % 4 == 0) {
      journal += journal_of(archive);
    }
  }
  journal += journal_of(archive);
  SeriesStore restored;
  SeriesRestore restore(restored, kNow);
  restore.take_checkpoint(file);
  CHECK(restore.take_journal(journal).state == State::good);
  const auto got = content(restored);
  for (const auto& [key, points] : got) {
    const std::string_view name = key.get("__name__");
    for (const Point& point : points) {
      CHECK(name == "round" + std::to_string(static_cast<int>(point.value)));
    }
  }
  CHECK(got.size() == 90);
}

TEST_CASE("series from the future are left out") {
  SeriesStore store;
  store.append(Sample{labels(0), after(10), 1});
  store.append(Sample{labels(1), after(3600), 1});
  SeriesArchive archive(store);
  const std::string file = checkpoint(archive);
  store.append(Sample{labels(0), after(20), 1});
  store.append(Sample{labels(0), after(4000), 1});
  const std::string journal = SeriesArchive::journal_header(kNow) + journal_of(archive);
  SeriesStore restored;
  SeriesRestore restore(restored, after(30));
  restore.take_checkpoint(file);
  restore.take_journal(journal);
  CHECK(restore.left_out() == 2);
  CHECK(restored.size() == 1);
  CHECK(content(restored).begin()->second.size() == 2);
}

TEST_CASE("series that nobody goes on with are ended") {
  SeriesStore store;
  for (int i = 0; i < 4; ++i) {
    store.append(Sample{labels(i), after(i == 3 ? 5 : 10), i == 2 ? stale_marker() : 1});
  }
  store.append(Sample{labels(0), after(60), 1});
  CHECK(SeriesRestore::end_unheard(store, after(10), after(90)) == 2);
  const auto got = content(store);
  CHECK(got.at(labels(0)).size() == 2);
  CHECK(got.at(labels(1)).size() == 2);
  CHECK(is_stale(got.at(labels(1)).back().value));
  CHECK(got.at(labels(1)).back().at == after(90));
  CHECK(got.at(labels(2)).size() == 1);
  CHECK(got.at(labels(3)).size() == 2);
}

TEST_CASE("series that nobody can go on with are ended at once") {
  SeriesStore store;
  const auto of = [](const std::string& integration, const std::string& probe) {
    Labels out{{"__name__", "probe_success"}};
    if (!integration.empty()) {
      out.set("integration", integration);
    }
    if (!probe.empty()) {
      out.set("probe", probe);
    }
    return out;
  };
  const std::vector<Labels> all = {of("", ""), of("a", ""), of("a", "x"), of("b", "x")};
  for (const Labels& labels : all) {
    store.append(Sample{labels, after(10), 1});
  }
  std::vector<std::string> seen;
  const auto ended = SeriesRestore::end_gone(
      store,
      [&seen](std::string_view name, std::string_view integration, std::string_view probe) {
        CHECK(name == "probe_success");
        seen.push_back(std::string(integration) + "/" + std::string(probe));
        return integration == "b";
      },
      after(20));
  CHECK(ended == 1);
  CHECK(seen == std::vector<std::string>{"/", "a/", "a/x", "b/x"});
  const auto got = content(store);
  CHECK(is_stale(got.at(all[3]).back().value));
  CHECK(got.at(all[3]).back().at == after(20));
  CHECK(got.at(all[2]).size() == 1);
}

TEST_CASE("a sink that fails ends the journal") {
  SeriesStore store;
  std::mt19937_64 random(8);
  fill(store, random, 10, 0, 10);
  SeriesArchive archive(store);
  int pieces = 0;
  CHECK_FALSE(archive.checkpoint([&](std::string_view) { return ++pieces < 2; }, kNow));
  fill(store, random, 10, 10, 20);
  CHECK(journal_of(archive).empty());
  checkpoint(archive);
  fill(store, random, 10, 20, 30);
  CHECK_FALSE(journal_of(archive).empty());
}

TEST_CASE("a journal that nobody takes is given up") {
  SeriesStore store;
  SeriesArchive archive(store);
  checkpoint(archive);
  const auto id = store.add(labels(0));
  std::mt19937_64 random(9);
  for (int i = 0; i < 120'000; ++i) {
    store.append(*id, after(i), std::bit_cast<double>(random()));
  }
  CHECK(store.stats().samples == 120'000);
  std::string out;
  CHECK(take(archive, out) == SeriesArchive::Taken::lost);
  CHECK(take(archive, out) == SeriesArchive::Taken::lost);
  CHECK(out.empty());
  checkpoint(archive);
  CHECK(take(archive, out) == SeriesArchive::Taken::all);
}

TEST_CASE("a journal whose sink ends it takes no more pieces") {
  SeriesStore store;
  SeriesArchive archive(store);
  checkpoint(archive);
  for (int i = 0; i < 3000; ++i) {
    store.append(*store.add(labels(i)), after(i), 1);
  }
  int pieces = 0;
  const auto taken = archive.take_journal([&](std::string_view) { return ++pieces < 2; });
  CHECK(taken == SeriesArchive::Taken::ended);
  CHECK(pieces == 2);
}

TEST_CASE("a checkpoint and takes are whole while others write") {
  constexpr int kRounds = 300;
  SeriesStore store(SeriesStoreOptions{Millis(3'600'000), 100'000});
  std::atomic<bool> done = false;
  std::thread writer([&] {
    std::mt19937_64 random(10);
    for (int i = 0; i < kRounds; ++i) {
      for (int series = 0; series < 3000; series += 1 + static_cast<int>(random() % 20)) {
        store.append(
            Sample{labels(series % (500 + i * 8)), after(i), any_value(random, series, i)});
      }
    }
    done = true;
  });
  SeriesArchive archive(store);
  std::string file = checkpoint(archive);
  std::string journal = SeriesArchive::journal_header(kNow);
  for (int take = 1; !done; ++take) {
    if (take % 40 == 0) {
      file = checkpoint(archive);
      journal = SeriesArchive::journal_header(kNow);
    }
    journal += journal_of(archive);
  }
  writer.join();
  journal += journal_of(archive);
  SeriesStore restored(SeriesStoreOptions{Millis(3'600'000), 100'000});
  SeriesRestore restore(restored, kNow);
  CHECK(restore.take_checkpoint(file).state == State::good);
  CHECK(restore.take_journal(journal).state == State::good);
  CHECK(restore.left_out() == 0);
  check_same(restored, store);
}

}  // namespace
}  // namespace seamwatch::rules
