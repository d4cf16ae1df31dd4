// What a configuration says that has no effect is a warning, with place and remedy.
#include <catch2/catch.hpp>

#include "agent/config/load.h"
#include "tests/unit/agent/config/cases.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

const std::string kWarned = kCases + "warned/";

std::string warnings_of(const std::string& name) {
  ConfigSources sources;
  sources.config_file = kWarned + name;
  const LoadedConfig loaded = load_config(sources, [](std::string_view) { return std::nullopt; });
  CHECK(loaded.problems.empty());
  return loaded.warnings.to_string();
}

}  // namespace

TEST_CASE("ack links that lead nowhere are a warning") {
  CHECK(warnings_of("ack-links.yml") ==
        kWarned +
            "ack-links.yml:1:27: notices carry no ack links without global.external_url; set it to "
            "the address at which people reach this agent\n");
  CHECK(warnings_of("ack-links-somewhere.yml") == "");
}

TEST_CASE("a pattern that no file matches is a warning") {
  CHECK(
      warnings_of("no-match.yml") ==
      kWarned +
          "no-match.yml:1:14: \"nomatch*.yml\" matches no file, so nothing is read; correct it, or "
          "add the files\n" +
          kWarned +
          "no-match.yml:2:17: \"nothing/*.yml\" matches no file, so nothing is read; correct it, "
          "or "
          "add the files\n");
  CHECK(warnings_of("no-include.yml") == kWarned +
                                             "no-include.yml:1:10: \"teams/*.yml\" matches no "
                                             "file, so nothing is read; correct it, or "
                                             "add the files\n");
}

TEST_CASE("what can never work, and is taken by blackbox_exporter, is a warning") {
  const std::string file = kWarned + "never.yml";
  const std::string want =
      file + ":6:30: \"preferred_ip_protocol\" \"ip9\" is taken for ip4; write ip4 or ip6\n" +
      file +
      ":7:20: bodies encoded as \"lzma\" cannot be decoded, so every probe fails; write gzip, "
      "deflate, br or identity\n" +
      file +
      ":8:39: no answer has the HTTP version \"HTTP/9\"; write HTTP/1.0, HTTP/1.1 or HTTP/2.0\n" +
      file + ":9:33: no answer has the status 99999; write a number from 100 to 599\n" + file +
      ":10:48: \"password_file\": \"" + kWarned +
      "empty.txt\" is empty; write the secret into it\n" + file + ":11:29: \"ca_file\": \"" + file +
      "\" holds no certificate; name a file in PEM format\n" + file +
      ":12:1: a second document begins here, and is not read; remove the line, or put what follows "
      "into a file of its own\n";
  CHECK(warnings_of("never.yml") == want);
}
