#include "agent/deliver/receiver_files.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "tests/scenario/folder.h"

namespace seamwatch::agent {
namespace {

rules::NotifyConfig config_of(const std::string& file, const std::string& receiver) {
  Diagnostics problems;
  const Document document = parse_yaml(
      file, "route: {receiver: team}\nreceivers: [{name: team, " + receiver + "}]\n", problems);
  rules::NotifyConfig out = rules::load_notify_config(document, problems);
  REQUIRE(problems.to_string() == "");
  return out;
}

}  // namespace

TEST_CASE("a file of a receiver that cannot be read is told at load, once") {
  const fakes::Folder files(std::map<std::string, std::string>{{"there", "secret"}});
  const std::string file = files.file("notify.yml");
  const std::string found =
      find_unreadable_files(
          config_of(file,
                    "webhook_configs: [{url_file: there, http_config: {basic_auth: {username: u, "
                    "password_file: gone}}, signing: {secret_file: gone}}], email_configs: [{to: "
                    "a@b.test, from: a@b.test, smarthost: 'localhost:25', auth_username: u, "
                    "auth_password_file: /away}]"))
          .to_string();
  CHECK(found.find("there") == std::string::npos);
  const std::size_t gone = found.find("gone\" cannot be read: No such file or directory");
  CHECK(gone != std::string::npos);
  CHECK(found.find("gone", gone + 1) == std::string::npos);
  CHECK(found.find("receiver \"team\": \"/away\" cannot be read") != std::string::npos);
}

TEST_CASE("a password that would go in the clear is told at load") {
  struct Case {
    const char* name;
    const char* entry;
    bool clear;
  };

  const Case cases[] = {
      {"over the network", "smarthost: 'mx.test:25', require_tls: false, auth_password: p", true},
      {"TLS", "smarthost: 'mx.test:25', auth_password: p", false},
      {"a named port", "smarthost: 'mx.test:smtps', require_tls: false, auth_password: p", false},
      {"implicit TLS", "smarthost: 'mx.test:465', require_tls: false, auth_password: p", false},
      {"on another port",
       "smarthost: 'mx.test:4650', force_implicit_tls: true, require_tls: false, auth_password: p",
       false},
      {"to this machine", "smarthost: 'localhost:25', require_tls: false, auth_password: p", false},
      {"a digest alone", "smarthost: 'mx.test:25', require_tls: false, auth_secret: s", false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const std::string found =
          find_clear_passwords(config_of("n.yml",
                                         "email_configs: [{to: a@b.test, from: a@b.test, "
                                         "auth_username: u, " +
                                             std::string(c.entry) + "}]"))
              .to_string();
      CHECK((found.find("in the clear") != std::string::npos) == c.clear);
    }
  }
}

}  // namespace seamwatch::agent
