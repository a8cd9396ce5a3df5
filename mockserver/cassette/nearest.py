"""The recorded requests that are most like one that was not recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from heapq import nlargest
from typing import Any, Final
from zlib import crc32

from mockserver.cassette.canonical import Canonical

MAX_TRAITS: Final = 200
"""JSON leaves, and words, that count for likeness; keeps a miss cheap for huge requests."""

_READ: Final = 1000
"""Characters at each end of a text whose words count."""
_KNOWN_ENDPOINTS: Final = 200


class Nearest:
    """Finds the recorded requests that share the most JSON leaves and words of text."""

    def __init__(self) -> None:
        self._endpoints: dict[tuple[str, str], _Endpoint] = {}

    def add(self, position: int, request: Canonical) -> None:
        """Take a recorded request under the position it is to be named by."""
        key = (request.method, request.path)
        self._endpoints.setdefault(key, _Endpoint()).add(position, traits(request))

    def at(self, method: str, endpoint: str) -> list[int]:
        """Return the positions recorded for a method and an endpoint."""
        found = self._endpoints.get((method, endpoint))
        return found.positions if found else []

    def ranked(self, request: Canonical, limit: int) -> list[tuple[float, int]]:
        """Return up to ``limit`` likenesses (0 to 1) and positions on the same endpoint.

        The nearest comes first, of equally near ones the oldest.
        """
        found = self._endpoints.get((request.method, request.path))
        return found.ranked(traits(request), limit) if found else []

    def endpoints(self, method: str, endpoint: str, limit: int) -> list[str]:
        """Return up to ``limit`` recorded endpoints as ``METHOD /path``, those most alike first."""
        wanted = f"{method} {endpoint}"
        names = [" ".join(key) for key in list(self._endpoints)[:_KNOWN_ENDPOINTS]]
        return nlargest(limit, names, key=lambda name: SequenceMatcher(None, wanted, name).ratio())


class _Endpoint:
    """The requests of one endpoint by trait: what all have in common costs a lookup nothing."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self._sizes: list[int] = []
        self._having: dict[int, list[int]] = {}

    def add(self, position: int, found: set[int]) -> None:
        rank = len(self.positions)
        self.positions.append(position)
        self._sizes.append(len(found))
        for trait in found:
            self._having.setdefault(trait, []).append(rank)

    def ranked(self, wanted: set[int], limit: int) -> list[tuple[float, int]]:
        everywhere, shared = 0, Counter[int]()
        for trait in wanted:
            having = self._having.get(trait, [])
            if len(having) == len(self.positions):
                everywhere += 1
            else:
                shared.update(having)
        for rank in range(min(limit, len(self.positions))):
            shared.setdefault(rank, 0)
        size = len(wanted)
        scores = (
            ((common + everywhere) / (size + self._sizes[rank] - common - everywhere or 1), -rank)
            for rank, common in shared.items()
        )
        return [(score, self.positions[-rank]) for score, rank in nlargest(limit, scores)]


def traits(request: Canonical) -> set[int]:
    """Return checksums of a request's JSON leaves, each with its keys, and of words in its texts.

    Places in lists do not count, so that an inserted message does not make all later ones differ.
    """
    leaves = {_checksum("=".join(pair), 0) for pair in request.query}
    words: set[str] = set()
    for place, value in _walk(request.body):
        leaves.add(_checksum(value if isinstance(value, str) else repr(value), place))
        if isinstance(value, str) and len(words) < MAX_TRAITS:
            words.update(value[:_READ].split(), value[_READ:][-_READ:].split())
        if len(leaves) >= MAX_TRAITS:
            break
    return leaves | {_checksum(word, 0) for word in words}


def _walk(body: Any) -> Iterator[tuple[int, Any]]:
    """Yield each value that is no container with a checksum of its keys, the last values first."""
    pending: list[tuple[int, Any]] = [(0, body)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, dict) and value:
            pending += [(_checksum(key, place), item) for key, item in value.items()]
        elif isinstance(value, list) and value:
            inside = _checksum("[]", place)
            pending += [(inside, item) for item in value]
        else:
            yield place, value


def _checksum(text: str, start: int) -> int:
    return crc32(text.encode("utf-8", "replace"), start)
