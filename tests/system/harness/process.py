"""A child process, known by its own pid: start, wait until ready, signal, stop, and its log. Each
one leads a process group, so that stopping it takes its children along; whatever still runs when
the test program ends is killed."""
import atexit
import os
import re
import signal
import subprocess

from harness import wait, workspace  # workspace: removes its folders after stop_all

_running = set()
_TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    def __init__(self, command, log, env=None, cwd=None, user=None):
        """Starts `command`; stdout and stderr are appended to the file `log`. `env` is added to the
        environment. Root may hand in the `user` (a pwd entry) that the process shall be."""
        self.command = [str(part) for part in command]
        self.name = os.path.basename(self.command[0])
        self.log = log
        # The child also goes when this program is killed and cannot clean up.
        wrapped = ["setpriv", "--pdeathsig", "TERM", "--", *self.command]
        rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        with open(log, "ab") as out:
            self._log_start = out.tell()
            self._child = subprocess.Popen(
                wrapped, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd,
                env={**os.environ, **(env or {})}, start_new_session=True, **rights)
        self.pid = self._child.pid
        _running.add(self)

    @property
    def returncode(self):
        return self._child.poll()

    def alive(self):
        return self._child.poll() is None

    def log_text(self):
        """What it has written since this start."""
        with open(self.log, "rb") as text:
            text.seek(self._log_start)
            return text.read().decode(errors="replace")

    def until_ready(self, look, seconds, what="ready"):
        """Waits for look(); fails at once, with the log, when the process ends before."""
        def check():
            if not self.alive():
                raise SystemError
            return look()
        try:
            return wait.until(check, seconds, f"{self.name} {what}")
        except SystemError:
            raise AssertionError(f"{self.name} ended with {self.returncode} before it was {what}:\n"
                                 f"{self.log_text()[-4000:]}") from None
        except AssertionError as late:
            raise AssertionError(f"{late}\nlog:\n{self.log_text()[-4000:]}") from None

    def until_log(self, pattern, seconds=10):
        """The first match of the regular expression `pattern` in the log."""
        return self.until_ready(lambda: re.search(pattern, self.log_text()), seconds,
                                f"logging /{pattern}/")

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        """SIGKILL, to the whole group; returns when it is gone."""
        self._end(signal.SIGKILL)
        self._child.wait()
        _running.discard(self)

    def stop(self, seconds=15):
        """SIGTERM, then SIGKILL to what is left after `seconds`. The exit code."""
        if self.alive():
            self.signal(signal.SIGTERM)
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        return self._child.returncode

    def _end(self, number):
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass

    def cpu_seconds(self):
        """User and system time of the process, of all its threads, without its children."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_bytes(self):
        """Resident set now and its peak."""
        with open(f"/proc/{self.pid}/status", encoding="ascii", errors="replace") as status:
            text = status.read()
        found = {key: int(value) * 1024
                 for key, value in re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", text, re.M)}
        return found["VmRSS"], found["VmHWM"]


def stop_all():
    for process in list(_running):
        process.kill()


atexit.register(stop_all)
