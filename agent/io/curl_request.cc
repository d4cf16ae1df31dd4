#include "agent/io/curl_request.h"

#include <array>

#include <boost/asio/ip/address.hpp>
#include <curl/curl.h>

#include "agent/core/assert.h"
#include "agent/io/curl_codes.h"
#include "agent/io/os_fault.h"
#include "agent/io/tls_names.h"

namespace seamwatch {
namespace {

namespace asio = boost::asio;

constexpr long kCaCacheSeconds = 24L * 3600;

struct Version {
  const char* name;
  long lowest;
  long highest;
};

constexpr std::array kVersions = {
    Version{"TLS10", CURL_SSLVERSION_TLSv1_0, CURL_SSLVERSION_MAX_TLSv1_0},
    Version{"TLS11", CURL_SSLVERSION_TLSv1_1, CURL_SSLVERSION_MAX_TLSv1_1},
    Version{"TLS12", CURL_SSLVERSION_TLSv1_2, CURL_SSLVERSION_MAX_TLSv1_2},
    Version{"TLS13", CURL_SSLVERSION_TLSv1_3, CURL_SSLVERSION_MAX_TLSv1_3}};

const Version* find_version(const std::string& name) {
  for (const Version& version : kVersions) {
    if (name == version.name) {
      return &version;
    }
  }
  return nullptr;
}

void set_blob(void* easy, CURLoption option, const std::string& text) {
  curl_blob blob{};
  blob.data = const_cast<char*>(text.data());  // libcurl copies it and writes nothing
  blob.len = text.size();
  blob.flags = CURL_BLOB_COPY;
  curl_easy_setopt(easy, option, &blob);
}

double seconds_of(void* easy, CURLINFO what) {
  double value = 0;
  curl_easy_getinfo(easy, what, &value);
  return value;
}

// Libcurl sets each of these once the phase before it has ended.
const char* phase_of(void* easy, bool tls) {
  if (seconds_of(easy, CURLINFO_CONNECT_TIME) <= 0) {
    return seconds_of(easy, CURLINFO_NAMELOOKUP_TIME) <= 0 ? "resolve" : "connect";
  }
  if (tls && seconds_of(easy, CURLINFO_APPCONNECT_TIME) <= 0) {
    return "tls";
  }
  return seconds_of(easy, CURLINFO_STARTTRANSFER_TIME) <= 0 ? "processing" : "transfer";
}

bool is_tls_url(void* easy) {
  const char* scheme = nullptr;
  curl_easy_getinfo(easy, CURLINFO_SCHEME, &scheme);
  return scheme != nullptr &&
         (std::string_view(scheme) == "HTTPS" || std::string_view(scheme) == "SMTPS");
}

}  // namespace

void FreeEasy::operator()(void* easy) const {
  curl_easy_cleanup(easy);
}

void FreeList::operator()(curl_slist* list) const {
  curl_slist_free_all(list);
}

void append(CurlList& list, const std::string& text) {
  curl_slist* longer = curl_slist_append(list.get(), text.c_str());
  SW_ASSERT(longer != nullptr);
  static_cast<void>(list.release());
  list.reset(longer);
}

EasyHandle make_easy(char* words) {
  static_assert(kCurlWordsBytes >= CURL_ERROR_SIZE);
  EasyHandle easy(curl_easy_init());
  SW_ASSERT(easy != nullptr);
  words[0] = '\0';
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, words);
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_CA_CACHE_TIMEOUT, kCaCacheSeconds);
  curl_easy_setopt(easy.get(), CURLOPT_CAPATH, nullptr);  // with a directory nothing is cached
  return easy;
}

std::string set_tls_options(void* easy, const TlsOptions& tls) {
  const Version* low = tls.min_version.empty() ? &kVersions[2] : find_version(tls.min_version);
  const Version* high = tls.max_version.empty() ? &kVersions[3] : find_version(tls.max_version);
  if (low == nullptr || high == nullptr) {
    return "unknown TLS version; use TLS10, TLS11, TLS12 or TLS13";
  }
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, low->lowest | high->highest);
  if (!tls.ca.empty()) {
    set_blob(easy, CURLOPT_CAINFO_BLOB, tls.ca);
  } else if (!tls.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
  }
  if (tls.insecure_skip_verify) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!tls.cert.empty()) {
    set_blob(easy, CURLOPT_SSLCERT_BLOB, tls.cert);
  } else if (!tls.cert_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.cert_file.c_str());
  }
  if (!tls.key.empty()) {
    set_blob(easy, CURLOPT_SSLKEY_BLOB, tls.key.reveal());
  } else if (!tls.key_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLKEY, tls.key_file.c_str());
  }
  return "";
}

Fault curl_fault(void* easy, const CurlOutcome& outcome, std::string_view words) {
  Fault fault;
  fault.phase = phase_of(easy, is_tls_url(easy));
  long verified = 0;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  if (outcome.code == CURLE_PEER_FAILED_VERIFICATION && verified != 0) {
    fault.signal.protocol = "x509";
    fault.signal.code = x509_error_name(verified);
    fault.phase = "tls";
    fault.detail = words;
    return fault;
  }
  const int code = outcome.timed_out ? static_cast<int>(CURLE_OPERATION_TIMEDOUT) : outcome.code;
  fault.signal.protocol = "curl";
  fault.signal.code = curl_code_name(code);
  long os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  if (outcome.timed_out) {
    fault.detail = "the deadline passed first";
    return fault;
  }
  if (os_error != 0) {
    fault.detail = errno_name(static_cast<int>(os_error)) + ": ";
  }
  fault.detail += words.empty() ? curl_easy_strerror(static_cast<CURLcode>(code)) : words;
  return fault;
}

asio::awaitable<CurlAddresses> resolve_for_curl(Resolver& resolver,
                                                CurlPlace place,
                                                MonoTime deadline) {
  CurlAddresses result;
  const bool renamed = !place.server_name.empty() && place.server_name != place.host;
  boost::system::error_code not_an_address;
  asio::ip::make_address(place.host, not_an_address);
  const bool literal = !not_an_address || place.host.front() == '[';
  if (literal && !renamed) {
    co_return result;
  }
  const Resolution found =
      co_await resolver.resolve(place.host, IpPreference::ip4_then_ip6, deadline);
  if (found.fault) {
    result.fault = found.fault;
    co_return result;
  }
  const std::string& name = renamed ? place.server_name : place.host;
  result.entry = name + ":" + place.port + ":";
  const char* separator = "";
  for (const auto& address : found.addresses) {
    const std::string text = address.to_string();
    result.entry += separator + (address.is_v6() ? "[" + text + "]" : text);
    separator = ",";
  }
  co_return result;
}

}  // namespace seamwatch
