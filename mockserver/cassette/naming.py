"""Names of cassettes: whatever a namespace or a test is called, its file stays in its folder."""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path
from typing import Final

from mockserver.cassette.errors import CassetteError

_UNSAFE: Final = re.compile(r"[^\w.\[\]=+,@-]+")
_DEVICE: Final = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_LONGEST: Final = 120
"""Bytes of a part of a path: every file system takes twice as many, and we add some."""
_SUFFIX: Final = ".yaml"


def cassette_path(root: Path, name: str) -> Path:
    """Return the file below a folder for a namespace or a test.

    Slashes make folders; every part is made one that all file systems take. A part that had to be
    changed gets a digest of the whole name, so that no two names share a file. Raise CassetteError
    when a link leads out of the folder.
    """
    parts = [_part(part, name) for part in name.split("/")]
    path = root.joinpath(*parts[:-1], parts[-1] + _SUFFIX)
    if not path.resolve().is_relative_to(root.resolve()):
        raise CassetteError(
            f"the cassette would lie outside of {root.as_posix()}: a link leads out of it",
            path=path,
        )
    return path


def _part(part: str, name: str) -> str:
    safe = _UNSAFE.sub("_", part.removesuffix(_SUFFIX)).strip(".")
    while len(safe.encode()) > _LONGEST:
        safe = safe[:-1]
    if safe == part.removesuffix(_SUFFIX) and safe and not _DEVICE.fullmatch(safe):
        return safe
    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{safe or '_'}-{digest}" if not _DEVICE.fullmatch(safe) else f"_{safe}-{digest}"
