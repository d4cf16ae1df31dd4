#include "exporters/metrics/exposition.h"

#include <algorithm>
#include <limits>

#include <catch2/catch.hpp>

#include "exporters/metrics/probe_families.h"

namespace seamwatch::exporters {
namespace {

const Family kUp{
    "probe_success", MetricType::gauge, "Displays whether or not the probe was a success"};
const Family kPhase{"probe_http_duration_seconds", MetricType::gauge, "By phase", "seconds"};
const Family kErrors{"seamwatch_errors_total", MetricType::counter, "Failed runs"};

std::string all(Exposition& exposition, Format format, std::string tail = "") {
  const auto rendering = exposition.render(format, std::move(tail));
  std::string out;
  std::string chunk;
  while (rendering->next(chunk)) {
    out += chunk;
  }
  return out;
}

// The group shows these series with these values.
void show(Exposition& exposition,
          GroupId group,
          const std::vector<std::pair<GroupSeries, double>>& shown) {
  std::vector<GroupSeries> series;
  for (const auto& [one, value] : shown) {
    series.push_back(one);
  }
  exposition.reshape(group, series);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    exposition.values(group)[i] = shown[i].second;
  }
}

}  // namespace

TEST_CASE("exposition: text 0.0.4") {
  Exposition exposition;
  const FamilyId up = exposition.family(kUp);
  const FamilyId phase = exposition.family(kPhase);
  const FamilyId errors = exposition.family(kErrors);
  const GroupId orders = exposition.add_group(Labels{{"integration", "orders"}, {"probe", "http"}});
  const GroupId bare = exposition.add_group({});
  show(
      exposition,
      orders,
      {{{phase, {{"phase", "connect"}}}, 0.0125}, {{up, {}}, 1}, {{phase, {{"phase", "tls"}}}, 0}});
  show(exposition, bare, {{{up, {}}, 0}, {{errors, {{"category", "dns"}}}, 3}});
  CHECK(all(exposition, Format::text) ==
        "# HELP probe_success Displays whether or not the probe was a success\n"
        "# TYPE probe_success gauge\n"
        "probe_success{integration=\"orders\",probe=\"http\"} 1\n"
        "probe_success 0\n"
        "# HELP probe_http_duration_seconds By phase\n"
        "# TYPE probe_http_duration_seconds gauge\n"
        "probe_http_duration_seconds{integration=\"orders\",probe=\"http\",phase=\"connect\"} "
        "0.0125\n"
        "probe_http_duration_seconds{integration=\"orders\",probe=\"http\",phase=\"tls\"} 0\n"
        "# HELP seamwatch_errors_total Failed runs\n"
        "# TYPE seamwatch_errors_total counter\n"
        "seamwatch_errors_total{category=\"dns\"} 3\n");
}

TEST_CASE("exposition: OpenMetrics") {
  Exposition exposition;
  const GroupId group = exposition.add_group({});
  const FamilyId phase = exposition.family(kPhase);
  const FamilyId errors = exposition.family(kErrors);
  show(exposition, group, {{{phase, {}}, 2}, {{errors, {}}, 3}});
  CHECK(all(exposition, Format::openmetrics, "# TYPE x gauge\nx 1\n") ==
        "# HELP probe_http_duration_seconds By phase\n"
        "# TYPE probe_http_duration_seconds gauge\n"
        "# UNIT probe_http_duration_seconds seconds\n"
        "probe_http_duration_seconds 2\n"
        "# HELP seamwatch_errors Failed runs\n"
        "# TYPE seamwatch_errors counter\n"
        "seamwatch_errors_total 3\n"
        "# TYPE x gauge\nx 1\n"
        "# EOF\n");
}

TEST_CASE("exposition: nothing to show") {
  Exposition exposition;
  exposition.family(kUp);
  CHECK(all(exposition, Format::text).empty());
  CHECK(all(exposition, Format::openmetrics) == "# EOF\n");
}

