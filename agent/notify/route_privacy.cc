#include "agent/notify/route_privacy.h"

#include <algorithm>

#include "agent/notify/silence_privacy.h"

namespace seamwatch::agent {
namespace {

class Finder {
 public:
  explicit Finder(const Privacy& privacy)
      : privacy_(privacy), scope_(Privacy::scope(privacy.class_named(""))) {}

  void look(const rules::Matchers& matchers, const Place& place) {
    for (const rules::Matcher& matcher : matchers) {
      const std::string held = held_by(matcher, privacy_.redactor, scope_);
      if (!held.empty()) {
        report(matcher, held, place);
      }
    }
  }

  void look(const rules::Route& route) {
    look(route.matchers, route.place);
    for (const rules::Route& child : route.routes) {
      look(child);
    }
  }

  Diagnostics take() { return std::move(out_); }

 private:
  void report(const rules::Matcher& matcher, const std::string& held, const Place& place) {
    std::vector<RedactHit> hits;
    const std::string shown = privacy_.redactor.redact(held, scope_, hits);
    const bool secret = std::any_of(hits.begin(), hits.end(), [](const RedactHit& hit) {
      return hit.kind == PatternKind::secret;
    });
    const bool equal =
        matcher.type == rules::MatchType::equal || matcher.type == rules::MatchType::regexp;
    out_.add(
        place,
        "a matcher of label " + quoted(matcher.name) + " matches " +
            (equal ? "no alert" : "every alert") + ": privacy takes its value out of labels (" +
            quoted(shown) + ") before alerts are routed",
        secret ? "match another label"
               : "list the value under privacy.allow in seamwatch.yml, or match another label");
  }

  const Privacy& privacy_;
  RedactScope scope_;
  Diagnostics out_;
};

}  // namespace

Diagnostics find_redacted_matchers(const rules::NotifyConfig& notify, const Privacy& privacy) {
  Finder finder(privacy);
  finder.look(notify.route);
  for (const rules::InhibitRule& rule : notify.inhibit_rules) {
    finder.look(rule.source, rule.place);
    finder.look(rule.target, rule.place);
  }
  return finder.take();
}

}  // namespace seamwatch::agent
