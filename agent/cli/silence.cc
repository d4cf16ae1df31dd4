#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include <boost/json.hpp>

#include "agent/cli/agent_client.h"
#include "agent/cli/subcommands.h"
#include "agent/core/times.h"
#include "agent/real_world.h"
#include "rules/routing/matcher_syntax.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr const char* kSilences = "/api/v2/silences";
constexpr const char* kExitCodes = "Exit codes: 0 good, 1 no answer, or it refused, 2 usage.";
constexpr const char* kDuration = "1h";
constexpr const char* kRecurringDuration = "1y";

struct SilenceOptions {
  ClientOptions client;
  std::vector<std::string> arguments;  // matchers, or ids
  std::string author = current_user();
  std::string comment;
  std::string duration;
  std::string start;
  std::string end;
  std::string within;
  std::string created_by;
  std::string recurrence;
  std::string time_zone;
  std::string every_duration;
  std::string file;
  bool expired = false;
  bool quiet = false;
  bool force = false;
};

WallTime now() {
  boost::asio::io_context io;
  return SystemClock(io.get_executor()).wall_now();
}

std::string matchers_text(const json::object& silence) {
  std::string out;
  for (const json::value& value : silence.at("matchers").as_array()) {
    const json::object& matcher = value.as_object();
    const bool is_equal = matcher.at("isEqual").as_bool();
    const bool is_regexp = matcher.at("isRegex").as_bool();
    out += (out.empty() ? "" : " ") + text_of(matcher, "name") + (is_equal ? "=" : "!") +
           (is_regexp  ? "~"
            : is_equal ? ""
                       : "=") +
           seamwatch::quoted(text_of(matcher, "value"));
  }
  return out;
}

Result<json::array> matchers_json(const std::vector<std::string>& arguments) {
  json::array out;
  for (const std::string& text : matcher_arguments(arguments)) {
    const auto matcher = rules::parse_matcher(text);
    if (!matcher) {
      return error(matcher.error().message);
    }
    const bool is_regexp =
        matcher->type == rules::MatchType::regexp || matcher->type == rules::MatchType::not_regexp;
    const bool is_equal =
        matcher->type == rules::MatchType::equal || matcher->type == rules::MatchType::regexp;
    out.push_back(json::object{{"name", matcher->name},
                               {"value", matcher->value},
                               {"isRegex", is_regexp},
                               {"isEqual", is_equal}});
  }
  return out;
}

// When a silence starts and ends, by --start, --end and --duration; as it was where none is given.
Status set_times(json::object& silence,
                 const SilenceOptions& options,
                 const std::string& duration) {
  WallTime start = now();
  if (!text_of(silence, "startsAt").empty()) {
    start = parse_rfc3339(text_of(silence, "startsAt")).value();
  }
  if (!options.start.empty()) {
    const auto parsed = parse_rfc3339(options.start);
    if (!parsed) {
      return error("--start: " + parsed.error().message);
    }
    start = *parsed;
  }
  silence["startsAt"] = to_rfc3339(start);
  if (!options.end.empty()) {
    const auto parsed = parse_rfc3339(options.end);
    if (!parsed) {
      return error("--end: " + parsed.error().message);
    }
    silence["endsAt"] = to_rfc3339(*parsed);
  } else if (!duration.empty()) {
    const auto parsed = parse_duration(duration);
    if (!parsed || *parsed <= Millis(0)) {
      return error("--duration must be like 2h");
    }
    silence["endsAt"] = to_rfc3339(start + *parsed);
  }
  return {};
}

int set_silence(const SilenceOptions& options, const json::object& silence) {
  ApiRequest request;
  request.method = "POST";
  request.path = kSilences;
  request.body = json::serialize(silence);
  return with_answer(options.client, std::move(request), [&](const json::value& answer) {
    const std::string id(answer.as_object().at("silenceID").as_string());
    std::cout << (options.client.json ? json::serialize(answer) : id) << "\n";
    if (const json::value* warnings = answer.as_object().if_contains("warnings")) {
      for (const json::value& warning : warnings->as_array()) {
        std::cerr << "warning: " << std::string_view(warning.as_string()) << "\n";
      }
    }
    return 0;
  });
}

