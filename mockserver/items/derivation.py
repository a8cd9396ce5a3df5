"""Random derivation: the terminals that the rules of a grammar put in order."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, NamedTuple, TypeAlias

_EXPANSIONS: Final = 48
_ENDLESS: Final = 1 << 30


class Symbol(NamedTuple):
    """A rule or a terminal; ``hint`` is a name that says what its text is about."""

    name: str
    terminal: bool
    hint: str = ""


Way: TypeAlias = tuple[Symbol, ...]
"""One way to write a rule."""


class Rules:
    """The rules of a grammar, each with the ways to write it that come to an end."""

    def __init__(self, rules: Mapping[str, Sequence[Way]]) -> None:
        depths = _depths(rules)
        self._ways = {
            name: sorted(
                (way for way in rules[name] if _depth(way, depths) < _ENDLESS),
                key=lambda way: _depth(way, depths),
            )
            for name in depths
        }

    def __contains__(self, name: str) -> bool:
        """Tell whether some text of finite length fits the rule."""
        return name in self._ways

    def derive(self, name: str, rng: Random) -> list[Symbol]:
        """Return terminals in an order that the rule allows.

        After some dozens of random choices the shortest way is taken, so that it ends.
        """
        derived: list[Symbol] = []
        waiting = [Symbol(name, terminal=False)]
        left = _EXPANSIONS
        while waiting:
            symbol = waiting.pop()
            if symbol.terminal:
                derived.append(symbol)
                continue
            ways = self._ways[symbol.name]
            waiting.extend(reversed(rng.choice(ways) if left > 0 else ways[0]))
            left -= 1
        return derived


def _depths(rules: Mapping[str, Sequence[Way]]) -> dict[str, int]:
    """Return how deep the shortest text of each rule is; a rule without any is left out."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for name, ways in rules.items():
        for symbol in (symbol for way in ways for symbol in way if not symbol.terminal):
            users[symbol.name].add(name)
    depths: dict[str, int] = {}
    waiting = deque(rules)
    while waiting:
        name = waiting.popleft()
        depth = min((_depth(way, depths) for way in rules[name]), default=_ENDLESS)
        if depth < depths.get(name, _ENDLESS):
            depths[name] = depth
            waiting.extend(sorted(users[name]))
    return depths


def _depth(way: Way, depths: Mapping[str, int]) -> int:
    inner = [depths.get(symbol.name, _ENDLESS) for symbol in way if not symbol.terminal]
    return min(1 + max(inner, default=0), _ENDLESS)
