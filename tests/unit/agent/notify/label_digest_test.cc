#include "agent/notify/label_digest.h"

#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;

TEST_CASE("a digest is the same for the same value, also after a restart") {
  SimPorts world;
  KeyedLabelDigest digest(*world.store);
  const std::string before = digest("jane@example.org");
  CHECK(before.size() == 10);
  CHECK(before.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(digest("jane@example.org") == before);
  CHECK(digest("joe@example.org") != before);
  CHECK(digest("") != before);
  REQUIRE(world.run(digest.keep_key()).has_value());
  KeyedLabelDigest next(*world.store);
  CHECK(next("jane@example.org") != before);
  next.restore(*world.run(world.store->load_all(std::string(kLabelDigestSpace))));
  CHECK(next("jane@example.org") == before);
}

TEST_CASE("agents with the same key say the same, and keep it") {
  SimPorts world;
  SimPorts other;
  KeyedLabelDigest one(*world.store);
  KeyedLabelDigest two(*other.store);
  REQUIRE(world.run(one.keep_key()).has_value());
  one.use(Secret("0123456789abcdef"));
  two.use(Secret("0123456789abcdef"));
  CHECK(one("jane@example.org") == two("jane@example.org"));
  REQUIRE(world.run(one.keep_key()).has_value());
  KeyedLabelDigest next(*world.store);
  next.restore(*world.run(world.store->load_all(std::string(kLabelDigestSpace))));
  CHECK(next("jane@example.org") == two("jane@example.org"));
}

TEST_CASE("the kept key is not replaced") {
  SimPorts world;
  KeyedLabelDigest digest(*world.store);
  REQUIRE(world.run(digest.keep_key()).has_value());
  const auto kept = *world.run(world.store->load_all(std::string(kLabelDigestSpace)));
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].value.size() == 64);
  KeyedLabelDigest next(*world.store);
  next.restore(kept);
  REQUIRE(world.run(next.keep_key()).has_value());
  CHECK(*world.run(world.store->load_all(std::string(kLabelDigestSpace))) == kept);
}
