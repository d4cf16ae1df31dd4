// The functions of libcurl that we call, which load it at the first call: an agent that watches
// endpoints and tells nobody over HTTP does without it and the twenty libraries that it brings.
// Loop thread only.
#include <cstdarg>

#include <curl/curl.h>

#include "agent/core/assert.h"
#include "agent/core/late_library.h"

// As macros, the header's check the number of arguments.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

namespace {

const seamwatch::LateLibrary& library() {
  static const seamwatch::LateLibrary kCurl("libcurl.so.4");
  static const CURLcode kReady = [] {
    // Only its type: it is not defined below, so its address would bring the library in.
    constexpr decltype(&curl_global_init) kDeclared = nullptr;
    const auto init = kCurl.find(kDeclared, "curl_global_init");
    return init(CURL_GLOBAL_DEFAULT);
  }();
  SW_ASSERT(kReady == CURLE_OK);
  return kCurl;
}

// Sets an option with its argument in the type that its number says. Source: curl.h, CURLOPTTYPE_.
template <class Real, class Handle, class Option>
auto set_option(Real real, Handle handle, Option option, std::va_list arguments) {
  switch (option / 10'000 * 10'000) {
    case CURLOPTTYPE_LONG:
      return real(handle, option, va_arg(arguments, long));
    case CURLOPTTYPE_OFF_T:
      return real(handle, option, va_arg(arguments, curl_off_t));
    default:
      return real(handle, option, va_arg(arguments, void*));
  }
}

}  // namespace

extern "C" {

CURL* curl_easy_init() {
  static const auto kReal = library().find(&curl_easy_init, "curl_easy_init");
  return kReal();
}

void curl_easy_cleanup(CURL* easy) {
  static const auto kReal = library().find(&curl_easy_cleanup, "curl_easy_cleanup");
  kReal(easy);
}

CURLcode curl_easy_setopt(CURL* easy, CURLoption option, ...) {
  static const auto kReal = library().find(&curl_easy_setopt, "curl_easy_setopt");
  std::va_list arguments;
  va_start(arguments, option);
  const CURLcode code = set_option(kReal, easy, option, arguments);
  va_end(arguments);
  return code;
}

CURLcode curl_easy_getinfo(CURL* easy, CURLINFO what, ...) {
  static const auto kReal = library().find(&curl_easy_getinfo, "curl_easy_getinfo");
  std::va_list arguments;
  va_start(arguments, what);
  const CURLcode code = kReal(easy, what, va_arg(arguments, void*));
  va_end(arguments);
  return code;
}

const char* curl_easy_strerror(CURLcode code) {
  static const auto kReal = library().find(&curl_easy_strerror, "curl_easy_strerror");
  return kReal(code);
}

void curl_free(void* what) {
  static const auto kReal = library().find(&curl_free, "curl_free");
  kReal(what);
}

curl_slist* curl_slist_append(curl_slist* list, const char* text) {
  static const auto kReal = library().find(&curl_slist_append, "curl_slist_append");
  return kReal(list, text);
}

void curl_slist_free_all(curl_slist* list) {
  static const auto kReal = library().find(&curl_slist_free_all, "curl_slist_free_all");
  kReal(list);
}

CURLU* curl_url() {
  static const auto kReal = library().find(&curl_url, "curl_url");
  return kReal();
}

void curl_url_cleanup(CURLU* url) {
  static const auto kReal = library().find(&curl_url_cleanup, "curl_url_cleanup");
  kReal(url);
}

CURLUcode curl_url_get(CURLU* url, CURLUPart part, char** text, unsigned int flags) {
  static const auto kReal = library().find(&curl_url_get, "curl_url_get");
  return kReal(url, part, text, flags);
}

CURLUcode curl_url_set(CURLU* url, CURLUPart part, const char* text, unsigned int flags) {
  static const auto kReal = library().find(&curl_url_set, "curl_url_set");
  return kReal(url, part, text, flags);
}

CURLM* curl_multi_init() {
  static const auto kReal = library().find(&curl_multi_init, "curl_multi_init");
  return kReal();
}

CURLMcode curl_multi_cleanup(CURLM* multi) {
  static const auto kReal = library().find(&curl_multi_cleanup, "curl_multi_cleanup");
  return kReal(multi);
}

CURLMcode curl_multi_setopt(CURLM* multi, CURLMoption option, ...) {
  static const auto kReal = library().find(&curl_multi_setopt, "curl_multi_setopt");
  std::va_list arguments;
  va_start(arguments, option);
  const CURLMcode code = set_option(kReal, multi, option, arguments);
  va_end(arguments);
  return code;
}

CURLMcode curl_multi_add_handle(CURLM* multi, CURL* easy) {
  static const auto kReal = library().find(&curl_multi_add_handle, "curl_multi_add_handle");
  return kReal(multi, easy);
}

CURLMcode curl_multi_remove_handle(CURLM* multi, CURL* easy) {
  static const auto kReal = library().find(&curl_multi_remove_handle, "curl_multi_remove_handle");
  return kReal(multi, easy);
}

CURLMsg* curl_multi_info_read(CURLM* multi, int* left) {
  static const auto kReal = library().find(&curl_multi_info_read, "curl_multi_info_read");
  return kReal(multi, left);
}

CURLMcode curl_multi_socket_action(CURLM* multi, curl_socket_t socket, int events, int* running) {
  static const auto kReal = library().find(&curl_multi_socket_action, "curl_multi_socket_action");
  return kReal(multi, socket, events, running);
}

}  // extern "C"
