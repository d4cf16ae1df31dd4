#include "agent/deliver/sink_options.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::agent;
using rules::templates::NotificationTemplates;

TEST_CASE("mails take the texts that files of templates define, unless the entry has its own") {
  struct Case {
    const char* name;
    const char* file;
    rules::EmailConfig entry;
    std::optional<std::string> html;
    std::optional<std::string> text;
    std::string headers;  // "Name: value|"
  };

  const std::string call_html = R"({{ template "email.default.html" . }})";
  const std::string call_text = R"({{ template "email.default.text" . }})";
  const std::string call_subject = R"({{ template "email.default.subject" . }})";
  rules::EmailConfig own;
  own.html = "mine";
  own.text = "";
  own.headers = {{"Subject", "S"}};
  const std::vector<Case> cases = {
      {"nothing defined", R"({{ define "x" }}y{{ end }})", {}, {}, {}, ""},
      {"html", R"({{ define "email.default.html" }}y{{ end }})", {}, call_html, {}, ""},
      {"text", R"({{ define "email.default.text" }}y{{ end }})", {}, {}, call_text, ""},
      {"subject",
       R"({{ define "email.default.subject" }}y{{ end }})",
       {},
       {},
       {},
       "Subject: " + call_subject + "|"},
      {"own ones",
       R"({{ define "email.default.html" }}y{{ end }}{{ define "email.default.text" }}y{{ end }}
          {{ define "email.default.subject" }}y{{ end }})",
       own,
       "mine",
       "",
       "Subject: S|"}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto templates = NotificationTemplates::make({{"a.tmpl", c.file}});
      REQUIRE(templates.has_value());
      const rules::EmailConfig made = with_default_texts(c.entry, *templates);
      CHECK(made.html == c.html);
      CHECK(made.text == c.text);
      std::string headers;
      for (const auto& [name, value] : made.headers) {
        headers += name + ": " + value + "|";
      }
      CHECK(headers == c.headers);
    }
  }
}
