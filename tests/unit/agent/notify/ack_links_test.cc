#include "agent/notify/ack_links.h"

#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

TEST_CASE("ack links: only what was signed with the key is read") {
  const Secret key("k1");
  const AckLink link{0xfedcba9876543210ULL, wall_from_unix_millis(1'700'000'000'000)};
  const std::string token = ack_token(link, key);
  CHECK(token.size() == 64);
  CHECK(read_ack_token(token, key) == link);
  CHECK_FALSE(read_ack_token(token, Secret("k2")).has_value());
  CHECK_FALSE(read_ack_token(token, Secret()).has_value());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == '0' ? '1' : '0';
    CHECK_FALSE(read_ack_token(changed, key).has_value());
  }
  CHECK_FALSE(read_ack_token("", key).has_value());
  CHECK_FALSE(read_ack_token(token + "0", key).has_value());
}

TEST_CASE("ack links: in notices, once, and across a restart") {
  SimPorts world;
  AckLinks links(*world.store);
  Notification notice;
  notice.external_url = "http://agent";
  notice.created_at = world.loop.clock.wall_now();
  notice.alerts.resize(2);
  notice.alerts[0].labels = Labels{{"alertname", "A"}};
  notice.alerts[1].labels = Labels{{"alertname", "B"}};
  notice.alerts[1].ends_at = notice.created_at;
  links.add_to(notice, Millis(1h));
  CHECK(notice.alerts[0].annotations.empty());  // there is no key yet
  REQUIRE(world.run(links.make_key()).has_value());
  links.add_to(notice, Millis(0));
  CHECK(notice.alerts[0].annotations.empty());
  links.add_to(notice, Millis(1h));
  CHECK(notice.alerts[1].annotations.empty());
  const std::string url(notice.alerts[0].annotations.get("ack_url"));
  REQUIRE(url.starts_with("http://agent/ack/"));
  const std::string token = url.substr(17);

  const WallTime now = notice.created_at;
  AckLink link;
  CHECK(links.look(token, now, link) == AckLinks::Standing::good);
  CHECK(link.fingerprint == notice.alerts[0].labels.fingerprint());
  CHECK(links.look(token, now + Millis(1h), link) == AckLinks::Standing::expired);
  CHECK(links.look("x", now, link) == AckLinks::Standing::unknown);
  REQUIRE(world.run(links.use(token, link.expires_at, now)).has_value());
  CHECK(links.look(token, now, link) == AckLinks::Standing::used);

  AckLinks next(*world.store);
  next.restore(*world.run(world.store->load_all(std::string(kAckLinkSpace))), now);
  REQUIRE(world.run(next.make_key()).has_value());  // the key stays
  CHECK(next.look(token, now, link) == AckLinks::Standing::used);
}
