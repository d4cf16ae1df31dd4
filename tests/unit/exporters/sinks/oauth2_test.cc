#include "agent/oauth2/token_cache.h"
#include "exporters/sinks/webhook.h"
#include "tests/unit/exporters/sinks/vendor_world.h"

using namespace seamwatch;
using namespace seamwatch::exporters;

namespace {

struct TokenWorld : VendorWorld {
  TokenWorld() {
    options.url = Secret("https://api.test/hook");
    options.http.oauth2 = OAuth2Options{};
    OAuth2Options& oauth2 = *options.http.oauth2;
    oauth2.client_id = "id";
    oauth2.client_secret = Secret("s/1");
    oauth2.token_url = "https://login.test/token";
    oauth2.scopes = {"a.b", "c"};
    oauth2.endpoint_params = {{"audience", "https://x y"}};
    options.http.tokens = std::make_shared<TokenCache>();
  }

  Delivery post() { return send(make_webhook, options); }

  // "https://login.test/token" or "https://api.test/hook tok1", for each request so far.
  std::string asked() const {
    std::string out;
    for (const auto& [request, deadline] : http.requests()) {
      out += request.url.reveal() +
             (request.bearer_token.empty() ? "" : " " + request.bearer_token.reveal()) + "\n";
    }
    return out;
  }

  WebhookOptions options;
};

constexpr const char* kToken = R"({"access_token":"tok1","token_type":"bearer","expires_in":60})";
constexpr const char* kOther = R"({"access_token":"tok2","token_type":"bearer"})";

}  // namespace

TEST_CASE("oauth2: a token is asked for once, as RFC 6749 says, and used until it expires") {
  TokenWorld world;
  world.http.answer(200, {}, kToken);
  CHECK(told(world.post()) == "delivered");
  CHECK(told(world.post()) == "delivered");
  CHECK(world.asked() ==
        "https://login.test/token\nhttps://api.test/hook tok1\nhttps://api.test/hook tok1\n");
  const HttpRequest& request = world.request();
  CHECK(request.method == "POST");
  CHECK(request.body == "grant_type=client_credentials&scope=a.b%20c&audience=https%3A%2F%2Fx%20y");
  CHECK(request.basic_user == "id");
  CHECK(request.basic_password.reveal() == "s%2F1");
  CHECK(header(request.headers, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK_FALSE(request.follow_redirects);
  world.clock.move_to(world.clock.mono_now() + std::chrono::seconds(51));
  world.http.answer(200, {}, kOther);
  world.post();
  CHECK(world.request(3).url.reveal() == "https://login.test/token");
  CHECK(world.request(4).bearer_token.reveal() == "tok2");
}

TEST_CASE("oauth2: an endpoint that wants the secret in the body gets it there") {
  TokenWorld world;
  world.http.answer(401, {}, R"({"error":"invalid_client"})");
  world.http.answer(200, {}, kToken);
  CHECK(told(world.post()) == "delivered");
  CHECK(world.request(1).body ==
        "grant_type=client_credentials&scope=a.b%20c&audience=https%3A%2F%2Fx%20y&client_id=id&"
        "client_secret=s%2F1");
  CHECK(world.request(1).basic_user.empty());
}

TEST_CASE("oauth2: a token that is refused is asked for anew, once") {
  TokenWorld world;
  world.http.answer(200, {}, kToken);
  world.http.answer(401);
  world.http.answer(200, {}, kOther);
  SECTION("the new one serves") {
    CHECK(told(world.post()) == "delivered");
  }
  SECTION("the new one is refused as well") {
    world.http.answer(401);
    CHECK(told(world.post()) == "rejected HTTP 401");
  }
  CHECK(world.asked() ==
        "https://login.test/token\nhttps://api.test/hook tok1\nhttps://login.test/token\n"
        "https://api.test/hook tok2\n");
}

TEST_CASE("oauth2: what comes of an endpoint that gives no token") {
  struct Case {
    const char* name;
    int status;
    const char* body;
    const char* want;
    const char* detail;
  };

  const std::vector<Case> cases = {
      {"refused",
       403,
       R"({"error":"unauthorized_client"})",
       "rejected HTTP 403",
       "no access token: the token endpoint answered HTTP 403 (unauthorized_client)"},
      {"not now",
       503,
       "",
       "retry HTTP 503",
       "no access token: the token endpoint answered HTTP 503"},
      {"no token",
       200,
       "{}",
       "rejected sink:no_token",
       "the token endpoint's answer holds no access_token"},
      {"not JSON",
       200,
       "<html>",
       "rejected sink:no_token",
       "the token endpoint's answer holds no access_token"},
      {"an error that is no word",
       403,
       R"({"error":"<secret>"})",
       "rejected HTTP 403",
       "no access token: the token endpoint answered HTTP 403"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      TokenWorld world;
      world.http.answer(c.status, {}, c.body);
      const Delivery delivery = world.post();
      CHECK(told(delivery) == c.want);
      CHECK(delivery.fault->detail == c.detail);
      CHECK(delivery.fault->phase == "login");
      CHECK(world.http.requests().size() == 1);
    }
  }
}

TEST_CASE("oauth2: a key that cannot sign is told, and nothing is sent") {
  TokenWorld world;
  world.options.http.oauth2->jwt = JwtGrant{{Secret("s3cret"), "", "RS256"}, "id", "x"};
  const Delivery delivery = world.post();
  CHECK(told(delivery) == "rejected sink:key");
  CHECK(delivery.fault->phase == "login");
  CHECK(delivery.fault->detail.find("s3cret") == std::string::npos);
  CHECK(world.asked().empty());
}
