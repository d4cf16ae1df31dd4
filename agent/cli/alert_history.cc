#include "agent/cli/alert_history.h"

#include <algorithm>
#include <iostream>

#include <boost/json.hpp>

#include "agent/cli/stopped_store.h"
#include "agent/notify/history.h"
#include "agent/notify/history_query.h"
#include "agent/notify/label_digest.h"
#include "agent/notify/silence_privacy.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

asio::awaitable<void> find_in(Store* store, Clock* clock, HttpCall call, Result<HistoryPage>* out) {
  auto query = read_history_query(call, clock->wall_now());
  if (!query) {
    *out = query.error();
    co_return;
  }
  // Whoever asks need not know what privacy made of labels, where the built-in list did.
  std::string space(kLabelDigestSpace);
  auto kept = co_await store->load_all(std::move(space));
  if (!kept) {
    *out = kept.error();
    co_return;
  }
  const auto digest = [key = label_digest_key(*kept)](std::string_view value) {
    return label_digest(value, key);
  };
  query->matchers = as_asked(std::move(query->matchers), Redactor(), digest);
  History history(*clock, *store);
  auto known = co_await history.restore();
  if (!known) {
    *out = known.error();
    co_return;
  }
  std::deque<HistorySegment> segments = history.segments();
  auto found = co_await find_history(*store, std::move(segments), std::move(*query));
  *out = std::move(found);
}

Result<HistoryPage> in_store(const std::string& folder, const HttpCall& call) {
  Result<HistoryPage> out = error("not done");
  const Status done = in_stopped_store(
      folder, [&](Store* store, Clock* clock) { return find_in(store, clock, call, &out); });
  return done ? std::move(out) : done.error();
}

// "OrdersFail orders-to-erp and 3 more".
std::string alerts_text(const json::object& entry) {
  const json::array& alerts = entry.at("alerts").as_array();
  const auto count =
      entry.at("firing").to_number<std::size_t>() + entry.at("resolved").to_number<std::size_t>();
  std::string out;
  if (!alerts.empty()) {
    const json::object& labels = alerts.front().at("labels").as_object();
    out = text_of(labels, "alertname");
    for (const char* name : {"integration", "system", "instance"}) {
      if (labels.contains(name)) {
        out += (out.empty() ? "" : " ") + text_of(labels, name);
        break;
      }
    }
    out = out.empty() ? text_of(alerts.front().as_object(), "fingerprint") : out;
  }
  return count > 1 ? out + " and " + std::to_string(count - 1) + " more" : out;
}

std::string why_text(const json::object& entry) {
  const std::string decision = text_of(entry, "decision");
  const std::string by = text_of(entry, "by");
  std::string out = text_of(entry, "reason");
  if (decision == "acked" || decision == "unacked") {
    out = "by " + by + (out.empty() ? "" : ": " + out);
  } else if (decision == "fallback") {
    out = "in place of " + by + ": " + out;
  }
  const std::string until = text_of(entry, "until");
  if (until.empty()) {
    return out;
  }
  const char* word = decision == "grouped"        ? "due "
                     : decision == "failed"       ? "tried again "
                     : decision == "deduplicated" ? "repeated "
                                                  : "until ";
  return out + (out.empty() ? "" : "; ") + word + shown_time(until);
}

int print(const json::value& page, bool as_json) {
  if (as_json) {
    std::cout << json::serialize(page) << "\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"Time", "Decision", "Receiver", "Alert", "Why"}};
  for (const json::value& value : page.at("entries").as_array()) {
    const json::object& entry = value.as_object();
    const std::string sink = text_of(entry, "sink");
    rows.push_back({shown_time(text_of(entry, "at")),
                    text_of(entry, "decision"),
                    text_of(entry, "receiver") + (sink.empty() ? "" : " " + sink),
                    alerts_text(entry),
                    why_text(entry)});
  }
  if (rows.size() == 1) {
    std::cout << "nothing was decided of that kind, as far as is known\n";
    return 0;
  }
  std::reverse(rows.begin() + 1, rows.end());
  print_table(rows);
  if (page.as_object().contains("next")) {
    std::cerr << "there are older ones: ask for more with --limit, or until the first time above "
                 "with --until\n";
  }
  return 0;
}

}  // namespace

void add_history_options(Command command, HistoryOptions& options, bool& wanted) {
  const Option history = command.add_flag(
      "--history", wanted, "What was decided about them, who was told, and why somebody was not");
  command.add_option("--since", options.since, "Not older: 2h, or 2026-11-24T03:00:00Z")
      .needs(history);
  command.add_option("--until", options.until, "Not newer").needs(history);
  command
      .add_option("--decision", options.decisions, "Only these: " + rules::history_decisions_text())
      .single_valued()
      .needs(history);
  command.add_option("--limit", options.limit, "The last so many (100)").needs(history);
  command
      .add_option(
          "--storage", options.storage, "Folder of an agent that does not run, in place of --url")
      .needs(history);
}

int run_alert_history(const ClientOptions& client,
                      const HistoryOptions& options,
                      const std::vector<std::string>& matchers,
                      const std::string& receiver) {
  ApiRequest request;
  request.path = "/api/seamwatch/history";
  for (const std::string& matcher : matcher_arguments(matchers)) {
    request.query.emplace_back("filter", matcher);
  }
  for (const std::string& decision : options.decisions) {
    request.query.emplace_back("decision", decision);
  }
  const std::pair<const char*, const std::string*> texts[] = {{"receiver", &receiver},
                                                              {"since", &options.since},
                                                              {"until", &options.until},
                                                              {"limit", &options.limit}};
  for (const auto& [name, text] : texts) {
    if (!text->empty()) {
      request.query.emplace_back(name, *text);
    }
  }
  if (options.storage.empty()) {
    const auto page = ask(client, std::move(request));
    return page ? print(*page, client.json) : fail(page.error().message);
  }
  HttpCall call;
  call.query = std::move(request.query);
  const auto page = in_store(options.storage, call);
  return page ? print(json::parse(history_json(*page)), client.json) : fail(page.error().message);
}

}  // namespace seamwatch::agent
