#include <algorithm>
#include <array>

#include "agent/core/ascii.h"
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

void read_tls_version(MapReader& reader, std::string_view key, std::string& out) {
  if (reader.read(key, out) &&
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
  const bool user = read_secret(reader, "username", out.basic_user);
  const bool password = read_secret(reader, "password", out.basic_password);
  read_reference(reader, "username", user, out.unserved);
  read_reference(reader, "password", password, out.unserved);
  reader.done();
}

void read_authorization(MapReader& http, HttpConfig& out) {
  const Node* node = http.find("authorization");
  if (node == nullptr) {
    return;
  }
  MapReader reader(http.document(), *node, "authorization", http.problems());
  std::string type;
  reader.read("type", type);
  if (const std::string_view word = trimmed(type); !word.empty()) {
    out.authorization_type = word;
  }
  const bool given = read_secret(reader, "credentials", out.authorization);
  read_reference(reader, "credentials", given, out.unserved);
  reader.done();
  if (ascii_lower(out.authorization_type) == "basic") {
    reader.report(*node, "authorization type cannot be \"basic\"", "use basic_auth");
  } else if (!is_header_name(out.authorization_type)) {
    reader.report(*node, "authorization type must be a single word", "use Bearer");
  }
}

bool is_proxy_url(std::string_view text) {
  for (const std::string_view scheme : {"socks5://", "socks5h://"}) {
    if (text.starts_with(scheme)) {
      return is_http_url("http://" + std::string(text.substr(scheme.size())));
    }
  }
  return is_http_url(text);
}

void read_headers(MapReader& http, HttpConfig& out) {
  http.each_entry("http_headers", [&](const std::string& name, const Node& key, const Node& value) {
    HttpHeaderConfig header;
    header.name = name;
    if (!is_header_name(name)) {
      http.report(key, quoted(name) + " is not a header name", "use letters, digits and dashes");
    }
    const std::string canonical = ascii_lower(name);
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

bool is_header_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter_or_digit(c) || kTokenMarks.find(c) != std::string_view::npos;
  });
}

void read_timeout(MapReader& reader, Millis& out, std::vector<Diagnostic>& unserved) {
  constexpr Millis kTimeoutMax{10 * 60'000};
  Nanos span{0};
  if (!reader.read("timeout", span)) {
    return;
  }
  out = std::max(std::chrono::ceil<Millis>(span), Millis(0));  // 0 where it is negative: none
  if (out > kTimeoutMax) {
    unserved.push_back(Diagnostic{reader.document().place(*reader.find("timeout")),
                                  "timeout " + format_duration(out) + " is longer than " +
                                      format_duration(kTimeoutMax) + ", the most that is waited",
                                  "write timeout: " + format_duration(kTimeoutMax) + " or less"});
  }
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

bool read_reference(MapReader& reader,
                    std::string_view key,
                    bool given,
                    std::vector<Diagnostic>& unserved) {
  const std::string name = std::string(key) + "_ref";
  std::string text;
  if (!reader.read(name, text) || text.empty()) {
    return false;
  }
  const Node& node = *reader.find(name);
  const std::string file = std::string(key) + "_file";
  if (given) {
    reader.report(
        node,
        "at most one of " + std::string(key) + ", " + file + " & " + name + " must be configured",
        "remove one");
  }
  unserved.push_back({reader.document().place(node),
                      quoted(name) + " needs a secret manager, which Seamwatch does not have",
                      "write the secret to a file and use " + file});
  return true;
}

// Source: prometheus/common, ProxyConfig.Validate.
void read_proxy(MapReader& reader, ProxyConfig& out) {
  if (reader.read("proxy_url", out.url) && !out.url.empty() && !is_proxy_url(out.url)) {
    reader.report(
        *reader.find("proxy_url"), "proxy_url is not an address", "write http://host:port");
  }
  reader.read("no_proxy", out.no_proxy);
  reader.read("proxy_from_environment", out.from_environment);
  reader.each_entry(
      "proxy_connect_header", [&](const std::string& name, const Node& key, const Node& value) {
        if (!is_header_name(name)) {
          reader.report(
              key, quoted(name) + " is not a header name", "use letters, digits and dashes");
        }
        if (!value.is_list()) {
          reader.report(value, "the values of a header must be a list", "write [value]");
        }
        for (const Node& item : value.items) {
          out.connect_headers.emplace_back(name, Secret(item.scalar));
        }
      });
  const auto wrong = [&](std::string_view key, const std::string& what, std::string remedy) {
    reader.report(*reader.find(key), what, std::move(remedy));
  };
  if (out.from_environment && !out.url.empty()) {
    wrong("proxy_url",
          "if proxy_from_environment is configured, proxy_url must not be configured",
          "keep one");
  }
  if (out.from_environment && !out.no_proxy.empty()) {
    wrong("no_proxy",
          "if proxy_from_environment is configured, no_proxy must not be configured",
          "set NO_PROXY in the environment");
  }
  if (!out.from_environment && out.url.empty() && !out.no_proxy.empty()) {
    wrong("no_proxy", "if no_proxy is configured, proxy_url must also be configured", "add it");
  }
  if (!out.from_environment && out.url.empty() && !out.connect_headers.empty()) {
    wrong("proxy_connect_header",
          "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be "
          "configured",
          "add one");
  }
}

// Source: prometheus/common, TLSConfig.Validate.
TlsOptions read_tls_config(const Document& document,
                           const Node& node,
                           Diagnostics& problems,
                           std::vector<Diagnostic>& unserved) {
  TlsOptions out;
  MapReader reader(document, node, "tls_config", problems);
  reader.read("server_name", out.server_name);
  // A text or its file, or a reference; whether there is any of them.
  const auto read = [&](std::string_view key, Secret& text, std::string& file) {
    SecretSource source;
    const bool given = read_secret(reader, key, source);
    text = std::move(source.text);
    file = std::move(source.file);
    const bool referred = read_reference(reader, key, given, unserved);
    return given || referred;
  };
  Secret ca;
  Secret certificate;
  read("ca", ca, out.ca_file);
  const bool certified = read("cert", certificate, out.cert_file);
  const bool keyed = read("key", out.key, out.key_file);
  out.ca = ca.reveal();
  out.cert = certificate.reveal();
  reader.read("insecure_skip_verify", out.insecure_skip_verify);
  read_tls_version(reader, "min_version", out.min_version);
  read_tls_version(reader, "max_version", out.max_version);
  reader.done();
  if (certified != keyed) {
    reader.report(node,
                  "a client certificate needs both a certificate and its key",
                  certified ? "add key_file:" : "add cert_file:");
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
  if (const Node* oauth2 = reader.find("oauth2")) {
    out.oauth2 = read_oauth2(document, *oauth2, problems, out.unserved);
  }
  if (int{basic} + int{authorization} + int{has_bearer} + int{out.oauth2.has_value()} > 1) {
    reader.report(node,
                  "more than one of basic_auth, authorization, oauth2 and bearer_token",
                  "keep one way to authenticate");
  }
  if (has_bearer) {
    out.authorization = std::move(bearer);
  }
  if (const Node* tls = reader.find("tls_config")) {
    out.tls = read_tls_config(document, *tls, problems, out.unserved);
  }
  read_proxy(reader, out.proxy);
  reader.read("follow_redirects", out.follow_redirects);
  reader.read("enable_http2", out.enable_http2);
  read_headers(reader, out);
  reader.done();
  return out;
}

}  // namespace seamwatch::rules
