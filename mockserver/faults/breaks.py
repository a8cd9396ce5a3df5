"""Faults that break the connection: refused, reset, or full of bytes that are no answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mockserver.faults.fault import Fault, Placed
from mockserver.faults.part import HTTP, Form, Head, Part, Severed, Way, numbered
from mockserver.notation import whole


class Refuse(Fault):
    """No answer at all: the connection is closed."""

    name: ClassVar = "refuse"
    help: ClassVar = "the connection is closed without a byte of an answer"
    example: ClassVar = "refuse"

    async def begin(self, way: Way, head: Head | None) -> None:
        """Close."""
        way.note(self.name)
        raise Severed("drop")


@dataclass(frozen=True)
class Reset(Fault):
    """A connection that is reset."""

    after: int | None = None

    name: ClassVar = "reset"
    value: ClassVar = "[:N]"
    help: ClassVar = "the connection is reset after N events, without N before the headers"
    example: ClassVar = "reset:5"
    stage: ClassVar = 1

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read after how many events."""
        return cls() if value is None else cls(whole(value))

    async def begin(self, way: Way, head: Head | None) -> None:
        """Reset before the headers."""
        if self.after is None:
            way.note(self.name)
            raise Severed("reset")

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Reset between two events, or in the middle of a body."""
        async for index, part in numbered(parts):
            if way.form == "body":
                yield Part(part.data[: len(part.data) // 2])
            if way.form == "body" or index == self.after:
                way.note(self.name)
                raise Severed("reset")
            yield part


class BadChunk(Placed):
    """A broken frame of the transfer encoding."""

    name: ClassVar = "bad_chunk"
    value: ClassVar = "[:N]"
    help: ClassVar = "after N events (0) the header of a chunk is broken, and the connection closes"
    example: ClassVar = "bad_chunk:5"
    forms: ClassVar[frozenset[Form]] = HTTP
    stage: ClassVar = 1
    usual: ClassVar = 0
    garbage: ClassVar[bytes] = b"not-a-size\r\n"

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Break off with bytes that are no frame."""
        async for index, part in numbered(parts):
            if index == self.index(way):
                way.note(self.name)
                raise Severed("drop", self.garbage)
            yield part


class Garbage(Fault):
    """Bytes in place of an answer."""

    name: ClassVar = "garbage"
    help: ClassVar = "bytes that are no answer, and the connection closes"
    example: ClassVar = "garbage"
    noise: ClassVar[bytes] = b"\x00\xff\xfe\x16\x03\x80 no answer at all \x7f\x00\xc0\xc1"

    async def begin(self, way: Way, head: Head | None) -> None:
        """Send the bytes, and close."""
        way.note(self.name)
        raise Severed("drop", self.noise)
