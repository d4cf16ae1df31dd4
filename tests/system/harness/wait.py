"""Waiting by looking again until a deadline: no test sleeps for a fixed time and hopes."""
import time


def until(look, seconds, what, every=0.02):
    """The first true result of look(), which may raise while things are not there yet. After
    `seconds` an AssertionError says what did not come, with the last exception or result."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            last = look()
            if last:
                return last
        except (OSError, ValueError, LookupError, AssertionError) as problem:
            last = problem
        if time.monotonic() >= deadline:
            text = f"{type(last).__name__}: {last}" if isinstance(last, Exception) else repr(last)
            raise AssertionError(f"not within {seconds} s: {what}; last seen: {text[:2000]}")
        time.sleep(every)


def stays(look, seconds, what, every=0.05):
    """Fails as soon as look() is false within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = look()
        if not result:
            raise AssertionError(f"did not stay so for {seconds} s: {what}")
        time.sleep(every)
