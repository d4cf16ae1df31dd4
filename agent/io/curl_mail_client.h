// CurlMailClient: the real MailClient, on a CurlLoop: SMTP with STARTTLS or implicit TLS, and AUTH
// as the server offers it (PLAIN, LOGIN, CRAM-MD5). Owned by the agent; loop thread only.
#pragma once

#include "agent/core/mail_client.h"
#include "agent/core/resolver.h"
#include "agent/io/curl_loop.h"

namespace seamwatch {

// Faults: smtp with the reply code that refused ("535", name "5.7.8" where sent), phase login,
// process or transfer; dns, curl, x509 as in CurlHttpClient. A mail without TLS required is sent in
// the clear. Addresses with control characters or brackets are refused (curl:CURLE_URL_MALFORMAT).
class CurlMailClient final : public MailClient {
 public:
  // Both outlive the client.
  CurlMailClient(CurlLoop& loop, Resolver& resolver) : loop_(loop), resolver_(resolver) {}

  boost::asio::awaitable<std::optional<Fault>> send(Mail mail, MonoTime deadline) override;

 private:
  CurlLoop& loop_;
  Resolver& resolver_;
};

}  // namespace seamwatch
