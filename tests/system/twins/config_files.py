"""Alertmanager files that are nearly right: whole ones with a part or two of them changed."""
import json

import yaml

from twins.pools import NODES, Raw, pool

HTTP = {"basic_auth": {"username": "u", "password": "p"}, "proxy_url": "http://proxy:80",
        "follow_redirects": Raw("true"), "enable_http2": Raw("true"),
        "tls_config": {"server_name": "x", "insecure_skip_verify": Raw("true"), "min_version": "TLS12"}}
OAUTH = {"oauth2": {"client_id": "i", "client_secret": "s", "token_url": "http://x/t", "scopes": ["a"],
                    "endpoint_params": {"a": "b"}}}
BEARER = {"authorization": {"type": "Bearer", "credentials": "c"}}
WHOLE = {
    "global": {"resolve_timeout": "5m", "smtp_from": "a@b", "smtp_smarthost": "h:25", "smtp_hello": "h",
               "smtp_auth_username": "u", "smtp_auth_password": "p", "smtp_auth_identity": "i",
               "smtp_auth_secret": "s", "smtp_require_tls": Raw("true"), "slack_api_url": "http://x/s",
               "pagerduty_url": "http://x/p", "opsgenie_api_key": "k", "opsgenie_api_url": "http://x/o",
               "victorops_api_key": "k", "victorops_api_url": "http://x/v", "http_config": HTTP},
    "templates": ["/none/*.tmpl"],
    "route": {"receiver": "one", "group_by": ["alertname", "cluster"], "group_wait": "30s",
              "group_interval": "5m", "repeat_interval": "3h", "routes": [
                  {"receiver": "two", "match": {"a": "b"}, "match_re": {"c": "d|e"},
                   "continue": Raw("true"), "mute_time_intervals": ["night"]},
                  {"matchers": ['a="b"', "c=~d|e"], "active_time_intervals": ["work"], "group_by": ["..."],
                   "routes": [{"matchers": ["x!=y"], "receiver": "three", "group_wait": "1s"}]}]},
    "inhibit_rules": [{"source_match": {"a": "b"}, "target_match_re": {"c": "d"}, "equal": ["e"]},
                      {"source_matchers": ['s="c"'], "target_matchers": ['s=~"w|i"'], "equal": ["e", "f"]}],
    "mute_time_intervals": [{"name": "night", "time_intervals": [
        {"times": [{"start_time": "22:00", "end_time": "24:00"}], "weekdays": ["monday:friday", "sunday"]}]}],
    "time_intervals": [{"name": "work", "time_intervals": [
        {"times": [{"start_time": "08:00", "end_time": "17:00"}], "weekdays": ["monday:friday"],
         "days_of_month": ["1:5", "-3:-1"], "months": ["january:march", "12"], "years": ["2020:2022"],
         "location": "Europe/Berlin"}]}],
    "receivers": [
        {"name": "one", "webhook_configs": [{"url": "http://x", "send_resolved": Raw("true"),
                                             "max_alerts": Raw("5"), "http_config": HTTP}],
         "email_configs": [{"to": "a@b", "from": "c@d", "smarthost": "h:25", "hello": "h", "html": "x",
                            "auth_username": "u", "auth_password": "p", "auth_identity": "i",
                            "text": "{{ .Status }}", "headers": {"Subject": "s"},
                            "require_tls": Raw("false"), "tls_config": {"server_name": "x"}}]},
        {"name": "two", "slack_configs": [
            {"api_url": "http://x", "channel": "#c", "title": "t", "short_fields": Raw("true"),
             "fields": [{"title": "t", "value": "v", "short": Raw("true")}],
             "actions": [{"type": "button", "text": "t", "url": "http://x",
                          "confirm": {"text": "sure"}}], "mrkdwn_in": ["text"], "http_config": OAUTH}],
         "pagerduty_configs": [{"routing_key": "k", "details": {"a": "b"}, "severity": "error",
                                "images": [{"src": "s"}], "links": [{"href": "h"}]}],
         "opsgenie_configs": [{"api_key": "k", "details": {"a": "b"}, "update_alerts": Raw("true"),
                               "responders": [{"name": "n", "type": "team"}], "http_config": BEARER}]},
        {"name": "three", "victorops_configs": [{"api_key": "k", "routing_key": "r",
                                                 "custom_fields": {"a": "b"}}],
         "pushover_configs": [{"user_key": "u", "token": "t", "priority": "1", "retry": "1m",
                               "expire": "1h", "html": Raw("true")}],
         "wechat_configs": [{"api_secret": "s", "corp_id": "c", "message_type": "text"}],
         "sns_configs": [{"topic_arn": "t", "sigv4": {"region": "r", "access_key": "a",
                                                      "secret_key": "s"}}],
         "telegram_configs": [{"bot_token": "t", "chat_id": Raw("1"), "parse_mode": "HTML"}],
         "discord_configs": [{"webhook_url": "http://x"}],
         "webex_configs": [{"room_id": "r", "http_config": BEARER}]}],
}
SMALL = {"route": {"receiver": "a", "routes": [{"matchers": ['x="y"'], "receiver": "b"}]},
         "receivers": [{"name": "a"}, {"name": "b", "webhook_configs": [{"url": "http://x"}]}]}


