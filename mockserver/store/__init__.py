"""What the server remembers: JSON documents keyed by namespace, kind and id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mockserver.schema.base import Json
from mockserver.store.memory import MemoryStore
from mockserver.store.written import Written

__all__ = ["MemoryStore", "Store", "Written"]


class Store(Protocol):
    """Eleven verbs over documents; a document handed out or in is the caller's own copy."""

    async def put(self, namespace: str, kind: str, id: str, document: Json) -> None:
        """Remember a document, in place of one with the same key."""
        ...

    async def write(self, namespace: str, kind: str, id: str, raw: Written) -> None:
        """Remember a document that is written as JSON, in place of one with its key.

        It may be something that writes it when it is asked for its bytes.
        """
        ...

    async def get(self, namespace: str, kind: str, id: str) -> Json | None:
        """Return a document, or None when there is none."""
        ...

    async def update(
        self, namespace: str, kind: str, id: str, change: Callable[[Json], Json]
    ) -> Json | None:
        """Replace a document by what ``change`` makes of it, in one step; return the new one."""
        ...

    async def delete(self, namespace: str, kind: str, id: str) -> bool:
        """Forget a document; tell whether there was one."""
        ...

    async def newest(self, namespace: str, kind: str) -> list[Json]:
        """Return all documents of a kind, the latest first."""
        ...

    async def ids(self, namespace: str, kind: str) -> list[str]:
        """Return the ids of all documents of a kind, the oldest first."""
        ...

    async def beginning(self, namespace: str, kind: str, start: str) -> list[str]:
        """Return the ids of the documents of a kind that begin so, the oldest first."""
        ...

    async def clear(self, namespace: str | None = None) -> None:
        """Forget a namespace, or everything."""
        ...

    async def size(self) -> tuple[int, int]:
        """Return how many documents there are, and their bytes."""
        ...

    async def close(self) -> None:
        """Let go of what the store holds open."""
        ...
