#include "probes/endpoints/http_client_options.h"

#include <algorithm>

#include "agent/core/ascii.h"
#include "agent/core/labels.h"
#include "probes/endpoints/http_options.h"
#include "probes/endpoints/oauth2_options.h"
#include "probes/endpoints/proxy_url.h"

namespace seamwatch::probes {
namespace {

// Source: RFC 9110 section 5.6.2 (token).
bool is_token(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter_or_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

bool holds_line_break(const Secret& text) {
  return text.reveal().find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
}

void add_header(MapReader& reader, const Node& key, HttpHeader header, HttpModule& module) {
  if (!is_token(header.name)) {
    reader.report(
        key, quoted(header.name) + " is no header name", "use letters, digits and -, like X-Token");
    return;
  }
  if (holds_line_break(header.value.text)) {
    reader.report(key,
                  "the value of header " + quoted(header.name) + " holds a line break",
                  "write it on one line");
    return;
  }
  module.headers.push_back(std::move(header));
}

void read_headers(MapReader& reader, HttpModule& module) {
  reader.each_entry("headers", [&](const std::string& name, const Node& key, const Node& value) {
    if (!value.is_scalar() && !value.is_null()) {
      reader.report(value,
                    "the value of header " + quoted(name) + " must be a text",
                    "write it as " + name + ": value");
      return;
    }
    add_header(reader, key, HttpHeader{name, TextOrFile{Secret(value.scalar), ""}}, module);
  });
  reader.each_entry(
      "http_headers", [&](const std::string& name, const Node& key, const Node& value) {
        MapReader one(reader.document(), value, "http_headers entry", reader.problems());
        std::vector<std::string> texts;
        std::vector<std::string> secrets;
        std::vector<std::string> files;
        one.read("values", texts);
        one.read("secrets", secrets);
        one.read("files", files);
        one.done();
        texts.insert(texts.end(), secrets.begin(), secrets.end());
        for (const std::string& text : texts) {
          add_header(reader, key, HttpHeader{name, TextOrFile{Secret(text), ""}}, module);
        }
        for (const std::string& file : files) {
          add_header(reader, key, HttpHeader{name, TextOrFile{Secret(), file}}, module);
        }
      });
}

void read_token(MapReader& reader, const char* key, HttpModule& module) {
  const Node* node = reader.find(key);
  reader.read(key, module.credentials.text);
  if (node != nullptr && holds_line_break(module.credentials.text)) {
    reader.report(*node,
                  std::string(key) + " holds a line break",
                  "write it on one line; only a file may end with one");
  }
}

void read_basic_auth(MapReader& reader, const Node& node, HttpModule& module) {
  MapReader basic(reader.document(), node, "basic_auth", reader.problems());
  basic.read("username", module.basic_user);
  basic.read("username_file", module.basic_user_file.file);
  basic.read("password", module.basic_password.text);
  basic.read("password_file", module.basic_password.file);
  if (!module.basic_user.empty() && !module.basic_user_file.file.empty()) {
    basic.report(node, "username and username_file exclude each other");
  }
  if (!module.basic_password.text.empty() && !module.basic_password.file.empty()) {
    basic.report(node, "password and password_file exclude each other");
  }
  basic.done();
}

void read_authorization(MapReader& reader, const Node& node, HttpModule& module) {
  MapReader own(reader.document(), node, "authorization", reader.problems());
  own.read("type", module.authorization_type);
  read_token(own, "credentials", module);
  own.read("credentials_file", module.credentials.file);
  if (!module.credentials.text.empty() && !module.credentials.file.empty()) {
    own.report(node, "credentials and credentials_file exclude each other");
  }
  if (!is_token(module.authorization_type)) {
    own.report(node, "the authorization type must be one word", "write it like type: Bearer");
  }
  if (module.authorization_type == "Basic" || module.authorization_type == "basic") {
    own.report(node, "authorization cannot be of type basic", "use basic_auth");
  }
  own.done();
}

void read_credentials(MapReader& reader, HttpModule& module) {
  const Node* basic = reader.find("basic_auth");
  const Node* own = reader.find("authorization");
  const Node* token = reader.find("bearer_token");
  const Node* token_file = reader.find("bearer_token_file");
  const Node* oauth2 = reader.find("oauth2");
  int ways = 0;
  for (const Node* way : {basic, own, token, token_file, oauth2}) {
    ways += way != nullptr ? 1 : 0;
    if (ways == 2) {
      reader.report(*way,
                    "only one of basic_auth, authorization, bearer_token, bearer_token_file and "
                    "oauth2 may be set",
                    "keep one of them");
      return;
    }
  }
  if (basic != nullptr) {
    read_basic_auth(reader, *basic, module);
  }
  if (own != nullptr) {
    read_authorization(reader, *own, module);
  }
  read_token(reader, "bearer_token", module);
  reader.read("bearer_token_file", module.credentials.file);
  if (oauth2 != nullptr) {
    module.oauth2 = read_oauth2(reader, *oauth2);
  }
}

void check_proxy(MapReader& reader, const char* key, const std::string& address) {
  const auto parsed = parse_proxy_url(address);
  if (!address.empty() && !parsed) {
    reader.report(*reader.find(key),
                  std::string(key) + ": " + parsed.error().message,
                  "write it like http://host:3128, https://host:443 or socks5://host:1080");
  }
}

// Source of what goes with what: prometheus/common ProxyConfig.Validate.
void check_proxy_keys(MapReader& reader, const ProxyOptions& proxy, bool from_environment) {
  const bool has_url = !from_environment && !proxy.for_http.empty();
  if (const Node* url = reader.find("proxy_url"); from_environment && url != nullptr) {
    reader.report(*url, "proxy_from_environment and proxy_url exclude each other");
  }
  const Node* exceptions = reader.find("no_proxy");
  if (exceptions != nullptr && !exceptions->scalar.empty() && !has_url) {
    reader.report(*exceptions,
                  from_environment ? "proxy_from_environment and no_proxy exclude each other"
                                   : "no_proxy needs proxy_url");
  }
  if (!proxy.connect_headers.empty() && !has_url && !from_environment) {
    reader.report(*reader.find("proxy_connect_header"),
                  "proxy_connect_header needs proxy_url or proxy_from_environment");
  }
}

}  // namespace

void read_proxy_options(MapReader& reader, ProxyOptions& proxy) {
  std::string address;
  bool from_environment = false;
  reader.read("proxy_url", address);
  reader.read("no_proxy", proxy.no_proxy);
  reader.read("proxy_from_environment", from_environment);
  if (from_environment) {
    proxy = proxies_of_environment(process_environment());
    check_proxy(reader, "proxy_from_environment", proxy.for_http);
    check_proxy(reader, "proxy_from_environment", proxy.for_https);
  } else {
    check_proxy(reader, "proxy_url", address);
    proxy.for_http = address;
    proxy.for_https = address;
    proxy.spares_loopback = !proxy.no_proxy.empty();
  }
  reader.each_entry(
      "proxy_connect_header", [&](const std::string& name, const Node& key, const Node& values) {
        for (const Node& value : values.items) {
          const bool bad = !is_token(name) || !value.is_scalar() ||
                           value.scalar.find_first_of("\r\n") != std::string::npos;
          if (bad) {
            reader.report(key, "proxy_connect_header needs a name and a list of texts");
            return;
          }
          proxy.connect_headers.emplace_back(name, Secret(value.scalar));
        }
      });
  check_proxy_keys(reader, proxy, from_environment);
}

void read_http_client_options(MapReader& reader, HttpModule& module) {
  read_headers(reader, module);
  read_credentials(reader, module);
  read_tls_config(reader, module.tls);
  read_proxy_options(reader, module.proxy);
  reader.read("skip_resolve_phase_with_proxy", module.skip_resolve_with_proxy);
  if (!is_token(module.method)) {
    reader.report(*reader.find("method"),
                  quoted(module.method) + " is no HTTP method",
                  "write one like GET or POST");
  }
}

}  // namespace seamwatch::probes
