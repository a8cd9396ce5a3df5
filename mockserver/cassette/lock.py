"""One writer at a time for a file, among all processes of a machine."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from mockserver.cassette.errors import CassetteError


def _module(name: str) -> Any:
    """Return a module that only some systems have, None on the others."""
    try:
        return import_module(name)
    except ImportError:
        return None


_FCNTL: Final[Any] = _module("fcntl")
_MSVCRT: Final[Any] = None if _FCNTL else _module("msvcrt")
"""The locks of Windows, which has none of the other kind."""

PATIENCE: Final = 30.0
"""Seconds that another process may hold the lock before it is taken for stuck."""

_PAUSE: Final = 0.005
_UNSUPPORTED: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL})
_HELD: Final = frozenset({errno.EACCES, errno.EDEADLK})


def lock_path(path: Path) -> Path:
    """Return the hidden file beside a file that stands for the right to write it."""
    return path.with_name(f".{path.name}.lock")


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of a file; the system gives it back when the process dies.

    Raise CassetteError when another process does not let go of it, and on a system without locks;
    OSError when the folder cannot be written.
    """
    if _FCNTL is None and _MSVCRT is None:
        raise CassetteError(
            "cassettes cannot be written here: this system's Python has no file locks (neither "
            "fcntl nor msvcrt), without which two writers lose each other's interactions; record "
            "on another system, replaying works everywhere",
            path=path,
        )
    place = lock_path(path)
    descriptor = _acquire(place, patience)
    try:
        yield
    finally:
        _release(descriptor, place)


def _acquire(place: Path, patience: float) -> int:
    for _ in range(max(int(patience / _PAUSE), 1)):
        descriptor = os.open(place, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o666)
        if _try(descriptor) and _is_still_there(descriptor, place):
            return descriptor
        os.close(descriptor)
        time.sleep(_PAUSE)
    raise CassetteError(
        f"another process has held the lock {place.name!r} for {patience:g} s; end it"
    )


def _release(descriptor: int, place: Path) -> None:
    if _FCNTL is None:
        # A file that is open cannot be removed here: whoever waits for it keeps it.
        _MSVCRT.locking(descriptor, _MSVCRT.LK_UNLCK, 1)
        os.close(descriptor)
        with suppress(PermissionError, FileNotFoundError):
            place.unlink()
        return
    # Gone before it is let go of: whoever waits for it sees so, and makes a new one.
    place.unlink(missing_ok=True)
    os.close(descriptor)


def _try(descriptor: int) -> bool:
    try:
        if _FCNTL is None:
            _MSVCRT.locking(descriptor, _MSVCRT.LK_NBLCK, 1)
        else:
            _FCNTL.flock(descriptor, _FCNTL.LOCK_EX | _FCNTL.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if _FCNTL is None and error.errno in _HELD:
            return False
        if error.errno not in _UNSUPPORTED:
            raise
    return True


def _is_still_there(descriptor: int, place: Path) -> bool:
    """Tell whether the locked file is the one that others find, not one just removed."""
    if _FCNTL is None:
        return True
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(place))
    except FileNotFoundError:
        return False
