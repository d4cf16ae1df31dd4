#include <algorithm>
#include <charconv>
#include <cmath>

#include "agent/core/labels.h"
#include "rules/templates/go_format.h"
#include "rules/templates/humanize.h"
#include "rules/templates/prometheus_template.h"
#include "rules/templates/text_escapes.h"

namespace seamwatch::rules::templates {
namespace {

using P = Parameter;

const Type* sample_type() {
  static const Type type{"template.sample", {{"Labels", "Labels"}, {"Value", "Value"}}, {}, {}};
  return &type;
}

const Type* samples_type() {
  static const Type type{"template.queryResult", {}, {}, {}};
  return &type;
}

Value labels_value(const Labels& labels) {
  Map entries;
  for (const auto& [name, value] : labels) {
    entries.emplace(name, Value(value));
  }
  return Value(std::move(entries), string_map_type());
}

// A sample's label, or "".
std::string sample_label(const Value& sample, const std::string& name) {
  const Map& labels = sample.as_struct().values[0].as_map();
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second.as_string();
}

Status expect_type(const Value& value, const Type* type) {
  if (value.type() == type) {
    return {};
  }
  return error("wrong type for value; expected " + type->name + "; got " +
               (value.is_nil() ? "nil" : value.type_name()));
}

// Host and port of "host:port", "[v6]:port"; an empty port where there is none.
std::pair<std::string, std::string> split_host_port(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) {
    return {text, ""};
  }
  const std::string port = text.substr(colon + 1);
  std::string host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    return host.find_first_of("[]") == std::string::npos ? std::pair{host, port}
                                                         : std::pair{text, std::string()};
  }
  const bool good = host.find_first_of(":[]") == std::string::npos &&
                    port.find_first_of("[]") == std::string::npos;
  return good ? std::pair{host, port} : std::pair{text, std::string()};
}

bool is_ip4(std::string_view host) {
  int parts = 0;
  while (!host.empty()) {
    const std::size_t dot = std::min(host.find('.'), host.size());
    int number = -1;
    const auto [end, code] = std::from_chars(host.data(), host.data() + dot, number);
    if (code != std::errc() || end != host.data() + dot || number > 255 || dot > 3 ||
        (dot > 1 && host[0] == '0')) {
      return false;
    }
    ++parts;
    host.remove_prefix(std::min(dot + 1, host.size()));
  }
  return parts == 4;
}

std::string strip_domain(const std::string& text) {
  const auto [host, port] = split_host_port(text);
  // A colon that is left in a host is an IPv6 address.
  if (is_ip4(host) || host.find(':') != std::string::npos) {
    return text;
  }
  const std::string first = host.substr(0, host.find('.'));
  return port.empty() ? first : first + ":" + port;
}

std::string url_path(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  if (slash == std::string::npos) {
    return "";
  }
  return url.substr(slash, url.find_first_of("?#", slash) - slash);
}

// A function of one number.
Function number_function(std::string (*show)(double)) {
  return {{P::any}, false, [show](const List& args) -> Result<Value> {
            const auto number = to_number(args[0]);
            if (!number) {
              return number.error();
            }
            return Value(show(*number));
          }};
}

Result<Value> run_query(const ExpandContext& context, const std::string& expr) {
  if (!context.query) {
    return error("queries are not available here");
  }
  const auto samples = context.query(expr, context.now);
  if (!samples) {
    return samples.error();
  }
  List result;
  for (const QuerySample& sample : *samples) {
    result.emplace_back(Struct{sample_type(), {labels_value(sample.labels), Value(sample.value)}});
  }
  return Value(std::move(result), samples_type());
}

Result<Value> humanize_timestamp(const List& args) {
  const auto number = to_number(args[0]);
  if (!number) {
    return number.error();
  }
  if (!std::isfinite(*number)) {
    return Value(format_float(*number, 'g', 4));
  }
  const auto at = to_time(*number);
  if (!at) {
    return at.error();
  }
  return Value(to_string(*at));
}

Result<Value> sort_by_label(const List& args) {
  if (auto checked = expect_type(args[1], samples_type()); !checked) {
    return checked.error();
  }
  const std::string& name = args[0].as_string();
  List sorted = args[1].as_list();
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Value& a, const Value& b) {
    return sample_label(a, name) < sample_label(b, name);
  });
  return Value(std::move(sorted), samples_type());
}

Result<Value> first_sample(const List& args) {
  if (auto checked = expect_type(args[0], samples_type()); !checked) {
    return checked.error();
  }
  if (args[0].as_list().empty()) {
    return error("first() called on vector with no elements");
  }
  return args[0].as_list().front();
}

// A number of seconds out of "1h30m" or "-5m".
Result<Value> duration_seconds(const List& args) {
  std::string_view text = args[0].as_string();
  const bool negative = text.starts_with('-');
  if (negative) {
    text.remove_prefix(1);
  }
  const auto span = parse_duration(text);
  if (!span) {
    return error("not a valid duration string: " + go_quote(args[0].as_string()));
  }
  return Value(negative ? -seconds(*span) : seconds(*span));
}

