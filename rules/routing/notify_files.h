// The files that a receiver names for secrets and certificates, all of them. Pure.
#pragma once

#include "rules/routing/notify_config.h"

namespace seamwatch::rules {

// Calls `see` with each path, "" where there is none: of a receiver that may be changed so that it
// can be, and of a const one to be read.
template <typename SomeTls, typename See>
void visit_tls_files(SomeTls& tls, const See& see) {
  see(tls.ca_file);
  see(tls.cert_file);
  see(tls.key_file);
}

template <typename SomeHttp, typename See>
void visit_http_files(SomeHttp& http, const See& see) {
  see(http.basic_user.file);
  see(http.basic_password.file);
  see(http.authorization.file);
  visit_tls_files(http.tls, see);
  if (http.oauth2) {
    see(http.oauth2->client_secret.file);
    if (http.oauth2->jwt) {
      see(http.oauth2->jwt->key.file);
    }
    visit_tls_files(http.oauth2->tls, see);
  }
  for (auto& header : http.headers) {
    for (auto& path : header.files) {
      see(path);
    }
  }
}

template <typename SomeReceiver, typename See>
void visit_files(SomeReceiver& receiver, const See& see) {
  for (auto& webhook : receiver.webhooks) {
    see(webhook.url.file);
    visit_http_files(webhook.http, see);
    if (webhook.signing) {
      see(webhook.signing->secret.file);
    }
  }
  for (auto& vendor : receiver.vendors) {
    visit_http_files(vendor.http, see);
    for (auto& [key, secret] : vendor.secrets) {
      see(secret.file);
    }
  }
  for (auto& email : receiver.emails) {
    see(email.auth_password.file);
    see(email.auth_secret.file);
    visit_tls_files(email.tls, see);
  }
}

}  // namespace seamwatch::rules
