"""Faults that cut an answer short: between events, inside one, inside a character."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar, Final

from mockserver.faults.fault import Placed
from mockserver.faults.part import EVENTS, HTTP, Form, Part, Severed, Way, numbered

_LEAD: Final = b"\xc3"
"""The first byte of a character of two."""

_CONTINUED: Final = range(0x80, 0xC0)
"""The later bytes of a character."""


class Cut(Placed):
    """A stream that ends well, but too early."""

    name: ClassVar = "cut"
    help: ClassVar = "the stream ends cleanly after N events, without a terminal one"
    example: ClassVar = "cut:5"
    forms: ClassVar[frozenset[Form]] = EVENTS
    stage: ClassVar = 1

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """End before the event."""
        async for index, part in numbered(parts):
            if index == self.at:
                way.note(self.name)
                raise Severed("end")
            yield part


class CutInside(Placed):
    """A connection that closes inside an event."""

    name: ClassVar = "cut_inside"
    help: ClassVar = "the connection closes in the middle of event N, or of a body"
    example: ClassVar = "cut_inside:5"
    forms: ClassVar[frozenset[Form]] = HTTP
    stage: ClassVar = 1

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Send the beginning of the event, and close."""
        async for index, part in numbered(parts):
            if index == self.index(way):
                way.note(self.name)
                yield Part(self.kept(part.data))
                raise Severed("drop")
            yield part

    def kept(self, data: bytes) -> bytes:
        """Return what is sent of the event."""
        return data[: len(data) // 2]


class CutUtf8(CutInside):
    """A connection that closes between the bytes of one character."""

    name: ClassVar = "cut_utf8"
    value: ClassVar = "[:N]"
    help: ClassVar = (
        "the connection closes between two bytes of a character in event N (4) or a body"
    )
    example: ClassVar = "cut_utf8:5"
    usual: ClassVar = 4

    def kept(self, data: bytes) -> bytes:
        """End inside the last character of several bytes, or inside one that is put in."""
        for index in range(len(data) - 1, 0, -1):
            if data[index] in _CONTINUED and data[index - 1] not in _CONTINUED:
                return data[:index]
        return data[: len(data) // 2] + _LEAD
