// The pure parts of the rabbitmq probe: target, module, faults and the management API's answer.

#include <cerrno>

#include <amqp.h>
#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "probes/queues/rabbitmq_faults.h"
#include "probes/queues/rabbitmq_management.h"
#include "probes/queues/rabbitmq_module.h"
#include "probes/queues/rabbitmq_target.h"

namespace seamwatch::probes {

TEST_CASE("rabbitmq targets") {
  struct Case {
    const char* name;
    const char* target;
    bool tls;
    const char* host;
    int port;
    const char* vhost;
  };

  const Case cases[] = {
      {"host only", "amqp://broker", false, "broker", 5672, "/"},
      {"port", "amqp://broker:1234", false, "broker", 1234, "/"},
      {"tls", "amqps://broker", true, "broker", 5671, "/"},
      {"empty vhost is the default", "amqp://broker/", false, "broker", 5672, "/"},
      {"vhost", "amqp://broker/shop", false, "broker", 5672, "shop"},
      {"encoded vhost", "amqp://broker/%2Fshop%20a", false, "broker", 5672, "/shop a"},
      {"IPv6", "amqp://[::1]:5673/x", false, "::1", 5673, "x"},
      {"IPv6 without port", "amqps://[fe80::1]", true, "fe80::1", 5671, "/"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto parsed = parse_rabbit_target(c.target);
      REQUIRE(parsed.has_value());
      CHECK(parsed->tls == c.tls);
      CHECK(parsed->host == c.host);
      CHECK(parsed->port == c.port);
      CHECK(parsed->vhost == c.vhost);
    }
  }
  for (const char* bad : {"",
                          "broker",
                          "http://broker",
                          "amqp://",
                          "amqp://:5672",
                          "amqp://b:0",
                          "amqp://b:65536",
                          "amqp://b:x",
                          "amqp://u:p@b",
                          "amqp://b/a/b",
                          "amqp://b/%2",
                          "amqp://b/%zz",
                          "amqp://[::1",
                          "amqp://[::1]x",
                          "amqp://b/a?heartbeat=1"}) {
    INFO(bad);
    CHECK_FALSE(parse_rabbit_target(bad).has_value());
  }
  CHECK(parse_rabbit_target("amqp://u:secret@b").error().message.find("secret") ==
        std::string::npos);
}

TEST_CASE("what rabbitmq-c reports becomes a fault") {
  struct Case {
    const char* name;
    Fault fault;
    const char* protocol;
    const char* code;
    const char* when;
  };

  const Case cases[] = {
      {"timeout", rabbit_status_fault(AMQP_STATUS_TIMEOUT, 0, "declare"), "errno", "ETIMEDOUT", ""},
      {"socket error",
       rabbit_status_fault(AMQP_STATUS_SOCKET_ERROR, ECONNRESET, "declare"),
       "errno",
       "ECONNRESET",
       ""},
      {"socket error without errno",
       rabbit_status_fault(AMQP_STATUS_SOCKET_ERROR, 0, "connect"),
       "errno",
       "EIO",
       ""},
      {"closed",
       rabbit_status_fault(AMQP_STATUS_CONNECTION_CLOSED, 0, "login"),
       "amqp0-9-1",
       "connection_closed",
       ""},
      {"other protocol",
       rabbit_status_fault(AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION, 0, "login"),
       "amqp0-9-1",
       "protocol_mismatch",
       ""},
      {"garbage",
       rabbit_status_fault(AMQP_STATUS_BAD_AMQP_DATA, 0, "login"),
       "amqp0-9-1",
       "malformed_response",
       ""},
      {"handshake",
       rabbit_status_fault(AMQP_STATUS_SSL_CONNECTION_FAILED, 0, "tls"),
       "tls",
       "protocol_error",
       ""},
      {"no queue",
       rabbit_close_fault(404, "NOT_FOUND - no queue 'x'", "declare"),
       "amqp0-9-1",
       "NOT_FOUND(404)",
       ""},
      {"login refused",
       rabbit_close_fault(403, "ACCESS_REFUSED", "login"),
       "amqp0-9-1",
       "ACCESS_REFUSED(403)",
       "login"},
      {"access refused",
       rabbit_close_fault(403, "ACCESS_REFUSED", "declare"),
       "amqp0-9-1",
       "ACCESS_REFUSED(403)",
       ""},
      {"no vhost",
       rabbit_close_fault(530, "NOT_ALLOWED - vhost x not found", "login"),
       "amqp0-9-1",
       "NOT_ALLOWED(530)",
       "vhost not found"},
      {"shutdown",
       rabbit_close_fault(320, "CONNECTION_FORCED", "declare"),
       "amqp0-9-1",
       "CONNECTION_FORCED(320)",
       ""},
      {"unassigned code", rabbit_close_fault(599, "?", "declare"), "amqp0-9-1", "599", ""},
      {"certificate",
       numbered_fault("x509", 10, "tls"),
       "x509",
       "X509_V_ERR_CERT_HAS_EXPIRED(10)",
       ""},
      {"alert", numbered_fault("tls", 40, "tls"), "tls", "handshake_failure(40)", ""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(c.fault.signal.protocol == c.protocol);
      CHECK(c.fault.signal.code == c.code);
      CHECK(c.fault.signal.when == c.when);
      CHECK_FALSE(c.fault.detail.empty());
    }
  }
  CHECK(rabbit_close_fault(404, std::string(5000, 'x'), "declare").detail.size() == 300);
}

TEST_CASE("the management API's answer fills in what AMQP does not say") {
  const WallTime now = wall_from_unix_millis(1'700'000'090'000);
  QueueFacts facts;
  facts.ready = 3;
  const auto fault = read_management_answer(
      R"({"messages_ready":9,"messages_unacknowledged":4,"consumers":2,
          "head_message_timestamp":1700000000,
          "message_stats":{"publish_details":{"rate":1.5},"deliver_get_details":{"rate":0.5}}})",
      now,
      facts);
  CHECK_FALSE(fault);
  CHECK(facts.ready == 3);  // the broker's own word stands
  CHECK(facts.unacked == 4);
  CHECK(facts.consumers == 2);
  CHECK(facts.publish_rate == 1.5);
  CHECK(facts.deliver_rate == 0.5);
  CHECK(facts.oldest_age_seconds == 90);
  CHECK(facts.oldest_age_method == "head_message_timestamp");
}

