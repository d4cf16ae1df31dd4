"""Requests to Alertmanager's API, good ones and nearly good ones, in sequences that follow from what was
answered before."""
import datetime
import json
import urllib.parse

from twins import labels

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def at(**span):
    return (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(**span)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


ODD = [None, 1, 1.5, True, "", "x", [], {}, ["a"], {"a": "b"}, [None], {"a": None}, {"a": 1}, -1, [[]], [{}], 10**30]
# An empty time is none with us; there it is 1970.
# A date alone is left out: 0.25 refuses it, newer ones take it.
TIMES = ["x", "2020-01-01T00:00:00", "2020-01-01T00:00:00Z", "2031-01-01T00:00:00.123456789Z",
         "2031-01-01T02:00:00+02:00", "2031-01-01 00:00:00Z", "0001-01-01T00:00:00Z", "2031-13-01T00:00:00Z",
         "2031-01-01T25:00:00Z", "2031-02-30T00:00:00Z", "9999-12-31T23:59:59Z", "2031-01-01T00:00:00.1Z",
         "2031-01-01T00:00Z", "20310101T000000Z", "2031-01-01T00:00:00,5Z", 0, None, True]
NAMES = ["", "a", "a_b", "__name__", "alertname"]  # others are good in Alertmanagers from 0.27 alone
VALUES = ["", "a", "ä", "x\ny", " ", "a" * 300]
URLS = ["", "http://x", "x", "::", "http://x y", "ftp://x/a", "/graph?g0.expr=up", "http://[::1", None, 1]
FLAGS = ["true", "false", "1", "0", "yes", "", "True", "t", "TRUE", "null", "f", "on", "2"]
TYPES = ["application/json"] * 12 + ["application/json; charset=utf-8", "text/plain", "", "application/xml",
                                     "application/x-www-form-urlencoded", "APPLICATION/JSON", "application/jsonx", "*/*"]
REGEXPS = ["", "a", "(", ".*", "r1|r2", "nobody", "[", "r.", "^r1$"]


class Requests:
    """next() is (method, path, body, headers); `identity` in a path or a body stands for that of a silence
    that was placed: each server has its own."""

    def __init__(self, chance):
        self._chance = chance
        self.placed = 0

    def next(self):
        chance = self._chance
        return chance.choice((self._post_alerts, self._post_alerts, self._post_silence, self._post_silence,
                              self._one_silence, self._get_alerts, self._get_alerts, self._get_groups,
                              self._get_silences, self._other))()

    def _identity(self):
        known = [f"<{number}>" for number in range(self.placed)][-6:]
        return self._chance.choice(known * 3 + [UNKNOWN])

    def _post(self, path, value):
        chance = self._chance
        text = json.dumps(value)
        if chance.random() < 0.08:
            at_letter = chance.choice([at for at, letter in enumerate(text) if letter in '{}[]:,"'])
            text = text[:at_letter] + chance.choice(["", "{", "]", '"', ",", "x", "\\", "0", " "]) + text[at_letter + 1:]
        elif chance.random() < 0.04:
            text = chance.choice(["", "null", "[]", "{}", "1", '"x"', " ", "[[]]", "[1]", "\ufeff[]"])
        return "POST", path, text, {"Content-Type": chance.choice(TYPES)}

    def _mutated(self, value, special):
        """A map with at times a key that is odd, missing or too much."""
        chance = self._chance
        if chance.random() < 0.45:
            key = chance.choice([*value, "nonsense"])
            way = chance.random()
            if way < 0.25:
                value.pop(key, None)
            elif way < 0.7 and key in special or key.endswith("At"):
                value[key] = chance.choice(special[key])
            else:
                value[key] = chance.choice(ODD)
        return value

    def _alert(self):
        chance = self._chance
        made = {"labels": labels.label_set(chance, ["a", "b", "1"]), "annotations": {"summary": "it is"}}
        if chance.random() < 0.5:
            made["startsAt"] = at(minutes=-chance.randint(0, 60))
        if chance.random() < 0.5:
            made["endsAt"] = at(minutes=chance.randint(2, 60))
        if chance.random() < 0.5:
            made["generatorURL"] = "http://prom/graph"
        odd = [{name: chance.choice(VALUES) or ("" if name else "a")}  # we keep nothing of {"": ""}
               for name in (chance.choice(NAMES) for _ in range(4))]
        return self._mutated(made, {"startsAt": TIMES, "endsAt": TIMES, "generatorURL": URLS, "labels": odd,
                                    "annotations": odd})

    def _post_alerts(self):
        return self._post("/api/v2/alerts", [self._alert() for _ in range(self._chance.choice((1, 1, 2, 3)))])

    def _post_silence(self):
        chance = self._chance
        made = labels.silence(chance, at(minutes=chance.randint(-30, 30)), at(minutes=chance.randint(31, 90)))
        if self.placed and chance.random() < 0.35:
            # A good one always: 0.25 ends the old one even where the new one is refused.
            made |= {"id": self._identity(), "matchers": [
                {"name": "alertname", "value": chance.choice("ab"), "isRegex": False, "isEqual": True}]}
            return "POST", "/api/v2/silences", json.dumps(made), {"Content-Type": "application/json"}
        if chance.random() < 0.2:
            made["matchers"][0] = self._mutated(made["matchers"][0], {"name": NAMES, "value": REGEXPS})
        elif chance.random() < 0.5:
            made = self._mutated(made, {"startsAt": TIMES, "endsAt": TIMES, "id": ["", "x", UNKNOWN],
                                        "matchers": [[], None, [{}]]})
        return self._post("/api/v2/silences", made)

    def _one_silence(self):
        chance = self._chance
        identity = chance.choice([self._identity()] * 6 + ["x", "", "1", UNKNOWN + "0", UNKNOWN.replace("-", "")])
        return chance.choice(("GET", "GET", "DELETE", "PUT")), "/api/v2/silence/" + identity, None, {}

    def _query(self, *flags):
        chance = self._chance
        query = []
        for flag in flags:
            if chance.random() < 0.3:
                query.append((flag, chance.choice(FLAGS[:4] if chance.random() < 0.7 else FLAGS)))
        for _ in range(chance.choice((0, 0, 1, 2))):
            query.append(("filter", labels.matcher_text(chance) if chance.random() < 0.8
                          else chance.choice(["", "a", "a=", "=", "{", "a=~(", "a=b,c=d"])))
        if chance.random() < 0.2:
            query.append((chance.choice(("receiver", "receiver", "nonsense")), chance.choice(REGEXPS)))
        chance.shuffle(query)
        return "?" + urllib.parse.urlencode(query) if query else ""

    def _get_alerts(self):
        return "GET", "/api/v2/alerts" + self._query("active", "silenced", "inhibited", "unprocessed"), None, {}

    def _get_groups(self):
        return "GET", "/api/v2/alerts/groups" + self._query("active", "silenced", "inhibited"), None, {}

    def _get_silences(self):
        return "GET", "/api/v2/silences" + self._query(), None, {}

    def _other(self):
        chance = self._chance
        return (chance.choice(("GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")),
                "/api/v2" + chance.choice(("/receivers", "/status", "/alerts", "/silences", "/nothing", "/alerts/",
                                           "/alerts/groups", "/silence", "/silences/x", "/receivers?x=y")), None, {})
