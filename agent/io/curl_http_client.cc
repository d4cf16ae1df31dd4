#include "agent/io/curl_http_client.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <curl/curl.h>

#include "agent/core/ascii.h"
#include "agent/core/assert.h"
#include "agent/io/curl_request.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;

constexpr int kRedirectsMax = 10;
constexpr std::size_t kHeaderBytesMax = 256 * 1024;

// Where an answer is collected; libcurl calls back into it.
struct Answer {
  HttpResponse response;
  std::size_t body_bytes_max = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* context) {
  Answer& answer = *static_cast<Answer*>(context);
  if (size > answer.body_bytes_max - answer.response.body.size()) {
    answer.too_large = true;
    return 0;  // ends the transfer
  }
  answer.response.body.append(data, size);
  return size;
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* context) {
  Answer& answer = *static_cast<Answer*>(context);
  const std::string_view line(data, size);
  answer.header_bytes += size;
  if (answer.header_bytes > kHeaderBytesMax) {
    answer.too_large = true;
    return 0;
  }
  if (line.substr(0, 5) == "HTTP/") {
    answer.response.headers.clear();  // an interim answer came before
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    answer.response.headers.emplace_back(std::move(name),
                                         std::string(trimmed(line.substr(colon + 1), " \t\r\n")));
  }
  return size;
}

// Parts of a URL by libcurl's own parser, so that both sides read it alike.
struct UrlParts {
  std::string scheme;
  std::string host;
  std::string port;
};

std::optional<UrlParts> split(const std::string& url, unsigned flags) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  SW_ASSERT(parsed);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), flags) != CURLUE_OK) {
    return std::nullopt;
  }
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    std::string out;
    if (curl_url_get(parsed.get(), which, &text, CURLU_DEFAULT_PORT) == CURLUE_OK) {
      out = text;
      curl_free(text);
    }
    return out;
  };
  return UrlParts{part(CURLUPART_SCHEME), part(CURLUPART_HOST), part(CURLUPART_PORT)};
}

// `url` with another host; "" where that makes no URL.
std::string with_host(const std::string& url, const std::string& host) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  SW_ASSERT(parsed);
  char* text = nullptr;
  std::string out;
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
      curl_url_set(parsed.get(), CURLUPART_HOST, host.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parsed.get(), CURLUPART_URL, &text, 0) == CURLUE_OK) {
    out = text;
    curl_free(text);
  }
  return out;
}

HttpResponse failed(std::string protocol, std::string code, std::string phase, std::string detail) {
  HttpResponse response;
  Fault fault;
  fault.signal.protocol = std::move(protocol);
  fault.signal.code = std::move(code);
  fault.phase = std::move(phase);
  fault.detail = std::move(detail);
  response.fault = std::move(fault);
  return response;
}

// Whether a place with this scheme can be gone to, as server or as proxy.
bool is_dialled(std::string_view scheme, bool proxy) {
  const bool socks = scheme == "socks5" || scheme == "socks5h";
  return scheme == "http" || scheme == "https" || (proxy && socks);
}

// A name without a value must be told from one that is removed, in libcurl's own way.
std::string header_line(const std::string& name, const std::string& value) {
  return value.empty() ? name + ";" : name + ": " + value;
}

bool has_line_break(const std::string& text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
}

// Sets method, body, headers and credentials. Says what is wrong with the request, or "".
std::string set_request(void* easy,
                        const HttpRequest& request,
                        CurlList& headers,
                        CurlList& proxy_headers) {
  for (const auto& [name, value] : request.proxy_headers) {
    if (has_line_break(name) || has_line_break(value)) {
      return "a header for the proxy holds a line break";
    }
    append(proxy_headers, header_line(name, value));
  }
  // Without this what is meant for one side would reach the other.
  curl_easy_setopt(easy, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE);
  curl_easy_setopt(easy, CURLOPT_PROXYHEADER, proxy_headers.get());
  curl_easy_setopt(
      easy, CURLOPT_HTTP_VERSION, request.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  const bool with_body = !request.body.empty() || request.method == "POST";
  for (const auto& [name, value] : request.headers) {
    if (has_line_break(name) || has_line_break(value)) {
      return "a header holds a line break";
    }
    append(headers, header_line(name, value));
  }
  if (with_body) {
    curl_easy_setopt(
        easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    append(headers, "Expect:");  // a body goes out at once
    if (header(request.headers, "content-type").empty() &&
        header(request.headers, "Content-Type").empty()) {
      append(headers, "Content-Type:");  // libcurl would claim a form
    }
  }
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (!request.basic_user.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_USERNAME, request.basic_user.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, request.basic_password.reveal().c_str());
  } else if (!request.bearer_token.empty()) {
    if (has_line_break(request.bearer_token.reveal())) {
      return "the bearer token holds a line break";
    }
    append(headers, "Authorization: Bearer " + request.bearer_token.reveal());
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  return set_tls_options(easy, request.tls);
}

// The request that follows a redirect. Source: RFC 9110 section 15.4; credentials stay at home.
void redirect_request(HttpRequest& request, int status, bool same_place) {
  if (!same_place) {
    request.basic_user.clear();
    request.basic_password = Secret();
    request.bearer_token = Secret();
    std::erase_if(request.headers, [](const auto& entry) {
      constexpr std::array<std::string_view, 4> kOurs = {
          "authorization", "cookie", "host", "proxy-authorization"};
      std::string name = entry.first;
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
      });
      return std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end();
    });
  }
  const bool keeps_method = status == 307 || status == 308;
  if (!keeps_method && request.method != "HEAD" && request.method != "GET") {
    request.method = "GET";
    request.body.clear();
  }
}

