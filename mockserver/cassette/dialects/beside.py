"""Bodies that a recording keeps in files of their own."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from mockserver.cassette import special
from mockserver.cassette.errors import CassetteError


def read(folder: Path, name: str, *, digest: str = "") -> bytes:
    """Return the bytes of a file below the folder; ``digest`` is its SHA-256 in hexadecimal.

    Raise CassetteError when there is no such file, when the name leads out of the folder, and when
    the bytes are not those that the digest was made of.
    """
    root = folder.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise CassetteError(f"the body file {name!r} is outside of the recording's folder")
    special.refuse(path)
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        fault = getattr(error, "strerror", None) or error
        raise CassetteError(f"the body file {name!r} cannot be read: {fault}") from None
    if digest and sha256(raw).hexdigest() != digest.lower():
        raise CassetteError(f"the body file {name!r} is not the one that was recorded")
    return raw
