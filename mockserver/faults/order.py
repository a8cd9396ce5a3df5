"""Faults of the order of events: twice, swapped, left out, misnumbered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar

from mockserver.faults.fault import Placed
from mockserver.faults.part import EVENTS, Form, Part, Way, numbered


def shifted(part: Part, by: int, way: Way) -> Part:
    """Return an event numbered higher by so much; what has no number stays as it is."""
    if part.document is None or "sequence_number" not in part.document:
        return part
    number = part.document["sequence_number"] + by
    return way.part({**part.document, "sequence_number": number})


class Duplicate(Placed):
    """An event that comes twice, with the same number."""

    name: ClassVar = "duplicate"
    help: ClassVar = "event N comes twice"
    example: ClassVar = "duplicate:5"
    forms: ClassVar[frozenset[Form]] = EVENTS

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Repeat the event."""
        async for index, part in numbered(parts):
            yield part
            if index == self.at:
                way.note(self.name)
                yield part


class Reorder(Placed):
    """Two events that come in the wrong order, each with its own number."""

    name: ClassVar = "reorder"
    help: ClassVar = "event N comes after the next one"
    example: ClassVar = "reorder:5"
    forms: ClassVar[frozenset[Form]] = EVENTS

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Hold the event back until the next one has been sent."""
        held = None
        async for index, part in numbered(parts):
            if index == self.at:
                held = part
            else:
                yield part
                if held is not None:
                    way.note(self.name)
                    yield held
                    held = None
        if held is not None:
            yield held


class Drop(Placed):
    """An event that never comes."""

    name: ClassVar = "drop"
    help: ClassVar = "event N is left out"
    example: ClassVar = "drop:5"
    forms: ClassVar[frozenset[Form]] = EVENTS

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Leave the event out."""
        async for index, part in numbered(parts):
            if index == self.at:
                way.note(self.name)
            else:
                yield part


class Gap(Placed):
    """Numbers that skip one, though no event is missing."""

    name: ClassVar = "gap"
    help: ClassVar = "sequence_number skips one before event N; no event is missing"
    example: ClassVar = "gap:5"
    forms: ClassVar[frozenset[Form]] = EVENTS

    async def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Number what follows one higher."""
        async for index, part in numbered(parts):
            if index == self.at:
                way.note(self.name)
            yield shifted(part, 1, way) if index >= self.at else part
