#include <algorithm>
#include <array>

#include "rules/routing/notify_reader.h"

namespace seamwatch::rules {
namespace {

constexpr std::array<std::string_view, 4> kTlsVersions = {"TLS10", "TLS11", "TLS12", "TLS13"};

// Headers that the HTTP client or other keys set. Source: prometheus/common, http_config.
constexpr std::array<std::string_view, 20> kReservedHeaders = {
    "authorization",
    "host",
    "content-encoding",
    "content-length",
    "content-type",
    "user-agent",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "accept-encoding",
    "transfer-encoding",
    "idempotency-key",
    "x-prometheus-remote-write-version",
    "x-prometheus-remote-read-version",
    "x-prometheus-scrape-timeout-seconds",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256"};

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kTokenMarks.find(c) != std::string_view::npos;
  });
}

// Reports a key of Alertmanager's that has no meaning here, where it is there.
void refuse(MapReader& reader, std::string_view key, std::string_view remedy) {
  if (const Node* node = reader.find(key)) {
    reader.report(*node, quoted(key) + " is not supported by Seamwatch", std::string(remedy));
  }
}

void read_tls_version(MapReader& reader, std::string_view key, std::string& out) {
  if (reader.read(key, out) && !out.empty() &&
      std::find(kTlsVersions.begin(), kTlsVersions.end(), out) == kTlsVersions.end()) {
    reader.report(*reader.find(key),
                  "unknown TLS version " + quoted(out),
                  "use TLS10, TLS11, TLS12 or TLS13");
  }
}

void read_basic_auth(MapReader& http, HttpConfig& out) {
  const Node* node = http.find("basic_auth");
  if (node == nullptr) {
    return;
  }
  MapReader reader(http.document(), *node, "basic_auth", http.problems());
  read_secret(reader, "username", out.basic_user);
  read_secret(reader, "password", out.basic_password);
  refuse(reader, "username_ref", "use username_file");
  refuse(reader, "password_ref", "use password_file");
  reader.done();
}

void read_authorization(MapReader& http, HttpConfig& out) {
  const Node* node = http.find("authorization");
  if (node == nullptr) {
    return;
  }
  MapReader reader(http.document(), *node, "authorization", http.problems());
  reader.read("type", out.authorization_type);
  read_secret(reader, "credentials", out.authorization);
  refuse(reader, "credentials_ref", "use credentials_file");
  reader.done();
  if (lower(out.authorization_type) == "basic") {
    reader.report(*node, "authorization type cannot be \"basic\"", "use basic_auth");
  } else if (!is_token(out.authorization_type)) {
    reader.report(*node, "authorization type must be a single word", "use Bearer");
  }
}

void read_headers(MapReader& http, HttpConfig& out) {
  http.each_entry("http_headers", [&](const std::string& name, const Node& key, const Node& value) {
    HttpHeaderConfig header;
    header.name = name;
    if (!is_token(name)) {
      http.report(key, quoted(name) + " is not a header name", "use letters, digits and dashes");
    }
    const std::string canonical = lower(name);
    if (std::find(kReservedHeaders.begin(), kReservedHeaders.end(), canonical) !=
        kReservedHeaders.end()) {
      http.report(key,
                  "header " + quoted(name) + " cannot be set here",
                  "it is set by Seamwatch; for credentials use authorization or basic_auth");
    }
    MapReader reader(http.document(), value, "header " + quoted(name), http.problems());
    reader.read("values", header.values);
    std::vector<std::string> secrets;
    reader.read("secrets", secrets);
    for (std::string& secret : secrets) {
      header.secrets.emplace_back(std::move(secret));
    }
    reader.read("files", header.files);
    reader.done();
    out.headers.push_back(std::move(header));
  });
}

}  // namespace

bool is_http_url(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.substr(0, scheme.size()) == scheme) {
      const std::string_view rest = text.substr(scheme.size());
      const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
      const std::string_view host = authority.substr(authority.rfind('@') + 1);
      return !host.empty() && host.front() != ':' &&
             text.find_first_of(" \t\r\n") == std::string_view::npos;
    }
  }
  return false;
}

bool read_secret(MapReader& reader, std::string_view key, SecretSource& out) {
  const std::string file_key = std::string(key) + "_file";
  SecretSource read;
  reader.read(key, read.text);
  reader.read(file_key, read.file);
  if (!read.text.empty() && !read.file.empty()) {
    reader.report(*reader.find(file_key),
                  "at most one of " + std::string(key) + " & " + file_key + " must be configured",
                  "remove one");
    return false;
  }
  if (read.empty()) {
    return false;
  }
  out = std::move(read);
  return true;
}

TlsOptions read_tls_config(const Document& document, const Node& node, Diagnostics& problems) {
  TlsOptions out;
  MapReader reader(document, node, "tls_config", problems);
  reader.read("server_name", out.server_name);
  reader.read("ca_file", out.ca_file);
  reader.read("cert_file", out.cert_file);
  reader.read("key_file", out.key_file);
  reader.read("insecure_skip_verify", out.insecure_skip_verify);
  read_tls_version(reader, "min_version", out.min_version);
  read_tls_version(reader, "max_version", out.max_version);
  for (const std::string_view key : {"ca", "cert", "key"}) {
    refuse(reader, key, "write it to a file and use " + std::string(key) + "_file");
    refuse(reader, std::string(key) + "_ref", "use " + std::string(key) + "_file");
  }
  reader.done();
  if (out.cert_file.empty() != out.key_file.empty()) {
    reader.report(
        node, "a client certificate needs both cert_file and key_file", "add the missing one");
  }
  if (!out.min_version.empty() && !out.max_version.empty() && out.min_version > out.max_version) {
    reader.report(node, "min_version is above max_version", "swap them");
  }
  return out;
}

HttpConfig read_http_config(const Document& document, const Node& node, Diagnostics& problems) {
  HttpConfig out;
  MapReader reader(document, node, "http_config", problems);
  const bool basic = reader.find("basic_auth") != nullptr;
  const bool authorization = reader.find("authorization") != nullptr;
  read_basic_auth(reader, out);
  read_authorization(reader, out);
  SecretSource bearer;
  const bool has_bearer = read_secret(reader, "bearer_token", bearer);
  if (int{basic} + int{authorization} + int{has_bearer} > 1) {
    reader.report(node,
                  "more than one of basic_auth, authorization and bearer_token",
                  "keep one way to authenticate");
  }
  if (has_bearer) {
    out.authorization = std::move(bearer);
  }
  if (const Node* tls = reader.find("tls_config")) {
    out.tls = read_tls_config(document, *tls, problems);
  }
  if (reader.read("proxy_url", out.proxy_url) && !out.proxy_url.empty() &&
      !is_http_url(out.proxy_url) && !out.proxy_url.starts_with("socks5://")) {
    reader.report(
        *reader.find("proxy_url"), "proxy_url is not an address", "write http://host:port");
  }
  reader.read("follow_redirects", out.follow_redirects);
  // Which HTTP version is spoken is settled between client and server; no receiver depends on it.
  bool enable_http2 = true;
  reader.read("enable_http2", enable_http2);
  read_headers(reader, out);
  refuse(reader, "oauth2", "use basic_auth, authorization or http_headers");
  refuse(reader, "no_proxy", "leave proxy_url out where no proxy is wanted");
  refuse(reader, "proxy_connect_header", "remove it");
  bool from_environment = false;
  if (reader.read("proxy_from_environment", from_environment) && from_environment) {
    refuse(reader, "proxy_from_environment", "write proxy_url");
  }
  reader.done();
  return out;
}

}  // namespace seamwatch::rules
