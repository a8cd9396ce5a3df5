"""The lock of a cassette, on systems that have locks of one kind, of another, or none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from test_recording_safety import RECORDER, texts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="plays other systems on this one")

WINDOWS = """
import asyncio, errno, fcntl, os, sys, types
from pathlib import Path

HELD = []

def locking(descriptor, mode, size):
    assert size == 1 and os.lseek(descriptor, 0, os.SEEK_CUR) == 0
    if mode == msvcrt.LK_UNLCK:
        HELD.remove(descriptor)
        return fcntl.flock(descriptor, fcntl.LOCK_UN)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None
    if os.fstat(descriptor).st_nlink == 0:
        raise PermissionError(errno.EACCES, "removed: there are no such files on Windows")
    HELD.append(descriptor)

def unlink(self, missing_ok=False, *, unlink=Path.unlink):
    if not self.name.endswith(".lock"):
        return unlink(self, missing_ok)
    assert not HELD, "a file that is open cannot be removed"
    descriptor = os.open(self, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unlink(self)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "in use by another process") from None
    finally:
        os.close(descriptor)

msvcrt = types.SimpleNamespace(LK_NBLCK=2, LK_UNLCK=0, locking=locking)
sys.modules["fcntl"], sys.modules["msvcrt"], Path.unlink = None, msvcrt, unlink
"""
"""A Python that locks as the one on Windows does: by bytes, and keeping files that are open."""

NEITHER = "import asyncio, sys\nsys.modules['fcntl'] = sys.modules['msvcrt'] = None\n"


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own to its end."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_processes_with_the_locks_of_windows_lose_nothing(tmp_path: Path) -> None:
    """Two record onto one cassette at a time, and leave nothing beside it."""
    path = tmp_path / "shared.yaml"
    processes = [
        subprocess.Popen([sys.executable, "-c", WINDOWS + RECORDER, str(path), name, "6", "1"])
        for name in "ab"
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    kept = texts(path)
    for name in "ab":
        mine = [text for text in kept if text.startswith(f"{name}-")]
        assert mine == [f"{name}-0-{turn}" for turn in range(6)]
    assert {left.name for left in tmp_path.iterdir()} <= {path.name, f".{path.name}.lock"}


def test_a_lock_of_windows_that_is_held_is_told(tmp_path: Path) -> None:
    """Who waits in vain learns which lock it is, and gets it once it is free."""
    code = WINDOWS + (
        "from mockserver.cassette.lock import locked\n"
        "from mockserver.cassette.errors import CassetteError\n"
        "path = Path(sys.argv[1])\n"
        "with locked(path):\n"
        "    try:\n"
        "        with locked(path, 0.05):\n"
        "            print('both')\n"
        "    except CassetteError as problem:\n"
        "        print(problem)\n"
        "with locked(path, 0.05):\n"
        "    print('free')\n"
    )
    done = run(code, str(tmp_path / "it.yaml"))
    assert done.stdout.splitlines() == [
        "another process has held the lock '.it.yaml.lock' for 0.05 s; end it",
        "free",
    ], done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_system_without_locks_replays_and_says_why_it_does_not_record(tmp_path: Path) -> None:
    """Nothing is written where two writers could lose each other's interactions."""
    path = tmp_path / "it.yaml"
    assert run(RECORDER, str(path), "x", "1", "1").returncode == 0
    before = path.read_bytes()
    done = run(NEITHER + RECORDER, str(path), "y", "1", "1")
    assert done.returncode == 1
    assert f"{path}: cassettes cannot be written here: this system's Python has no" in done.stderr
    assert path.read_bytes() == before
    told = run(
        f"{NEITHER}from pathlib import Path\nfrom mockserver.cassette import read\n"
        "print(len(read(Path(sys.argv[1]), strict=True)))",
        str(path),
    )
    assert told.stdout == "1\n"