TEST_CASE("exposition: label texts are escaped, repaired and named classically") {
  struct Case {
    const char* name;
    Labels labels;
    std::string want;
  };

  const Case cases[] = {
      {"none", {}, ""},
      {"plain", {{"b", "2"}, {"a", "1"}}, "a=\"1\",b=\"2\""},
      {"quote, backslash, line feed", {{"a", "x\"y\\z\n"}}, "a=\"x\\\"y\\\\z\\n\""},
      {"not UTF-8", {{"a", "x\xff"}}, "a=\"x\xef\xbf\xbd\""},
      {"dotted name", {{"service.name", "x"}}, "service_name=\"x\""},
      {"name that starts with a digit", {{"1a", "x"}}, "_1a=\"x\""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(label_text(c.labels) == c.want);
    }
  }
}

TEST_CASE("exposition: numbers") {
  struct Case {
    double value;
    const char* want;
  };

  const Case cases[] = {
      {0, "0"},
      {-0.0, "-0"},
      {1, "1"},
      {-15, "-15"},
      {0.1, "0.1"},
      {1700000000.125, "1700000000.125"},
      {9007199254740991, "9007199254740991"},
      {9007199254740992, "9007199254740992"},
      {1e300, "1e+300"},
      {5e-324, "5e-324"},
      {std::numeric_limits<double>::infinity(), "+Inf"},
      {-std::numeric_limits<double>::infinity(), "-Inf"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.want) {
      std::string out;
      append_number(out, c.value);
      CHECK(out == c.want);
    }
  }
}

TEST_CASE("exposition: help is escaped as each format wants it") {
  const Family family{"x", MetricType::gauge, "a \"b\" \\ c\nd"};
  std::string text;
  append_header(text, family, Format::text);
  CHECK(text == "# HELP x a \"b\" \\\\ c\\nd\n# TYPE x gauge\n");
  std::string open;
  append_header(open, family, Format::openmetrics);
  CHECK(open == "# HELP x a \\\"b\\\" \\\\ c\\nd\n# TYPE x gauge\n");
}

TEST_CASE("exposition: a group shows what it was last told to") {
  Exposition exposition;
  const FamilyId up = exposition.family(kUp);
  CHECK(exposition.family(kUp) == up);
  const GroupId group = exposition.add_group(Labels{{"a", "1"}});
  const GroupId other = exposition.add_group(Labels{{"a", "2"}});
  CHECK(all(exposition, Format::text).empty());
  show(exposition, group, {{{up, {}}, 1}, {{up, {{"b", "2"}}}, 2}});
  show(exposition, other, {{{up, {}}, 3}, {{up, {{"b", "2"}}}, 4}});
  CHECK(exposition.size() == 4);
  CHECK(exposition.values(group)[1] == 2);

  SECTION("another shape leaves the groups that had the same one as they are") {
    show(exposition, group, {{{up, {{"b", "2"}}}, 7}});
    const std::string text = all(exposition, Format::text);
    CHECK(text.find("probe_success{a=\"1\"} ") == std::string::npos);
    CHECK(text.find("probe_success{a=\"1\",b=\"2\"} 7\n") != std::string::npos);
    CHECK(text.find("probe_success{a=\"2\"} 3\n") != std::string::npos);
    CHECK(exposition.size() == 3);
  }
  SECTION("nothing") {
    exposition.reshape(group, {});
    exposition.reshape(other, {});
    CHECK(exposition.size() == 0);
    CHECK(all(exposition, Format::text).empty());
  }
  SECTION("a group that is removed") {
    exposition.remove_group(group);
    CHECK(exposition.size() == 2);
    CHECK(all(exposition, Format::text).find("a=\"1\"") == std::string::npos);
  }
  SECTION("the group's label wins over one of the series' own") {
    show(exposition, group, {{{up, {{"a", "9"}, {"b", "3"}}}, 5}});
    CHECK(all(exposition, Format::text).find("{a=\"1\",b=\"3\"} 5\n") != std::string::npos);
  }
}

TEST_CASE("exposition: a quoted label inside a value is not taken for a label") {
  Exposition exposition;
  const FamilyId up = exposition.family(kUp);
  const GroupId group = exposition.add_group(Labels{{"a", "x,b=\"y"}});
  show(exposition, group, {{{up, {{"b", "2"}}}, 1}});
  CHECK(all(exposition, Format::text).find(",b=\"2\"} 1") != std::string::npos);
}

