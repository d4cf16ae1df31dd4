#include "rules/templates/html_escaper.h"

#include <catch2/catch.hpp>

#include "rules/templates/template_engine.h"

namespace seamwatch::rules::templates {
namespace {

// Text that is declared safe, as functions of Alertmanager and Prometheus do.
const Functions& safe_functions() {
  static const Functions all = {
      {"safe",
       {{Parameter::string},
        false,
        [](const List& args) -> Result<Value> { return Value(args[0].as_string(), html_type()); }}},
      {"safeurl",
       {{Parameter::string},
        false,
        [](const List& args) -> Result<Value> { return Value(args[0].as_string(), url_type()); }}},
  };
  return all;
}

// The result in html mode, or "ERROR: " and what went wrong.
std::string run(std::string_view text) {
  const Value data(Map{{"Name", Value("world")},
                       {"List", Value(List{Value(1), Value(2), Value(3)})},
                       {"Map", Value(Map{{"b", Value("B")}, {"a", Value("A")}})},
                       {"Nil", Value()}});
  ExecuteOptions options;
  options.mode = Mode::html;
  TemplateSet set;
  if (const auto added = set.add("t", text, safe_functions()); !added) {
    return "ERROR: " + added.error().message;
  }
  const auto result = set.execute("t", data, safe_functions(), options);
  return result ? *result : "ERROR: " + result.error().message;
}

struct HtmlCase {
  std::string name;
  std::string text;
  std::string want;  // as html/template of Go 1.26 gives it
};

void check(const std::vector<HtmlCase>& cases) {
  for (const HtmlCase& c : cases) {
    DYNAMIC_SECTION(c.name) {
      INFO(c.text);
      CHECK(run(c.text) == c.want);
    }
  }
}

TEST_CASE("values are escaped for text, attributes and URLs") {
  check({
      {"text", R"h(<p>{{"<b> & '\"' +"}}</p>)h", "<p>&lt;b&gt; &amp; &#39;&#34;&#39; &#43;</p>"},
      {"nil is nothing", "[{{.Nil}}]", "[]"},
      {"stray <", "1 < 2 {{1}}", "1 &lt; 2 1"},
      {"doctype", "<!DOCTYPE html><p>", "<!DOCTYPE html><p>"},
      {"comments go", "a<!-- {{.Name}} -->b", "ab"},
      {"attribute", R"h(<p title="{{"a\"b<"}}">)h", R"h(<p title="a&#34;b&lt;">)h"},
      {"attribute in single quotes", R"h(<p title='{{"it's"}}'>)h", "<p title='it&#39;s'>"},
      {"attribute without quotes", R"h(<p title={{"a b>"}}>)h", "<p title=a&#32;b&gt;>"},
      {"empty attribute without quotes", R"h(<p title={{""}}>)h", "<p title=ZgotmplZ>"},
      {"name of an attribute", R"h(<p {{"dir"}}="x">)h", R"h(<p dir="x">)h"},
      {"unsafe name of an attribute", R"h(<p {{"onclick"}}="x">)h", R"h(<p ZgotmplZ="x">)h"},
      {"url",
       R"h(<a href="{{"http://x/a b?c=d&e"}}">)h",
       R"h(<a href="http://x/a%20b?c=d&amp;e">)h"},
      {"url that runs code", R"h(<a href="{{"javascript:x()"}}">)h", R"h(<a href="#ZgotmplZ">)h"},
      {"url scheme in capitals",
       R"h(<a href="{{"JavaScript:x()"}}">)h",
       R"h(<a href="#ZgotmplZ">)h"},
      {"url by mail", R"h(<a href="{{"mailto:a@b"}}">)h", R"h(<a href="mailto:a@b">)h"},
      {"url query", R"h(<a href="/s?q={{"a&b=c/d"}}">)h", R"h(<a href="/s?q=a%26b%3dc%2fd">)h"},
      {"url path", R"h(<a href="/s/{{"a b/c"}}">)h", R"h(<a href="/s/a%20b/c">)h"},
      {"url without quotes", R"h(<a href={{"http://x/a b"}}>)h", "<a href=http://x/a%20b>"},
      {"other attributes with urls",
       R"h(<img src="{{"javascript:x"}}" data-src="{{"javascript:x"}}" alt="{{"javascript:x"}}">)h",
       R"h(<img src="#ZgotmplZ" data-src="#ZgotmplZ" alt="javascript:x">)h"},
      {"srcset",
       R"h(<img srcset="{{"a.png 2x, javascript:x 3x"}}">)h",
       R"h(<img srcset="a.png 2x,#ZgotmplZ">)h"},
  });
}

TEST_CASE("values are escaped for scripts, styles and elements") {
  check({
      {"script string",
       R"h(<script>x = "{{"</script>'"}}";</script>)h",
       R"h(<script>x = "\u003c\/script\u003e\u0027";</script>)h"},
      {"script value", "<script>x = {{.List}};</script>", "<script>x = [1,2,3];</script>"},
      {"script number stands apart", "<script>x={{1}};</script>", "<script>x= 1 ;</script>"},
      {"script text", R"h(<script>x={{"a<b"}};</script>)h", R"h(<script>x="a\u003cb";</script>)h"},
      {"script map", "<script>x={{.Map}};</script>", R"h(<script>x={"a":"A","b":"B"};</script>)h"},
      {"script nil", "<script>x={{.Nil}};</script>", "<script>x= null ;</script>"},
      {"script regexp",
       R"h(<script>x = /{{"a.b/"}}/.test(y)</script>)h",
       R"h(<script>x = /a\.b\//.test(y)</script>)h"},
      {"script division",
       R"h(<script>x = y / {{1}} / "{{"\""}}"</script>)h",
       R"h(<script>x = y /  1  / "\u0022"</script>)h"},
      {"script template literal",
       R"h(<script>x = `{{"a`${b}"}}`</script>)h",
       R"h(<script>x = `a\u0060\u0024\u007bb\u007d`</script>)h"},
      {"event handler",
       R"h(<a onclick="f({{"x'\""}})">)h",
       R"h(<a onclick="f(&#34;x&#39;\&#34;&#34;)">)h"},
      {"event handler with a string",
       R"h(<a onclick="f('{{"x'y"}}')">)h",
       R"h(<a onclick="f('x\u0027y')">)h"},
      {"style value", R"h(<p style="color: {{"red"}}">)h", R"h(<p style="color: red">)h"},
      {"style that runs code",
       R"h(<p style="width: {{"expression(alert(1))"}}">)h",
       R"h(<p style="width: ZgotmplZ">)h"},
      {"style string",
       R"h(<style>p { font-family: "{{"a\"<b"}}" }</style>)h",
       R"h(<style>p { font-family: "a\22\3c b" }</style>)h"},
      {"style url",
       R"h(<style>p { background: url("{{"javascript:x"}}") }</style>)h",
       R"h(<style>p { background: url("#ZgotmplZ") }</style>)h"},
      {"style url that is good",
       R"h(<style>p { background: url({{"http://x/a b"}}) }</style>)h",
       "<style>p { background: url(http://x/a%20b) }</style>"},
      {"title", R"h(<title>{{"<a>"}}</title>)h", "<title>&lt;a&gt;</title>"},
      {"textarea",
       R"h(<textarea>{{"</textarea>"}}</textarea>{{"<"}})h",
       "<textarea>&lt;/textarea&gt;</textarea>&lt;"},
      {"in a loop",
       "<ul>{{range .List}}<li>{{.}}</li>{{end}}</ul>",
       "<ul><li>1</li><li>2</li><li>3</li></ul>"},
      {"attribute in a condition",
       R"h(<p{{if .Name}} title="{{.Name}}"{{end}}>{{.Name}})h",
       R"h(<p title="world">world)h"},
      {"template within an attribute",
       R"h({{define "u"}}{{.}}{{end}}<a href="/s?q={{template "u" "a&b"}}">{{template "u" "a&b"}}</a>)h",
       R"h(<a href="/s?q=a%26b">a&amp;b</a>)h"},
      {"html function at the end of a pipe", R"h({{"<" | html}})h", "&lt;"},
      {"entities in an event handler",
       R"h(<a onclick="f(&quot;{{"x\"y"}}&quot;)">)h",
       R"h(<a onclick="f(&quot;x\u0022y&quot;)">)h"},
      {"closing tag in capitals",
       R"h(<SCRIPT>{{"a"}}</SCRIPT>{{"<"}})h",
       R"h(<SCRIPT>"a"</SCRIPT>&lt;)h"},
      {"safe text",
       R"h({{safe "<b>"}} <p title="{{safe "<b>x</b>&amp;"}}">)h",
       R"h(<b> <p title="x&amp;">)h"},
      {"safe url", R"h(<a href="{{safeurl "javascript:x"}}">)h", R"h(<a href="javascript:x">)h"},
  });
}

TEST_CASE("comments of scripts and styles are left out") {
  CHECK(run("<script>a /* x */ b // c\n</script>") == "<script>a   b \n</script>");
  CHECK(run("<style>p { /* {{.Name}} */ }</style>") == "<style>p {   }</style>");
}

TEST_CASE("HTML that is left open is refused") {
  CHECK(run("<p title=\"") ==
        "ERROR: template: t: ends in a non-text context: the tag <p> is not closed");
  CHECK(run("<script>x") ==
        "ERROR: template: t: ends in a non-text context: <script> is not closed");
  CHECK(run("<!-- x") ==
        "ERROR: template: t: ends in a non-text context: an HTML comment is not closed");
}

}  // namespace
}  // namespace seamwatch::rules::templates
