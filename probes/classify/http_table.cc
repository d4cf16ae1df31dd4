// HTTP statuses: all of the IANA registry, those of common CDNs, load balancers and servers, and
// what a client sees instead of a status. A 1xx, 2xx or 3xx is a fault only where a probe's
// configuration does not expect it.

#include <array>
#include <charconv>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;

constexpr std::string_view kSource1 = "https://www.rfc-editor.org/rfc/rfc2518.html#section-10.1";
constexpr std::string_view kSource2 = "https://www.rfc-editor.org/rfc/rfc8297.html";
constexpr std::string_view kSource3 =
    "https://www.iana.org/assignments/http-status-codes/http-status-codes.xhtml";
constexpr std::string_view kSource4 = "https://www.rfc-editor.org/rfc/rfc4918.html#section-11";
constexpr std::string_view kSource5 = "https://www.rfc-editor.org/rfc/rfc5842.html";
constexpr std::string_view kSource6 = "https://www.rfc-editor.org/rfc/rfc3229.html";
constexpr std::string_view kSource7 = "https://www.rfc-editor.org/rfc/rfc8470.html#section-5.2";
constexpr std::string_view kSource8 = "https://www.rfc-editor.org/rfc/rfc6585.html";
constexpr std::string_view kSource9 = "https://shopify.dev/docs/api/usage/response-codes";
constexpr std::string_view kSource10 = "https://github.com/microsoft/ApplicationInsights-dotnet";
constexpr std::string_view kSource11 =
    "https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/"
    "http-status-code";
constexpr std::string_view kSource12 =
    "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#errors";
constexpr std::string_view kSource13 = "https://www.rfc-editor.org/rfc/rfc7725.html#section-3";
constexpr std::string_view kSource14 =
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
    "load-balancer-troubleshooting.html";
constexpr std::string_view kSource15 =
    "https://developers.arcgis.com/rest/users-groups-and-items/error-handling/";
constexpr std::string_view kSource16 = "https://curl.se/docs/manpage.html#--retry";
constexpr std::string_view kSource17 = "https://www.rfc-editor.org/rfc/rfc2295.html#section-8.1";
constexpr std::string_view kSource18 = "https://www.rfc-editor.org/rfc/rfc5842.html#section-7.2";
constexpr std::string_view kSource19 =
    "https://documentation.cpanel.net/display/CKB/HTTP+Error+Codes+and+Quick+Fixes";
constexpr std::string_view kSource20 = "https://www.rfc-editor.org/rfc/rfc2774.html#section-7";
constexpr std::string_view kSource21 =
    "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/"
    "cloudflare-5xx-errors/";
constexpr std::string_view kSource22 = "https://docs.anthropic.com/en/api/errors";
constexpr std::string_view kSource23 = "https://www.rfc-editor.org/rfc/rfc9112.html#section-2.2";
constexpr std::string_view kSource24 = "https://www.rfc-editor.org/rfc/rfc9112.html#section-8";
constexpr std::string_view kSource25 = "https://www.rfc-editor.org/rfc/rfc9112.html#section-9.5";
constexpr std::string_view kSource26 = "https://www.rfc-editor.org/rfc/rfc9110.html#section-8.4";
constexpr std::string_view kSource27 = "https://www.rfc-editor.org/rfc/rfc9110.html#section-9.3.6";
constexpr std::string_view kSource28 = "https://www.rfc-editor.org/rfc/rfc9110.html#section-15";

