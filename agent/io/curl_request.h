// What the HTTP and the mail client do alike with libcurl: handles, names, TLS options and faults.
// Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "agent/core/resolver.h"
#include "agent/core/times.h"
#include "agent/core/tls.h"
#include "agent/io/curl_loop.h"

struct curl_slist;

namespace seamwatch {

struct FreeEasy {
  void operator()(void* easy) const;
};

struct FreeList {
  void operator()(curl_slist* list) const;
};

using EasyHandle = std::unique_ptr<void, FreeEasy>;
using CurlList = std::unique_ptr<curl_slist, FreeList>;

// Appends a copy of `text`.
void append(CurlList& list, const std::string& text);

// A handle with what every transfer wants: no signals, no proxy from the environment, the CA store
// kept for all, and `words` (at least kCurlWordsBytes long) for curl's own description of a
// failure.
EasyHandle make_easy(char* words);

constexpr std::size_t kCurlWordsBytes = 256;

// Says what is wrong with `tls`, or "".
std::string set_tls_options(void* easy, const TlsOptions& tls);

// The fault of a failed transfer: x509 where a certificate was refused for a known reason, else
// curl with the errno and `words` as detail. The phase is by how far the transfer came.
Fault curl_fault(void* easy, const CurlOutcome& outcome, std::string_view words);

// Where a transfer goes. Libcurl checks a certificate against the host of the URL, so for another
// `server_name` the URL must name that, and its addresses are those of `host`.
struct CurlPlace {
  std::string host;  // not empty
  std::string port;
  std::string server_name = {};  // empty = host
};

// An entry for CURLOPT_RESOLVE: "name:port:address,address"; empty where libcurl needs none.
struct CurlAddresses {
  std::string entry;
  std::optional<Fault> fault = std::nullopt;
};

boost::asio::awaitable<CurlAddresses> resolve_for_curl(Resolver& resolver,
                                                       CurlPlace place,
                                                       MonoTime deadline);

}  // namespace seamwatch
