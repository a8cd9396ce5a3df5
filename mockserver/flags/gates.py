"""Flags of which requests are meant, and the counting of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from mockserver.flags.flag import Flag, Read
from mockserver.flags.model import Flags, Gate
from mockserver.notation import chance, whole

_REMEMBERED: Final = 4096


class Gates:
    """How often requests came with each text of flags, and how often the flags were in force."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def admit(self, flags: Flags, key: str, fraction: Callable[[str], float]) -> bool:
        """Count a request with these flags; tell whether they are in force for it.

        ``key`` says what is counted together, ``fraction`` gives a seeded number below 1.
        """
        gate = flags.gate or Gate()
        seen, taken = self._counts.pop(key, (0, 0))
        seen += 1
        due = seen > gate.after and (seen - gate.after) % gate.every == 0
        if due and gate.times is not None:
            due = taken < gate.times
        if due and gate.p is not None:
            due = fraction(f"{key}|{seen}") < gate.p
        self._counts[key] = (seen, taken + due)
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        return due


def _gate(name: str, parse: Callable[[str | None], Any]) -> Read:
    def read(flags: Flags, value: str | None) -> Flags:
        return replace(flags, gate=replace(flags.gate or Gate(), **{name: parse(value)}))

    return read


FLAGS: Final = (
    Flag(
        "after",
        ":N",
        "the first N requests with these flags pass, and are answered as if they had none",
        "after:2,http:500",
        _gate("after", whole),
    ),
    Flag(
        "times",
        ":N",
        "the flags hold for N requests; the next ones are answered as if they had none",
        "http:429,times:2",
        _gate("times", whole),
    ),
    Flag(
        "every",
        ":N",
        "the flags hold for each N-th request",
        "every:3,reset",
        _gate("every", lambda value: whole(value, least=1)),
    ),
    Flag(
        "p",
        ":CHANCE",
        "the flags hold with this probability, from the seed",
        "p:0.1,http:503",
        _gate("p", chance),
    ),
)