void add_sample_functions(Functions& all) {
  all["first"] = {{P::any}, false, first_sample};
  all["label"] = {{P::string, P::any}, false, [](const List& args) -> Result<Value> {
                    if (auto checked = expect_type(args[1], sample_type()); !checked) {
                      return checked.error();
                    }
                    return Value(sample_label(args[1], args[0].as_string()));
                  }};
  all["value"] = {{P::any}, false, [](const List& args) -> Result<Value> {
                    if (auto checked = expect_type(args[0], sample_type()); !checked) {
                      return checked.error();
                    }
                    return args[0].as_struct().values[1];
                  }};
  all["strvalue"] = {{P::any}, false, [](const List& args) -> Result<Value> {
                       if (auto checked = expect_type(args[0], sample_type()); !checked) {
                         return checked.error();
                       }
                       return Value(sample_label(args[0], "__value__"));
                     }};
  all["sortByLabel"] = {{P::string, P::any}, false, sort_by_label};
}

void add_text_functions(Functions& all) {
  all["reReplaceAll"] = {
      {P::string, P::string, P::string}, false, [](const List& args) -> Result<Value> {
        auto text = replace_all(args[0].as_string(), args[1].as_string(), args[2].as_string());
        if (!text) {
          return text.error();
        }
        return Value(std::move(*text));
      }};
  all["match"] = {{P::string, P::string}, false, [](const List& args) -> Result<Value> {
                    const auto found = matches(args[0].as_string(), args[1].as_string());
                    if (!found) {
                      return found.error();
                    }
                    return Value(*found);
                  }};
  all["safeHtml"] = {{P::string}, false, [](const List& args) -> Result<Value> {
                       return Value(args[0].as_string(), html_type());
                     }};
  all["title"] = text_function(title_case);
  all["toUpper"] = text_function(upper_case);
  all["toLower"] = text_function(lower_case);
  all["urlQueryEscape"] = text_function(query_escape);
  all["stripPort"] =
      text_function([](std::string_view text) { return split_host_port(std::string(text)).first; });
  all["stripDomain"] =
      text_function([](std::string_view text) { return strip_domain(std::string(text)); });
  all["graphLink"] = text_function(
      [](std::string_view expr) { return "/graph?g0.expr=" + query_escape(expr) + "&g0.tab=0"; });
  all["tableLink"] = text_function(table_link);
  all["args"] = {{P::any}, true, [](const List& args) -> Result<Value> {
                   Map entries;
                   for (std::size_t i = 0; i < args.size(); ++i) {
                     entries.emplace("arg" + std::to_string(i), args[i]);
                   }
                   return Value(std::move(entries));
                 }};
}

void add_number_functions(Functions& all) {
  all["humanize"] = number_function(humanize);
  all["humanize1024"] = number_function(humanize_1024);
  all["humanizeDuration"] = number_function(humanize_seconds);
  all["humanizePercentage"] = number_function(humanize_percentage);
  all["humanizeTimestamp"] = {{P::any}, false, humanize_timestamp};
  all["parseDuration"] = {{P::string}, false, duration_seconds};
  all["toTime"] = {{P::any}, false, [](const List& args) -> Result<Value> {
                     const auto number = to_number(args[0]);
                     const auto at = number ? to_time(*number) : number.error();
                     if (!at) {
                       return at.error();
                     }
                     return Value(*at);
                   }};
  all["toDuration"] = {{P::any}, false, [](const List& args) -> Result<Value> {
                         const auto number = to_number(args[0]);
                         const auto span = number ? to_duration(*number) : number.error();
                         if (!span) {
                           return span.error();
                         }
                         return Value(*span);
                       }};
}

// Those that need no context are made once.
const Functions& plain_functions() {
  static const Functions all = [] {
    Functions made;
    add_sample_functions(made);
    add_text_functions(made);
    add_number_functions(made);
    return made;
  }();
  return all;
}

}  // namespace

std::string table_link(std::string_view expr) {
  return "/graph?g0.expr=" + query_escape(expr) + "&g0.tab=1";
}

Functions prometheus_functions(const ExpandContext& context) {
  Functions all = plain_functions();
  all["query"] = {{P::string}, false, [&context](const List& args) -> Result<Value> {
                    return run_query(context, args[0].as_string());
                  }};
  all["now"] = {{}, false, [&context](const List&) -> Result<Value> {
                  return Value(unix_seconds(context.now));
                }};
  all["externalURL"] = {
      {}, false, [&context](const List&) -> Result<Value> { return Value(context.external_url); }};
  all["pathPrefix"] = {{}, false, [&context](const List&) -> Result<Value> {
                         return Value(url_path(context.external_url));
                       }};
  return all;
}

}  // namespace seamwatch::rules::templates
