#include "agent/web/reply_head.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>

namespace seamwatch::agent {
namespace {

constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";  // the phrase means nothing to a program
  }
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char letter : value) {
    out += letter == '\r' || letter == '\n' || letter == '\0' ? ' ' : letter;
  }
  out += "\r\n";
}

}  // namespace

std::string http_date(WallTime at) {
  namespace chrono = std::chrono;
  const chrono::sys_seconds seconds(chrono::floor<chrono::seconds>(at.time_since_epoch()));
  const auto day = chrono::floor<chrono::days>(seconds);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss time(seconds - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(),
                text.size(),
                "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[chrono::weekday(day).c_encoding()],
                static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1],
                static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

std::string reply_head(const HttpReply& reply, const ReplyFrame& frame, WallTime now) {
  std::string out = frame.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  out += std::to_string(reply.status);
  out += ' ';
  out += reason(reply.status);
  out += "\r\n";
  append_header(out, "Date", http_date(now));
  for (const auto& [name, value] : reply.headers) {
    append_header(out, name, value);
  }
  if (frame.chunked) {
    append_header(out, "Transfer-Encoding", "chunked");
  } else if (frame.content_length) {
    append_header(out, "Content-Length", std::to_string(*frame.content_length));
  }
  if (!frame.keep_alive) {
    append_header(out, "Connection", "close");
  } else if (frame.http_1_0) {
    append_header(out, "Connection", "keep-alive");
  }
  out += "\r\n";
  return out;
}

}  // namespace seamwatch::agent
