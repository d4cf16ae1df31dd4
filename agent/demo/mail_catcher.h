// A mail server for the demo: takes every mail (RFC 5321 without extensions) and hands its subject
// and first line on. Nothing is stored or sent.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace seamwatch::agent::demo {

// Called with the whole message of each mail.
using OnMail = std::function<void(const std::string& message)>;

// Serves one client until it quits. Throws system_error when the connection breaks.
boost::asio::awaitable<void> serve_smtp(boost::asio::ip::tcp::socket socket, OnMail on_mail);

}  // namespace seamwatch::agent::demo
