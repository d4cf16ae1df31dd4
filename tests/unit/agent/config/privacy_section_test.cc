#include "agent/config/privacy_section.h"

#include <catch2/catch.hpp>

#include "agent/config/load.h"
#include "tests/unit/agent/config/cases.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

std::shared_ptr<const Config> load(const std::string& name) {
  ConfigSources sources;
  sources.config_file = kCases + name;
  LoadedConfig loaded = load_config(sources, [](std::string_view) { return std::nullopt; });
  INFO(loaded.problems.to_string());
  REQUIRE(loaded.config != nullptr);
  return loaded.config;
}

}  // namespace

TEST_CASE("classes of the configuration come beside the built-in ones, or in their place") {
  const auto config = load("privacy.good.yml");
  const PrivacyClass& partner = config->privacy_class("orders");
  CHECK(partner.name == "partner");
  CHECK(partner.labels == NameFilter{NameFilter::Mode::only, {"alertname", "integration"}});
  CHECK(partner.annotations == NameFilter{NameFilter::Mode::without, {"customer"}});
  CHECK(partner.error_texts == ErrorTexts::drop);
  CHECK(config->privacy_class("invoices") == builtin_privacy_classes().at("confidential"));
  CHECK(config->privacy_class("stock").name == "public");
  CHECK(config->privacy_class("of others").name == "public");
  CHECK(config->privacy.class_named("internal").error_texts == ErrorTexts::keep);
}

TEST_CASE("the key of digests is in a file") {
  const auto config = load("privacy.good.yml");
  REQUIRE(config->privacy.digest_key.has_value());
  CHECK(config->privacy.digest_key->reveal() == "0123456789abcdef0123456789abcdef");
  CHECK_FALSE(load("minimal.good.yml")->privacy.digest_key.has_value());
}

TEST_CASE("own patterns are applied, and addresses of owners stay") {
  const auto config = load("privacy.good.yml");
  const Redactor& redactor = config->privacy.redactor;
  CHECK(redactor.redact("K-123456, badge 712345") == "<customer>, badge 7*****");
  CHECK(redactor.redact("K-123456", RedactScope::secrets) == "K-123456");
  CHECK(redactor.redact("ops@example.org night@example.org shop@example.com jane@example.org") ==
        "ops@example.org night@example.org shop@example.com <email>");
}

TEST_CASE("without a section, the default class is internal and the list is the built-in one") {
  const auto config = load("minimal.good.yml");
  CHECK(config->privacy_class("any").name == "internal");
  CHECK(config->privacy.redactor.pattern_names().size() == builtin_patterns().size());
}
