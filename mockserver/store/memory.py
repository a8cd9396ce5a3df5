"""The default store: this process's memory, bounded by count and bytes, oldest out first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import orjson

from mockserver.schema.base import Json, compact, fitted
from mockserver.store.beginnings import Beginnings, Key
from mockserver.store.written import Written


class MemoryStore:
    """Keeps documents as JSON bytes, so that a size is exact and nobody shares an object.

    What was handed in to be written later counts as if it were written.
    """

    def __init__(self, *, max_count: int = 10_000, max_bytes: int = 256 * 2**20) -> None:
        self._max_count = max_count
        self._max_bytes = max_bytes
        self._documents: OrderedDict[Key, Written] = OrderedDict()
        self._beginnings = Beginnings()
        self._bytes = 0

    async def put(self, namespace: str, kind: str, id: str, document: Json) -> None:
        """Remember a document, and forget the oldest ones past the bounds."""
        await self.write(namespace, kind, id, fitted(compact(document)))

    async def write(self, namespace: str, kind: str, id: str, raw: Written) -> None:
        """Remember a document that is written as JSON already, or can be at any time."""
        key = (namespace, kind, id)
        if key in self._documents:
            self._drop(key)
        self._documents[key] = raw
        self._beginnings.add(key)
        self._bytes += len(raw)
        self._trim()

    async def get(self, namespace: str, kind: str, id: str) -> Json | None:
        """Return a document, or None when there is none."""
        raw = self._documents.get((namespace, kind, id))
        return None if raw is None else _read(raw)

    async def update(
        self, namespace: str, kind: str, id: str, change: Callable[[Json], Json]
    ) -> Json | None:
        """Replace a document in place; its age stays what it was."""
        key = (namespace, kind, id)
        old = self._documents.get(key)
        if old is None:
            return None
        new = fitted(compact(change(_read(old))))
        self._documents[key] = new
        self._bytes += len(new) - len(old)
        self._trim()
        return _read(new)

    async def delete(self, namespace: str, kind: str, id: str) -> bool:
        """Forget a document; tell whether there was one."""
        return self._drop((namespace, kind, id))

    async def newest(self, namespace: str, kind: str) -> list[Json]:
        """Return all documents of a kind, the latest first."""
        return [
            _read(raw)
            for (home, sort, _), raw in reversed(self._documents.items())
            if (home, sort) == (namespace, kind)
        ]

    async def ids(self, namespace: str, kind: str) -> list[str]:
        """Return the ids of all documents of a kind, the oldest first."""
        return [id for home, sort, id in self._documents if (home, sort) == (namespace, kind)]

    async def beginning(self, namespace: str, kind: str, start: str) -> list[str]:
        """Return the ids of a kind that begin so, the oldest first."""
        return self._beginnings.find(self._documents, (namespace, kind, start))

    async def clear(self, namespace: str | None = None) -> None:
        """Forget a namespace, or everything."""
        for key in [key for key in self._documents if namespace in (None, key[0])]:
            self._drop(key)

    async def size(self) -> tuple[int, int]:
        """Return how many documents there are, and their bytes."""
        return len(self._documents), self._bytes

    async def close(self) -> None:
        """Memory needs no closing."""

    def _trim(self) -> None:
        while len(self._documents) > self._max_count or self._bytes > self._max_bytes:
            key, raw = self._documents.popitem(last=False)
            self._bytes -= len(raw)
            self._beginnings.drop(key)

    def _drop(self, key: Key) -> bool:
        raw = self._documents.pop(key, None)
        if raw is None:
            return False
        self._bytes -= len(raw)
        self._beginnings.drop(key)
        return True


def _read(raw: Written) -> Json:
    document: Json = orjson.loads(bytes(raw))
    return document
