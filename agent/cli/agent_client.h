// AgentClient: what the subcommands that talk to a running agent share: the --url option, one
// request at a time, and the reading of matchers as amtool has them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "agent/cli/command_line.h"
#include "agent/core/result.h"

namespace seamwatch::agent {

struct ClientOptions {
  std::string url = "http://127.0.0.1:9720";
  std::string timeout = "30s";
  bool json = false;
};

// Adds --url (and --alertmanager.url), --timeout and --json to `command`.
void add_client_options(Command command, ClientOptions& options);

struct ApiRequest {
  std::string method = "GET";
  std::string path;                                        // "/api/v2/alerts"
  std::vector<std::pair<std::string, std::string>> query;  // encoded on the way
  std::string body;                                        // JSON; empty = none
};

// The answer's body as JSON (null where it is empty). Errors: an agent that cannot be reached or
// does not answer, with what to do; any status but 2xx, with the agent's own words; an answer that
// no such server gives: see wrong_server.
[[nodiscard]] Result<boost::json::value> ask(const ClientOptions& options, ApiRequest request);

// What the agent says on /-/ready is wrong with itself; "" where it is well, or nothing is to be
// had: an Alertmanager does not say.
std::string trouble_of(const ClientOptions& options);

// What is to be said where the answer of `path` is not one that its API gives.
Error wrong_server(const ClientOptions& options, std::string_view path);

// Asks, and hands the answer to `use`, whose result is the exit code. `use` reads it as the API
// promises: where something it reads is missing or of another type, that is a wrong server. Errors
// are printed, after `whose` where it is not "", and the result is 1.
int with_answer(const ClientOptions& options,
                ApiRequest request,
                const std::function<int(const boost::json::value& answer)>& use,
                const std::string& whose = "");

// The text of `key` in an object of an answer; "" where it has none.
std::string text_of(const boost::json::object& object, std::string_view key);

// As the command line says matchers: `a=b`, `a=~"b.*"`; a first argument that is only a value is
// that of alertname.
std::vector<std::string> matcher_arguments(std::vector<std::string> arguments);

// "me": who runs the command, from the environment.
std::string current_user();

// Prints an error as `seamwatch: TEXT` and returns 1; of a wrong use of the command, 2.
int fail(std::string_view text);
int usage(std::string_view text);

// "2026-11-23 20:58:14 UTC" of an API time.
std::string shown_time(std::string_view api_time);

// Rows with their columns aligned; the first row is the head.
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace seamwatch::agent
