#!/usr/bin/env python3
"""Random PromQL, instant and over a range, on the same samples: the agent answers what a real Prometheus
does. Debian's is 2.42: what 3 sees differently is not asked, or known."""
import json
import math
import time
import unittest
import urllib.parse

from harness import runner
from harness.agent import Agent
from harness.fetch import fetch
from harness.prometheus import Prometheus
from twins import remote_write
from twins.compare import Comparison, Known, chance, times
from twins.expressions import Expressions

STEP_MS = 15_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
KNOWN = [
    Known("deviations of what is no number", "3 says NaN where 2.42 says 0 or leaves it out", "^200", "^200.*NaN", "std(dev|var)"),
    Known("dates of what is no time", "what Go makes of NaN and infinities is not defined",
          "^200", "^200", r"(minute|hour|day_of_week|days_in_month|month|year)\("),
    Known("atan2 with a number", "2.42 keeps the name of the metric, 3 does not", "^200", "^200", "atan2"),
    Known("colons in names of labels", "3 takes any text as the name of a label", "in grouping opts, expected label"),
    Known("UTF-8 names", "3 takes any text as the name of a label", "invalid (destination|source) label name"),
    Known("numbers as durations", "3 has them", "expected duration|bad number or duration", "^200"),
    Known("a plus before an offset", "3 has it", "^400", "^200", r"offset *\+"),
]


def series(random, start_ms, count):
    """Samples between the full quarters of a minute, with gaps, resets and odd values."""
    made = []
    for metric in ("m", "n", "c_total"):
        for a in ("x", "y", "z", ""):
            for b in ("x", "y", ""):
                if random.random() < 0.3:
                    continue
                value, samples = float(random.randint(5000, 9000) if metric == "c_total" else random.randint(-3, 10)), []
                for number in range(count):
                    if metric == "c_total":
                        # Far from zero, where 3 extrapolates otherwise.
                        value = 5000.0 if random.random() < 0.02 else abs(value) + random.choice((0, 1, 2.5, 7))
                    else:
                        value = random.choice((value, value + 1, float(random.randint(-5, 5)), 0.25, 1e6))
                    if random.random() > 0.05 and not 80 < number < 110:
                        odd = metric == "n" and random.random() < 0.02
                        samples.append((start_ms + number * STEP_MS + 7_000,
                                        random.choice((math.nan, math.inf, -math.inf)) if odd else value))
                labels = {"__name__": metric, "job": "j", "a": a, "b": b}
                made.append(({name: text for name, text in labels.items() if text}, samples))
    for a in ("x", "y"):
        counts = [5000] * 5
        rows = []
        for number in range(count):
            for bucket in range(random.randint(0, 4), 5):
                counts[bucket] += random.randint(0, 3)
            rows.append(sorted(counts))
        for bucket, le in enumerate(("0.1", "0.5", "1", "5", "+Inf")):
            made.append(({"__name__": "h_bucket", "a": a, "le": le},
                         [(start_ms + number * STEP_MS + 7_000, float(row[bucket])) for number, row in enumerate(rows)]))
    return made


def near(one, other):
    one, other = float(one), float(other)
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other or abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1e-3)


def same(theirs, ours):
    """Whether two answers say the same: errors by kind, values but for the last digits."""
    if theirs.status != ours.status:
        return False
    theirs, ours = theirs.json, ours.json
    if theirs["status"] != "success":
        return theirs["errorType"] == ours["errorType"]
    theirs, ours = theirs["data"], ours["data"]
    if theirs["resultType"] != ours["resultType"]:
        return False
    if theirs["resultType"] in ("scalar", "string"):
        return near(theirs["result"][1], ours["result"][1])
    points = [{json.dumps(each["metric"], sort_keys=True): each.get("values") or [each["value"]]
               for each in side["result"]} for side in (theirs, ours)]
    return points[0].keys() == points[1].keys() and all(
        len(values) == len(points[1][key]) and all(
            one[0] == other[0] and near(one[1], other[1]) for one, other in zip(values, points[1][key]))
        for key, values in points[0].items())


class TwinPromqlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ours = Agent({}, web={"remote_write_receiver": {"enabled": True}})
        cls.addClassCleanup(cls.ours.stop)
        cls.theirs = Prometheus(cls.ours.address, writable=True)
        cls.addClassCleanup(cls.theirs.stop)

    def test_expressions(self):
        random = chance("promql")
        end = int(time.time()) // 60 * 60
        body = remote_write.request(series(random, (end - 3600) * 1000, 240))
        for url in (self.theirs.url, self.ours.url):
            answer = fetch(url + "/api/v1/write", "POST", body, remote_write.HEADERS, timeout=30)
            self.assertIn(answer.status, (200, 204), answer)
        expressions = Expressions(random)
        comparison = Comparison("PromQL", KNOWN)
        for number in range(times(1200)):
            text = expressions.next()
            form = {"query": text}
            if number % 3:
                path, form["time"] = "query", end - random.randint(0, 3600 // 15) * 15
            else:
                path, form["start"], form["end"], form["step"] = "query_range", end - 1800, end, random.choice((15, 60, 105))
            answers = [fetch(f"{url}/api/v1/{path}", "POST", urllib.parse.urlencode(form).encode(), FORM, timeout=30)
                       for url in (self.theirs.url, self.ours.url)]
            comparison.add(f"{path} {text} {({k: v for k, v in form.items() if k != 'query'})}",
                           *[f"{answer.status} {answer.text}" for answer in answers], same(*answers),
                           f"{path} {answers[0].status}")
        comparison.finish(self)


if __name__ == "__main__":
    runner.main()
