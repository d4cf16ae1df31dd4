"""Values to put where a key of an Alertmanager file stands: right ones, and those on either side of
right."""


class Raw(str):
    """A scalar that is written as it stands: no quotes, so YAML gives it its type."""


DURATIONS = ["0s", "5m", "1h30m", "1.5h", "5", "5 m", "-5m", "1d", "1w", "1y", "1M", "10ms", "", "1m30",
             "1h1h", "30m1h", Raw("5"), Raw("0"), "0", "inf", "9999y", "300y", "1y2w3d4h5m6s7ms", " 5m",
             "5m ", "1us", "1h 5m", Raw("5m"), Raw("1.5"), Raw("~"), "0m", "00005m", "5µs"]
REGEXPS = ["^(a|b)$", "(", "a{1001}", "a{1000}", "[[:alpha:]]", "(?i)x", r"\d+", r"\pL", "(?P<n>x)", "*",
           "a**", "x{2,1}", r"\C", "(?=a)", r"\Q*\E", "[a-", "", "a|", "()", ")", r"\8", r"\x{41}",
           "(?U)a+", r"\p{Greek}", r"\p{Nonsense}", "(?s).", "[]a]", "[^]", "a{,2}", "{", "}", "a{2}{3}",
           r"\z", r"\Z", r"\A", "((a{100}){100}){100}", "(?P<n>x)(?P<n>y)", r"[\d-z]", "+", "a++", "^*",
           r"\b", "(?i", "(?m)^a$", "\\", r"\.", "ä+", Raw("1"), Raw("true"), Raw("~"), r"\uabcd", "$^"]
MATCHERS = ["a=b", 'a="b"', 'a=~"b.*"', "a!=b", 'a!~"b"', "a = b", '{a="b"}', '{a="b",c="d"}', 'a="b',
            'a=b"', "a==b", "=b", "a", "a=", 'a=""', '"a"="b"', "ä=b", "a.b=c", "1a=b", 'a=~"("', "",
            r'a="\"x"', r'a="\n"', "a='b'", 'a="b",c="d"', "a=b,", ",", "{}", "{a=b", "a=b}", "a=~",
            'a=~".+"', "a!b", "a=b=c", r"a=\d", r'a="\d"', r'a=~"\d+"', r"a=~\d+", "a=b c", "a=b,c=d,",
            "{,}", "{a=b,}", " a=b ", "a=~b|c", "a=*", "a=~*", 'a=~"x{1001}"', "a-b=c", "a:b=c", "_=x",
            "a<b", "a=>b", 'a="b" ', "a=b\n", 'a=~"^(a|b)$"', "a=\u00a0b", 'a="ü"', "a=[b]", "a=(b)",
            "a={b}", 'foo="bar"baz', "'a'=b", "`a`=b", 'a=`b`', Raw("1"), Raw("~"), Raw("{a: b}"),
            Raw("[a=b]"), r'a="\u00e4"', r'a="\x41"', r'a="\\"', 'a="b\\"', "a!=~b", "a=~!b", "🙂=x", 'a=🙂']
TIMES = ["00:00", "24:00", "24:01", "9:00", "09:60", "25:00", "", Raw("900"), "17:00", "23:59", "12:5",
         "12:00:00", "1200", "-1:00", " 08:00", "08:00 "]
WEEKDAYS = ["monday", "mon", "mon:fri", "monday:friday", "saturday:sunday", "sunday:saturday", "Monday",
            "monday:", "7", "0", "friday:tuesday", "monday:monday", "", ":", "monday:tuesday:friday",
            Raw("1"), "MONDAY:Friday", " monday", "tues", "1:5", "monday : friday"]
DAYS = ["1", "31", "32", "0", "-1", "-31", "-32", "1:5", "5:1", "-3:-1", "-1:-3", "1:-1", "-1:1", "a",
        "10:-25", "20:-5", "5:-28", Raw("1"), "1:", "", "31:31", "1:32", "-5:5", "+1", "01", "1.5",
        Raw("-1")]
MONTHS = ["january", "jan", "1", "13", "0", "1:3", "3:1", "December", "december:january", "january:march",
          "may", "may:june", "", "1:march", "-1", Raw("5"), "jan:mar", "12:12", "MAY:June", "01"]
YEARS = ["2020", "2020:2021", "2021:2020", "-1", "0", "abc", "20200", Raw("2020"), "2020:", "", "2020:2020",
         "2020.5", "1:99999"]
LOCATIONS = ["UTC", "Local", "Europe/Berlin", "Mars/Phobos", "", "EST", "CET", "US/Pacific", "../etc/passwd",
             "/etc/localtime", "Etc/GMT+5", Raw("1"), Raw("~"), "Asia/Kolkata", "local"]
URLS = ["http://x", "https://x/", "x", "", "ftp://x", "http://", "http://a b", "http://x:99999",
        "http://[::1]:80/", "//x", "http://x/%zz", "mailto:x", "HTTP://x", "http://x:abc/", "http://[::1",
        "http://x?q=a b", "http://ä.example/", "http://user:pw@x/", "<secret>", ":", "http:x", "/x",
        "http:///x", Raw("1"), Raw("~"), Raw("[]"), "http://x\n", " http://x", "http://x y/", "http://x:",
        "http://x#f", "https://x:443/a/b?c=d", "http://x/\t", "http://%41/", "http://x:-1"]
