#include "probes/endpoints/http_request.h"

#include <algorithm>
#include <array>

#include "agent/core/ascii.h"
#include "agent/core/base64.h"
#include "probes/endpoints/text_file.h"

namespace seamwatch::probes {
namespace {

constexpr std::string_view kAgent = "Seamwatch";

bool names(const HttpModule& module, std::string_view wanted) {
  return std::any_of(module.headers.begin(), module.headers.end(), [&](const HttpHeader& header) {
    return ascii_lower(header.name) == wanted;
  });
}

Result<std::string> reveal(const TextOrFile& value) {
  return value.file.empty() ? Result<std::string>(value.text.reveal())
                            : read_credential_file(value.file);
}

// The value of the Authorization header, or "".
Result<std::string> authorization(const HttpModule& module, const RequestPlan& plan) {
  if (!plan.token.empty()) {
    return "Bearer " + plan.token.reveal();
  }
  if (!module.credentials.empty()) {
    auto credentials = reveal(module.credentials);
    if (!credentials) {
      return credentials.error();
    }
    return module.authorization_type + " " + *credentials;
  }
  const bool basic = !module.basic_user.empty() || !module.basic_user_file.empty() ||
                     !module.basic_password.empty();
  if (!basic) {
    const Url& url = plan.url;
    const bool in_url = !url.user.empty() || !url.password.empty();
    return in_url ? "Basic " + base64(url.user + ":" + url.password) : std::string();
  }
  auto user = module.basic_user_file.empty() ? Result<std::string>(module.basic_user)
                                             : reveal(module.basic_user_file);
  if (!user) {
    return user.error();
  }
  auto password = reveal(module.basic_password);
  if (!password) {
    return password.error();
  }
  return "Basic " + base64(*user + ":" + *password);
}

// The value of the Proxy-Authorization header, or "".
std::string proxy_login(const ProxyUrl& proxy) {
  return proxy.user.empty() ? "" : "Basic " + base64(proxy.user + ":" + proxy.password);
}

bool is_private(const std::string& name) {
  constexpr std::array<std::string_view, 5> kPrivate = {
      "authorization", "cookie", "host", "proxy-authorization", "www-authenticate"};
  return std::find(kPrivate.begin(), kPrivate.end(), ascii_lower(name)) != kPrivate.end();
}

Status append_headers(const HttpModule& module, const RequestPlan& plan, HttpHeaders& out) {
  for (const HttpHeader& header : module.headers) {
    const std::string name = ascii_lower(header.name);
    const bool ours = name == "content-length" || name == "transfer-encoding";
    const bool about_body = name == "content-type" && !plan.with_body;
    if (ours || about_body || (!plan.with_credentials && is_private(header.name))) {
      continue;
    }
    auto value = reveal(header.value);
    if (!value) {
      return value.error();
    }
    out.emplace_back(header.name, std::move(*value));
  }
  if (plan.with_credentials && !names(module, "authorization")) {
    auto value = authorization(module, plan);
    if (!value) {
      return value.error();
    }
    if (value->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return error("the credentials hold a line break");
    }
    if (!value->empty()) {
      out.emplace_back("Authorization", std::move(*value));
    }
  }
  return {};
}

}  // namespace

Result<HttpMessage> request_message(const HttpModule& module, const RequestPlan& plan) {
  HttpMessage message;
  message.method = plan.method;
  message.target = plan.proxy != nullptr ? plan.url.text() : plan.url.path;
  if (plan.with_body) {
    message.body = module.body;
  }
  if (!module.body_file.empty() && plan.with_body) {
    auto content = read_text_file(module.body_file);
    if (!content) {
      return content.error();
    }
    message.body = std::move(*content);
  }
  HttpHeaders& headers = message.headers;
  headers.reserve(6 + module.headers.size());
  if (!plan.with_credentials || !names(module, "host")) {
    headers.emplace_back("Host", plan.url.authority());
  }
  if (!names(module, "user-agent")) {
    headers.emplace_back("User-Agent", kAgent);
  }
  if (!names(module, "connection")) {
    headers.emplace_back("Connection", "close");
  }
  if (!module.compression.empty() && !names(module, "accept-encoding")) {
    headers.emplace_back("Accept-Encoding", module.compression);
  }
  if (plan.proxy != nullptr && !plan.proxy->user.empty() && !names(module, "proxy-authorization")) {
    headers.emplace_back("Proxy-Authorization", proxy_login(*plan.proxy));
  }
  const bool announces = !message.body.empty() || plan.method == "POST" || plan.method == "PUT" ||
                         plan.method == "PATCH";
  if (announces) {
    headers.emplace_back("Content-Length", std::to_string(message.body.size()));
  }
  const Status added = append_headers(module, plan, headers);
  if (!added) {
    return added.error();
  }
  return message;
}

std::string http1_text(const HttpMessage& message) {
  std::string out;
  out.reserve(message.body.size() + 256);
  out.append(message.method).append(" ").append(message.target).append(" HTTP/1.1\r\n");
  for (const auto& [name, value] : message.headers) {
    out.append(name).append(": ").append(value).append("\r\n");
  }
  return out.append("\r\n").append(message.body);
}

std::optional<ProxyUrl> proxy_of(const HttpModule& module, const Url& url) {
  if (module.proxy.for_http.empty() && module.proxy.for_https.empty()) {
    return std::nullopt;
  }
  const std::string address = proxy_for(url.text(), module.proxy);
  const auto proxy = address.empty() ? error("none") : parse_proxy_url(address);
  return proxy ? std::optional(*proxy) : std::nullopt;
}

const ProxyUrl* reading_proxy(const std::optional<ProxyUrl>& proxy, const Url& url) {
  return proxy && proxy->kind != ProxyUrl::Kind::socks5 && !url.tls ? &*proxy : nullptr;
}

std::string connect_text(const HttpModule& module, const ProxyUrl& proxy, const Url& url) {
  const bool six = url.host.find(':') != std::string::npos;
  const std::string to = (six ? "[" + url.host + "]" : url.host) + ":" + std::to_string(url.port);
  std::string out = "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n";
  out.append("User-Agent: ").append(kAgent).append("\r\n");
  for (const auto& [name, value] : module.proxy.connect_headers) {
    out.append(name).append(": ").append(value.reveal()).append("\r\n");
  }
  if (!proxy.user.empty()) {
    out.append("Proxy-Authorization: ").append(proxy_login(proxy)).append("\r\n");
  }
  return out + "\r\n";
}

std::string named_host(const HttpModule& module) {
  for (const HttpHeader& header : module.headers) {
    if (ascii_lower(header.name) == "host" && header.value.file.empty()) {
      const auto parsed = parse_url("http://" + header.value.text.reveal());
      return parsed ? parsed->host : "";
    }
  }
  return "";
}

}  // namespace seamwatch::probes
