"""The library of recorded interactions, looked up by fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeAlias

from mockserver.cassette import folder
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.explanation import explain
from mockserver.cassette.fingerprint import Fingerprint
from mockserver.cassette.interaction import Interaction
from mockserver.cassette.lineage import Lineage, Lineages
from mockserver.cassette.matching import Matching
from mockserver.cassette.miss import Miss
from mockserver.cassette.nearest import Nearest
from mockserver.cassette.plays import PlayCounts, Repeat, default_repeat
from mockserver.cassette.reader import read
from mockserver.cassette.request import Request

Queues: TypeAlias = tuple[list[int], list[int]]
"""Positions of interactions with equal fingerprints: asked for without a stream, and with one."""


_NEED_A_BODY: Final = frozenset(
    {"/responses", "/responses/compact", "/responses/input_tokens"}
    | {"/chat/completions", "/completions", "/embeddings"}
)
"""Endpoints that refuse an empty request, so that a recording without one has lost it."""
_FAILED: Final = 400


class _Tier(NamedTuple):
    """Equal interactions: under which key plays are counted, and which of them come first."""

    key: Fingerprint
    queues: Queues
    prefer: tuple[Callable[[int], bool], ...] = ()


class Library:
    """All interactions of some cassettes in file order, found in constant time.

    ``interactions`` are numbered by their position in the list; ``files`` are the cassettes read;
    ``problems`` are the files of a folder that could not be read, ``warnings`` sentences on what
    was put right while reading. ``repeat`` says what follows the last of equal interactions; None
    lets reads stay on it and gives writes nothing. ``matching`` is the rule of what is equal.
    """

    def __init__(self, *, repeat: Repeat | None = None, matching: Matching | None = None) -> None:
        self.repeat = repeat
        self.matching = matching or Matching()
        self.interactions: list[Interaction] = []
        self.files: list[Path] = []
        self.problems: list[CassetteError] = []
        self.warnings: list[str] = []
        self._exact: dict[Fingerprint, Queues] = {}
        self._loose: dict[Fingerprint, Queues] = {}
        self._lineages = Lineages()
        self._nearest = Nearest()

    @classmethod
    def load(
        cls,
        paths: Iterable[Path],
        *,
        strict: bool = False,
        repeat: Repeat | None = None,
        matching: Matching | None = None,
    ) -> Self:
        """Read files and folders, in the order given and by name within a folder.

        Raise CassetteError for a named file that cannot be read or does not exist; a bad file in a
        folder goes to ``problems``. ``strict`` refuses files whose end may be cut off.
        """
        library = cls(repeat=repeat, matching=matching)
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
        """Add interactions behind those that are there.

        Raise CassetteError when a normaliser of the user's fails on one.
        """
        for interaction in interactions:
            try:
                self._add(interaction)
            except CassetteError as error:
                error.locate(path=Path(interaction.file), interaction=interaction.number)
                raise

    def add_played(self, interaction: Interaction, played: PlayCounts) -> None:
        """Add an interaction that a session has just had, and so is not given again."""
        self._add(interaction)
        played.note(len(self.interactions) - 1)

    def find(self, request: Request, played: PlayCounts) -> Interaction | None:
        """Return the interaction that answers, counted as played; None on a miss.

        Tried are the exact fingerprint, then, if that is not recorded at all, the one blind to
        ids. Equal requests are answered in recorded order, those recorded with the same wish for a
        stream first. Raise CassetteError when a function of the user's fails.
        """
        asked = self.matching.prepared(request)
        tiers = self._tiers(asked, played)
        rule = self.repeat or default_repeat(asked.canonical.method)
        for repeat in dict.fromkeys(("off", rule)):
            for key, queues, prefer in tiers:
                position = played.take(
                    key, queues, streamed=asked.canonical.streamed, repeat=repeat, prefer=prefer
                )
                if position is not None:
                    return self.interactions[position]
        return None

    def miss(self, request: Request, played: PlayCounts) -> Miss:
        """Explain why ``find`` returned None: what is nearest, how it differs, how to mend it."""
        asked = self.matching.prepared(request)
        tiers = self._tiers(asked, played)
        equal = sorted({position for tier in tiers for position in chain(*tier.queues)})
        return explain(
            asked,
            self.interactions,
            [self.interactions[position] for position in equal],
            self._nearest,
            self.problems,
            matching=self.matching,
        )

    def unplayed(self, *played: PlayCounts) -> list[Interaction]:
        """Return the interactions that none of some sessions has had."""
        return [
            interaction
            for position, interaction in enumerate(self.interactions)
            if not any(counts.count(position) for counts in played)
        ]

    def lineage(self, request: Request, played: PlayCounts) -> Lineage:
        """Return what a session has asked so far on the way to this request, as a digest."""
        return self._lineages.of(self.matching.prepared(request), played)

    def reads(self, endpoint: str) -> list[Interaction]:
        """Return the interactions that read an endpoint such as ``/responses/resp_1``, in order."""
        return [self.interactions[position] for position in self._nearest.at("GET", endpoint)]

    def _tiers(self, asked: Request, played: PlayCounts) -> list[_Tier]:
        """Return what is equal, the most alike first; what is tried later may be left out."""
        strict = self._tier(self._exact, self.matching.strict(asked), asked)
        if strict is not None and not self.matching.widens:
            return [strict]
        wide = self._tier(self._loose, self.matching.wide(asked), asked)
        if wide is not None:
            wide = wide._replace(prefer=self._lineages.preferences(asked, played))
        tiers = [tier for tier in (strict, wide) if tier is not None]
        return tiers or self._unasked(asked)

    def _unasked(self, asked: Request) -> list[_Tier]:
        """Return the answers whose requests were not recorded: they fit any on their endpoint."""
        if asked.canonical.method != "POST" or asked.canonical.path not in _NEED_A_BODY:
            return []
        blank = self.matching.strict(replace(asked, body=b""))
        queues = self._exact.get(blank)
        first = min((queue[0] for queue in queues or () if queue), default=None)
        if queues is None or first is None or self.interactions[first].status >= _FAILED:
            return []  # an empty request that was refused is a recording like any other
        return [_Tier(blank, queues)]

    def _tier(
        self, index: dict[Fingerprint, Queues], key: Fingerprint, asked: Request
    ) -> _Tier | None:
        queues = index.get(key)
        if queues is None or not self.matching.matchers:
            return None if queues is None else _Tier(key, queues)
        plain, streamed = ([at for at in queue if self._agrees(at, asked)] for queue in queues)
        if not plain and not streamed:
            return None
        chosen = ",".join(map(str, (*plain, *streamed))).encode()
        return _Tier(blake2b(key + chosen, digest_size=16).digest(), (plain, streamed))

    def _agrees(self, position: int, asked: Request) -> bool:
        recorded = self.matching.prepared(Request.recorded(self.interactions[position]))
        return self.matching.agrees(recorded, asked)

    def _add(self, interaction: Interaction) -> None:
        request = self.matching.prepared(Request.recorded(interaction))
        position = len(self.interactions)
        self.interactions.append(interaction)
        streamed = request.canonical.streamed or interaction.is_stream
        strict, wide = self.matching.strict(request), self.matching.wide(request)
        for index, key in ((self._exact, strict), (self._loose, wide)):
            index.setdefault(key, ([], []))[streamed].append(position)
        self._lineages.add(request, interaction)
        self._nearest.add(position, request.canonical)
