"""Which interactions a session has had, and which one comes next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from mockserver.cassette.interaction import Interaction

Repeat: TypeAlias = Literal["off", "last", "cycle"]
"""What answers a request whose interactions are all played: nothing, the last, or all anew."""

REPEATS: Final[tuple[Repeat, ...]] = ("off", "last", "cycle")
_SCANNED: Final = 64
"""Unplayed candidates looked at for a preferred one, so that choosing stays O(1)."""
_ISSUED: Final = 65_536
"""Response ids of which a session remembers what they continue."""


def default_repeat(method: str) -> Repeat:
    """Return a method's rule: reads stay on the last answer, so that polls end (vcr §4.3)."""
    return "last" if method in ("GET", "HEAD") else "off"


class PlayCounts:
    """The plays of one session; its owner keeps it beside the session and never shares it.

    Positions are those of the library it is used with. Choosing and counting are one step: within
    an event loop no two requests get the same interaction.
    """

    def __init__(self) -> None:
        self._plays: dict[int, int] = {}
        self._cursors: dict[tuple[bytes, bool], int] = {}
        self._rounds: dict[tuple[bytes, bool], int] = {}
        self._lineages: dict[str, bytes] = {}
        self._streams: dict[str, Interaction] = {}

    def count(self, position: int) -> int:
        """Return how often the interaction at a position was played."""
        return self._plays.get(position, 0)

    def issue(self, response_id: str, lineage: bytes) -> None:
        """Note an id that the session got from elsewhere, and the lineage of its response."""
        self._lineages[response_id] = lineage
        if len(self._lineages) > _ISSUED:
            del self._lineages[next(iter(self._lineages))]

    def lineage(self, response_id: str) -> bytes | None:
        """Return the lineage of a response that did not come from a recording, if it is known."""
        return self._lineages.get(response_id)

    def tell(self, response_id: str, stream: Interaction) -> None:
        """Note the recorded stream by which the session is told a response."""
        self._streams[response_id] = stream

    def told(self, response_id: str) -> Interaction | None:
        """Return the recorded stream by which the session was told a response, if by one."""
        return self._streams.get(response_id)

    def note(self, position: int) -> None:
        """Count a play of an interaction that was not chosen here."""
        self._played(position)

    def take(
        self,
        key: bytes,
        queues: tuple[Sequence[int], Sequence[int]],
        *,
        streamed: bool,
        repeat: Repeat,
        prefer: Sequence[Callable[[int], bool]] = (),
    ) -> int | None:
        """Choose among positions with an equal fingerprint and count the play.

        ``queues`` are the positions recorded without and with a stream, in order; those of the
        wanted kind come first. Among unplayed ones the first that a function of ``prefer`` likes
        wins, asked one function after the other, then the oldest. Return None when all are played
        and the rule says not to repeat.
        """
        for kind in (streamed, not streamed):
            position = self._unplayed((key, kind), queues[kind], prefer)
            if position is not None:
                return self._played(position)
        kind = streamed if queues[streamed] else not streamed
        if repeat == "off" or not queues[kind]:
            return None
        if repeat == "last":
            return self._played(queues[kind][-1])
        turn = self._rounds.get((key, kind), 0)
        self._rounds[key, kind] = turn + 1
        return self._played(queues[kind][turn % len(queues[kind])])

    def _played(self, position: int) -> int:
        self._plays[position] = self.count(position) + 1
        return position

    def _unplayed(
        self,
        place: tuple[bytes, bool],
        queue: Sequence[int],
        prefer: Sequence[Callable[[int], bool]],
    ) -> int | None:
        start = self._cursors.get(place, 0)
        while start < len(queue) and queue[start] in self._plays:
            start += 1
        self._cursors[place] = start
        if start == len(queue):
            return None
        for preferred in prefer:
            for position in queue[start : start + _SCANNED]:
                if position not in self._plays and preferred(position):
                    return position
        return queue[start]
