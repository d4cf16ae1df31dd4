#include "agent/web/prometheus/write_request.h"

#include <bit>
#include <random>

#include <catch2/catch.hpp>
#include <snappy.h>

#include "agent/web/prometheus/remote_write.h"

namespace seamwatch::agent {
namespace {

// Writes protocol buffers.
std::string varint(std::uint64_t value) {
  std::string out;
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  return out + static_cast<char>(value);
}

std::string field(unsigned number, const std::string& bytes) {
  return varint(number << 3U | 2U) + varint(bytes.size()) + bytes;
}

std::string label(const std::string& name, const std::string& value) {
  return field(1, field(1, name) + field(2, value));
}

std::string sample(double value, std::int64_t millis) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::string out = varint(1U << 3U | 1U);
  for (unsigned i = 0; i < 8; ++i) {
    out += static_cast<char>(bits >> (8 * i));
  }
  return field(2, out + varint(2U << 3U) + varint(static_cast<std::uint64_t>(millis)));
}

std::string series(const std::string& parts) {
  return field(1, parts);
}

std::string up(double value, std::int64_t millis) {
  return series(label("__name__", "up") + label("job", "x") + sample(value, millis));
}

}  // namespace

TEST_CASE("write request: what is in it") {
  const std::string metadata = field(3, field(2, "up"));
  const auto request = decode_write_request(up(1.5, 1000) + metadata +
                                                series(label("__name__", "a") + sample(1, -5) +
                                                       sample(2, 6) + field(3, "") + field(4, "")) +
                                                varint(9U << 3U) + varint(7),
                                            {});
  REQUIRE(request.has_value());
  REQUIRE(request->series.size() == 2);
  CHECK(request->series[0].labels == Labels{{"__name__", "up"}, {"job", "x"}});
  REQUIRE(request->series[0].points.size() == 1);
  CHECK(request->series[0].points[0].value == 1.5);
  CHECK(unix_millis(request->series[0].points[0].at) == 1000);
  CHECK(unix_millis(request->series[1].points[0].at) == -5);
  CHECK(request->samples == 3);
  CHECK(request->exemplars == 1);
  CHECK(request->histograms == 1);
  CHECK(request->invalid.empty());
  CHECK(decode_write_request("", {})->series.empty());
}

TEST_CASE("write request: series that are left out") {
  struct Case {
    const char* name;
    std::string labels;
    const char* why;
  };

  const Case cases[] = {
      {"no name", label("job", "x"), "a series has no metric name"},
      {"empty name", label("__name__", ""), "a series has no metric name"},
      {"twice",
       label("__name__", "a") + label("b", "1") + label("b", "2"),
       "label \"b\" stands twice in one series"},
      {"name not UTF-8",
       label("__name__", "a") + label("\xff", "1"),
       "a label name is empty or not UTF-8"},
      {"value not UTF-8",
       label("__name__", "a") + label("b", "\xff"),
       "the value of label \"b\" is not UTF-8"},
      {"too long a value",
       label("__name__", "a") + label("b", std::string(11, 'x')),
       "the value of label \"b\" has more than 10 bytes"},
      {"too long a name",
       label("__name__", "a") + label(std::string(11, 'x'), "b"),
       "a label name has more than 10 bytes"},
      {"too many",
       label("__name__", "a") + label("b", "1") + label("c", "1") + label("d", "1"),
       "a series has more than 3 labels"},
  };
  WriteLimits limits;
  limits.label_value_bytes_max = 10;
  limits.label_name_bytes_max = 10;
  limits.labels_max = 3;
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto request = decode_write_request(series(c.labels + sample(1, 1)) + up(1, 1), limits);
      REQUIRE(request.has_value());
      CHECK(request->series.size() == 1);
      CHECK(request->invalid == c.why);
      CHECK(request->invalid_samples == 1);
    }
  }
}

TEST_CASE("write request: limits of the whole") {
  WriteLimits limits;
  limits.series_max = 2;
  limits.samples_max = 3;
  CHECK(decode_write_request(up(1, 1) + up(1, 2), limits).has_value());
  CHECK(decode_write_request(up(1, 1) + up(1, 2) + up(1, 3), limits).error().message ==
        "a request may have at most 2 series");
  const std::string four = sample(1, 1) + sample(1, 2) + sample(1, 3) + sample(1, 4);
  CHECK(decode_write_request(series(label("__name__", "a") + four), limits).error().message ==
        "a request may have at most 3 samples");
}

