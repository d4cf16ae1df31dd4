#include "agent/notify/silence_privacy.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "rules/routing/silence_set.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

constexpr const char* kJane = "jane@example.org";
constexpr const char* kBob = "bob@example.org";

// The same ten digits for the same text.
std::string digest(std::string_view value) {
  return fingerprint_hex(Labels{{"of", std::string(value)}}.fingerprint()).substr(0, 10);
}

std::string redacted(const std::string& matchers) {
  rules::Matchers out = rules::parse_matchers(matchers).value();
  const Status done = redact_matchers(out, Redactor(), digest);
  return done ? rules::matchers_text(out) : done.error().message;
}

std::string label(const std::string& value, RedactScope scope) {
  Alert alert;
  alert.labels = Labels{{"user", value}};
  redact_alert(alert, Redactor(), scope, digest);
  return std::string(alert.labels.get("user"));
}

// Whether a silence of `matchers` holds for an alert of `value`, by what is kept of both.
bool holds(const std::string& matchers, const std::string& value, RedactScope scope) {
  rules::Silence silence;
  silence.id = "s";
  silence.matchers = rules::parse_matchers(matchers).value();
  REQUIRE(redact_matchers(silence.matchers, Redactor(), digest));
  silence.ends_at = wall_from_unix_millis(1000);
  rules::SilenceSet all;
  all.set_other_texts(
      [](std::string_view text) { return redacted_values(text, Redactor(), digest); });
  all.apply({"s", {silence}});
  return !all.silenced_by(Labels{{"user", label(value, scope)}, {"alertname", "A"}},
                          wall_from_unix_millis(10))
              .empty();
}

}  // namespace

TEST_CASE("silence privacy: what matchers hold leaves as it leaves labels") {
  struct Case {
    const char* name;
    std::string matchers;
    std::string want;
  };

  const std::string jane = "<email>#" + digest(kJane);
  const std::string bob = "<email>#" + digest(kBob);
  const std::string refused =
      "invalid silence: invalid label matcher 0 in set 0: its regular "
      "expression holds a secret or personal data, which no label does; "
      "name whole values, by = or as a choice such as "
      "=~\"a@b\\\\.org|c@d\\\\.org\"";
  const Case cases[] = {
      {"nothing to hide", R"(a="b",c=~"d.*")", R"({a="b",c=~"d.*"})"},
      {"equal", R"(user="jane@example.org")", "{user=\"" + jane + "\"}"},
      {"not equal", R"(a="b",user!="jane@example.org")", "{a=\"b\",user!=\"" + jane + "\"}"},
      {"a secret",
       R"(m="password=hunter2")",
       "{m=\"password=<secret>#" + digest("password=hunter2") + "\"}"},
      {"redacted before", "user=\"" + jane + "\"", "{user=\"" + jane + "\"}"},
      {"a choice",
       R"(user=~"jane@example\\.org|bob@example\\.org|x")",
       "{user=~\"\\\\<email\\\\>\\\\#" + digest(kJane) + "|\\\\<email\\\\>\\\\#" + digest(kBob) +
           "|x\"}"},
      {"a dot of any sort", R"(user=~"jane@example.org")", refused},
      {"a part", R"(user=~".*jane@example\\.org")", refused},
      {"parts to choose from", R"x(user=~"jane@example\\.(org|com)")x", refused},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const std::string once = redacted(c.matchers);
      CHECK(once == c.want);
      if (once != refused) {
        CHECK(redacted(once) == once);
      }
    }
  }
}

TEST_CASE("silence privacy: what is asked for finds what became of it, and itself") {
  struct Case {
    const char* matcher;
    std::vector<const char*> taken;  // of these, those that fit
  };

  constexpr const char* kSecret = "password=x1 of jane@example.org";
  const char* const values[] = {kJane, kBob, kSecret, "plain", ""};
  const Case cases[] = {
      {R"(user="jane@example.org")", {kJane}},
      {R"(user!="jane@example.org")", {kBob, kSecret, "plain", ""}},
      {R"(user=~"jane@example\\.org|plain")", {kJane, "plain"}},
      {R"(user!~"jane@example\\.org|plain")", {kBob, kSecret, ""}},
      {R"(user="password=x1 of jane@example.org")", {kSecret}},
      {R"(user="plain")", {"plain"}},
      {R"(user=~"pl.*")", {"plain"}},
      {R"(user=~".+")", {kJane, kBob, kSecret, "plain"}},
  };
  for (const Case& c : cases) {
    for (const RedactScope scope : {RedactScope::all, RedactScope::secrets}) {
      DYNAMIC_SECTION(c.matcher << (scope == RedactScope::all)) {
        const rules::Matchers asked =
            as_asked(rules::parse_matchers(c.matcher).value(), Redactor(), digest);
        for (const char* value : values) {
          const bool want = std::count(c.taken.begin(), c.taken.end(), std::string_view(value)) > 0;
          CHECK(rules::match_all(asked, Labels{{"user", label(value, scope)}}) == want);
        }
      }
    }
  }
  // One that no label can fit fits none, as before.
  const rules::Matchers part =
      as_asked(rules::parse_matchers("user=~\".*jane@example.org\"").value(), Redactor(), digest);
  CHECK_FALSE(rules::match_all(part, Labels{{"user", label(kJane, RedactScope::all)}}));
}

TEST_CASE(
    "silence privacy: a redacted silence finds what it meant, whatever the class of the alert") {
  struct Case {
    const char* matchers;
    const char* value;
    bool want;
  };

  const Case cases[] = {
      {R"(user="jane@example.org")", kJane, true},
      {R"(user="jane@example.org")", kBob, false},
      {R"(user="jane@example.org")", "", false},
      {R"(alertname="A",user!="jane@example.org")", kJane, false},
      {R"(alertname="A",user!="jane@example.org")", kBob, true},
      {R"(alertname="A",user!="jane@example.org")", "plain", true},
      {R"(user=~"jane@example\\.org|plain")", kJane, true},
      {R"(user=~"jane@example\\.org|plain")", "plain", true},
      {R"(user=~"jane@example\\.org|plain")", kBob, false},
      {R"(alertname="A",user!~"jane@example\\.org|plain")", kJane, false},
      {R"(alertname="A",user!~"jane@example\\.org|plain")", "plain", false},
      {R"(alertname="A",user!~"jane@example\\.org|plain")", kBob, true},
      {R"(user="password=x1 of jane@example.org")", "password=x1 of jane@example.org", true},
      {R"(user="password=x1 of jane@example.org")", "password=x2 of jane@example.org", false},
      {R"(user="password=x1 of jane@example.org")", "password=x1 of bob@example.org", false},
  };
  for (const Case& c : cases) {
    for (const RedactScope scope : {RedactScope::all, RedactScope::secrets}) {
      DYNAMIC_SECTION(c.matchers << " and " << c.value << (scope == RedactScope::all)) {
        CHECK(holds(c.matchers, c.value, scope) == c.want);
      }
    }
  }
}
