"""Whether a text matches a regular expression, in time that cannot explode."""

from __future__ import annotations

import re
from typing import Final

from mockserver.sources.jsonschema.regex.tree import (
    Back,
    Chars,
    Choice,
    Edge,
    Group,
    Look,
    Node,
    PatternError,
    Repeat,
    Sequence,
)

_WORK: Final = 30_000


def refers_back(node: Node) -> bool:
    """Tell whether a part has a back reference in it."""
    match node:
        case Back():
            return True
        case Sequence(parts) | Choice(parts):
            return any(map(refers_back, parts))
        case Repeat(part, _, _) | Group(_, part) | Look(part, _, _):
            return refers_back(part)
    return False


def is_tame(node: Node, *, repeats: int = 2) -> bool:
    """Tell whether a backtracking matcher is safe: few repeats of open count, none in another."""
    return _open_repeats(node) <= repeats


def _open_repeats(node: Node) -> int:
    match node:
        case Sequence(parts) | Choice(parts):
            return sum(map(_open_repeats, parts))
        case Repeat(part, low, high):
            inner = _open_repeats(part)
            return 1000 if inner and high > 1 else inner + (low != high)
        case Group(_, part) | Look(part, _, _):
            return _open_repeats(part)
    return 0


class Matching:
    """Matches all ways at once: a set of places in the text goes in, the set reached comes out.

    Places are bits of a number, bit *n* for the place before character *n*. The work grows with
    the length of the text and the size of the expression, never with the number of ways to match;
    PatternError says when even that is too much.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._all = (1 << (len(text) + 1)) - 1
        self._work = _WORK
        self._places: dict[int, int] = {}

    @property
    def used(self) -> int:
        """The work it took so far."""
        return _WORK - self._work

    def found(self, node: Node) -> bool:
        """Tell whether the expression matches anywhere, as ``re.search`` does."""
        return bool(self._step(node, self._all))

    def _step(self, node: Node, places: int) -> int:
        if not places:
            return 0
        self._work -= 1 + len(self._text) // 256
        if self._work < 0:
            raise PatternError("matching it is too much work")
        match node:
            case Chars():
                return (places & self._members(node)) << 1
            case Edge():
                return places & self._edges(node)
            case Sequence(parts):
                for part in parts:
                    places = self._step(part, places)
                return places
            case Choice(options):
                reached = 0
                for option in options:
                    reached |= self._step(option, places)
                return reached
            case Repeat(part, low, high):
                return self._repeat(part, low, high, places)
            case Look(part, ahead, wanted):
                seen = self._ahead(part, places) if ahead else self._step(part, self._all)
                return places & (seen if wanted else ~seen)
            case Group(_, part):
                return self._step(part, places)
        raise PatternError("back references are not supported here")

    def _repeat(self, part: Node, low: int, high: int, places: int) -> int:
        for _ in range(low):
            following = self._step(part, places)
            if following == places:
                break
            places = following
        reached = fresh = places
        count = low
        while fresh and count < high:
            fresh = self._step(part, fresh) & ~reached
            reached |= fresh
            count += 1
        return reached

    def _ahead(self, part: Node, places: int) -> int:
        seen = 0
        while places:
            place = places & -places
            places ^= place
            if self._step(part, place):
                seen |= place
        return seen

    def _members(self, node: Chars) -> int:
        places = self._places.get(id(node))
        if places is None:
            self._work -= len(self._text)
            places = sum(1 << n for n, char in enumerate(self._text) if node.accepts(char))
            self._places[id(node)] = places
        return places

    def _edges(self, node: Edge) -> int:
        text, end = self._text, len(self._text)
        match node.kind:
            case "start":
                return 1
            case "text_end":
                return 1 << end
            case "end":
                return 1 << end | (1 << end - 1 if text.endswith("\n") else 0)
            case "line_start":
                return 1 | sum(2 << n for n, char in enumerate(text) if char == "\n")
            case "line_end":
                return 1 << end | sum(1 << n for n, char in enumerate(text) if char == "\n")
        # Python changed its mind about the empty text, so Python is asked.
        edge = r"\b" if node.kind == "boundary" else r"\B"
        return sum(1 << found.start() for found in re.finditer(edge, text))
