"""Finding the cassette files below the paths a user names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mockserver.cassette import special, text_document
from mockserver.cassette.errors import CassetteError

SUFFIXES: Final = (".yaml", ".yml", ".json", ".jsonl", ".har", ".rec", ".sse", ".yaml.gz")
_TEXTS: Final = (".txt", ".bin")
"""Files that may be anything; among them are cassettes only those that begin as a stream does."""
_LOOK: Final = 256
"""Characters of a text that show whether it is a stream."""


def cassettes(path: Path) -> Iterator[Path]:
    """Yield a file as it is, or a folder's cassettes with all below it, sorted by path.

    Hidden files and folders are left out, and so are the folders in which recordings keep their
    bodies: WireMock's ``__files`` and seinfeld's ``….blobs``. Raise CassetteError when there is no
    such path, and when it leads to a pipe or the like.
    """
    if path.is_dir():
        yield from sorted(filter(_is_cassette, _visible(path)), key=Path.as_posix)
    elif path.exists():
        special.refuse(path)
        yield path
    else:
        raise CassetteError("there is no such file or folder", path=path)


def _visible(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if not any(part.startswith(".") or _keeps_bodies(part) for part in parts):
            yield path


def _keeps_bodies(name: str) -> bool:
    return name == "__files" or name.endswith(".blobs")


def _is_cassette(path: Path) -> bool:
    name = path.name.lower()
    if not path.is_file():
        return False
    return name.endswith(SUFFIXES) or (name.endswith(_TEXTS) and _is_stream(path))


def _is_stream(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            return text_document.looks_like_stream(file.read(_LOOK))
    except OSError:
        return False
