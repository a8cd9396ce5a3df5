"""A regular expression that can be searched for and written."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Final, TypeAlias

from mockserver.sources.jsonschema.regex.dialect import PLACEHOLDERS
from mockserver.sources.jsonschema.regex.lengths import Lengths, shortest
from mockserver.sources.jsonschema.regex.matching import Matching, is_tame, refers_back
from mockserver.sources.jsonschema.regex.parse import parse
from mockserver.sources.jsonschema.regex.spelling import Spelling
from mockserver.sources.jsonschema.regex.tree import Node, PatternError

LONGEST: Final = 4096
"""The longest text that is written for a pattern."""

Spend: TypeAlias = Callable[[int], None]
"""Told how much work something was, in steps of about a microsecond; may raise to end it."""

_SPREAD: Final = 12
_FILLER: Final = "abcdefghijklmnopqrstuvwxyz"


def _free(_: int) -> None:
    """Let the work go uncounted."""


class Pattern:
    """A pattern as schemas have it: matched anywhere in the text unless it says otherwise.

    Raises PatternError when the pattern is wrong, too large or not supported.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._tree, python = parse(source)
        self._shortest = shortest(self._tree)
        self._known: dict[int, Lengths] = {}
        self._search = _backtracking(self._tree, python) if refers_back(self._tree) else None

    @staticmethod
    @lru_cache(maxsize=512)
    def of(source: str) -> Pattern:
        """Return the pattern, read once for all who ask."""
        return Pattern(source)

    def found_in(self, text: str, spend: Spend = _free) -> bool:
        """Tell whether the pattern matches somewhere in the text, in bounded time."""
        if self._search:
            spend(len(text))
            return self._search(text[:LONGEST]) is not None
        matching = Matching(text)
        found = matching.found(self._tree)
        spend(matching.used + len(self.source))
        return found

    def write(
        self, rng: Random, *, low: int, high: int, mixed: bool = False, spend: Spend = _free
    ) -> str | None:
        """Write a text of ``low`` to ``high`` characters; None when the pattern has none so long.

        What looks, edges and back references ask for is not seen to: check with ``found_in``.
        """
        cap = min(high, LONGEST, max(low, self._shortest) + 8 * _SPREAD)
        if cap < low or self._shortest > cap:
            return None
        lengths = self._lengths(cap)
        spend(lengths.used + len(self.source))
        fitting = _first_bits(lengths.root >> low << low, _SPREAD + 1)
        if not fitting:
            return None
        if fitting[0] == 0 and len(fitting) > 1:
            del fitting[0]  # the empty text matches as well, and says nothing
        return Spelling(lengths, rng, mixed=mixed).write(self._tree, rng.choice(fitting[:_SPREAD]))

    def write_padded(self, rng: Random, *, low: int, high: int, spend: Spend = _free) -> str | None:
        """Write a text with letters before or after what matches, to make it long enough."""
        core = self.write(rng, low=0, high=high, spend=spend)
        if core is None or low > LONGEST:
            return None
        filler = "".join(rng.choices(_FILLER, k=max(0, low - len(core))))
        half = len(filler) // 2
        for text in (core + filler, filler + core, filler[:half] + core + filler[half:]):
            if self.found_in(text, spend):
                return text
        return None

    def _lengths(self, cap: int) -> Lengths:
        # Many caps would be a leak; a schema has one or two.
        if cap not in self._known and len(self._known) >= 8:
            self._known.clear()
        if cap not in self._known:
            self._known[cap] = Lengths(self._tree, cap)
        return self._known[cap]


def _backtracking(tree: Node, python: str) -> Callable[[str], re.Match[str] | None]:
    """Return Python's own search, for what ours cannot do and where it cannot explode."""
    if not is_tame(tree):
        raise PatternError("back references beside several open repeats are not supported")
    if any(ord(char) >= PLACEHOLDERS for char in python):
        raise PatternError("back references beside Unicode properties are not supported")
    try:
        return re.compile(python).search
    except re.error as error:
        raise PatternError(str(error)) from None


def _first_bits(bits: int, most: int) -> list[int]:
    places: list[int] = []
    while bits and len(places) < most:
        low = bits & -bits
        places.append(low.bit_length() - 1)
        bits ^= low
    return places
