#include "agent/oauth2/token_cache.h"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "tests/fakes/fake_http_client.h"
#include "tests/fakes/sim_loop.h"

using namespace seamwatch;

namespace {

struct CacheWorld {
  CacheWorld() {
    options.client_id = "id";
    options.token_url = "https://login.test/token";
    http.answer(200, {}, R"({"access_token":"tok1"})");
    http.answer(200, {}, R"({"access_token":"tok2"})");
  }

  // The token, with "kept " before one that was asked for before.
  std::string token() {
    std::string out;
    const MonoTime deadline = loop.clock.mono_now() + std::chrono::seconds(5);
    boost::asio::co_spawn(loop.io,
                          cache.token(options, &http, &loop.clock, deadline),
                          [&](std::exception_ptr failure, TokenCache::Answer answer) {
                            REQUIRE(!failure);
                            out = (answer.kept ? "kept " : "") + answer.token.reveal();
                          });
    loop.settle();
    return out;
  }

  OAuth2Options options;
  fakes::FakeHttpClient http;
  fakes::SimLoop loop;
  TokenCache cache;
};

}  // namespace

TEST_CASE("token_cache: only the token that was refused is forgotten") {
  CacheWorld world;
  CHECK(world.token() == "tok1");
  CHECK(world.token() == "kept tok1");
  world.cache.forget(world.options, Secret("tok1"));
  CHECK(world.token() == "tok2");
  // Another one who was refused with the first token comes late: the second one is good.
  world.cache.forget(world.options, Secret("tok1"));
  CHECK(world.token() == "kept tok2");
}
