// CurlHttpClient: the real HttpClient, on a CurlLoop. Names are resolved by the Resolver port, so
// libcurl starts no thread. Redirects are followed here, at most 10: a request to another host
// carries no credentials. Owned by the agent; loop thread only.
#pragma once

#include "agent/core/http_client.h"
#include "agent/core/resolver.h"
#include "agent/io/curl_loop.h"

namespace seamwatch {

// Faults: dns, x509, curl ("CURLE_COULDNT_CONNECT", "CURLE_OPERATION_TIMEDOUT" at the deadline,
// "CURLE_FILESIZE_EXCEEDED" for a body past its limit, "CURLE_TOO_MANY_REDIRECTS", ...), tls
// ("local_configuration" where the TlsOptions cannot be met). The phase is resolve, connect, tls,
// processing or transfer, by how far the transfer came.
class CurlHttpClient final : public HttpClient {
 public:
  // Both outlive the client.
  CurlHttpClient(CurlLoop& loop, Resolver& resolver) : loop_(loop), resolver_(resolver) {}

  boost::asio::awaitable<HttpResponse> send(HttpRequest request, MonoTime deadline) override;

 private:
  boost::asio::awaitable<HttpResponse> send_once(const HttpRequest& request,
                                                 const std::string& url,
                                                 MonoTime deadline,
                                                 std::string& redirect);

  CurlLoop& loop_;
  Resolver& resolver_;
};

}  // namespace seamwatch
