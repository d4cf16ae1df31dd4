#include "probes/classify/classify.h"

#include <catch2/catch.hpp>

#include "probes/classify/classify_cli.h"

namespace seamwatch::probes {
namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);

Fault fault_of(const char* protocol, const char* code) {
  Fault fault;
  fault.signal.protocol = protocol;
  fault.signal.code = code;
  return fault;
}

ClassifyContext context_at(WallTime now) {
  ClassifyContext context;
  context.now = now;
  return context;
}

using std::chrono::minutes;
using std::chrono::seconds;

}  // namespace

TEST_CASE("a verdict carries its evidence") {
  ClassifyContext context = context_at(kNow);
  context.criticality = Criticality::critical;
  const Verdict verdict = classify(fault_of("http", "403"), context);
  CHECK(verdict.persistence == Persistence::persistent);
  CHECK(verdict.category == Category::authorization);
  CHECK(verdict.criticality == Criticality::critical);
  CHECK(verdict.reason == "table");
  CHECK(verdict.row == "http 403");
  CHECK(verdict.source.starts_with("https://www.rfc-editor.org/rfc/rfc9110"));
  CHECK(verdict.signal.code == "403");
  CHECK_FALSE(verdict.retry_at);
}

TEST_CASE("confirm retries settle a signal that depends") {
  struct Case {
    const char* name;
    ConfirmHistory confirm;
    int retries_max;
    Persistence persistence;
    const char* reason;
  };
  using enum Persistence;
  const Case cases[] = {
      {"none made yet", {0, 0, false}, 2, transient, "table"},
      {"one of two", {1, 1, false}, 2, transient, "table"},
      {"all alike", {2, 2, false}, 2, persistent, "confirmed"},
      {"more than asked, all alike", {3, 3, false}, 2, persistent, "confirmed"},
      {"one was another fault", {3, 2, false}, 2, transient, "table"},
      {"one succeeded", {2, 1, true}, 2, transient, "cleared_on_retry"},
      {"no retries configured", {0, 0, false}, 0, transient, "table"},
      {"three asked, two made", {2, 2, false}, 3, transient, "table"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ClassifyContext context = context_at(kNow);
      context.confirm = c.confirm;
      context.confirm_retries_max = c.retries_max;
      const Verdict verdict = classify(fault_of("errno", "ECONNREFUSED"), context);
      CHECK(verdict.persistence == c.persistence);
      CHECK(verdict.reason == c.reason);
      CHECK(verdict.category == Category::network);
      CHECK(verdict.confirm_retries == c.confirm.retries_made);
    }
  }
}

TEST_CASE("a persistent fault that a retry clears is transient") {
  ClassifyContext context = context_at(kNow);
  context.confirm = ConfirmHistory{1, 0, true};
  const Verdict verdict = classify(fault_of("http", "403"), context);
  CHECK(verdict.persistence == Persistence::transient);
  CHECK(verdict.reason == "cleared_on_retry");
}

TEST_CASE("a transient fault becomes persistent when it outlives the retry budget") {
  struct Case {
    const char* name;
    Millis since;
    Millis budget;
    bool own_connectivity;
    Persistence persistence;
    const char* reason;
  };
  using enum Persistence;
  const Case cases[] = {
      {"just began", seconds(0), minutes(5), true, transient, "table"},
      {"a millisecond before", minutes(5) - Millis(1), minutes(5), true, transient, "table"},
      {"at the budget", minutes(5), minutes(5), true, persistent, "retry_budget_exhausted"},
      {"after", minutes(9), minutes(5), true, persistent, "retry_budget_exhausted"},
      {"no budget at all", seconds(0), Millis(0), true, persistent, "retry_budget_exhausted"},
      {"we ourselves are cut off", minutes(9), minutes(5), false, transient, "table"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      ClassifyContext context = context_at(kNow);
      context.fault_since = kNow - c.since;
      context.retry_budget = c.budget;
      context.own_connectivity = c.own_connectivity;
      const Verdict verdict = classify(fault_of("http", "503"), context);
      CHECK(verdict.persistence == c.persistence);
      CHECK(verdict.reason == c.reason);
    }
  }
}

TEST_CASE("what confirm retries settled stays confirmed past the retry budget") {
  ClassifyContext context = context_at(kNow);
  context.confirm = {2, 2, false};
  context.confirm_retries_max = 2;
  context.fault_since = kNow - minutes(60);
  const Verdict verdict = classify(fault_of("errno", "ECONNREFUSED"), context);
  CHECK(verdict.persistence == Persistence::persistent);
  CHECK(verdict.reason == "confirmed");
}

