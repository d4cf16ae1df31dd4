#!/usr/bin/env python3
"""Random Alertmanager files: `seamwatch check notify` says good where amtool does."""
import os
import pathlib
import unittest

from harness import runner
from harness.workspace import make_folder
from twins.check_notify import amtool, ours
from twins.compare import Comparison, Known, chance, times
from twins.config_files import ConfigFiles

GOOD = "^good$"
NEWER = (r"(labels|tracing|event_recorder|(mattermost|rocketchat|msteams|msteamsv2|jira|incidentio)_\w+"
         r"|wechat_api_secret_file|telegram_bot_token(_file)?|smtp_force_implicit_tls|slack_app_\w+"
         r"|smtp_auth_secret_file|smtp_tls_config|name)")
KNOWN = [
    Known("newer keys", "Alertmanagers after 0.25 have them",
          rf"^yaml: unmarshal errors:(\n  line \d+: field {NEWER} not found in type \S+)+$", GOOD),
    Known("UTF-8 names", "Alertmanagers from 0.27 take any text as the name of a label",
          "invalid label name|is not a valid label name|bad matcher format", GOOD),
    Known("no client secret", "newer ones have other grants, and need none",
          "either oauth2 client_secret or client_secret_file", GOOD),
    Known("nested details", "newer ones take any value in `details` of PagerDuty",
          "cannot unmarshal !!.* into (string|map.string.string)$", GOOD, "details"),
    Known("nothing in a list", "an item that is nothing is a mistake that we say; there it is an empty one",
          GOOD, "must be a list of texts|must be a single value|missing (type|title) in Slack|missing name in "
          "time interval|has no .start_time|. is not a header name", "~|- '"),
    Known("addresses that cannot be reached", "Go parses them, and fails when it sends", GOOD,
          "is not an http or https address|proxy_url is not an address|token_url must be configured",
          r"(proxy|token)_url|-> .*<secret>|-> \[' +- "),
    Known("other notations of a number", "digits alone say it", GOOD,
          "must be a whole number|is not a valid day of the month|missing chat_id",
          r"-> .*(0b11|1_000|\+5|\+1|0x10|0o7|1\.0|1\.5|1e3)"),
    Known("YAML readers", "Go's takes no tab on an empty line, no control character, no %YAML alone, no "
          "anchor on a line of its own",
          "cannot start any token|control characters|expected <document start>|find expected ':'", GOOD),
    Known("a global address that is nothing", "it takes away the default there", "no global .* URL",
          GOOD, "_url.*: .* -> ~"),
    Known("an authorization type of odd letters", "it goes into a header, which is broken then", GOOD,
          "authorization type must be a single word", "type"),
]


def published():
    """Texts of the published files that amtool finds good."""
    folder = pathlib.Path(os.environ.get("SEAMWATCH_CONFORMANCE") or "/nonexistent") / "alertmanager/config"
    paths = sorted(folder.glob("*.yml"))
    verdicts = amtool(paths)
    return [path.read_text(encoding="utf-8") for path in paths if verdicts[str(path)] == "good"]


class TwinConfigTest(unittest.TestCase):
    def test_files(self):
        files = ConfigFiles(chance("files"), published())
        folder = make_folder("twin-config")
        paths = [folder / f"{number}.yml" for number in range(times(2500))]
        changes = {}
        for path in paths:
            text, changes[str(path)] = files.next()
            path.write_text(text, encoding="utf-8", newline="")
        theirs, own = amtool(paths), ours(paths)
        comparison = Comparison("check notify", KNOWN)
        for path in map(str, paths):
            verdicts = theirs.get(path, "no verdict"), own.get(path, "no verdict")
            same = (verdicts[0] == "good") == (verdicts[1] == "good") and "no verdict" not in verdicts
            comparison.add(changes[path], *verdicts, same,
                           f"files that are {'good' if verdicts[0] == 'good' else 'bad'}")
        comparison.finish(self)


if __name__ == "__main__":
    runner.main()
