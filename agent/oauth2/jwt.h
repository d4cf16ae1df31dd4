// A signed JSON Web Token, by which a client proves itself to a token endpoint without a password.
// Pure but for OpenSSL's memory. Used by token_cache.cc on the loop.
// Source: RFC 7515 section 3 (compact form), RFC 7518 section 3.3 (RSA), RFC 7523 section 3.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "agent/core/result.h"
#include "agent/core/secret.h"

namespace seamwatch {

struct JwtKey {
  Secret private_key;     // RSA, PEM, without a passphrase
  std::string id;         // `kid` of the header; empty = none
  std::string algorithm;  // RS256, RS384 or RS512
};

// `claims` as a token signed with `key`. Errors: a text that is no such key; it is not shown.
[[nodiscard]] Result<Secret> signed_jwt(const boost::json::object& claims, const JwtKey& key);

}  // namespace seamwatch