LINES = ("---", "...", "\t", "%YAML 1.1", "# ü", "x", "- x", "x:", "&a", "*a", "<<: {a: b}", "? x", "x: y: z", '"',
         "{", "]", "|", "@x", "x: `y`", "a: &b c", "'a': b", "x: 'it's'", "? [a]\n: b")
LETTERS = " \t:-#'\"[]{},&*!|>%@`~\\ä.\x00\x1b"


def written(node):
    """As YAML in flow style, in which a Raw stands as it is."""
    if isinstance(node, Raw):
        return str(node)
    if isinstance(node, dict):
        return "{" + ", ".join(f"{written(key)}: {written(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(map(written, node)) + "]"
    return json.dumps(node, ensure_ascii=False)


def document(tree):
    """The file: a top key a line."""
    return "".join(f"{written(key)}: {written(value)}\n" for key, value in tree.items())


def raw(node):
    """What PyYAML has read, with scalars that are no texts as they are written."""
    if isinstance(node, dict):
        return {str(key): raw(value) for key, value in node.items()}
    if isinstance(node, list):
        return [raw(item) for item in node]
    if node is None or isinstance(node, (bool, int, float)):
        return Raw(json.dumps(node))
    return str(node)


def copied(node):
    if isinstance(node, dict):
        return {key: copied(value) for key, value in node.items()}
    return [copied(item) for item in node] if isinstance(node, list) else node


def places(node, key=""):
    """(container, index, key that rules there) of each node."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for index, value in items:
        rules = key if isinstance(index, int) or key in MAPS else index
        yield node, index, rules
        if isinstance(value, (dict, list)):
            yield from places(value, rules)


MAPS = ("match", "match_re", "source_match", "target_match", "source_match_re", "target_match_re", "labels",
        "headers", "details", "custom_fields", "endpoint_params")


class ConfigFiles:
    def __init__(self, chance, published=()):
        """`chance` is a random.Random; `published`: texts of further files to start from."""
        self._chance = chance
        self._trees = [WHOLE] * 6 + [SMALL] * 2
        self._texts = [yaml.safe_dump(yaml.safe_load(document(WHOLE)), sort_keys=False)]
        for text in published:
            try:
                tree = yaml.safe_load(text)
            except yaml.YAMLError:
                continue
            if isinstance(tree, dict):
                self._trees.append(raw(tree))
                self._texts.append(text)

    def next(self):
        """The text of a file, and what was changed in it."""
        if self._chance.random() < 0.2:
            return self._lines()
        tree = copied(self._chance.choice(self._trees))
        changes = [self._change(tree) for _ in range(self._chance.choice((1, 1, 1, 1, 1, 2)))]
        return document(tree), "; ".join(changes)

    def _change(self, tree):
        """Changes one place, and says which and how."""
        chance = self._chance
        found = list(places(tree))
        if not found:
            return "nothing"
        node, index, key = chance.choice(found)
        before = written(node[index])
        self._change_at(found, node, index, key)
        there = index in node if isinstance(node, dict) else index < len(node)
        return f"{key}[{index}]: {before} -> {written(node[index] if there else node)}"

    def _change_at(self, found, node, index, key):
        chance = self._chance
        value = node[index]
        way = chance.random()
        if not isinstance(value, (dict, list)) and way < 0.9:
            node[index] = chance.choice(pool(key, value))
        elif way < 0.15:
            node[index] = chance.choice(NODES)
        elif way < 0.3:
            del node[index]
        elif way < 0.45:
            more = chance.choice(found)
            node[index] = copied(more[0][more[1]])
        elif way < 0.6 and isinstance(value, list):
            value.insert(chance.randrange(len(value) + 1),
                         copied(chance.choice(value)) if value and chance.random() < 0.5
                         else chance.choice(pool(key, "")))
        elif way < 0.8 and isinstance(value, dict):
            value[chance.choice(("nonsense", *(str(place[1]) for place in found)))] = chance.choice(NODES)
        elif isinstance(node, dict):
            other = chance.choice(found)
            node[str(other[1])] = node.pop(index)
        else:
            node[index] = chance.choice(NODES)

    def _lines(self):
        """A text as people write it, with a line of it wrong."""
        chance = self._chance
        lines = chance.choice(self._texts).splitlines()
        at = chance.randrange(len(lines))
        line = lines[at]
        letter = chance.randrange(len(line) + 1)
        lines[at:at + 1] = chance.choice((
            lambda: [], lambda: [line, line], lambda: [" " * chance.randint(1, 3) + line],
            lambda: [line[chance.randint(1, 3):]], lambda: [chance.choice(LINES), line],
            lambda: [line[:letter] + chance.choice(LETTERS) + line[letter:]],
            lambda: [line[:letter] + line[letter + 1:]], lambda: [chance.choice(lines)]))()
        end = chance.choice(("\n", "\n", "\n", "\r\n"))
        return end.join(lines) + end, f"line {at + 1}: {line!r} -> {lines[at:at + 2]!r}"