int add(const SilenceOptions& options) {
  if (options.arguments.empty()) {
    return usage("name at least one matcher, like alertname=IntegrationDown");
  }
  if (options.comment.empty()) {
    return usage("say why, with --comment");
  }
  auto matchers = matchers_json(options.arguments);
  if (!matchers) {
    return usage(matchers.error().message);
  }
  json::object silence{{"matchers", std::move(*matchers)},
                       {"createdBy", options.author},
                       {"comment", options.comment}};
  const bool recurs = !options.recurrence.empty();
  if (!recurs && !(options.every_duration.empty() && options.time_zone.empty())) {
    return usage(std::string(options.every_duration.empty() ? "--time-zone" : "--window") +
                 " is of a silence that recurs; say when, with --recurrence, like \"0 22 * * 6\"");
  }
  const char* const usual = recurs ? kRecurringDuration : kDuration;
  const Status timed =
      set_times(silence, options, options.duration.empty() ? usual : options.duration);
  if (!timed) {
    return usage(timed.error().message);
  }
  if (recurs && options.every_duration.empty()) {
    return usage("say how long each window is, with --window, like 2h");
  }
  if (recurs) {
    silence["recurrence"] = json::object{{"rule", options.recurrence},
                                         {"timeZone", options.time_zone},
                                         {"duration", options.every_duration}};
  }
  const int code = set_silence(options, silence);
  if (code == 0 && recurs && options.duration.empty() && options.end.empty()) {
    std::cerr << "It recurs until " << shown_time(text_of(silence, "endsAt"))
              << "; --duration or --end say another time.\n";
  }
  return code;
}

bool is_shown(const json::object& silence, const SilenceOptions& options) {
  const std::string state = text_of(silence.at("status").as_object(), "state");
  if ((state == "expired") != options.expired) {
    return false;
  }
  if (!options.created_by.empty() && text_of(silence, "createdBy") != options.created_by) {
    return false;
  }
  if (options.within.empty()) {
    return true;
  }
  const Millis within = parse_duration(options.within).value();
  const WallTime end = parse_rfc3339(text_of(silence, "endsAt")).value();
  return options.expired ? now() - end <= within : end - now() <= within;
}

int print_silences(const json::array& silences, const SilenceOptions& options) {
  json::array shown;
  for (const json::value& value : silences) {
    if (is_shown(value.as_object(), options)) {
      shown.push_back(value);
    }
  }
  if (options.client.json) {
    std::cout << json::serialize(shown) << "\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  if (!options.quiet) {
    rows.push_back({"ID", "Matchers", "State", "Ends At", "Created By", "Comment"});
  }
  for (const json::value& value : shown) {
    const json::object& silence = value.as_object();
    const std::string id = text_of(silence, "id");
    if (options.quiet) {
      rows.push_back({id});
      continue;
    }
    const json::value* recurrence = silence.if_contains("recurrence");
    const std::string state = text_of(silence.at("status").as_object(), "state");
    rows.push_back({id,
                    matchers_text(silence),
                    recurrence == nullptr
                        ? state
                        : state + " (" + text_of(recurrence->as_object(), "rule") + ")",
                    shown_time(text_of(silence, "endsAt")),
                    text_of(silence, "createdBy"),
                    text_of(silence, "comment")});
  }
  print_table(rows);
  return 0;
}

int query(const SilenceOptions& options) {
  if (!options.within.empty() && !parse_duration(options.within)) {
    return usage("--within must be like 8h");
  }
  ApiRequest request;
  request.path = kSilences;
  for (const std::string& matcher : matcher_arguments(options.arguments)) {
    request.query.emplace_back("filter", matcher);
  }
  return with_answer(options.client, std::move(request), [&](const json::value& answer) {
    return print_silences(answer.as_array(), options);
  });
}

int update_one(const SilenceOptions& options, json::object silence) {
  const Status timed = set_times(silence, options, options.duration);
  if (!timed) {
    return usage(timed.error().message);
  }
  if (!options.comment.empty()) {
    silence["comment"] = options.comment;
  }
  return set_silence(options, silence);
}

int update(const SilenceOptions& options) {
  if (options.arguments.empty()) {
    return usage("name at least one id of a silence");
  }
  for (const std::string& id : options.arguments) {
    ApiRequest request;
    request.path = "/api/v2/silence/" + id;
    const auto use = [&](const json::value& known) {
      return update_one(options, known.as_object());
    };
    if (const int code = with_answer(options.client, std::move(request), use, id); code != 0) {
      return code;
    }
  }
  return 0;
}