HOSTS = ["h:25", "h", "h:", "[::1]:25", "h:25:26", ":25", "h:abc", Raw("25"), "h:0", "h:99999", "", "::1:25",
         Raw("~"), "h :25", "localhost:smtp", "[::1]", "[h]:25"]
FLAGS = [Raw("true"), Raw("false"), Raw("yes"), Raw("no"), Raw("on"), Raw("off"), "true", Raw("1"), Raw("0"),
         Raw("y"), Raw("n"), Raw("~"), Raw("True"), Raw("TRUE"), Raw("tRue"), Raw("Yes"), "", Raw("[]"),
         Raw("{}"), Raw("truth"), Raw("False"), Raw("OFF")]
NUMBERS = [Raw("0"), Raw("1"), Raw("-1"), Raw("1.5"), Raw("1e3"), Raw("0x10"), Raw("010"), "1", "a",
           Raw("99999999999999999999"), Raw("~"), Raw("1_000"), Raw("0b11"), Raw("+5"), Raw("2147483648"),
           Raw(".inf"), Raw("1.0"), Raw("0o7"), Raw("[]"), Raw("true"), ""]
LABELS = ["...", "a", "a-b", "", "ä", "1a", "a.b", "a b", Raw("1"), Raw("~"), Raw("true"), "alertname",
          "__name__", Raw("[a]"), Raw("{a: b}"), "cluster", "x:y", Raw("1.5"), Raw("2020-01-01")]
ADDRESSES = ["a@b", "a", "", '{{ template "x" . }}', "{{ .X", "A <a@b>", "a@b, c@d", Raw("1"), Raw("~"),
             Raw("[a@b]"), "{{ .CommonLabels.mail }}"]
TEXTS = ["text", "", "{{ .Status }}", "{{ .Status", "{{ nonsense }}", '{{ template "none" . }}', Raw("1"),
         Raw("~"), Raw("true"), Raw("[]"), Raw("{}"), Raw("1.5"), Raw("[a, b]"), Raw("{a: b}"), "ä", "a\nb",
         "{{ range .Alerts }}x", Raw("2020-01-01"), Raw("0x1F"), Raw("yes")]
NODES = [Raw("~"), Raw("[]"), Raw("{}"), Raw("text"), Raw("1"), Raw("''"), Raw("[~]"), Raw("{a: b}"),
         Raw("[a]"), Raw("true"), Raw("[[]]"), Raw("[{}]"), Raw("{~: ~}"), Raw("[1, 2]"), Raw("1.5"),
         Raw("!!str 5"), Raw("!!map {}"), Raw("!!int '5'"), Raw("!own x"), Raw("<secret>")]
SECRETS = ["s", "", "<secret>", Raw("~"), Raw("1"), Raw("{}"), Raw("true"), "a b"]
FILES = ["/none", "", "x", Raw("~"), Raw("1"), Raw("[]")]
VERSIONS = ["TLS12", "TLS13", "TLS10", "TLS14", "tls12", "", Raw("1.2"), Raw("~")]
TYPES = ["Bearer", "bearer", "Basic", "basic", "", "Token", Raw("~"), Raw("1"), " Bearer"]

BY_KEY = {
    "group_wait": DURATIONS, "group_interval": DURATIONS, "repeat_interval": DURATIONS,
    "resolve_timeout": DURATIONS, "retry": DURATIONS, "expire": DURATIONS,
    "match": REGEXPS, "match_re": REGEXPS, "source_match_re": REGEXPS, "target_match_re": REGEXPS,
    "source_match": TEXTS, "target_match": TEXTS, "labels": TEXTS,
    "matchers": MATCHERS, "source_matchers": MATCHERS, "target_matchers": MATCHERS, "equal": LABELS,
    "start_time": TIMES, "end_time": TIMES, "weekdays": WEEKDAYS, "days_of_month": DAYS, "months": MONTHS,
    "years": YEARS, "location": LOCATIONS, "smarthost": HOSTS, "smtp_smarthost": HOSTS, "to": ADDRESSES,
    "from": ADDRESSES, "smtp_from": ADDRESSES, "group_by": LABELS, "min_version": VERSIONS,
    "max_version": VERSIONS, "type": TYPES, "name": LABELS, "receiver": LABELS, "scopes": TEXTS,
}


def pool(key, value):
    """What may stand at `key`, where `value` stands now."""
    if key in BY_KEY:
        return BY_KEY[key]
    if key.endswith("_file") or key == "templates":
        return FILES
    if key.endswith("url") or key.startswith("url"):
        return URLS
    if key in ("send_resolved", "continue", "html", "link_names") or value in ("true", "false"):
        return FLAGS
    if isinstance(value, Raw):
        return NUMBERS
    if any(word in key for word in ("password", "secret", "token", "_key", "credentials")):
        return SECRETS
    return TEXTS