// Where the request goes, by which way, and where its answer is put. libcurl copies the texts.
void set_transfer(CURL* easy, const HttpRequest& request, const std::string& url, Answer& answer) {
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);  // "/a/../b" is sent so, as from Alertmanager
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  // The proxy resolves, as with Go's clients: libcurl would start a thread for it.
  const std::string proxy = request.proxy_url.starts_with("socks5://")
                                ? "socks5h" + request.proxy_url.substr(6)
                                : request.proxy_url;
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &answer);
}

}  // namespace

asio::awaitable<HttpResponse> CurlHttpClient::send_once(const HttpRequest& request,
                                                        const std::string& url,
                                                        MonoTime deadline,
                                                        std::string& redirect) {
  const std::string& dialled = request.proxy_url.empty() ? url : request.proxy_url;
  const unsigned flags = request.proxy_url.empty() ? 0U : CURLU_DEFAULT_SCHEME;
  const auto parts = split(dialled, flags | CURLU_NON_SUPPORT_SCHEME);
  if (!parts || parts->host.empty() || !is_dialled(parts->scheme, !request.proxy_url.empty())) {
    co_return failed("curl", "CURLE_URL_MALFORMAT", "resolve", "not an http or https URL");
  }
  const bool renamed = request.proxy_url.empty() && parts->scheme == "https" &&
                       !request.tls.server_name.empty() && request.tls.server_name != parts->host;
  CurlPlace place{parts->host, parts->port};
  place.server_name = renamed ? request.tls.server_name : "";
  const CurlAddresses addresses = co_await resolve_for_curl(resolver_, place, deadline);
  if (addresses.fault) {
    HttpResponse response;
    response.fault = addresses.fault;
    co_return response;
  }
  std::array<char, kCurlWordsBytes> words{};
  const EasyHandle easy = make_easy(words.data());
  CurlList resolved;
  CurlList headers;
  CurlList proxy_headers;
  Answer answer;
  answer.body_bytes_max = request.body_bytes_max;
  const std::string asked = renamed ? with_host(url, request.tls.server_name) : url;
  if (renamed && header(request.headers, "host").empty() &&
      header(request.headers, "Host").empty()) {
    append(headers, "Host: " + parts->host + (parts->port == "443" ? "" : ":" + parts->port));
  }
  set_transfer(easy.get(), request, asked, answer);
  if (!addresses.entry.empty()) {
    append(resolved, addresses.entry);
    curl_easy_setopt(easy.get(), CURLOPT_RESOLVE, resolved.get());
  }
  const std::string wrong = set_request(easy.get(), request, headers, proxy_headers);
  if (!wrong.empty()) {
    co_return failed("tls", "local_configuration", "connect", wrong);
  }
  const CurlOutcome outcome = co_await loop_.perform(easy.get(), deadline);
  if (answer.too_large) {
    co_return failed("curl", "CURLE_FILESIZE_EXCEEDED", "transfer", "the answer is too large");
  }
  if (outcome.timed_out || outcome.code != CURLE_OK) {
    answer.response = HttpResponse();
    answer.response.fault = curl_fault(easy.get(), outcome, words.data());
    co_return answer.response;
  }
  long status = 0;
  const char* next = nullptr;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy.get(), CURLINFO_REDIRECT_URL, &next);
  answer.response.status = static_cast<int>(status);
  redirect = next != nullptr ? next : "";
  const auto onward = split(redirect, 0);
  if (renamed && onward && onward->host == request.tls.server_name) {
    redirect = with_host(redirect, parts->host);
  }
  co_return answer.response;
}

asio::awaitable<HttpResponse> CurlHttpClient::send(HttpRequest request, MonoTime deadline) {
  std::string url = request.url.reveal();
  for (int redirects = 0;; ++redirects) {
    std::string next;
    HttpResponse response = co_await send_once(request, url, deadline, next);
    if (response.fault || next.empty() || !request.follow_redirects) {
      co_return response;
    }
    if (redirects == kRedirectsMax) {
      co_return failed("curl",
                       "CURLE_TOO_MANY_REDIRECTS",
                       "processing",
                       "more than 10 redirects one after another");
    }
    const auto from = split(url, 0);
    const auto to = split(next, 0);
    const bool same_place = from && to && from->scheme == to->scheme && from->host == to->host &&
                            from->port == to->port;
    redirect_request(request, response.status, same_place);
    url = std::move(next);
  }
}

}  // namespace seamwatch
