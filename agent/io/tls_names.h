// Names of TLS alerts and of OpenSSL's verification results, as the signal tables spell them.
#pragma once

#include <string>

namespace seamwatch {

// "handshake_failure(40)"; "alert(200)" for one that no RFC knows. Source: RFC 8446 section 6.
std::string tls_alert_name(int number);

// "X509_V_ERR_CERT_HAS_EXPIRED(10)"; "X509_V_ERR(999)" for one that this OpenSSL does not know.
std::string x509_error_name(long code);

}  // namespace seamwatch
