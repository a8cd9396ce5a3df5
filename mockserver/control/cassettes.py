"""Commands that choose what a namespace replays."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mockserver.cassette import PlayCounts
from mockserver.control.values import invalid, only, optional
from mockserver.engine import Engine
from mockserver.namespace import Namespace
from mockserver.schema.base import Json

if TYPE_CHECKING:
    from mockserver.cassette import Library


async def cassettes(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the files that are replayed, and what of them is unplayed."""
    only(body)
    library = _library(engine, space)
    return {
        "files": [path.as_posix() for path in library.files],
        "interactions": len(library),
        "unplayed": [found.place for found in library.unplayed(space.played)],
        "strict": engine.strict(space),
    }


async def set_cassettes(engine: Engine, space: Namespace, body: Json) -> Json:
    """Replay these and nothing else: ``names`` below the server's own folders, or ``files``.

    ``files`` are texts by name, for a server that does not see the client's disk. ``strict``
    answers 424 on a miss; given alone it leaves what is replayed as it is.
    """
    only(body, "names", "files", "strict")
    names, files = optional(body, "names", list), optional(body, "files", dict)
    strict: bool | None = optional(body, "strict", bool)
    if files is not None:
        library = await asyncio.to_thread(_read_texts, files, engine)
    elif names is not None:
        paths = [_found(name, engine.settings.cassettes) for name in names]
        library = await asyncio.to_thread(_read, paths, engine)
    elif strict is not None:
        library = _library(engine, space)
    else:
        raise invalid("names", "give names of cassettes, files with their texts, or strict")
    space.library, space.strict, space.played = library, strict, PlayCounts()
    return await cassettes(engine, space, {})


async def unset_cassettes(engine: Engine, space: Namespace, body: Json) -> Json:
    """Replay what the server does, from its beginning."""
    only(body)
    space.library, space.strict, space.played = None, None, PlayCounts()
    return await cassettes(engine, space, {})


def _library(engine: Engine, space: Namespace) -> Library:
    """Return what a namespace replays, an empty library if nothing."""
    from mockserver.cassette import Library

    sources = engine.sources(space)
    return Library(repeat=engine.settings.repeat) if sources is None else sources.library


def _read(paths: list[Path], engine: Engine) -> Library:
    from mockserver.cassette import CassetteError, Library

    try:
        return Library.load(paths, repeat=engine.settings.repeat)
    except CassetteError as problem:
        raise invalid("names", str(problem)) from None


def _found(name: object, roots: tuple[Path, ...]) -> Path:
    """Return the cassette of a name; nothing outside of the server's own folders is looked at."""
    for root in roots:
        base = root.resolve()
        try:
            path = (base / str(name)).resolve() if base.is_dir() else base
            known = path.is_relative_to(base) and path.exists()
        except (OSError, ValueError):  # too long, or with a NUL
            known = False
        if isinstance(name, str) and known and (base.is_dir() or name == root.name):
            return path
    raise invalid("names", f"{name!r} is not below the cassettes that the server was started with")


def _read_texts(files: Mapping[str, object], engine: Engine) -> Library:
    """Read cassettes of which only the texts are here, under the names that they were given."""
    from mockserver.cassette import CassetteError, Library, read

    library = Library(repeat=engine.settings.repeat)
    with TemporaryDirectory(prefix="mockserver-") as folder:
        for name, text in files.items():
            if not isinstance(text, str):
                raise invalid(f"files.{name}", "expected the text of a cassette")
            # What a name may be is the client's affair: it names nothing on this disk.
            path = Path(folder, "cassette.json" if name.endswith(".json") else "cassette.yaml")
            path.write_text(text, encoding="utf-8", newline="")
            try:
                found = read(path, warn=library.warnings.append)
            except CassetteError as problem:
                raise invalid("files", str(problem).replace(path.as_posix(), name)) from None
            library.extend(replace(interaction, file=name) for interaction in found)
            library.files.append(Path(name))
    return library
