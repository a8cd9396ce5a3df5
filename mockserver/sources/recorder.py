"""Recording: which cassette an exchange goes to, and the library that grows with it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockserver.cassette import CassetteError, Library, normalise, saving
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.folder import SUFFIXES
from mockserver.cassette.naming import cassette_path
from mockserver.cassette.redact import Rules
from mockserver.namespace import DEFAULT, Namespace

if TYPE_CHECKING:
    from mockserver.cassette.contents import Mode
    from mockserver.cassette.recording import Recording

_DEFAULT_NAME: Final = "default"
_log = logging.getLogger("mockserver")


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
        name = namespace if self._split and namespace != DEFAULT else _DEFAULT_NAME
        return cassette_path(self.path, name)


class Recorder:
    """Puts exchanges onto cassettes, opening each when it is first needed.

    What is added joins ``library``, if there is one, as played by the namespace that caused it:
    the next equal request is a new one there. Raises CassetteError at once when nothing can be
    written in the place.
    """

    def __init__(
        self, place: Place, *, mode: Mode, rules: Rules, library: Library | None = None
    ) -> None:
        self._place = place
        self._mode: Mode = mode
        self._rules = rules
        self._library = library
        self._recordings: dict[Path, Recording] = {}
        if place.is_folder:
            saving.prepare(place.file(DEFAULT))
        else:
            self._recording(DEFAULT)

    @property
    def problems(self) -> list[str]:
        """What could not be recorded, and why."""
        return [problem for tape in self._recordings.values() for problem in tape.problems]

    def records(self, namespace: str) -> bool:
        """Tell whether a namespace's requests may go upstream and onto its cassette.

        Raises CassetteError when that cassette cannot be used.
        """
        return self._recording(namespace).records

    def reserve(self, namespace: str) -> int:
        """Return the slot of a request that has just come: cassettes keep the order of requests."""
        return self._recording(namespace).reserve()

    async def add(self, space: Namespace, exchange: Exchange, slot: int | None = None) -> None:
        """Save an exchange; return when it is safely on disk.

        Raises CassetteError, noted in ``problems``, when it is not.
        """
        recording = self._recording(space.name)
        try:
            kept = await recording.add(exchange, slot)
        except CassetteError as problem:
            _log.error("%s %s is not recorded: %s", exchange.method, exchange.uri, problem)
            raise
        if self._library is not None:
            file = recording.path.as_posix()
            number = len(self._library) + 1
            interaction = normalise.interaction(kept, file, number, _log.debug)
            self._library.add_played(interaction, space.played)

    async def close(self) -> None:
        """Finish what was begun, and try once more what could not be saved."""
        for recording in self._recordings.values():
            await recording.close()

    def _recording(self, namespace: str) -> Recording:
        # Writing cassettes loads yaml, which serving without them never needs.
        from mockserver.cassette.recording import Recording

        file = self._place.file(namespace)
        if file not in self._recordings:
            self._recordings[file] = Recording(file, mode=self._mode, rules=self._rules)
        return self._recordings[file]
