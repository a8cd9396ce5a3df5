"""Faults of silence: before the answer, in its middle, before its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from mockserver.faults.fault import Fault, Placed
from mockserver.faults.part import HTTP, Form, Head, Part, Severed, Way, numbered
from mockserver.notation import LONGEST, seconds, whole

_LINGER: Final = 5.0


@dataclass(frozen=True)
class Hang(Fault):
    """No answer for a long time, and then none."""

    seconds: float = LONGEST

    name: ClassVar = "hang"
    value: ClassVar = "[:DURATION]"
    help: ClassVar = "nothing is said for so long (a day); then the connection is closed"
    example: ClassVar = "hang:30s"

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read how long."""
        return cls() if value is None else cls(seconds(value))

    async def begin(self, way: Way, head: Head | None) -> None:
        """Wait, and close."""
        way.note(self.name)
        await way.wait(self.seconds)
        raise Severed("drop")


@dataclass(frozen=True)
class Stall(Placed):
    """A silence in the middle."""

    seconds: float = LONGEST

    name: ClassVar = "stall"
    value: ClassVar = ":N[/DURATION]"
    help: ClassVar = "nothing comes for so long (a day) before event N, or in the middle of a body"
    example: ClassVar = "stall:5/10s"
    stage: ClassVar = 1

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read the number of the event and how long."""
        place, slash, text = (value or "").partition("/")
        return cls(whole(place), seconds(text)) if slash else cls(whole(place))

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Wait before the event, after the first half of a body."""
        async for index, part in numbered(parts):
            if index == self.index(way):
                way.note(self.name)
                half = len(part.data) // 2 if way.form == "body" else 0
                if half:
                    yield Part(part.data[:half])
                await way.wait(self.seconds)
                part = Part(part.data[half:], part.document)
            yield part


@dataclass(frozen=True)
class SlowClose(Fault):
    """An end that is long in coming after all has been said."""

    seconds: float = _LINGER

    name: ClassVar = "slow_close"
    value: ClassVar = "[:DURATION]"
    help: ClassVar = "all is sent, but the end of the body comes so much later (5s)"
    example: ClassVar = "slow_close:2s"
    forms: ClassVar[frozenset[Form]] = HTTP
    stage: ClassVar = 3

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read how long."""
        return cls() if value is None else cls(seconds(value))

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Wait after the last part."""
        async for part in parts:
            yield part
        way.note(self.name)
        await way.wait(self.seconds)
