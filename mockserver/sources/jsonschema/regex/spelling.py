"""Writing a text of a given length from the parts of a regular expression."""

from __future__ import annotations

from random import Random
from typing import Final

from mockserver.sources.jsonschema.regex.lengths import Lengths
from mockserver.sources.jsonschema.regex.tree import (
    Back,
    Chars,
    Choice,
    Group,
    Node,
    Repeat,
    Sequence,
)

_KINDS: Final = (str.islower, str.isupper, str.isdecimal)


class Spelling:
    """Writes text part by part; looks, places and references are left to a check of the whole.

    Letters in lower case are preferred where a set has many members; ``mixed`` gives letters of
    both cases, digits and signs an equal chance instead, which is what looks tend to demand.
    """

    def __init__(self, lengths: Lengths, rng: Random, *, mixed: bool = False) -> None:
        self._lengths = lengths
        self._rng = rng
        self._mixed = mixed
        self._captured: dict[int, str] = {}

    def write(self, node: Node, length: int) -> str:
        """Write ``length`` characters, a length that ``lengths`` holds for the part."""
        match node:
            case Chars(_, samples):
                return self._char(samples)
            case Sequence(parts):
                return self._sequence(parts, length)
            case Choice(options):
                fitting = [each for each in options if self._lengths.of(each) >> length & 1]
                return self.write(self._rng.choice(fitting), length)
            case Repeat():
                return self._repeat(node, length)
            case Group(number, part):
                self._captured[number] = self.write(part, length)
                return self._captured[number]
            case Back(number):
                return self._captured.get(number, "")
        return ""

    def _char(self, samples: str) -> str:
        if len(samples) == 1:
            return samples
        kinds = ["".join(filter(kind, samples)) for kind in _KINDS]
        if self._mixed:
            kinds.append("".join(char for char in samples if not char.isalnum()))
            return self._rng.choice(self._rng.choice([kind for kind in kinds if kind] or [samples]))
        lower, upper, digits = kinds
        return self._rng.choice(lower or upper or digits or samples)

    def _sequence(self, parts: tuple[Node, ...], length: int) -> str:
        tails = self._lengths.tails(parts)
        written = []
        for part, tail in zip(parts, tails[1:], strict=True):
            share = self._share(self._lengths.of(part), tail, length)
            written.append(self.write(part, share))
            length -= share
        return "".join(written)

    def _repeat(self, node: Repeat, length: int) -> str:
        lengths = self._lengths.of(node.part)
        some = lengths & ~1
        low = 0 if lengths & 1 else node.low
        if not length or not some:
            return self.write(node.part, 0) * node.low if lengths & 1 else ""
        counts = self._counts(some, min(node.high, length), length)
        fitting = [n for n in range(low, len(counts)) if counts[n] >> length & 1]
        written = []
        for left in range(self._rng.choice(fitting), 0, -1):
            share = self._share(some, counts[left - 1], length)
            written.append(self.write(node.part, share))
            length -= share
        return "".join(written)

    def _counts(self, lengths: int, most: int, total: int) -> list[int]:
        if lengths.bit_count() == 1:  # one length only, so that each count has one as well
            step = lengths.bit_length() - 1
            return [1 << step * n for n in range(min(most, total // step) + 1)]
        return self._lengths.counts(lengths, most)

    def _share(self, first: int, rest: int, total: int) -> int:
        """Choose what the first part takes of ``total`` so that the rest can take what is left."""
        fitting = [n for n in range(total + 1) if first >> n & 1 and rest >> (total - n) & 1]
        return fitting[0] if len(fitting) == 1 else self._rng.choice(fitting)
