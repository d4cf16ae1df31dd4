"""Runs the tests of one program on unittest: a line for each failed test with its report,
`Skipped: NAME: reason` lines, and last `N passed, N failed, N skipped`. Exit 1 on failures.
`NAME_test.py PATTERN...` runs only the tests whose name contains one of the patterns."""
import signal
import sys
import time
import unittest


class _Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.passed = self.failed = 0
        self._started = 0
        self._bad = False

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()
        self._bad = False

    def _report(self, test, error):
        self.failed += 1
        self._bad = True
        print(f"Failed: {_name(test)} ({time.monotonic() - self._started:.1f} s)")
        print("    " + self._exc_info_to_string(error, test).replace("\n", "\n    ").rstrip(),
              flush=True)

    def addSuccess(self, test):
        self.passed += 1

    def addFailure(self, test, err):
        self._report(test, err)

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._report(subtest, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"Skipped: {_name(test)}: {reason}", flush=True)


def _name(test):
    return test.id().replace("__main__.", "")


def _cases(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from _cases(item)
        else:
            yield item


def main():
    """Runs every test of the program that calls it, and exits."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    patterns = sys.argv[1:]
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    if patterns:
        suite = unittest.TestSuite(t for t in _cases(suite) if any(p in t.id() for p in patterns))
    result = _Result()
    try:
        suite.run(result)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(3)
    print(f"{result.passed} passed, {result.failed} failed, {len(result.skipped)} skipped")
    sys.exit(1 if result.failed else 0)
