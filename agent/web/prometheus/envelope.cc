#include "agent/web/prometheus/envelope.h"

#include <array>

#include "agent/web/prometheus/json_text.h"
#include "exporters/metrics/negotiate.h"
#include "rules/promql/engine.h"

namespace seamwatch::agent {
namespace {

struct ErrorType {
  std::string_view name;
  int status;
};

constexpr std::array<ErrorType, 6> kErrorTypes = {{{"bad_data", 400},
                                                   {"execution", 422},
                                                   {"timeout", 503},
                                                   {"canceled", 503},
                                                   {"unavailable", 503},
                                                   {"not_found", 404}}};

int status_of(const ApiAnswer& answer) {
  if (!answer.failed()) {
    return 200;
  }
  for (const ErrorType& one : kErrorTypes) {
    if (one.name == answer.error_type) {
      return one.status;
    }
  }
  return 500;
}

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
  if (!texts.empty()) {
    out.append(",\"").append(name).append("\":");
    append_json_strings(out, texts);
  }
}

// False where the memory does not suffice.
bool append_envelope(ReplyText& text, const ApiAnswer& answer) {
  std::string& out = text.tail();
  if (answer.failed()) {
    out += "{\"status\":\"error\",\"errorType\":";
    append_json_string(out, answer.error_type);
    out += ",\"error\":";
    append_json_string(out, answer.error);
  } else if (answer.write) {
    out += "{\"status\":\"success\",\"data\":";
    if (!answer.write(text)) {
      return false;
    }
  } else {
    out.reserve(answer.data.size() + 256);
    out.append("{\"status\":\"success\",\"data\":").append(answer.data);
  }
  append_list(out, "warnings", answer.warnings);
  append_list(out, "infos", answer.infos);
  out += '}';
  return true;
}

}  // namespace

ApiAnswer api_data(std::string json) {
  ApiAnswer answer;
  answer.data = std::move(json);
  return answer;
}

ApiAnswer api_failure(std::string_view type, std::string text) {
  ApiAnswer answer;
  answer.error_type = type;
  answer.error = std::move(text);
  return answer;
}

ApiAnswer bad_data(std::string text) {
  return api_failure("bad_data", std::move(text));
}

ApiAnswer invalid_parameter(std::string_view name, std::string_view text) {
  std::string out = "invalid parameter \"";
  out.append(name).append("\": ").append(text);
  return bad_data(std::move(out));
}

ReplyForm reply_form(const HttpCall& call) {
  return {exporters::accepts_gzip(header(call.headers, "accept-encoding")),
          !header(call.headers, "origin").empty()};
}

HttpReply api_reply(ApiAnswer& answer, ReplyForm form) {
  ReplyText text(form.gzip, answer.held);
  HttpReply reply = json_reply(status_of(answer), "");
  if (!append_envelope(text, answer) || !text.finish(reply)) {
    answer = api_failure(
        "execution",
        answer.no_memory.empty() ? rules::promql::too_many_samples() : std::move(answer.no_memory));
    return api_reply(answer, form);
  }
  reply.headers.emplace_back("Vary",
                             form.cross_origin ? "Accept-Encoding, Origin" : "Accept-Encoding");
  if (form.cross_origin) {
    add_cross_origin(reply);
  }
  return reply;
}

void add_cross_origin(HttpReply& reply) {
  reply.headers.emplace_back("Access-Control-Allow-Origin", "*");
  reply.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
  reply.headers.emplace_back("Access-Control-Allow-Headers",
                             "Accept, Authorization, Content-Type, Origin");
  reply.headers.emplace_back("Access-Control-Expose-Headers", "Date");
}

}  // namespace seamwatch::agent