TEST_CASE("write request: any bytes end in a request or an error") {
  const std::string good = up(1, 1) + up(2, 2);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto cut = decode_write_request(good.substr(0, size), {});
    CHECK(cut.has_value() == (size == 0 || size == up(1, 1).size()));
  }
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (int change = 0; change < 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto request = decode_write_request(bytes, {});
    CHECK((request.has_value() || !request.error().message.empty()));
  }
  for (const std::string& bytes : {std::string("\x0b"),                  // a group
                                   std::string("\x00", 1),               // field 0
                                   std::string(11, '\xff'),              // an endless number
                                   std::string("\x0a\xff\xff\xff\x7f"),  // longer than all
                                   std::string("\x08\x01")}) {           // series as a number
    CHECK(decode_write_request(bytes, {}).has_error());
  }
}

TEST_CASE("write request: Snappy") {
  std::string packed;
  const std::string text(1000, 'x');
  snappy::Compress(text.data(), text.size(), &packed);
  CHECK(uncompress_snappy(packed, 1000).value() == text);
  CHECK(uncompress_snappy(packed, 999).error().message ==
        "the body has more than 999 bytes uncompressed");
  CHECK(uncompress_snappy("", 10).has_error());
  CHECK(uncompress_snappy("\xff\xff\xff\xff\xff\xff", 10).has_error());
  CHECK(uncompress_snappy(packed.substr(0, 10), 1000).has_error());
}

TEST_CASE("remote write: what the store takes") {
  constexpr std::int64_t kNow = 10'000'000;
  RemoteWriteOptions options;
  options.retention = Millis(1'000'000);
  rules::SeriesStoreOptions store_options;
  store_options.series_max = 1;
  rules::SeriesStore store(store_options);
  RemoteWriteStats stats;
  const auto take = [&](const std::string& bytes) {
    return append_written(
        *decode_write_request(bytes, {}), wall_from_unix_millis(kNow), options, store, stats);
  };
  CHECK(take(up(1, kNow)) == "");
  CHECK(take(up(1, kNow)) == "");  // again the same
  CHECK(take(up(2, kNow)) == "duplicate sample for timestamp, series {__name__=\"up\", job=\"x\"}");
  CHECK(take(up(1, kNow - 1)) == "out of order sample, series {__name__=\"up\", job=\"x\"}");
  CHECK_THAT(take(up(1, kNow - 1'000'001)), Catch::StartsWith("out of bounds"));
  CHECK_THAT(take(up(1, kNow + 600'001)), Catch::StartsWith("too far in the future"));
  CHECK(take(up(3, kNow + 600'000)) == "");
  CHECK_THAT(
      take(series(label("__name__", "b") + sample(1, kNow))),
      Catch::StartsWith(
          "the agent keeps no more series: storage.series_max is reached; raise it, series"));
  CHECK_THAT(take(series(label("__name__", "up") + field(4, ""))), Catch::Contains("histogram"));
  CHECK(stats.samples == 3);
  CHECK(stats.refused_duplicate == 1);
  CHECK(stats.refused_out_of_order == 1);
  CHECK(stats.refused_out_of_bounds == 2);
  CHECK(stats.refused_series_limit == 1);
  CHECK(stats.refused_histograms == 1);
}

TEST_CASE("remote write leaves room for the series of the agent itself") {
  constexpr std::int64_t kNow = 10'000'000;
  RemoteWriteOptions options;
  options.retention = Millis(1'000'000);
  options.store_series_max = 1;
  rules::SeriesStore store;
  RemoteWriteStats stats;
  const auto take = [&](const std::string& bytes) {
    return append_written(
        *decode_write_request(bytes, {}), wall_from_unix_millis(kNow), options, store, stats);
  };
  CHECK(take(up(1, kNow - 1)) == "");
  CHECK(take(up(1, kNow)) == "");  // it has its place
  CHECK_THAT(take(series(label("__name__", "b") + sample(1, kNow))),
             Catch::StartsWith("the agent keeps no more series of others: a tenth of "
                               "storage.series_max is for its own"));
  CHECK(stats.samples == 2);
  CHECK(stats.refused_series_limit == 1);
  CHECK(store.append(Sample{Labels{{"__name__", "own"}}, wall_from_unix_millis(kNow), 1}));
}

}  // namespace seamwatch::agent
