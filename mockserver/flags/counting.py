"""The counting of requests that bring flags, and which of them get what they ask for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from mockserver.flags.model import Flags, Gate

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

    def forget(self, key: str) -> None:
        """Count from the beginning what is counted together under a key."""
        self._counts.pop(key, None)