int expire(const SilenceOptions& options) {
  if (options.arguments.empty()) {
    return usage("name at least one id of a silence");
  }
  for (const std::string& id : options.arguments) {
    ApiRequest request;
    request.method = "DELETE";
    request.path = "/api/v2/silence/" + id;
    const auto use = [](const json::value&) { return 0; };
    if (const int code = with_answer(options.client, std::move(request), use, id); code != 0) {
      return code;
    }
  }
  return 0;
}

// What `query --json` printed, here or of an Alertmanager.
int import(const SilenceOptions& options) {
  std::ostringstream text;
  if (options.file.empty() || options.file == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream in(options.file);
    if (!in) {
      return usage(options.file + ": cannot be read");
    }
    text << in.rdbuf();
  }
  json::error_code problem;
  const json::value parsed = json::parse(text.str(), problem);
  if (problem || !parsed.is_array()) {
    return fail("not a JSON list of silences, as `silence query --json` prints them");
  }
  int code = 0;
  for (const json::value& value : parsed.as_array()) {
    if (!value.is_object()) {
      return fail("an entry of the list is no silence");
    }
    json::object silence = value.as_object();
    if (options.force) {
      silence.erase("id");
    }
    code = std::max(code, set_silence(options, silence));
  }
  return code;
}

void add_times(Command command, SilenceOptions& options) {
  command.add_option("-d,--duration",
                     options.duration,
                     "How long, like 2h (1h for a new one, 1y for one that recurs)");
  command.add_option("--start", options.start, "When it starts, RFC 3339");
  command.add_option("--end", options.end, "When it ends, RFC 3339; counts more than --duration");
  command.add_option("-c,--comment", options.comment, "Why");
}

}  // namespace

void add_silence(Command app) {
  Command silence = app.add_subcommand("silence", "Silences of a running agent");
  silence.require_subcommand();
  silence.footer(kExitCodes);
  const auto command = [&](const char* name, const char* help, int (*run)(const SilenceOptions&)) {
    auto options = std::make_shared<SilenceOptions>();
    Command out = silence.add_subcommand(name, help);
    add_client_options(out, options->client);
    out.footer(kExitCodes);
    out.runs([options, run] { return run(*options); });
    return std::pair(out, options);
  };
  {
    auto [out, options] = command("add", "Silence alerts; prints the id", add);
    out.add_option("MATCHER", options->arguments, "NAME, or label=value, label=~regexp ...");
    out.add_option("-a,--author", options->author, "Who silences (you)");
    add_times(out, *options);
    out.add_option("--recurrence",
                   options->recurrence,
                   "Only in windows: an iCalendar rule, FREQ=WEEKLY;BYDAY=SA (at the hour of the "
                   "start), or a cron expression, \"0 22 * * 6\"");
    out.add_option("--window", options->every_duration, "How long each window is, like 2h");
    out.add_option("--time-zone", options->time_zone, "Of the windows (UTC)");
  }
  {
    auto [out, options] = command("query", "Show silences that have not expired", query);
    out.add_option("MATCHER", options->arguments, "Those with these matchers");
    out.add_flag("--expired", options->expired, "Expired ones instead");
    out.add_flag("-q,--quiet", options->quiet, "Only ids");
    out.add_option("--within", options->within, "That expire (or expired) within 8h");
    out.add_option("--created-by", options->created_by, "Of this author");
  }
  {
    auto [out, options] = command("update", "Change silences; prints the ids", update);
    out.add_option("ID", options->arguments, "Of silences");
    out.add_flag("-q,--quiet", options->quiet, "Only ids, as always");
    add_times(out, *options);
  }
  {
    auto [out, options] = command("expire", "End silences now", expire);
    out.add_option("ID", options->arguments, "Of silences");
  }
  {
    auto [out, options] = command("import", "Set what `silence query --json` printed", import);
    out.add_option("FILE", options->file, "JSON; standard input where absent");
    out.add_flag("-f,--force", options->force, "New ones, also where the ids are known");
  }
}

}  // namespace seamwatch::agent
