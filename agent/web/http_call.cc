#include "agent/web/http_call.h"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "agent/core/hex.h"
#include "agent/core/utf8.h"

namespace seamwatch::agent {
namespace {

HttpReply reply(int status, std::string type, std::string body) {
  HttpReply out;
  out.status = status;
  out.headers = {{"Content-Type", std::move(type)},
                 {"X-Content-Type-Options", "nosniff"},
                 {"X-Frame-Options", "DENY"},
                 {"Referrer-Policy", "no-referrer"},
                 {"Cache-Control", "no-store"}};
  out.body = std::move(body);
  return out;
}

}  // namespace

std::string_view HttpCall::parameter(std::string_view name, std::string_view otherwise) const {
  for (const auto& [key, value] : query) {
    if (key == name) {
      return value;
    }
  }
  return otherwise;
}

std::vector<std::string> HttpCall::parameters(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : query) {
    if (key == name) {
      values.push_back(value);
    }
  }
  return values;
}

QueryParameters HttpCall::form() const {
  QueryParameters all = query;
  const std::string_view type = header(headers, "content-type");
  if (boost::algorithm::istarts_with(type, "application/x-www-form-urlencoded")) {
    QueryParameters posted = parse_query(body);
    all.insert(
        all.end(), std::make_move_iterator(posted.begin()), std::make_move_iterator(posted.end()));
  }
  return all;
}

HttpReply text_reply(int status, std::string body) {
  return reply(status, "text/plain; charset=utf-8", std::move(body));
}

HttpReply html_reply(int status, std::string body) {
  HttpReply out = reply(status, "text/html; charset=utf-8", std::move(body));
  out.headers.emplace_back("Content-Security-Policy",
                           "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                           "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  return out;
}

HttpReply json_reply(int status, std::string body) {
  return reply(status, "application/json", std::move(body));
}

HttpReply json_error(int status, std::string_view why) {
  namespace json = boost::json;
  return json_reply(status, json::serialize(json::object{{"error", to_valid_utf8(why)}}));
}

QueryParameters parse_query(std::string_view query) {
  QueryParameters out;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (!pair.empty()) {
      const std::size_t equals = pair.find('=');
      const std::string_view value =
          equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
      out.emplace_back(percent_decoded(pair.substr(0, equals), true), percent_decoded(value, true));
    }
    if (end == std::string_view::npos) {
      break;
    }
    query.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace seamwatch::agent