TEST_CASE("exposition: ten thousand groups of one shape cost little more than their labels") {
  Exposition exposition;
  const FamilyId up = exposition.family(kUp);
  std::vector<GroupSeries> series;
  for (int i = 0; i < 20; ++i) {
    series.push_back({up, {{"phase", std::to_string(i)}}});
  }
  for (int i = 0; i < 10'000; ++i) {
    exposition.reshape(exposition.add_group(Labels{{"target", std::to_string(i)}}), series);
  }
  CHECK(exposition.memory_bytes() / exposition.size() < 13);
}

TEST_CASE("shape: places by family, in order") {
  const FamilyId a{1};
  const FamilyId b{2};
  const Shape shape({{b, 1, 1}, {a, 0, 0}, {b, 0, 0}, {b, 2, 2}});
  const auto places = [&](FamilyId family) {
    const auto found = shape.places(family);
    return std::vector<std::uint32_t>(found.begin(), found.end());
  };
  CHECK(places(a) == std::vector<std::uint32_t>{1});
  CHECK(places(b) == std::vector<std::uint32_t>{0, 2, 3});
  CHECK(places(FamilyId{0}).empty());
  CHECK(places(FamilyId{3}).empty());
}

TEST_CASE("exposition: a scrape in the making survives changes and sees no series twice") {
  Exposition exposition;
  const FamilyId up = exposition.family(kUp);
  std::vector<GroupId> groups;
  const auto fill = [&] {
    for (int i = 0; i < 5000; ++i) {
      groups.push_back(exposition.add_group(Labels{{"target", std::to_string(i)}}));
      show(exposition, groups.back(), {{{up, {}}, 1}});
    }
  };
  fill();
  auto rendering = exposition.render(Format::text);
  std::string out;
  std::string chunk;
  REQUIRE(rendering->next(chunk));
  CHECK(chunk.size() >= 64 * 1024);
  CHECK(chunk.size() < 65 * 1024);
  out += chunk;
  for (const GroupId group : groups) {
    exposition.remove_group(group);
  }
  groups.clear();
  fill();
  while (rendering->next(chunk)) {
    out += chunk;
  }
  rendering.reset();
  CHECK(std::count(out.begin(), out.end(), '\n') < 5000);
  CHECK(out.find("{target=\"4999\"}") == std::string::npos);

  SECTION("the next scrape sees all of them, and freed groups are used again") {
    const std::string next = all(exposition, Format::text);
    CHECK(std::count(next.begin(), next.end(), '\n') == 5002);
    const std::size_t bytes = exposition.memory_bytes();
    for (int round = 0; round < 20; ++round) {
      for (const GroupId group : groups) {
        exposition.remove_group(group);
      }
      groups.clear();
      fill();
    }
    CHECK(exposition.size() == 5000);
    CHECK(exposition.memory_bytes() < bytes * 2);
    const std::string last = all(exposition, Format::text);
    CHECK(std::count(last.begin(), last.end(), '\n') == 5002);
  }
}

TEST_CASE("exposition: the tables have no name twice, and every unit fits its name") {
  std::vector<std::string> names;
  for (const auto* families : {&probe_families(), &agent_families()}) {
    for (const Family& family : *families) {
      INFO(family.name);
      CHECK_FALSE(family.help.empty());
      CHECK(is_classic_metric_name(family.name));
      CHECK((family.type == MetricType::counter) == family.name.ends_with("_total"));
      CHECK((family.unit.empty() || family.name.ends_with("_" + family.unit)));
      CHECK(find_family(family.name)->name == family.name);
      // OpenMetrics calls the family of `x_total` plain `x`, so `x` may not be there as well.
      const bool counts = family.type == MetricType::counter;
      names.push_back(counts ? family.name.substr(0, family.name.size() - 6) : family.name);
    }
  }
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  CHECK(find_family("nothing") == nullptr);
}

}  // namespace seamwatch::exporters
