"""An answer on its way: its head, its parts, and where they go."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, MutableMapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from mockserver.clock import Clock
from mockserver.schema.base import Json

Form = Literal["stream", "body", "socket"]
"""How an answer is told: as server-sent events, as one HTTP body, as WebSocket frames."""

HTTP: Final = frozenset[Form]({"stream", "body"})
EVENTS: Final = frozenset[Form]({"stream", "socket"})
ALL: Final = HTTP | EVENTS


@dataclass(slots=True)
class Part:
    """One event, or a whole body: its bytes as they are sent, and the JSON in them, if any."""

    data: bytes
    document: Json | None = None


async def numbered(parts: AsyncIterator[Part]) -> AsyncIterator[tuple[int, Part]]:
    """Yield each part with its number, counted from 0."""
    number = 0
    async for part in parts:
        yield number, part
        number += 1


@dataclass(slots=True)
class Head:
    """The status and headers of an HTTP answer that has not begun."""

    status: int
    headers: MutableMapping[str, str]


class Way(NamedTuple):
    """How an answer reaches its client.

    ``encode`` writes a document as the bytes of a part; ``note`` takes the name of a fault that
    is being played.
    """

    form: Form
    clock: Clock
    encode: Callable[[Json], bytes]
    note: Callable[[str], None]

    def part(self, document: Json) -> Part:
        """Return a document as a part."""
        return Part(self.encode(document), document)

    async def wait(self, seconds: float) -> None:
        """Let so many seconds pass on the clock."""
        await self.clock.sleep_until(self.clock.now() + seconds)


class Severed(ConnectionError):
    """The answer goes no further.

    ``how`` says what becomes of the connection: ``end`` ends the answer as if it were whole,
    ``drop`` closes it in the middle, ``reset`` resets it. ``garbage`` is sent before that, outside
    of any framing.
    """

    def __init__(self, how: Literal["end", "drop", "reset"], garbage: bytes = b"") -> None:
        super().__init__(how)
        self.how: Final = how
        self.garbage: Final = garbage
