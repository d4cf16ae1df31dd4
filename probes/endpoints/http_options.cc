#include "probes/endpoints/http_options.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "agent/core/labels.h"
#include "probes/endpoints/http_client_options.h"

namespace seamwatch::probes {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

void read_status_codes(MapReader& reader, std::vector<std::int64_t>& out) {
  reader.each("valid_status_codes", [&](const Node& item) {
    std::int64_t code = 0;
    const std::string& text = item.scalar;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (!item.is_scalar() || failure != std::errc() || end != text.data() + text.size()) {
      reader.report(item,
                    "a status code must be a whole number, not " + quoted(text),
                    "list each code, like 200");
      return;
    }
    out.push_back(code);
  });
}

void read_expressions(MapReader& reader, std::string_view key, std::vector<Expression>& out) {
  const auto add = [&](const Node& item) {
    if (Expression expression = compile(reader, item)) {
      out.push_back(std::move(expression));
    }
  };
  const Node* node = reader.find(key);
  if (node != nullptr && node->is_scalar()) {
    add(*node);  // one expression may stand without a list
    return;
  }
  reader.each(key, add);
}

void read_header_checks(MapReader& reader, std::string_view key, std::vector<HeaderCheck>& out) {
  reader.each(key, [&](const Node& item) {
    MapReader one(reader.document(), item, "header matcher", reader.problems());
    HeaderCheck check;
    one.require("header", "name the header, like `header: Content-Type`");
    one.read("header", check.header);
    one.read("allow_missing", check.allow_missing);
    if (const Node* regexp = one.require("regexp", "add a regular expression")) {
      check.regexp = compile(one, *regexp);
    }
    one.done();
    if (check.regexp) {
      out.push_back(std::move(check));
    }
  });
}

// Whether an Accept-Encoding allows `encoding`. Source: RFC 9110 section 12.5.3.
bool accepts(std::string_view field, std::string_view encoding) {
  std::optional<bool> named;
  std::optional<bool> any;
  while (!field.empty()) {
    const std::size_t comma = std::min(field.find(','), field.size());
    std::string item(field.substr(0, comma));
    field.remove_prefix(std::min(comma + 1, field.size()));
    std::erase_if(item, [](unsigned char c) { return std::isspace(c) != 0; });
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    const std::string parameter = item.substr(std::min(semicolon + 1, item.size()));
    double weight = 1;
    if (parameter.size() > 2 && (parameter[0] == 'q' || parameter[0] == 'Q')) {
      std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), weight);
    }
    const std::string name = item.substr(0, semicolon);
    if (same_name(name, encoding)) {
      named = weight > 0;
    } else if (name == "*") {
      any = weight > 0;
    }
  }
  return named.value_or(any.value_or(false));
}

void check_compression(MapReader& reader, const HttpModule& module) {
  const Node* node = reader.find("compression");
  if (node == nullptr || module.compression.empty()) {
    return;
  }
  for (const HttpHeader& header : module.headers) {
    if (same_name(header.name, "accept-encoding") && header.value.file.empty() &&
        !accepts(header.value.text.reveal(), module.compression)) {
      reader.report(
          *node,
          "the header Accept-Encoding does not allow compression " + quoted(module.compression),
          "remove one of both, or make them agree");
    }
  }
}

void read_versions(MapReader& reader, HttpModule& module) {
  bool http3 = false;
  reader.read("enable_http2", module.http2);
  reader.read("enable_http3", http3);
  if (http3) {
    reader.report(*reader.find("enable_http3"),
                  "HTTP/3 is not supported",
                  "remove enable_http3: the probe then offers HTTP/2 and HTTP/1.1");
  }
}

void read_redirects(MapReader& reader, HttpModule& module) {
  bool none = false;
  reader.read("follow_redirects", module.follow_redirects);
  if (reader.read("no_follow_redirects", none)) {
    module.follow_redirects = !none;
  }
}

void read_cel(MapReader& reader, const char* key, std::optional<CelProgram>& out) {
  std::string text;
  if (!reader.read(key, text)) {
    return;
  }
  auto program = CelProgram::compile(text);
  if (program) {
    out = std::move(*program);
  } else {
    reader.report(*reader.find(key),
                  "cannot compile the CEL expression: " + program.error().message,
                  "the JSON is called body, as in body.status == 'ok'");
  }
}

void read_body(MapReader& reader, HttpModule& module) {
  reader.read("body", module.body);
  reader.read("body_file", module.body_file);
  if (!module.body.empty() && !module.body_file.empty()) {
    reader.report(
        *reader.find("body_file"), "body and body_file exclude each other", "keep one of them");
  }
}

}  // namespace

std::shared_ptr<const Module> read_http_module(const Document& document,
                                               const Node& options,
                                               Diagnostics& problems) {
  auto module = std::make_shared<HttpModule>();
  MapReader reader(document, options, "http", problems);
  read_status_codes(reader, module->valid_status_codes);
  reader.read("valid_http_versions", module->valid_http_versions);
  reader.read("method", module->method);
  if (module->method.empty()) {
    module->method = "GET";
  }
  read_body(reader, *module);
  read_redirects(reader, *module);
  reader.read("fail_if_ssl", module->fail_if_ssl);
  reader.read("fail_if_not_ssl", module->fail_if_not_ssl);
  read_expressions(reader, "fail_if_body_matches_regexp", module->fail_if_body_matches);
  read_expressions(reader, "fail_if_body_not_matches_regexp", module->fail_if_body_not_matches);
  read_header_checks(reader, "fail_if_header_matches", module->fail_if_header_matches);
  read_header_checks(reader, "fail_if_header_not_matches", module->fail_if_header_not_matches);
  read_json_checks(reader, module->json);
  read_cel(reader, "fail_if_body_json_matches_cel", module->fail_if_json_matches_cel);
  read_cel(reader, "fail_if_body_json_not_matches_cel", module->fail_if_json_not_matches_cel);
  reader.read("cert_expiry_min", module->cert_expiry_min);
  reader.read("compression", module->compression);
  read_bytes(reader, "body_size_limit", module->body_size_limit);
  module->ip = read_ip_preference(reader);
  read_http_client_options(reader, *module);
  check_compression(reader, *module);
  read_versions(reader, *module);
  reader.done();
  return module;
}

}  // namespace seamwatch::probes
