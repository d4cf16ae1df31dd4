// What the tests of the sinks for single services share: a scripted HTTP client, fields as a
// notification file gives them, and a renderer that knows a few texts.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "agent/core/document.h"
#include "exporters/sinks/renderer.h"
#include "tests/unit/exporters/sinks/deliver.h"
#include "tests/unit/exporters/sinks/http_world.h"

namespace seamwatch::exporters {

inline Node text_node(std::string text) {
  Node out;
  out.kind = Node::Kind::scalar;
  out.scalar = std::move(text);
  return out;
}

inline Node map_node(std::vector<std::pair<std::string, Node>> entries) {
  Node out;
  out.kind = Node::Kind::map;
  for (auto& [name, value] : entries) {
    out.entries.push_back(NodeEntry{text_node(name), std::move(value)});
  }
  return out;
}

inline Node list_node(std::vector<Node> items) {
  Node out;
  out.kind = Node::Kind::list;
  out.items = std::move(items);
  return out;
}

// Expands {{title}}, {{text}} and {{number}}; everything else fails.
inline Result<std::string> render(const std::string& text, const Notification&) {
  if (text == "{{title}}") {
    return std::string("[FIRING:1] Orders");
  }
  if (text == "{{text}}") {
    return std::string("all of it");
  }
  if (text == "{{number}}") {
    return std::string("42");
  }
  return error("nothing is called that");
}

inline Notification resolved_notice() {
  Notification out = orders_notice();
  out.alerts.front().ends_at = kNow;
  return out;
}

struct VendorWorld : HttpWorld {
  template <class Options, class Make>
  Delivery send(Make make, Options options, Notification notification = orders_notice()) {
    options.render = render;
    return deliver(*make(std::move(options), http, clock), std::move(notification));
  }

  boost::json::value body(std::size_t index = 0) const {
    return boost::json::parse(request(index).body);
  }
};

// "retry slack:ratelimited after 5000 ms"
inline std::string told(const Delivery& delivery) {
  std::string out(to_string(delivery.outcome));
  if (delivery.fault) {
    out += " " + describe(delivery.fault->signal);
    if (delivery.fault->retry_after) {
      out += " after " + std::to_string(delivery.fault->retry_after->count()) + " ms";
    }
  }
  return out;
}

// An answer of a service, and what comes of it.
struct AnswerCase {
  const char* name;
  int status;
  HttpHeaders headers;
  const char* body;
  const char* want;                     // as told() says it
  std::optional<std::string> detail{};  // of the fault; not looked at where it is not there
};

// Sends a notice for each case, a section each.
template <class Options, class Make>
void check_answers(const std::vector<AnswerCase>& cases, Make make, const Options& options) {
  for (const AnswerCase& c : cases) {
    DYNAMIC_SECTION(c.name) {
      VendorWorld world;
      world.http.answer(c.status, c.headers, c.body);
      const Delivery delivery = world.send(make, options);
      CHECK(told(delivery) == c.want);
      if (c.detail) {
        CHECK((delivery.fault ? delivery.fault->detail : "") == *c.detail);
      }
    }
  }
}

}  // namespace seamwatch::exporters
