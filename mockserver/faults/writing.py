"""Faults of the bytes and their writing: broken JSON, comments, slices, lumps, a thin line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from mockserver.faults.fault import Fault, Placed
from mockserver.faults.part import HTTP, Form, Part, Severed, Way, numbered
from mockserver.notation import bits, whole

_COMMENT: Final = b": keep-alive\n\n"
_STREAM: Final = frozenset[Form]({"stream"})
_STEP: Final = 0.05
"""Seconds of a thin line that are written at a time."""


class Malformed(Placed):
    """JSON that lacks its last brace, in a frame that is whole."""

    name: ClassVar = "malformed"
    value: ClassVar = "[:N]"
    help: ClassVar = "the JSON of event N (0), or of a body, lacks its last brace"
    example: ClassVar = "malformed:5"
    stage: ClassVar = 1
    usual: ClassVar = 0

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Take the brace away."""
        async for index, part in numbered(parts):
            if index == self.index(way) and b"}" in part.data:
                way.note(self.name)
                before, _, after = part.data.rpartition(b"}")
                part = Part(before + after)
            yield part


class Comments(Fault):
    """Lines that server-sent events allow and clients have to pass over."""

    name: ClassVar = "comments"
    help: ClassVar = "a comment line comes before every event"
    example: ClassVar = "comments"
    forms: ClassVar[frozenset[Form]] = _STREAM
    stage: ClassVar = 1

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Put the comments in."""
        async for part in parts:
            way.note(self.name)
            yield Part(_COMMENT + part.data, part.document)


@dataclass(frozen=True)
class Slice(Fault):
    """Writes of a few bytes, which end anywhere."""

    size: int = 1

    name: ClassVar = "slice"
    value: ClassVar = "[:BYTES]"
    help: ClassVar = "the body is written in chunks of so many bytes (1)"
    example: ClassVar = "slice:7"
    forms: ClassVar[frozenset[Form]] = HTTP
    stage: ClassVar = 2

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read the size."""
        return cls() if value is None else cls(whole(value, least=1))

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Cut every part up."""
        async for part in parts:
            way.note(self.name)
            for start in range(0, len(part.data), self.size):
                yield Part(part.data[start : start + self.size])


class Coalesce(Fault):
    """A stream that comes in one lump at its end, as some proxies make it."""

    name: ClassVar = "coalesce"
    help: ClassVar = "the whole stream is held back and written at once at its end"
    example: ClassVar = "coalesce"
    forms: ClassVar[frozenset[Form]] = _STREAM
    stage: ClassVar = 2

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Collect everything, up to the end or to where it is severed."""
        data, severed = b"", None
        try:
            async for part in parts:
                data += part.data
        except Severed as end:
            severed = end
        way.note(self.name)
        yield Part(data)
        if severed is not None:
            raise severed


@dataclass(frozen=True)
class Bandwidth(Fault):
    """A line that carries so many bits per second."""

    bits: float

    name: ClassVar = "bandwidth"
    value: ClassVar = ":BITS"
    help: ClassVar = "the body comes at so many bits per second: bps, kbps or mbps"
    example: ClassVar = "bandwidth:10kbps"
    stage: ClassVar = 2

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read the rate."""
        return cls(bits(value))

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Write each piece once there has been time for it; a frame of a socket stays whole.

        A clock that moves on far lets all pass that there has been time for, not one piece.
        """
        piece, clock = max(int(self.bits * _STEP / 8), 1), way.clock
        due = asked = clock.now()
        async for part in parts:
            way.note(self.name)
            due += clock.now() - asked  # nothing was there to carry meanwhile
            size = len(part.data) if way.form == "socket" else piece
            for start in range(0, len(part.data), max(size, 1)):
                data = part.data[start : start + size]
                due += len(data) * 8 / self.bits
                await clock.sleep_until(due)
                yield Part(data)
            asked = clock.now()
