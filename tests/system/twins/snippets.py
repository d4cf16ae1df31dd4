"""Random Go templates over the data of a notice, with Alertmanager's functions; now and then a broken one."""

TEXTS = ['"a b"', '"Ab,cD"', '""', '"x<y>&\'"', "`r\\w`", '"ä ö"', ".Receiver", ".Status", ".ExternalURL",
         ".CommonLabels.alertname", ".GroupLabels.none", "$.Status", '"1.5"', ".CommonAnnotations.summary", '" t "']
NUMBERS = ["0", "1", "2", "-1", "1.5", "len .Alerts", "len .CommonLabels", "0x1F", "1e3", "'a'"]
LISTS = [".Alerts", ".Alerts.Firing", ".Alerts.Resolved", ".CommonLabels.SortedPairs", ".CommonLabels", ".GroupLabels",
         ".CommonLabels.Names", ".CommonLabels.Values", "(stringSlice \"a\" \"b\")", ".CommonAnnotations", "(.CommonLabels.Remove (stringSlice \"team\"))"]
FORMATS = ["%s", "%v", "%d", "%q", "%5s|", "%-5s|", "%x", "%T", "%05d", "%.2f", "%t", "%%", "%+v", "%c", "%U", "%e", "%g", "%s %s", "%[1]s", "%*d", "%!"]


class Snippets:
    def __init__(self, chance):
        self._chance = chance

    def next(self):
        text = "".join(self._node(0) for _ in range(self._chance.randint(1, 3)))
        if self._chance.random() < 0.08:
            at = self._chance.randrange(len(text) + 1)
            text = text[:at] + self._chance.choice(list("{}().|\"$-= ") + ["{{", "}}", "end"]) + text[at + self._chance.randint(0, 1):]
        return text

    def _text(self, depth):
        chance = self._chance
        if depth > 2 or chance.random() < 0.5:
            return chance.choice(TEXTS)
        return "(" + self._call(depth + 1) + ")"

    def _call(self, depth):
        chance = self._chance
        return chance.choice((
            lambda: f"{chance.choice(('toUpper', 'toLower', 'title', 'html', 'js', 'urlquery', 'print', 'println', 'safeHtml', 'len', 'not'))} {self._text(depth)}",
            lambda: f'reReplaceAll "{chance.choice(("a", "(.)b", "[", "^", "b*", "(?P<n>a)", "x|"))}" "{chance.choice(("z", "$1", "${n}", "", "$$"))}" {self._text(depth)}',
            lambda: f'match "{chance.choice(("a", "^a.b$", "(", "[A-Z]", ""))}" {self._text(depth)}',
            lambda: f'join "{chance.choice((", ", ""))}" {chance.choice(("(stringSlice `a` `b`)", ".CommonLabels.Values", ".CommonLabels.Names", "(stringSlice)"))}',
            lambda: f'printf "{chance.choice(FORMATS)}" {chance.choice((self._text(depth), chance.choice(NUMBERS), "true", ".Alerts.Firing"))}'.replace("len .", "1 "),
            lambda: f"{chance.choice(('eq', 'ne', 'lt', 'le', 'gt', 'ge'))} {self._text(depth)} {self._text(depth)}",
            lambda: f"{chance.choice(('and', 'or'))} {self._text(depth)} {self._text(depth)}",
            lambda: f"index {chance.choice(('.CommonLabels', '.GroupLabels', '.Alerts', '(stringSlice `a` `b`)'))} {chance.choice(('0', '1', '9', '`alertname`', '`none`'))}"
                    .replace(".Alerts 0", ".CommonLabels `team`").replace(".Alerts 1", ".CommonLabels `team`"),
            lambda: f"slice {self._text(depth)} {chance.choice(('0', '1', '1 2', '0 99', '2 1'))}",
            lambda: f"len {chance.choice(LISTS)}", lambda: f"{self._text(depth)} | {chance.choice(('toUpper', 'title', 'printf `%q`', 'len', 'html', 'print'))}",
        ))()

    def _condition(self, depth):
        chance = self._chance
        return chance.choice((self._text(depth), chance.choice(LISTS), "(" + self._call(depth + 1) + ")", "true", "0", "nil"))

    def _node(self, depth):
        chance = self._chance
        left, right = chance.choice(("", "", "", "- ")), chance.choice(("", "", "", " -"))
        way = chance.random()
        if way < 0.3 or depth > 3:
            return chance.choice(("x", " ", "\n", "a b ", "<b>"))
        if way < 0.6:
            return f"{{{{{left}{self._call(depth)}{right}}}}}"
        if way < 0.68:
            return f"{{{{{left}$v := {self._text(depth)}{right}}}}}{{{{ $v }}}}"
        inner = "".join(self._node(depth + 1) for _ in range(chance.randint(1, 2)))
        other = f"{{{{ else{chance.choice(('', ' if true'))} }}}}y" if chance.random() < 0.4 else ""
        if way < 0.8:
            return f"{{{{{left}if {self._condition(depth)} }}}}{inner}{other}{{{{ end{right}}}}}"
        if way < 0.93:
            each = chance.choice(("{{ . }}", "{{ .Name }}={{ .Value }}", "{{ $k }}:{{ $e }}", "{{ .Labels.alertname }}", "{{ .Status }}", "i"))
            names = "$k, $e := " if "$k" in each else ""
            return f"{{{{{left}range {names}{chance.choice(LISTS)} }}}}{each}{{{{ end }}}}"
        return f"{{{{ with {self._condition(depth)} }}}}{{{{ . }}}}{inner}{{{{ end{right}}}}}"