TEST_CASE("Retry-After is obeyed, and the budget starts when it is over") {
  Fault fault = fault_of("http", "503");
  fault.retry_after = minutes(10);
  ClassifyContext context = context_at(kNow);
  context.fault_since = kNow;
  context.announced_until = kNow + minutes(10);
  const Verdict first = classify(fault, context);
  CHECK(first.persistence == Persistence::transient);
  CHECK(first.row == "http 503 (Retry-After present)");
  CHECK(first.retry_at == kNow + minutes(10));

  context.now = kNow + minutes(15) - Millis(1);
  CHECK(classify(fault, context).persistence == Persistence::transient);
  context.now = kNow + minutes(15);
  const Verdict late = classify(fault, context);
  CHECK(late.persistence == Persistence::persistent);
  CHECK(late.reason == "retry_budget_exhausted");
}

TEST_CASE("Retry-After on a status that is otherwise persistent means throttling") {
  Fault fault = fault_of("http", "403");
  fault.retry_after = seconds(60);
  const Verdict verdict = classify(fault, context_at(kNow));
  CHECK(verdict.persistence == Persistence::transient);
  CHECK(verdict.category == Category::throttled);
  CHECK(verdict.retry_at == kNow + seconds(60));

  const TableVerdict server = table_verdict(Signal{"http", "500", "", "Retry-After present"});
  CHECK(server.persistence == Persistence::transient);
  CHECK(server.category == Category::unavailable);
  CHECK(server.honours_retry_after);
}

TEST_CASE("without own connectivity retries confirm nothing about the peer") {
  ClassifyContext context = context_at(kNow);
  context.own_connectivity = false;
  context.confirm = ConfirmHistory{2, 2, false};
  CHECK(classify(fault_of("errno", "ECONNREFUSED"), context).persistence == Persistence::transient);
  // A refusal by the peer itself came over the network, so it counts.
  CHECK(classify(fault_of("http", "404"), context).persistence == Persistence::persistent);
}

TEST_CASE("late flows and full queues are transient until they outlive the retry budget") {
  struct Case {
    const char* protocol;
    const char* code;
  };

  const Case cases[] = {{"heartbeat", "late"},
                        {"heartbeat", "running_too_long"},
                        {"queue", "backlog"},
                        {"queue", "oldest_age"},
                        {"queue", "no_consumer"}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.protocol << " " << c.code) {
      ClassifyContext context = context_at(kNow);
      // Looking again at once tells nothing new of these, however often it was done.
      context.confirm = ConfirmHistory{2, 2, false};
      context.fault_since = kNow - minutes(5) + Millis(1);
      CHECK(classify(fault_of(c.protocol, c.code), context).persistence == Persistence::transient);
      context.now += Millis(1);
      CHECK(classify(fault_of(c.protocol, c.code), context).reason == "retry_budget_exhausted");
    }
  }
}

TEST_CASE("a verdict never says depends") {
  for (const Table& table : tables()) {
    for (const Row& row : table.rows) {
      const Fault fault =
          fault_of(std::string(table.protocol).c_str(), std::string(row.code).c_str());
      for (int retries = 0; retries <= 3; ++retries) {
        ClassifyContext context = context_at(kNow);
        context.confirm = ConfirmHistory{retries, retries, false};
        CHECK(classify(fault, context).persistence != Persistence::depends);
      }
    }
  }
}

TEST_CASE("fingerprints tell faults apart") {
  Fault one = fault_of("dns", "NXDOMAIN(3)");
  Fault other = one;
  CHECK(fingerprint(one) == fingerprint(other));
  other.detail = "said otherwise";
  CHECK(fingerprint(one) == fingerprint(other));
  other.phase = "resolve";
  CHECK(fingerprint(one) != fingerprint(other));
}

TEST_CASE("rows in, rows out, in step") {
  const std::string in =
      "protocol\tsignal\tcontext\tpersistence\n"
      "http\t429\tbasis=flag; when=no Retry-After\ttransient\n"
      "\n"
      "dns\tNXDOMAIN(3)\r\n"
      "strange\n"
      "http\t401\tname=Unauthorized; when=single observation; on=whatever persistent";
  CHECK(classify_tsv(in) ==
        "http\t429\ttransient\tthrottled\n"
        "dns\tNXDOMAIN(3)\tpersistent\tdns\n"
        "strange\t\tdepends\truntime\n"
        "http\t401\tdepends\tauthentication\n");
  CHECK(classify_tsv("") == "");
  CHECK(classify_tsv("\xef\xbb\xbf" + in) == classify_tsv(in));
}

TEST_CASE("a signal is explained") {
  const Signal signal = signal_from_columns("http", "503", "when=Retry-After present; on=x");
  CHECK(signal.when == "Retry-After present");
  const std::string text = explain_signal(signal);
  CHECK(text.find("persistence: transient\n") != std::string::npos);
  CHECK(text.find("row: http 503 (Retry-After present)\n") != std::string::npos);
  CHECK(text.find("confidence: documented\n") != std::string::npos);
  const std::string json = explain_signal_json(Signal{"odd", "X", "", ""});
  CHECK(json.find(R"("reason":"unknown_signal")") != std::string::npos);
  CHECK(json.find(R"("confidence":"low")") != std::string::npos);
}

}  // namespace seamwatch::probes
