#include "agent/base/kept_state.h"

#include "tests/unit/agent/agent_fixture.h"
#include "tests/unit/agent/store/store_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

std::vector<KeyValue> all_of(boost::asio::io_context& io, Store& store) {
  return *run_on(io, store.load_all("space"));
}

}  // namespace

TEST_CASE("the last change of a key counts, and an erased one goes") {
  SimPorts sim;
  KeptState kept(*sim.store, "space");
  CHECK_FALSE(kept.dirty());
  kept.set("a", "1");
  kept.set("a", "2");
  kept.set("b", "1");
  CHECK(kept.dirty());
  REQUIRE(sim.run(kept.flush()).has_value());
  CHECK_FALSE(kept.dirty());
  kept.erase("b");
  REQUIRE(sim.run(kept.flush()).has_value());
  CHECK(*sim.run(sim.store->load_all("space")) == std::vector<KeyValue>{{"a", "2"}});
}

TEST_CASE("changes that the store refuses are written with the next flush, newer ones winning") {
  const TempFolder folder;
  const auto store = open_store(impatient_options(folder.path()));
  boost::asio::io_context io;
  KeptState kept(*store, "space");
  auto held = std::make_unique<HeldDatabase>(folder);
  kept.set("a", "old");
  kept.set("b", "kept");
  CHECK(run_on(io, kept.flush()).has_error());
  CHECK(kept.dirty());
  kept.set("a", "new");
  held.reset();
  REQUIRE(run_on(io, kept.flush()).has_value());
  CHECK(all_of(io, *store) == std::vector<KeyValue>{{"a", "new"}, {"b", "kept"}});
}
