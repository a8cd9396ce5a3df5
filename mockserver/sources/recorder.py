"""Recording: which cassette an exchange goes to, and the library that grows with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from mockserver.cassette import CassetteError, Interaction, Library, normalise
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.folder import SUFFIXES
from mockserver.namespace import DEFAULT, Namespace

DEFAULT_PLACE: Final = Path("cassettes")
"""Where recordings go when no cassette was named."""
_DEFAULT_NAME: Final = "default"
_log = logging.getLogger("mockserver")


class Tape(Protocol):
    """A cassette that is being recorded."""

    async def add(self, exchange: Exchange) -> None:
        """Return once the exchange is safely on disk; raise CassetteError when it cannot be."""


class Place:
    """Where recordings go: one file, or a folder with a file for each namespace or for all."""

    def __init__(self, path: Path, *, split: bool = True) -> None:
        self.path = path
        self.is_folder = path.is_dir() or path.suffix.lower() not in SUFFIXES
        self._split = split

    def file(self, namespace: str) -> Path:
        """Return the cassette of a namespace."""
        if not self.is_folder:
            return self.path
        # A namespace's name has no separators, and a suffix keeps it from being "." or "..".
        name = namespace if self._split and namespace != DEFAULT else _DEFAULT_NAME
        return self.path / f"{name}.yaml"


class Recorder:
    """Puts exchanges onto cassettes, one tape for each file.

    ``once`` leaves alone what was there at the start. What is added joins ``library``, if there is
    one, as played by the namespace that caused it: the next equal request is a new one there.
    ``problems`` say what could not be saved.
    """

    def __init__(
        self,
        place: Place,
        *,
        open_tape: Callable[[Path], Tape],
        once: bool = False,
        library: Library | None = None,
    ) -> None:
        self.problems: list[str] = []
        self._place = place
        self._open_tape = open_tape
        self._once = once
        self._library = library
        self._there: dict[Path, bool] = {}
        self._tapes: dict[Path, Tape] = {}

    def records(self, namespace: str) -> bool:
        """Tell whether a namespace's requests may go upstream and onto its cassette."""
        file = self._place.file(namespace)
        return not (self._once and self._there.setdefault(file, file.exists()))

    async def add(self, space: Namespace, exchange: Exchange) -> Interaction | None:
        """Save an exchange; return it as it will be replayed, None when it could not be saved."""
        file = self._place.file(space.name)
        try:
            await self._tape(file).add(exchange)
            interaction = normalise.interaction(exchange, file.as_posix(), 0, _log.warning)
        except (CassetteError, OSError) as problem:
            self.problems.append(str(problem))
            _log.error("%s %s is not recorded: %s", exchange.method, exchange.uri, problem)
            return None
        if self._library is not None:
            self._library.add_played(interaction, space.played)
        return interaction

    def _tape(self, file: Path) -> Tape:
        if file not in self._tapes:
            self._tapes[file] = self._open_tape(file)
        return self._tapes[file]
