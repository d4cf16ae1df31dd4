#include "rules/noise/outage_notice.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "agent/core/failing_since.h"

namespace seamwatch::rules {
namespace {

constexpr std::size_t kLinesMax = 50;

bool fails(const OutageMember& member) {
  return member.state == IntegrationState::down || member.failing;
}

std::string count_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " integration" : " integrations");
}

// "- orders (Web orders to the bank): down, critical; owner Order management (+49 30 555 0100)".
std::string line_of(const OutageMember& member) {
  std::string out = "\n- " + member.name;
  if (!member.display.empty() && member.display != member.name) {
    out += " (" + member.display + ")";
  }
  out += ": " + std::string(to_string(member.state));
  out += member.critical ? ", critical" : "";
  out += member.owner.empty() ? "" : "; owner " + member.owner;
  out += member.fault.empty() ? "" : "; " + member.fault;
  return out;
}

// ": connection refused" where all that fail do so for this, ", mostly: ..." where more than half
// of them do, "" where no fault is that of so many.
std::string faults_text(const std::vector<OutageMember>& members) {
  std::map<std::string_view, std::size_t> counts;
  std::size_t broken = 0;
  for (const OutageMember& member : members) {
    if (fails(member)) {
      ++broken;
      counts[member.fault] += member.fault.empty() ? 0 : 1;
    }
  }
  const auto most =
      std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; });
  if (most == counts.end() || 2 * most->second <= broken) {
    return "";
  }
  return (most->second == broken ? ": " : ", mostly: ") + std::string(most->first);
}

void worst_first(std::vector<OutageMember>& members) {
  const auto rank = [](const OutageMember& member) {
    return std::make_tuple(
        member.state != IntegrationState::down, !member.failing, !member.critical);
  };
  std::stable_sort(
      members.begin(), members.end(), [&](const OutageMember& a, const OutageMember& b) {
        return rank(a) != rank(b) ? rank(a) < rank(b) : a.name < b.name;
      });
}

std::string list_of(const std::vector<OutageMember>& members) {
  std::string out;
  std::size_t lines = 0;
  std::size_t more = 0;
  for (const OutageMember& member : members) {
    if (member.name.empty() || lines == kLinesMax) {
      ++more;
      continue;
    }
    out += line_of(member);
    ++lines;
  }
  return more == 0 ? out : out + "\n- and " + count_text(more) + " more";
}

std::string names_of(const std::vector<OutageMember>& members) {
  std::string out;
  for (const OutageMember& member : members) {
    if (!member.name.empty()) {
      out += (out.empty() ? "" : ", ") + member.name;
    }
  }
  return out;
}

}  // namespace

void add_outage_text(Alert& alert,
                     const Outage& outage,
                     std::string_view system,
                     std::vector<OutageMember> members,
                     const OutagePolicy& policy) {
  worst_first(members);
  const auto broken = std::count_if(members.begin(), members.end(), fails);
  const std::string name(system);
  const std::string share = std::to_string(broken) + " of " + count_text(members.size()) +
                            " through it " + (broken == 1 ? "fails" : "fail");
  alert.annotations.set("summary", "System " + name + " is down: " + share + faults_text(members));
  alert.annotations.set("description",
                        "Since " + to_rfc3339(outage.since) + " " + share + ", so " + name +
                            " itself is taken to be down. Notices of these integrations are held "
                            "back until it is back:" +
                            list_of(members));
  alert.annotations.set("held_back", names_of(members));
  if (broken > 0) {  // the worst comes first
    const bool down = members.front().state == IntegrationState::down;
    alert.annotations.set("expected", down ? "needs someone" : "expected to fix itself");
  }
  note_failing_since(alert.annotations, outage.since);
  alert.annotations.set("advice",
                        "See to " + name + " first. What still fails " +
                            humanize_duration(policy.grace) +
                            " after it is back is told on its own.");
}

void add_recovery_text(Alert& alert, std::string_view system, std::vector<OutageMember> members) {
  worst_first(members);
  const auto broken = std::count_if(members.begin(), members.end(), fails);
  const std::string name(system);
  alert.annotations.set("summary", "System " + name + " is back");
  alert.annotations.set("description",
                        "Of " + count_text(members.size()) + " through it " +
                            std::to_string(broken) +
                            (broken == 1 ? " still fails:" : " still fail:") + list_of(members));
  alert.annotations.set("advice", broken == 0 ? "" : "What still fails is told on its own.");
}

bool graver(const Labels& a, const Labels& b) {
  const auto rank = [](const Labels& labels) {
    const std::string_view severity = labels.get("severity");
    return std::make_tuple(labels.get("criticality") == to_string(Criticality::critical),
                           severity == "page" || severity == "critical",
                           labels.has("criticality"),
                           labels.has("severity"));
  };
  return rank(a) > rank(b);
}

std::string outage_reason(const Outage& outage, std::size_t integrations) {
  return "held: system " + outage.system + " is down, " + std::string(kSystemDown) +
         " tells of its " + count_text(integrations);
}

}  // namespace seamwatch::rules
