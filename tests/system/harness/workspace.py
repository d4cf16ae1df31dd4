"""Temporary folders that go away with the test program, after the processes that use them.
SEAMWATCH_KEEP=1 leaves them there."""
import atexit
import os
import pathlib
import shutil
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
_made = []


def make_folder(name="test"):
    """A new folder that others than us can enter: peers drop their rights."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"seamwatch-{name}-"))
    path.chmod(0o755)
    _made.append(path)
    return path


def _remove_all():
    if os.environ.get("SEAMWATCH_KEEP") != "1":
        for path in _made:
            shutil.rmtree(path, ignore_errors=True)


# What is registered first runs last: harness.process imports this before it registers its own.
atexit.register(_remove_all)
