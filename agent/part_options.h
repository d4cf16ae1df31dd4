// From the configuration to the options of the agent's parts: what agent.cc makes them with. Pure
// but for the log of what a reload cannot change.
#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "agent/config/config.h"
#include "agent/store/outbox.h"
#include "agent/web/server.h"
#include "rules/promql/engine.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

rules::SeriesStoreOptions series_options(const Config& config);
OutboxOptions outbox_options(const Config& config);
ServerOptions server_options(const Config& config);

// Of queries by HTTP and of rules alike; the default step is the caller's.
rules::promql::EngineOptions query_engine(const Config& config);

// Logs each key that differs and of which a reload takes no notice.
void warn_of_restart(const Config& before, const Config& after);

// How long until every probe has reported after a start: its first start is within a minute.
Millis warm_up(const Config& config);

// Where this agent is found, as a URL, where nobody said it.
std::string own_url(const boost::asio::ip::tcp::endpoint& address);

// "/seamwatch" of "https://ops.example.com/seamwatch"; "" where there is no path.
std::string path_of(std::string_view url);

}  // namespace seamwatch::agent
