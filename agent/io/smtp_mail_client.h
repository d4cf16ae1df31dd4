// SmtpMailClient: the real MailClient: one SMTP conversation a mail over the agent's own Dialer, so
// that no reply, however slow, holds the loop. STARTTLS or implicit TLS; AUTH PLAIN or LOGIN.
// (libcurl's SMTP waits for the last reply inside a call; see the commit that brought this file.)
// Owned by the agent; loop thread only. Source: RFC 5321, RFC 3207, RFC 4954.
#pragma once

#include "agent/core/dialer.h"
#include "agent/core/mail_client.h"
#include "agent/core/resolver.h"

namespace seamwatch {

// Faults: smtp with the reply code that refused ("535", name "5.7.8" where sent), phases connect
// (greeting and EHLO), tls (STARTTLS), login, process (envelope) and transfer (message); or, where
// there was none, smtp with
//   "malformed_reply"       what came is no SMTP reply
//   "starttls_not_offered"  TLS is required and the server has none
//   "auth_not_offered"      AUTH is, but no way of it that we have the secret for
//   "auth_unencrypted"      a password would go in the clear, and not to this machine
//   "connection_closed"     the server ended the conversation without a reply
//   "bad_mail"              an address or the smarthost cannot be sent as it is
// and dns, errno, tls, x509 of the ports. Without require_tls, STARTTLS is not used, as in
// Alertmanager. A recipient that is refused for good (5yz) does not keep the mail from the others;
// the fault then says so. One that is put off puts off the mail, or the others would get it twice.
class SmtpMailClient final : public MailClient {
 public:
  // Both outlive the client.
  SmtpMailClient(Dialer& dialer, Resolver& resolver) : dialer_(dialer), resolver_(resolver) {}

  boost::asio::awaitable<std::optional<Fault>> send(Mail mail, MonoTime deadline) override;

 private:
  Dialer& dialer_;
  Resolver& resolver_;
};

}  // namespace seamwatch
