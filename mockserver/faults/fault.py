"""A fault: one class says how it is written, what it means and what it does on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final, Self

from mockserver.faults.part import ALL, Form, Head, Part, Way
from mockserver.notation import code, nothing, whole

_faults: dict[str, type[Fault]] = {}


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with an answer on its way, and never with what is on record.

    A fault is a subclass with a ``name``, and registers itself by being one:

    - ``value``: how its value is written, as the tables show it
    - ``help``: what it does; ``example``: one way to write it
    - ``forms``: the forms of answers that it can happen to
    - ``stage``: its turn among several: 0 changes events, 1 bytes, 2 the writing of them

    One with values of its own is a frozen dataclass; one without inherits all it needs.

    ``begin`` plays before the first byte, ``parts`` on each part. Both tell ``way.note`` when the
    fault does happen: an answer that is over before it shows nothing of it.
    """

    name: ClassVar[str] = ""
    value: ClassVar[str] = ""
    help: ClassVar[str] = ""
    example: ClassVar[str] = ""
    forms: ClassVar[frozenset[Form]] = ALL
    stage: ClassVar[int] = 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """File the class under its name; a second class for a name is an error."""
        super().__init_subclass__(**kwargs)
        if not cls.name:
            return
        if cls.name in _faults:
            raise TypeError(f"fault {cls.name!r} is already {_faults[cls.name].__name__}")
        _faults[cls.name] = cls

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Return the fault with a value as it was written; raise ValueError for nonsense."""
        nothing(value)
        return cls()

    async def begin(self, way: Way, head: Head | None) -> None:
        """Play before the first byte; a WebSocket answer has no head."""

    def parts(self, parts: AsyncIterator[Part], way: Way) -> AsyncIterator[Part]:
        """Play on the parts as they come; Severed ends them."""
        return parts


FAULTS: Final[Mapping[str, type[Fault]]] = MappingProxyType(_faults)
"""Every registered fault by its name."""


@dataclass(frozen=True)
class Placed(Fault):
    """A fault of the event with this number, counted from 0; a body is one part, number 0.

    ``usual`` is the number of one that need not be written.
    """

    at: int

    value: ClassVar[str] = ":N"
    usual: ClassVar[int | None] = None

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read the number of the event."""
        return cls(whole(value) if value is not None or cls.usual is None else cls.usual)

    def index(self, way: Way) -> int:
        """Return the number of the part that is meant."""
        return 0 if way.form == "body" else self.at


@dataclass(frozen=True)
class Failing(Placed):
    """A fault of an event that brings an error with this code."""

    code: str = "server_error"

    value: ClassVar[str] = ":N[/CODE]"

    @classmethod
    def read(cls, value: str | None) -> Self:
        """Read the number of the event and the code."""
        place, slash, text = (value or "").partition("/")
        return cls(whole(place), code(text)) if slash else cls(whole(place))
