"""Random cases given to two programs, and whether both say the same. All of it follows from a seed:
SEAMWATCH_SEED, or 1; with SEAMWATCH_LONG=1 a new one, and ten times the cases."""
import collections
import dataclasses
import os
import random
import re
import sys
import time

LONG = os.environ.get("SEAMWATCH_LONG") == "1"
SEED = int(os.environ.get("SEAMWATCH_SEED") or (time.time_ns() % 10**9 if LONG else 1))
SHOWN_MAX = int(os.environ.get("SEAMWATCH_SHOWN") or 12)


def chance(name):
    """The random.Random of one test: tests do not disturb each other."""
    return random.Random(f"{SEED} {name}")


def times(count):
    return count * 10 if LONG else count


@dataclasses.dataclass(frozen=True)
class Known:
    """A difference that is meant. It explains a case where each regular expression is found: in what
    they say, in what we say, in the case itself."""
    name: str
    reason: str
    theirs: str = ""
    ours: str = ""
    case: str = ""

    def explains(self, case, theirs, ours):
        return all(re.search(pattern, text, re.S) for pattern, text in (
            (self.theirs, theirs), (self.ours, ours), (self.case, case)))


class Comparison:
    def __init__(self, name, known=()):
        self._name = name
        self._known = known
        self._counts = collections.Counter()
        self._explained = collections.Counter()
        self._differences = []

    def add(self, case, theirs, ours, same=None, kind="cases"):
        """One case, as texts. `same`: whether they count as the same, where equality is too much.
        `kind`: what it is counted as."""
        self._counts[kind] += 1
        if theirs == ours if same is None else same:
            return
        for known in self._known:
            if known.explains(case, theirs, ours):
                self._explained[known.name] += 1
                return
        self._differences.append((case, theirs, ours))

    def finish(self, test):
        """Says what was compared, and fails `test` where something differs that is not known."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in self._counts.items())
        known = ", ".join(f"{name} {count}" for name, count in sorted(self._explained.items()))
        print(f"{self._name}: seed {SEED}: {kinds}; known differences: {known or 'none'}", flush=True)
        if self._differences:
            program = os.path.relpath(sys.argv[0])
            told = "".join(f"\n--- {case}\n  theirs: {theirs}\n  ours:   {ours}"
                           for case, theirs, ours in self._differences[:SHOWN_MAX])
            long = "SEAMWATCH_LONG=1 " if LONG else ""
            test.fail(f"{len(self._differences)} of {kinds} differ; again: {long}SEAMWATCH_SEED={SEED} "
                      f"python3 {program} {test.id().rsplit('.', 1)[1]}{told}")
