"""Lineages: which turns came before a response, whatever ids they had."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import Final, TypeAlias

from mockserver.cassette.interaction import Interaction
from mockserver.cassette.plays import PlayCounts
from mockserver.cassette.request import Request

Lineage: TypeAlias = bytes
"""A digest of a request and of those that it continues, all blind to ids."""

_OWN_ID: Final = re.compile(rb'"id":\s*"(resp_[^"\\]+)"')
_ANY_ID: Final = re.compile(rb'"id":\s*"([^"\\]+)"')
_WITHIN: Final = 65_536
"""Bytes of a response body in which its id is looked for; it stands near the top."""


class Lineages:
    """The lineage of each recorded response, by position and by response id.

    A chain of ``previous_response_id`` whose ids came from elsewhere - made up, recorded anew, or
    renamed - is told by them from another one that asks the same (vcr §4.2, id aliasing).
    """

    def __init__(self) -> None:
        self._parents: list[str | None] = []
        self._positions: dict[str, int] = {}
        self._lineages: list[Lineage] = []

    def add(self, request: Request, interaction: Interaction) -> None:
        """Take the interaction at the next position with its request as it is compared."""
        position = len(self._parents)
        parent = _parent(request)
        self._parents.append(parent)
        before = self._recorded(parent)
        self._lineages.append(_digest(request, before or b""))
        if (issued := _issued(request, interaction)) is not None:
            self._positions.setdefault(issued, position)

    def of(self, request: Request, played: PlayCounts) -> Lineage:
        """Return the lineage of what a session asks."""
        return _digest(request, self._live(_parent(request), played) or b"")

    def preferences(
        self, request: Request, played: PlayCounts
    ) -> tuple[Callable[[int], bool], ...]:
        """Return what tells, of equal recordings, those that go on with this very conversation.

        First those that continue the same turns, then those whose own parent the session has had.
        """
        parent = _parent(request)
        if parent is None:
            return ()
        before = self._live(parent, played)
        had = partial(self._continues_what_was_played, played)
        return (had,) if before is None else (partial(self._continues, before), had)

    def _live(self, response_id: str | None, played: PlayCounts) -> Lineage | None:
        if response_id is None:
            return None
        return played.lineage(response_id) or self._recorded(response_id)

    def _recorded(self, response_id: str | None) -> Lineage | None:
        position = None if response_id is None else self._positions.get(response_id)
        return None if position is None else self._lineages[position]

    def _continues(self, before: Lineage, position: int) -> bool:
        return self._recorded(self._parents[position]) == before

    def _continues_what_was_played(self, played: PlayCounts, position: int) -> bool:
        parent = self._positions.get(self._parents[position] or "")
        return parent is not None and played.count(parent) > 0


def _digest(request: Request, before: Lineage) -> Lineage:
    return blake2b(request.loose + before, digest_size=16, person=b"lineage").digest()


def _parent(request: Request) -> str | None:
    body = request.canonical.body
    parent = body.get("previous_response_id") if isinstance(body, dict) else None
    return parent if isinstance(parent, str) else None


def _issued(request: Request, interaction: Interaction) -> str | None:
    """Return the id of the response that an interaction brought into being, if it did."""
    if request.canonical.method != "POST":
        return None
    own = _OWN_ID.search(interaction.body, 0, _WITHIN)
    if own is None and request.canonical.path == "/responses":
        own = _ANY_ID.search(interaction.body, 0, _WITHIN)
    return own.group(1).decode("utf-8", "replace") if own else None
