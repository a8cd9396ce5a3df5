"""Verification: what the upstream says today beside what was recorded."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, Final

from mockserver.cassette import Interaction, shapes
from mockserver.schema.base import Json
from mockserver.sources.cassette import finished

_ID: Final = re.compile(rb'"((?:resp|call|msg|rs|fc)_[A-Za-z0-9_-]+)"')


class Verifier:
    """All checks of a server; ``found`` are the differences so far, a text for each answer."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._spaces: dict[str, Verification] = {}

    def of(self, namespace: str) -> Verification:
        """Return the checks of a namespace."""
        return self._spaces.setdefault(namespace, Verification())


@dataclass(slots=True)
class Verification:
    """The checks of one namespace, one after the other, so that chains can be followed.

    ``ids`` map what the recordings call things to what the upstream calls them now.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    ids: dict[bytes, bytes] = field(default_factory=dict)

    def translate(self, body: bytes) -> bytes:
        """Return a request body with the upstream's ids in place of recorded ones."""
        if not self.ids:
            return body
        return _ID.sub(lambda match: b'"%s"' % self.ids.get(match[1], match[1]), body)

    def compare(self, recorded: Interaction, live: Interaction) -> list[str]:
        """Return the differences in shape, and note which ids stand for which."""
        before, now = finished(recorded), finished(live)
        if before is not None and now is not None:
            self._note(before, now)
        return shapes.differences(recorded, live)

    def _note(self, before: Json, now: Json) -> None:
        """Pair the response and, kind by kind in their order, the items that it holds."""
        self._pair(before, now, "id")
        left = list(now.get("output") or [])
        for item in before.get("output") or []:
            twin = next((other for other in left if _alike(item, other)), None)
            if twin is not None:
                left.remove(twin)
                for key in ("id", "call_id"):
                    self._pair(item, twin, key)

    def _pair(self, before: Json, now: Json, key: str) -> None:
        one, other = before.get(key), now.get(key)
        if isinstance(one, str) and isinstance(other, str):
            self.ids[one.encode()] = other.encode()


def _alike(item: Any, other: Any) -> bool:
    return all(item.get(key) == other.get(key) for key in ("type", "name"))
