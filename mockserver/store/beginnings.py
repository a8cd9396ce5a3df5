"""Which documents there are whose ids begin alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

Key: TypeAlias = tuple[str, str, str]
"""A document's namespace, kind and id."""


class Beginnings:
    """Finds keys by the first letters of their ids.

    Nothing is kept until beginnings of a length are asked for; then those of each id are.
    """

    def __init__(self) -> None:
        self._lengths: Final[dict[int, dict[Key, list[str]]]] = {}

    def add(self, key: Key) -> None:
        """Take note of a new key."""
        for length, known in self._lengths.items():
            _file(known, length, key)

    def drop(self, key: Key) -> None:
        """Forget a key that was added."""
        for length, known in self._lengths.items():
            namespace, kind, id = key
            beginning = (namespace, kind, id[:length])
            ids = known[beginning]
            ids.remove(id)
            if not ids:
                del known[beginning]

    def find(self, keys: Iterable[Key], beginning: Key) -> list[str]:
        """Return the ids that begin so, the oldest first; ``keys`` are all that there are."""
        length = len(beginning[2])
        known = self._lengths.get(length)
        if known is None:
            known = self._lengths[length] = {}
            for key in keys:
                _file(known, length, key)
        return list(known.get(beginning, ()))


def _file(known: dict[Key, list[str]], length: int, key: Key) -> None:
    namespace, kind, id = key
    known.setdefault((namespace, kind, id[:length]), []).append(id)
