"""What both programs say of Alertmanager files."""
import re
import subprocess

from harness.agent import binary


def amtool(paths):
    """Path to verdict: good, crash or what is wrong. A crash ends the program, so it begins again."""
    found = {}
    rest = [str(path) for path in paths]
    while rest:
        batch = rest[:200]
        done = subprocess.run(["amtool", "check-config", *batch], capture_output=True, text=True,
                              errors="replace", timeout=60, check=False)
        parts = re.split(r"^Checking '([^']*)'  ", done.stdout, flags=re.M)
        said = dict(zip(parts[1::2], map(str.strip, parts[2::2])))
        if "goroutine 1" in done.stderr:
            last = batch[len(said)] if all(said.values()) else list(said)[-1]
            said[last] = "crash"
            rest = rest[batch.index(last) + 1:]
        else:
            rest = rest[len(batch):]
        for path, text in said.items():
            good, _, fault = text.partition("FAILED: ")
            found[path] = fault or ("good" if good.startswith("SUCCESS") else text)
    return found


def ours(paths):
    """Path to verdict: good, or what is wrong first."""
    found = {}
    for start in range(0, len(paths), 200):
        batch = [str(path) for path in paths[start:start + 200]]
        done = subprocess.run([binary(), "check", "notify", *batch], capture_output=True, text=True,
                              errors="replace", timeout=60, check=False)
        found |= dict.fromkeys(re.findall(r"^(\S+\.yml): good", done.stdout, re.M), "good")
        for path, what in re.findall(r"^(/\S+?\.yml):(.*)$", done.stderr, re.M):
            found.setdefault(path, what)
    return found
