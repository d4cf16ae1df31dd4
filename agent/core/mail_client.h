// MailClient: the port to an SMTP smarthost.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/fault.h"
#include "agent/core/secret.h"
#include "agent/core/times.h"
#include "agent/core/tls.h"

namespace seamwatch {

// What `when` of the signal says, where the mail went to others and only some recipients were not
// taken: to send it again would tell those others twice.
inline constexpr std::string_view kOthersHaveTheMail = "the other recipients have the mail";

// Likewise, where nobody got it: because of one recipient, and another may be there to be reached.
inline constexpr std::string_view kRecipientPutOff = "a recipient is put off";

// Whether mail for this smarthost stays on the machine. Source: Go's net/smtp, PlainAuth.
inline bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "[::1]";
}

struct Mail {
  std::string smarthost;  // host:port
  std::string hello = "localhost";
  std::string from;             // envelope, bare address
  std::vector<std::string> to;  // envelope, bare addresses
  bool some_will_do = false;    // a recipient who is put off (4yz) keeps it from no other
  std::string message;          // RFC 5322, CRLF line ends
  std::string auth_username;    // empty = no authentication
  Secret auth_password;         // for PLAIN and LOGIN
  Secret auth_secret;           // for CRAM-MD5, which is preferred where it is offered
  std::string auth_identity;
  bool require_tls = true;    // STARTTLS must succeed
  bool implicit_tls = false;  // TLS from the first byte (port 465)
  TlsOptions tls;
};

class MailClient {
 public:
  virtual ~MailClient() = default;

  // Nothing where the server took the message for every recipient (reply 250 after DATA).
  // Otherwise the fault: signal smtp with the reply code ("451") and, where sent, the enhanced code
  // as name ("4.7.1"); or curl, dns, errno, tls, x509.
  virtual boost::asio::awaitable<std::optional<Fault>> send(Mail mail, MonoTime deadline) = 0;
};

}  // namespace seamwatch
