"""Finding the cassette files below the paths a user names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mockserver.cassette.errors import CassetteError

SUFFIXES: Final = (".yaml", ".yml", ".json")


def cassettes(path: Path) -> Iterator[Path]:
    """Yield a file as it is, or a folder's cassettes with all below it, sorted by path.

    Hidden files and folders are left out. Raise CassetteError when there is no such path.
    """
    if path.is_dir():
        yield from sorted(filter(_is_cassette, _visible(path)), key=Path.as_posix)
    elif path.exists():
        yield path
    else:
        raise CassetteError("there is no such file or folder", path=path)


def _visible(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _is_cassette(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()
