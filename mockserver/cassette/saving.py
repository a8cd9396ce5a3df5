"""Putting a file on disk whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from mockserver.cassette.errors import CassetteError
from mockserver.cassette.lock import locked

_TEMPORARY: Final = ".tmp"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file from another without reading it."""

    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """Return the stamp of a file as it is now; None when there is none."""
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        return cls(found.st_ino, found.st_size, found.st_mtime_ns)


def replace(path: Path, content: bytes) -> None:
    """Put new content in a file's place, safely on disk when this returns (vcr §0, decision 4).

    Readers see the old content or the new. Raise OSError, the old file whole, when there is no
    room or no permission. Hold the file's lock around it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_TEMPORARY}")
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o666)
        with open(descriptor, "wb") as file:
            if path.exists():
                os.chmod(temporary, path.stat().st_mode & 0o777)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def prepare(path: Path) -> None:
    """Make the folder of a file, and see that the file can be written there.

    Remove what killed writers left behind. Raise CassetteError, saying what is in the way.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise CassetteError("a cassette cannot be written here: this is a folder", path=path)
        with locked(path):
            for left in path.parent.glob(f".{_escaped(path.name)}.*{_TEMPORARY}"):
                left.unlink(missing_ok=True)
            probe = path.with_name(f".{path.name}.{os.getpid()}{_TEMPORARY}")
            probe.write_bytes(b"")
            probe.unlink()
        if path.exists() and not os.access(path, os.W_OK):
            raise CassetteError(
                "the cassette is read-only; make it writable, or replay it only (record mode "
                "'none')",
                path=path,
            )
    except OSError as error:
        raise CassetteError(
            f"a cassette cannot be written here: {error.strerror or error}; name a folder that "
            "can be written",
            path=path,
        ) from None


def _escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)


def _sync_folder(folder: Path) -> None:
    """Make a rename last; systems that cannot open a folder do so by themselves."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
