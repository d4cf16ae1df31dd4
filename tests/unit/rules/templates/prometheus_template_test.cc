#include "rules/templates/prometheus_template.h"

#include <catch2/catch.hpp>

namespace seamwatch::rules::templates {
namespace {

ExpandContext context() {
  ExpandContext made;
  made.now = wall_from_unix_millis(1'353'755'652'000);
  made.external_labels = Labels{{"region", "eu"}};
  made.external_url = "http://sw:9090/prefix";
  made.query = [](const std::string& expr, WallTime) -> Result<std::vector<QuerySample>> {
    if (expr == "bad(") {
      return error("1:5: parse error: unclosed left parenthesis");
    }
    if (expr == "none") {
      return std::vector<QuerySample>();
    }
    return std::vector<QuerySample>{{Labels{{"__name__", "m"}, {"a", "2"}}, 11},
                                    {Labels{{"__name__", "m"}, {"a", "1"}}, 21}};
  };
  return made;
}

TEST_CASE("a template of an alert is expanded") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"plain", "plain"},
      {"{{ $labels.job }} {{ .Labels.job }}", "web web"},
      {"[{{ $labels.missing }}]", "[]"},
      {"{{ $value }} {{ .Value | humanize }}", "1.5e+06 1.5M"},
      {"{{ $externalLabels.region }} {{ $externalURL }} {{ externalURL }} {{ pathPrefix }}",
       "eu http://sw:9090/prefix http://sw:9090/prefix /prefix"},
      {"{{ query \"m\" | first | value }} {{ query \"m\" | first | label \"a\" }}", "11 2"},
      {"{{ range query \"m\" | sortByLabel \"a\" }}{{ .Labels.a }}={{ .Value }} {{ end }}",
       "1=21 2=11 "},
      {"{{ with query \"none\" }}some{{ else }}none{{ end }}", "none"},
      {"{{ now | humanizeTimestamp }}", "2012-11-24 11:14:12 +0000 UTC"},
      {"{{ 0.1234 | humanizePercentage }} {{ 2048 | humanize1024 }} {{ 93784 | humanizeDuration }}",
       "12.34% 2ki 1d 2h 3m 4s"},
      {"{{ \"a.b.c:80\" | stripPort }} {{ \"a.b.c:80\" | stripDomain }}", "a.b.c a:80"},
      {"{{ graphLink \"a b\" }} {{ tableLink \"x\" }}",
       "/graph?g0.expr=a+b&g0.tab=0 /graph?g0.expr=x&g0.tab=1"},
      {"{{ reReplaceAll \"(.*)-(.*)\" \"$2 ${1}x\" \"a-b\" }} {{ match \"^a\" \"ba\" }}",
       "b ax false"},
      {"{{ reReplaceAll \"a*\" \"X\" \"baac\" }}", "XbXcX"},
      {"{{ title \"two words\" }} {{ toUpper \"é\" }} {{ toLower \"ÄB\" }}", "Two Words É äb"},
      {"{{ (args 1 \"b\").arg1 }} {{ parseDuration \"1h30m\" }} {{ parseDuration \"-5m\" }}",
       "b 5400 -300"},
      {"{{ (toTime 86400.5).Format \"2006-01-02 15:04:05.0\" }} {{ toDuration 90 }}",
       "1970-01-02 00:00:00.5 1m30s"},
      {"{{ urlQueryEscape \"a b\" }} {{ strvalue (first (query \"m\")) }}|", "a+b |"},
  };
  for (const auto& [text, want] : cases) {
    DYNAMIC_SECTION(text) {
      const Expansion result = expand(text, Labels{{"job", "web"}}, 1'500'000, context());
      CHECK(result.text == want);
      CHECK(!result.failed);
    }
  }
}

