"""The library of recorded interactions, looked up by fingerprint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeAlias

from mockserver.cassette import folder, unasked
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.fingerprint import Fingerprint
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.miss import Miss, explain
from mockserver.cassette.nearest import Nearest
from mockserver.cassette.plays import PlayCounts, Repeat, default_repeat
from mockserver.cassette.reader import read
from mockserver.cassette.request import Request

Queues: TypeAlias = tuple[list[int], list[int]]
"""Positions of interactions with equal fingerprints: asked for without a stream, and with one."""

_RESPONSE_ID: Final = re.compile(rb'"id":\s*"(resp_[^"\\]+)"')
_ID_WITHIN: Final = 65536
"""Bytes of a response body in which its id is looked for; it stands near the top."""


class Library:
    """All interactions of some cassettes in file order, found in constant time.

    ``interactions`` are numbered by their position in the list; ``files`` are the cassettes read;
    ``problems`` are the files of a folder that could not be read, ``warnings`` sentences on what
    was put right while reading. ``repeat`` says what follows the last of equal interactions; None
    lets reads stay on it and gives writes nothing.
    """

    def __init__(self, *, repeat: Repeat | None = None) -> None:
        self.repeat = repeat
        self.interactions: list[Interaction] = []
        self.files: list[Path] = []
        self.problems: list[CassetteError] = []
        self.warnings: list[str] = []
        self._exact: dict[Fingerprint, Queues] = {}
        self._loose: dict[Fingerprint, Queues] = {}
        self._parents: list[str | None] = []
        self._issued: dict[str, int] = {}
        self._nearest = Nearest()

    @classmethod
    def load(
        cls, paths: Iterable[Path], *, strict: bool = False, repeat: Repeat | None = None
    ) -> Self:
        """Read files and folders, in the order given and by name within a folder.

        Raise CassetteError for a named file that cannot be read or does not exist; a bad file in a
        folder goes to ``problems``. ``strict`` refuses files whose end may be cut off.
        """
        library = cls(repeat=repeat)
        for path in paths:
            named = not path.is_dir()
            for file in folder.cassettes(path):
                try:
                    found = read(file, strict=strict, warn=library.warnings.append)
                except CassetteError as error:
                    if named:
                        raise
                    library.problems.append(error)
                else:
                    library.files.append(file)
                    library.extend(found)
        return library

    def __len__(self) -> int:
        return len(self.interactions)

    def extend(self, interactions: Iterable[Interaction]) -> None:
        """Add interactions behind those that are there."""
        for interaction in interactions:
            self._add(interaction)

    def add_played(self, interaction: Interaction, played: PlayCounts) -> None:
        """Add an interaction that a session has just had, and so is not given again."""
        self._add(interaction)
        played.note(len(self.interactions) - 1)

    def find(self, request: Request, played: PlayCounts) -> Interaction | None:
        """Return the interaction that answers, counted as played; None on a miss.

        Tried are the exact fingerprint, then, if that is not recorded at all, the one blind to
        ids. Equal requests are answered in recorded order, those recorded with the same wish for a
        stream first.
        """
        key, queues, prefer = self._candidates(request, played)
        if queues is None:
            return None
        position = played.take(
            key,
            queues,
            streamed=request.canonical.streamed,
            repeat=self.repeat or default_repeat(request.canonical.method),
            prefer=prefer,
        )
        return None if position is None else self.interactions[position]

    def miss(self, request: Request, played: PlayCounts) -> Miss:
        """Explain why ``find`` returned None: what is nearest, how it differs, how to mend it."""
        plain, streamed = self._candidates(request, played)[1] or ([], [])
        equal = [self.interactions[position] for position in sorted(plain + streamed)]
        return explain(request, self.interactions, equal, self._nearest, self.problems)

    def unplayed(self, played: PlayCounts) -> list[Interaction]:
        """Return the interactions that a session has not had."""
        return [
            interaction
            for position, interaction in enumerate(self.interactions)
            if not played.count(position)
        ]

    def _candidates(
        self, request: Request, played: PlayCounts
    ) -> tuple[Fingerprint, Queues | None, Callable[[int], bool] | None]:
        queues = self._exact.get(request.exact)
        if queues is not None:
            return request.exact, queues, None
        queues = self._loose.get(request.loose)
        if queues is None and (alone := self._unasked(request)):
            return alone
        return request.loose, queues, partial(self._continues, played)

    def _unasked(self, request: Request) -> tuple[Fingerprint, Queues, None] | None:
        blank = unasked.blank(request)
        queues = None if blank is None else self._exact.get(blank.exact)
        if blank is None or queues is None:
            return None
        first = [self.interactions[position] for queue in queues for position in queue[:1]]
        return (blank.exact, queues, None) if unasked.answers(first) else None

    def _continues(self, played: PlayCounts, position: int) -> bool:
        """Tell whether the interaction follows one that the session has had."""
        parent = self._issued.get(self._parents[position] or "")
        return parent is not None and played.count(parent) > 0

    def _add(self, interaction: Interaction) -> None:
        position = len(self.interactions)
        self.interactions.append(interaction)
        request = Request(
            interaction.method, interaction.path, interaction.query, interaction.request_body
        )
        streamed = request.canonical.streamed or interaction.is_stream
        for index, key in ((self._exact, request.exact), (self._loose, request.loose)):
            index.setdefault(key, ([], []))[streamed].append(position)
        body = request.canonical.body
        parent = body.get("previous_response_id") if isinstance(body, dict) else None
        self._parents.append(parent if isinstance(parent, str) else None)
        issued = _RESPONSE_ID.search(interaction.body, 0, _ID_WITHIN)
        if issued:
            self._issued.setdefault(issued.group(1).decode("utf-8", "replace"), position)
        self._nearest.add(position, request.canonical)
