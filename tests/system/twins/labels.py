"""Label sets, matchers and route trees over a few names and values, so that they meet often."""

NAMES = ["alertname", "severity", "team", "cluster", "node"]
VALUES = ["a", "b", "ab", "abc", "A", "", "1", "a b", "ä", "x\ny", "a.b", "a|b", 'a"b', "a\\b", "🙂"]
REGEXPS = ["a", "a|b", "a.*", ".*", ".+", "", "[ab]+", "(a|b)c?", "a?", ".", "..", "^a$", "^(a|b)$", "a$|^b",
           "(?i)a", "[^a]", "\\w+", "\\d", "a\\.b", "a.b", ".*b", "x.y", "(?s)x.y", "x\\ny", "ä", "\\pL+", "b*", "|a",
           "a{2}", "(a)(b)", "\\S+", "a\\|b", "[a-c]{1,3}", "(?:a|ab)(?:c|)", "\\x61", "🙂|ä", "A|1"]


def label_set(chance, values=None):
    """Without labels that are empty."""
    found = {name: chance.choice(values or VALUES) for name in NAMES if chance.random() < 0.6}
    found = {name: value for name, value in found.items() if value}
    return {**found, "alertname": found.get("alertname", "a")}


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def matcher(chance):
    """(name, operator, value)."""
    operator = chance.choice(("=", "=", "!=", "=~", "=~", "!~"))
    return chance.choice(NAMES), operator, chance.choice(REGEXPS if "~" in operator else VALUES)


def matcher_text(chance):
    name, operator, value = matcher(chance)
    return f"{name}{operator}{quoted(value)}"


def route(chance, receivers, depth=0):
    """A route below the root, in all spellings of what it matches."""
    made = {}
    if chance.random() < 0.8:
        made["receiver"] = chance.choice(receivers)
    if chance.random() < 0.4:
        made["match"] = {chance.choice(NAMES): chance.choice(VALUES) for _ in range(chance.randint(1, 2))}
    if chance.random() < 0.4:
        made["match_re"] = {chance.choice(NAMES): chance.choice(REGEXPS) for _ in range(chance.randint(1, 2))}
    if chance.random() < 0.5:
        made["matchers"] = [matcher_text(chance) for _ in range(chance.randint(1, 2))]
    if chance.random() < 0.4:
        made["continue"] = chance.random() < 0.8
    if chance.random() < 0.3:
        # An empty list is apart: it takes away the parent's labels in Alertmanagers after 0.25 alone.
        made["group_by"] = chance.choice((["..."], ["alertname"], ["team", "node"]))
    if depth < 3 and chance.random() < 0.6:
        made["routes"] = [route(chance, receivers, depth + 1) for _ in range(chance.randint(1, 4))]
    return made


def config(chance, **more):
    """A file with a random tree of routes to receivers that tell nobody."""
    receivers = [f"r{number}" for number in range(6)]
    return {"route": {"receiver": "root", "group_by": chance.choice((["alertname"], ["..."], [], NAMES[1:4])),
                      "group_wait": "0s", "group_interval": "1s", "repeat_interval": "4h",
                      "routes": [route(chance, receivers) for _ in range(chance.randint(1, 5))]},
            "receivers": [{"name": name} for name in ["root", *receivers]], **more}


def inhibit_rule(chance):
    def side(kind):
        way = chance.random()
        if way < 0.4:
            return {f"{kind}_matchers": [matcher_text(chance) for _ in range(chance.randint(1, 2))]}
        if way < 0.7:
            return {f"{kind}_match": {chance.choice(NAMES): chance.choice(VALUES)}}
        return {f"{kind}_match_re": {chance.choice(NAMES): chance.choice(REGEXPS)}}
    return {**side("source"), **side("target"), "equal": chance.sample(NAMES, chance.randint(0, 2))}


def silence(chance, starts_at, ends_at):
    made = []
    for _ in range(chance.randint(1, 2)):
        name, operator, value = matcher(chance)
        made.append({"name": name, "value": value, "isRegex": "~" in operator, "isEqual": operator[0] == "="})
    return {"matchers": made, "startsAt": starts_at, "endsAt": ends_at, "createdBy": "me", "comment": "why"}