// clang-format off
constexpr std::array kRows = {
    Row{"100", 100, "Continue", "", kPersistent, configuration, false},
    Row{"101", 101, "Switching Protocols", "", kPersistent, configuration, false},
    Row{"102", 102, "Processing", "", kPersistent, configuration, false, kSource1},
    Row{"103", 103, "Early Hints", "", kPersistent, configuration, false, kSource2},
    Row{"104", 104, "Upload Resumption Supported", "", kPersistent, configuration, false, kSource3},
    Row{"200", 200, "OK", "", kPersistent, configuration, false},
    Row{"201", 201, "Created", "", kPersistent, configuration, false},
    Row{"202", 202, "Accepted", "", kPersistent, configuration, false},
    Row{"203", 203, "Non-Authoritative Information", "", kPersistent, configuration, false},
    Row{"204", 204, "No Content", "", kPersistent, configuration, false},
    Row{"205", 205, "Reset Content", "", kPersistent, configuration, false},
    Row{"206", 206, "Partial Content", "", kPersistent, configuration, false},
    Row{"207", 207, "Multi-Status", "", kPersistent, configuration, false, kSource4},
    Row{"208", 208, "Already Reported", "", kPersistent, configuration, false, kSource5},
    Row{"226", 226, "IM Used", "", kPersistent, configuration, false, kSource6},
    Row{"300", 300, "Multiple Choices", "", kPersistent, configuration, false},
    Row{"301", 301, "Moved Permanently", "", kPersistent, configuration, false},
    Row{"302", 302, "Found", "", kPersistent, configuration, false},
    Row{"303", 303, "See Other", "", kPersistent, configuration, false},
    Row{"304", 304, "Not Modified", "", kPersistent, configuration, false},
    Row{"305", 305, "Use Proxy", "", kPersistent, configuration, false},
    Row{"306", 306, "Switch Proxy", "", kPersistent, configuration, false},
    Row{"307", 307, "Temporary Redirect", "", kPersistent, configuration, false},
    Row{"308", 308, "Permanent Redirect", "", kPersistent, configuration, false},
    Row{"400", 400, "Bad Request", "", kPersistent, data, false},
    Row{"401", 401, "Unauthorized", "single observation", kDepends, authentication, false},
    Row{"401", 401, "Unauthorized", "same challenge repeated after credentials were sent", kPersistent, authentication, false},
    Row{"402", 402, "Payment Required", "", kPersistent, authorization, false},
    Row{"403", 403, "Forbidden", "", kPersistent, authorization, false},
    Row{"403", 403, "Forbidden", "throttling or firewall body, vendor code says busy", kTransient, throttled, false},
    Row{"404", 404, "Not Found", "", kDepends, not_found, false},
    Row{"405", 405, "Method Not Allowed", "", kPersistent, configuration, false},
    Row{"406", 406, "Not Acceptable", "", kPersistent, data, false},
    Row{"407", 407, "Proxy Authentication Required", "", kPersistent, authentication, false},
    Row{"408", 408, "Request Timeout", "", kTransient, timeout, false},
    Row{"409", 409, "Conflict", "", kPersistent, data, false},
    Row{"410", 410, "Gone", "", kPersistent, not_found, false},
    Row{"411", 411, "Length Required", "", kPersistent, data, false},
    Row{"412", 412, "Precondition Failed", "", kPersistent, data, false},
    Row{"413", 413, "Content Too Large", "no Retry-After", kPersistent, platform_limit, false},
    Row{"413", 413, "Content Too Large", "Retry-After present (condition declared temporary)", kTransient, platform_limit, true},
    Row{"414", 414, "URI Too Long", "", kPersistent, data, false},
    Row{"415", 415, "Unsupported Media Type", "", kPersistent, data, false},
    Row{"416", 416, "Range Not Satisfiable", "", kPersistent, data, false},
    Row{"417", 417, "Expectation Failed", "", kPersistent, configuration, false},
    Row{"418", 418, "I'm a Teapot", "", kPersistent, configuration, false},
    Row{"419", 419, "Page Expired (session token of some frameworks)", "", kPersistent, authentication, false, kSource3},
    Row{"420", 420, "Enhance Your Calm", "", kTransient, throttled, true, kSource3},
    Row{"421", 421, "Misdirected Request", "", kTransient, network, false},
    Row{"422", 422, "Unprocessable Content", "", kPersistent, data, false},
    Row{"423", 423, "Locked", "", kTransient, process, false, kSource4},
    Row{"424", 424, "Failed Dependency", "", kPersistent, process, false, kSource4},
    Row{"425", 425, "Too Early", "", kTransient, tls, false, kSource7},
    Row{"426", 426, "Upgrade Required", "", kPersistent, configuration, false},
    Row{"428", 428, "Precondition Required", "", kPersistent, data, false, kSource8},
    Row{"429", 429, "Too Many Requests", "no Retry-After (own backoff)", kTransient, throttled, false, kSource8},
    Row{"429", 429, "Too Many Requests", "Retry-After present", kTransient, throttled, true, kSource8},
    Row{"430", 430, "Request Header Fields Too Large or shop throttling", "", kTransient, throttled, false, kSource9},
    Row{"431", 431, "Request Header Fields Too Large", "", kPersistent, data, false, kSource8},
    Row{"439", 439, "Too Many Requests Over Extended Time", "", kTransient, throttled, true, kSource10},
    Row{"440", 440, "Login Time-out", "", kDepends, authentication, false, kSource11},
    Row{"444", 444, "No Response", "", kTransient, network, false, kSource12},
    Row{"449", 449, "Retry With", "", kPersistent, data, false, kSource11},
    Row{"450", 450, "Blocked by Parental Controls", "", kPersistent, authorization, false, kSource11},
    Row{"451", 451, "Unavailable For Legal Reasons", "", kPersistent, authorization, false, kSource13},
    Row{"460", 460, "Client Closed Connection (load balancer)", "", kTransient, timeout, false, kSource14},
    Row{"463", 463, "Too Many Forwarded Addresses", "", kPersistent, configuration, false, kSource14},
    Row{"464", 464, "Incompatible Protocol (load balancer)", "", kPersistent, configuration, false, kSource14},
    Row{"494", 494, "Request Header Too Large", "", kPersistent, data, false, kSource12},
    Row{"495", 495, "SSL Certificate Error", "", kPersistent, tls, false, kSource12},
    Row{"496", 496, "SSL Certificate Required", "", kPersistent, tls, false, kSource12},
    Row{"497", 497, "HTTP Request Sent to HTTPS Port", "", kPersistent, configuration, false, kSource12},
    Row{"498", 498, "Invalid Token", "", kPersistent, authentication, false, kSource15},
    Row{"499", 499, "Client Closed Request", "", kTransient, timeout, false, kSource12},
    Row{"500", 500, "Internal Server Error", "", kTransient, runtime, false, kSource16},
    Row{"501", 501, "Not Implemented", "", kPersistent, configuration, false},
    Row{"502", 502, "Bad Gateway", "", kTransient, unavailable, false, kSource16},
    Row{"503", 503, "Service Unavailable", "no Retry-After", kTransient, unavailable, false, kSource16},
    Row{"503", 503, "Service Unavailable", "Retry-After present", kTransient, unavailable, true},
    Row{"503", 503, "Service Unavailable", "vendor code says not enabled", kPersistent, configuration, false},
    Row{"504", 504, "Gateway Timeout", "", kTransient, timeout, false, kSource16},
    Row{"505", 505, "HTTP Version Not Supported", "", kPersistent, configuration, false},
    Row{"506", 506, "Variant Also Negotiates", "", kPersistent, configuration, false, kSource17},
    Row{"507", 507, "Insufficient Storage", "", kTransient, platform_limit, false, kSource4},
    Row{"508", 508, "Loop Detected", "", kPersistent, process, false, kSource18},
    Row{"509", 509, "Bandwidth Limit Exceeded", "", kPersistent, platform_limit, false, kSource19},
    Row{"510", 510, "Not Extended", "", kPersistent, configuration, false, kSource20},
    Row{"511", 511, "Network Authentication Required", "", kPersistent, authentication, false, kSource8},
    Row{"520", 520, "Web Server Returned an Unknown Error", "", kTransient, unavailable, false, kSource21},
    Row{"521", 521, "Web Server Is Down", "", kTransient, unavailable, false, kSource21},
    Row{"522", 522, "Connection Timed Out", "", kTransient, timeout, false, kSource16},
    Row{"523", 523, "Origin Is Unreachable", "", kTransient, network, false, kSource21},
    Row{"524", 524, "A Timeout Occurred", "", kTransient, timeout, false, kSource16},
    Row{"525", 525, "SSL Handshake Failed", "", kPersistent, tls, false, kSource21},
    Row{"526", 526, "Invalid SSL Certificate", "", kPersistent, tls, false, kSource21},
    Row{"527", 527, "Railgun Error", "", kTransient, unavailable, false, kSource21},
    Row{"529", 529, "Site Is Overloaded", "", kTransient, throttled, true, kSource22},
    Row{"530", 530, "Origin DNS Error or Site Frozen", "", kPersistent, dns, false, kSource21},
    Row{"561", 561, "Unauthorized (load balancer identity provider)", "", kPersistent, authentication, false, kSource14},
    Row{"598", 598, "Network Read Timeout", "", kTransient, timeout, false, kSource3},
    Row{"599", 599, "Network Connect Timeout", "", kTransient, timeout, false, kSource3},
    Row{"malformed_response", Row::kNoNumber, "", "", kPersistent, data, false, kSource23},
    Row{"incomplete_response", Row::kNoNumber, "premature_close", "", kTransient, network, false, kSource24},
    Row{"empty_response", Row::kNoNumber, "", "", kTransient, network, false, kSource25},
    Row{"malformed_content_encoding", Row::kNoNumber, "", "", kPersistent, data, false, kSource26},
    Row{"proxy_refused", Row::kNoNumber, "", "", kDepends, network, false, kSource27},
    Row{"header_too_large", Row::kNoNumber, "", "", kPersistent, data, false, kSource8},
    Row{"timeout", Row::kNoNumber, "", "", kTransient, timeout, false, kSource28},
};
// clang-format on

constexpr Row kInformational = {
    "1xx-3xx", Row::kNoNumber, "", "", kPersistent, configuration, false};
constexpr Row kClientError = {"4xx", Row::kNoNumber, "", "", kPersistent, data, false};
constexpr Row kServerError = {"5xx", Row::kNoNumber, "", "", kTransient, runtime, false};
constexpr Row kNoClass = {"not a status", Row::kNoNumber, "", "", kPersistent, data, false};

// An unknown status is treated as the x00 of its class. Source: RFC 9110 section 15.
const Row* class_default(const Signal& signal) {
  int status = 0;
  std::from_chars(signal.code.data(), signal.code.data() + signal.code.size(), status);
  if (status < 100 || status > 599) {
    return &kNoClass;
  }
  return status < 400 ? &kInformational : status < 500 ? &kClientError : &kServerError;
}

}  // namespace

constinit const Table kHttpTable = {
    "http", "https://www.rfc-editor.org/rfc/rfc9110.html#section-15", kRows, class_default};

}  // namespace seamwatch::probes
