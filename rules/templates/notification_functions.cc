#include "rules/templates/base64.h"
#include "rules/templates/go_format.h"
#include "rules/templates/humanize.h"
#include "rules/templates/notification_template.h"
#include "rules/templates/text_escapes.h"

namespace seamwatch::rules::templates {
namespace {

using P = Parameter;

// A function of one text that may fail.
Function failing_function(Result<std::string> (*map)(std::string_view)) {
  return {{P::string}, false, [map](const List& args) -> Result<Value> {
            auto text = map(args[0].as_string());
            if (!text) {
              return text.error();
            }
            return Value(std::move(*text));
          }};
}

// Text that html mode takes as it is.
Function safe_function(const Type* type) {
  return {{P::string}, false, [type](const List& args) -> Result<Value> {
            return Value(args[0].as_string(), type);
          }};
}

std::string trim_space(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  const std::size_t start = text.find_first_not_of(kSpaces);
  if (start == std::string_view::npos) {
    return "";
  }
  return std::string(text.substr(start, text.find_last_not_of(kSpaces) - start + 1));
}

constexpr std::size_t kJoinedBytesMax = 16 << 20;

Result<Value> join(const List& args) {
  std::string text;
  bool first = true;
  for (const Value& item : args[1].as_list()) {
    text += first ? "" : args[0].as_string();
    text += item.as_string();
    first = false;
    if (text.size() > kJoinedBytesMax) {
      return error("the text is longer than " + std::to_string(kJoinedBytesMax) + " bytes");
    }
  }
  return Value(std::move(text));
}

Result<Value> make_dict(const List& args) {
  if (args.size() % 2 != 0) {
    return error("dict expects even number of arguments, got " + std::to_string(args.size()));
  }
  Map entries;
  for (std::size_t i = 0; i < args.size(); i += 2) {
    if (args[i].kind() != Value::Kind::string) {
      return error("dict keys must be strings, got " + args[i].type_name());
    }
    entries.insert_or_assign(args[i].as_string(), args[i + 1]);
  }
  return Value(std::move(entries));
}

void add_text_functions(Functions& all) {
  all["toUpper"] = text_function(upper_case);
  all["toLower"] = text_function(lower_case);
  all["title"] = text_function(title_words);
  all["trimSpace"] = text_function(trim_space);
  all["join"] = {{P::string, P::strings}, false, join};
  all["match"] = {{P::string, P::string}, false, [](const List& args) -> Result<Value> {
                    const auto found = matches(args[0].as_string(), args[1].as_string());
                    if (!found) {
                      return found.error();
                    }
                    return Value(*found);
                  }};
  all["safeHtml"] = safe_function(html_type());
  all["safeUrl"] = safe_function(url_type());
  all["urlUnescape"] = failing_function(query_unescape);
  // A pattern that does not compile is told with Go's words for it.
  all["reReplaceAll"] = {
      {P::string, P::string, P::string}, false, [](const List& args) -> Result<Value> {
        auto text = replace_all(args[0].as_string(), args[1].as_string(), args[2].as_string());
        if (!text) {
          return error("regexp: Compile(`" + args[0].as_string() + "`): " + text.error().message);
        }
        return Value(std::move(*text));
      }};
  all["base64encode"] = text_function(base64_url_encode);
  all["base64decode"] = failing_function(base64_url_decode);
}

void add_list_functions(Functions& all) {
  all["stringSlice"] = {{P::string}, true, [](const List& args) -> Result<Value> {
                          return Value(args, strings_type());
                        }};
  all["list"] = {{P::any}, true, [](const List& args) -> Result<Value> { return Value(args); }};
  all["append"] = {{P::list, P::any}, true, [](const List& args) -> Result<Value> {
                     List items = args[0].as_list();
                     items.insert(items.end(), args.begin() + 1, args.end());
                     return Value(std::move(items));
                   }};
  all["dict"] = {{P::any}, true, make_dict};
  all["toJson"] = {{P::any}, false, [](const List& args) -> Result<Value> {
                     auto json = to_json(args[0]);
                     if (!json) {
                       return json.error();
                     }
                     return Value(std::move(*json));
                   }};
}

void add_time_functions(Functions& all) {
  all["date"] = {{P::string, P::time}, false, [](const List& args) -> Result<Value> {
                   return Value(format_time(args[1].as_time(), args[0].as_string()));
                 }};
  all["tz"] = {{P::string, P::time}, false, [](const List& args) -> Result<Value> {
                 auto shown = in_zone(args[1].as_time(), args[0].as_string());
                 if (!shown) {
                   return shown.error();
                 }
                 return Value(std::move(*shown));
               }};
  all["toDate"] = {{P::string, P::string}, false, [](const List& args) -> Result<Value> {
                     auto at = parse_time(args[0].as_string(), args[1].as_string());
                     return Value(at ? *at : GoTime());
                   }};
  all["mustToDate"] = {{P::string, P::string}, false, [](const List& args) -> Result<Value> {
                         auto at = parse_time(args[0].as_string(), args[1].as_string());
                         if (!at) {
                           return at.error();
                         }
                         return Value(std::move(*at));
                       }};
  all["humanizeDuration"] = {{P::any}, false, [](const List& args) -> Result<Value> {
                               const auto number = to_number(args[0]);
                               if (!number) {
                                 return number.error();
                               }
                               return Value(humanize_seconds(*number));
                             }};
}

}  // namespace

Functions notification_functions(WallTime now) {
  Functions all;
  add_text_functions(all);
  add_list_functions(all);
  add_time_functions(all);
  all["now"] = {{}, false, [now](const List&) -> Result<Value> { return Value(go_time(now)); }};
  all["since"] = {{P::time}, false, [now](const List& args) -> Result<Value> {
                    return Value(GoDuration{nanos_between(args[0].as_time(), go_time(now))});
                  }};
  return all;
}

}  // namespace seamwatch::rules::templates
