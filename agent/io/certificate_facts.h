// What certificates say, in the nouns of TlsHandshake. Pure.
#pragma once

#include <optional>

#include "agent/core/tls.h"

// OpenSSL's own types, so that its headers stay in .cc files.
struct x509_st;
struct stack_st_X509;

namespace seamwatch {

// The earliest end of validity in `certificates`; empty for an empty or missing list.
std::optional<WallTime> earliest_expiry(const stack_st_X509* certificates);

// Fills the leaf_* fields of `facts`.
void describe_leaf(x509_st& leaf, TlsHandshake& facts);

}  // namespace seamwatch