TEST_CASE("odd answers of the management API") {
  struct Case {
    const char* name;
    const char* body;
    bool readable;
  };

  const Case cases[] = {
      {"nothing known yet", R"({"name":"orders"})", true},
      {"empty timestamp", R"({"head_message_timestamp":""})", true},
      {"null timestamp", R"({"head_message_timestamp":null})", true},
      {"stats of another kind", R"({"message_stats":[]})", true},
      {"empty body", "", false},
      {"no JSON", "<html>", false},
      {"a list", "[]", false},
      {"cut off", R"({"messages_ready":)", false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      QueueFacts facts;
      const auto fault = read_management_answer(c.body, WallTime(), facts);
      CHECK(fault.has_value() != c.readable);
      CHECK_FALSE(facts.oldest_age_seconds);
      CHECK_FALSE(facts.publish_rate);
    }
  }
  QueueFacts ahead;
  read_management_answer(R"({"head_message_timestamp":5})", WallTime(), ahead);
  CHECK(ahead.oldest_age_seconds == 0);
  CHECK(management_queue_url("http://h:15672/", "/", "a/b c") ==
        "http://h:15672/api/queues/%2F/a%2Fb%20c");
}

TEST_CASE("rabbitmq modules") {
  struct Case {
    const char* name;
    const char* yaml;
    const char* want;
  };

  const Case cases[] = {
      {"least", "{queue: orders}", ""},
      {"most",
       "{username: u, password: p, queues: [a, b], dead_letter_queue: d, backlog_max: 1, "
       "consumers_min: 1, oldest_age_max: 5m, dead_letters_max: 0, "
       "management_url: 'https://h:15671', management_username: m, management_password: n, "
       "tls_config: {ca_file: /ca, min_version: TLS12}, timeout: 5s, preferred_ip_protocol: ip4}",
       ""},
      {"no queue", "{}", "has no \"queue\""},
      {"both", "{queue: a, queues: [b]}", "both \"queue\" and \"queues\""},
      {"empty list", "{queues: []}", "1 to 1000 queues"},
      {"empty name", "{queue: ''}", "1 to 255 bytes"},
      {"negative bound", "{queue: a, backlog_max: -1}", "must be 0 or more"},
      {"age without management", "{queue: a, oldest_age_max: 1m}", "needs \"management_url\""},
      {"dead letters without queue",
       "{queue: a, dead_letters_max: 1}",
       "needs \"dead_letter_queue\""},
      {"credentials in URL", "{queue: a, management_url: 'http://u:p@h'}", "plain http"},
      {"TLS version",
       "{queue: a, tls_config: {min_version: TLS9}}",
       "unknown TLS version \"TLS9\""},
      {"half a certificate", "{queue: a, tls_config: {cert_file: /c}}", "go together"},
      {"timeout zero", "{queue: a, timeout: 0s}", "longer than 0"},
      {"family", "{queue: a, preferred_ip_protocol: ip5}", "ip4 or ip6"},
      {"unknown key", "{queue: a, backlog: 5}", "unknown key \"backlog\""},
      {"not a map", "[a]", "must be a map"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Diagnostics problems;
      const Document document = parse_yaml("m.yml", c.yaml, problems);
      REQUIRE(problems.empty());
      read_rabbit_module(document, document.root, problems);
      if (*c.want == '\0') {
        CHECK(problems.to_string() == "");
      } else {
        CHECK_THAT(problems.to_string(), Catch::Contains(c.want));
      }
    }
  }
}

}  // namespace seamwatch::probes