TEST_CASE("a template that fails says so in its text") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{{ query \"bad(\" }}",
       "<error expanding template: error executing template __alert: template: __alert:1:115: "
       "executing \"__alert\" at <query \"bad(\">: error calling query: 1:5: parse error: unclosed "
       "left parenthesis>"},
      {"{{ first (query \"none\") }}",
       "<error expanding template: error executing template __alert: template: __alert:1:115: "
       "executing \"__alert\" at <first (query \"none\")>: error calling first: first() called on "
       "vector with no elements>"},
      {"{{ \"one\" | humanize }}",
       "<error expanding template: error executing template __alert: template: __alert:1:123: "
       "executing \"__alert\" at <humanize>: error calling humanize: strconv.ParseFloat: parsing "
       "\"one\": invalid syntax>"},
      {"{{",
       "<error expanding template: error parsing template __alert: template: __alert:1: "
       "unclosed action>"},
  };
  for (const auto& [text, want] : cases) {
    DYNAMIC_SECTION(text) {
      const Expansion result = expand(text, {}, 0, context());
      CHECK(result.text == want);
      CHECK(result.failed);
    }
  }
}

TEST_CASE("values that grow in a loop end in an error") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{{ $x := \"aaaaaaaaaaaaaaaa\" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}",
       "exceeded maximum output size (16777216 bytes)"},
      {"{{ $x := \"aaaaaaaaaaaaaaaa\" }}{{ range 12 }}"
       "{{ $x = reReplaceAll \"a\" \"aaaaaaaaaaaaaaaa\" $x }}{{ end }}",
       "exceeded maximum output size (16777216 bytes)"},
      {"{{ $x := \"<<<<<<<<<<<<<<<<\" }}{{ range 40 }}{{ $x = html $x $x }}{{ end }}",
       "exceeded maximum output size (16777216 bytes)"},
      {"{{ $x := args 1 }}{{ range 40 }}{{ $x = args $x $x }}{{ end }}",
       "exceeded maximum size of a value (10000000 items within 1000 levels)"},
      {"{{ $x := args 1 }}{{ range 2000 }}{{ $x = args $x }}{{ end }}",
       "exceeded maximum size of a value (10000000 items within 1000 levels)"},
      {"{{ $x := printf \"%999999s\" \"\" }}{{ range 1000000 }}{{ $y := len $x }}{{ end }}",
       "exceeded maximum number of steps (10000000)"},
  };
  for (const auto& [text, want] : cases) {
    DYNAMIC_SECTION(text) {
      const Expansion result = expand(text, {}, 0, context());
      CHECK_THAT(result.text, Catch::Contains(want));
      CHECK(result.failed);
    }
  }
  CHECK(expand("{{ $x := args 1 }}{{ range 900 }}{{ $x = args $x }}{{ end }}ok", {}, 0, context())
            .text == "ok");
}

TEST_CASE("templates are checked before they are used") {
  CHECK(check_template("n", "{{ $labels.a }} {{ query \"x\" }} {{ now }}").has_value());
  CHECK(check_template("n", "{{ $label.a }}").error().message ==
        "template: n:1: undefined variable \"$label\"");
  CHECK(check_template("n", "{{ tmpl \"a\" . }}").error().message ==
        "template: n:1: function \"tmpl\" not defined");
}

TEST_CASE("a template may call others by a computed name in html mode") {
  ExecuteOptions html;
  html.mode = Mode::html;
  const ExpandContext shared = context();
  const auto run = [&](std::string_view text) {
    const auto result = render_prometheus("t", text, Value(), shared, html);
    return result ? *result : result.error().message;
  };
  CHECK(run("{{ define \"a\" }}<b>{{ . }}</b>{{ end }}{{ $n := \"a\" }}{{ tmpl $n \"<\" }}") ==
        "<b>&lt;</b>");
  CHECK(run("{{ define \"a\" }}{{ tmpl \"a\" . }}{{ end }}{{ tmpl \"a\" 1 }}")
            .find("exceeded maximum template depth (50)") != std::string::npos);
}

}  // namespace
}  // namespace seamwatch::rules::templates
