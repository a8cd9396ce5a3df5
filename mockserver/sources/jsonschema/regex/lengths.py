"""Which lengths the text of a regular expression can have."""

from __future__ import annotations

from typing import Final

from mockserver.sources.jsonschema.regex.tree import (
    Back,
    Chars,
    Choice,
    Group,
    Node,
    PatternError,
    Repeat,
    Sequence,
)

_WORK: Final = 50_000


def shortest(node: Node) -> int:
    """Return the least number of characters the part takes, however large that is."""
    match node:
        case Chars():
            return 1
        case Sequence(parts):
            return sum(map(shortest, parts))
        case Choice(options):
            return min(map(shortest, options), default=0)
        case Repeat(part, low, _):
            return low * shortest(part) if low else 0
        case Group(_, part):
            return shortest(part)
    return 0


class Lengths:
    """The lengths each part can have, up to ``cap``, as a set of bits: bit *n* stands for *n*.

    A length counts for what can be written, not for what can be matched: a set of characters that
    has no samples has no length. Places and looks take no room; a back reference counts as its
    group does. Raises PatternError when the lengths cannot be worked out with bounded work.
    """

    def __init__(self, root: Node, cap: int) -> None:
        self.cap = cap
        self._all = (1 << (cap + 1)) - 1
        self._work = _WORK
        self._known: dict[int, int] = {}
        self._groups: dict[int, int] = {}
        self._tails: dict[int, list[int]] = {}
        self.root = self.of(root)

    def of(self, node: Node) -> int:
        """Return the lengths of a part."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = self._of(node)
        return known

    def _of(self, node: Node) -> int:
        match node:
            case Chars(_, samples):
                return 0b10 & self._all if samples else 0
            case Sequence(parts):
                return self.tails(parts)[0]
            case Choice(options):
                lengths = 0
                for option in options:
                    lengths |= self.of(option)
                return lengths
            case Repeat(part, low, high):
                lengths = self.of(part)
                return self.join(self._power(lengths, low), self._power(lengths | 1, high - low))
            case Group(number, part):
                self._groups[number] = self.of(part)
                return self._groups[number]
            case Back(number):
                return self._groups.get(number, 0)
        return 1

    def tails(self, parts: tuple[Node, ...]) -> list[int]:
        """Return the lengths of what is left from each part on, and of nothing at the end."""
        known = self._tails.get(id(parts))
        if known is None:
            for part in parts:  # from left to right, so that groups are known before references
                self.of(part)
            known = [1]
            for part in reversed(parts):
                known.append(self.join(self.of(part), known[-1]))
            known.reverse()
            self._tails[id(parts)] = known
        return known

    def join(self, one: int, other: int) -> int:
        """Return the lengths of something of ``one`` followed by something of ``other``."""
        if not one or not other:
            return 0
        for full, rest in ((one, other), (other, one)):
            low = full & -full
            if full | (low - 1) == self._all:  # everything from here on: only the least counts
                least = low.bit_length() + (rest & -rest).bit_length() - 2
                return self._all >> least << least
        few, many = sorted((one, other), key=int.bit_count)
        self._spend(few.bit_count())
        lengths = 0
        while few:
            low = few & -few
            lengths |= many * low
            few ^= low
        return lengths & self._all

    def counts(self, lengths: int, most: int) -> list[int]:
        """Return the lengths of exactly 0, 1, 2, … ``most`` parts in a row."""
        counts = [1]
        for _ in range(most):
            counts.append(self.join(counts[-1], lengths))
        return counts

    def _power(self, lengths: int, times: int) -> int:
        """Return the lengths of exactly ``times`` parts in a row."""
        if lengths & 1:
            times = min(times, self.cap)  # more of them could only be empty
        result, square = 1, lengths
        while times and result:
            if times & 1:
                result = self.join(result, square)
            square = self.join(square, square)
            times >>= 1
        return result

    @property
    def used(self) -> int:
        """The work it took so far."""
        return _WORK - self._work

    def _spend(self, steps: int) -> None:
        self._work -= steps * (1 + self.cap // 512)
        if self._work < 0:
            raise PatternError("it is too complex")
