"""Recording: which cassette an exchange goes to, and the library that grows with it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockserver.cassette import CassetteError, normalise, redact, saving
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.folder import SUFFIXES
from mockserver.cassette.naming import cassette_path
from mockserver.cassette.redact import Rules
from mockserver.cassette.used import Used
from mockserver.namespace import DEFAULT, Namespace

if TYPE_CHECKING:
    from mockserver.cassette.contents import Mode
    from mockserver.cassette.recording import Recording
    from mockserver.sources.cassette import Cassettes

_DEFAULT_NAME: Final = "default"
_WRITTEN: Final = (".yaml", ".yml")
"""What recordings are written as; other cassettes are only read."""
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

    def holds(self, file: Path) -> bool:
        """Tell whether a file is one that recordings may go to."""
        if not self.is_folder:
            return file == self.path
        return file.is_relative_to(self.path) and file.suffix.lower() in _WRITTEN


class Recorder:
    """Puts exchanges onto cassettes, opening each when it is first needed.

    What is added joins the library of ``cassettes``, if there are any, as played by the namespace
    that caused it: the next equal request is a new one there. With ``only_good`` answers other
    than 2xx are not recorded; with ``drop_unused`` closing leaves out what was on a cassette and is
    not in ``used``, unless somebody counts on the numbers there. Raises CassetteError at once when
    nothing can be written in the place.
    """

    def __init__(
        self,
        place: Place,
        *,
        mode: Mode,
        rules: Rules,
        used: Used,
        cassettes: Cassettes | None = None,
        only_good: bool = False,
        drop_unused: bool = False,
    ) -> None:
        self.place = place
        self.mode: Mode = mode
        self._rules = rules
        self._used = used
        self._cassettes = cassettes
        self._only_good = only_good
        self._drops = drop_unused
        self._not_dropped: list[str] = []
        self._recordings: dict[Path, Recording] = {}
        if place.is_folder:
            saving.prepare(place.file(DEFAULT))
        else:
            self._recording(DEFAULT)

    @property
    def problems(self) -> list[str]:
        """What could not be recorded or dropped, and why."""
        lost = [problem for tape in self._recordings.values() for problem in tape.problems]
        return [*lost, *self._not_dropped]

    def keep_unused(self) -> None:
        """Drop nothing at the end: what was not used may be so because something else failed."""
        self._drops = False

    def records(self, namespace: str) -> bool:
        """Tell whether a namespace's requests may go upstream and onto its cassette.

        Raises CassetteError when that cassette cannot be used.
        """
        return self._recording(namespace).records

    def reserve(self, namespace: str) -> int:
        """Return the slot of a request that has just come: cassettes keep the order of requests."""
        return self._recording(namespace).reserve()

    async def add(self, space: Namespace, exchange: Exchange, slot: int | None = None) -> None:
        """Save an exchange, if it is one to be recorded; return when it is safely on disk.

        Raises CassetteError, noted in ``problems``, when it is not.
        """
        recording = self._recording(space.name)
        if self._only_good and not 200 <= exchange.status < 300:
            await recording.skip(exchange)
            return
        try:
            kept = await recording.add(exchange, slot)
        except CassetteError as problem:
            asked = redact.told(
                exchange.method, exchange.uri, exchange.request_headers, self._rules
            )
            _log.error("%s is not recorded: %s", asked, problem)
            raise
        if self._cassettes is not None:
            file = recording.path.as_posix()
            number = len(self._cassettes.library) + 1
            interaction = normalise.interaction(kept, file, number, _log.debug)
            self._cassettes.library.add_played(interaction, space.played)
            self._used.add(interaction)

    async def close(self) -> None:
        """Finish what was begun, and try once more what could not be saved; drop what is unused."""
        for recording in self._recordings.values():
            await recording.close()
        if self._drops:
            for file in self._growing():
                await self._drop_unused(file)

    def _growing(self) -> list[Path]:
        """Return the cassettes that recordings go to: those of this run and of those before."""
        known = [] if self._cassettes is None else self._cassettes.library.files
        return list(dict.fromkeys([*self._recordings, *filter(self.place.holds, known)]))

    async def _drop_unused(self, file: Path) -> None:
        if self._used.counts_on(file):
            _log.info("%s: nothing is dropped, since a rule names an interaction by number", file)
            return
        try:
            gone = await self._tape(file).drop_unused(self._used)
        except CassetteError as problem:
            self._not_dropped.append(str(problem))
            return
        if gone:
            _log.info("%s: %d interactions were not used and are dropped", file, gone)

    def _recording(self, namespace: str) -> Recording:
        return self._tape(self.place.file(namespace))

    def _tape(self, file: Path) -> Recording:
        # Writing cassettes loads yaml, which serving without them never needs.
        from mockserver.cassette.recording import Recording

        if file not in self._recordings:
            self._recordings[file] = Recording(file, mode=self.mode, rules=self._rules)
        return self._recordings[file]
