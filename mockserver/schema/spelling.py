"""The API's help with misspelt parameters."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final

from mockserver.schema.faults import enumerate_quoted

_FARTHEST: Final = 2
"""Edits within which a known name is suggested (api-contract §9.4)."""


def suggest(name: str, known: Iterable[str], sent: Container[str]) -> str:
    """Return `` Did you mean '…'?`` for known names near this one that were not sent, or nothing.

    The nearest comes first, equally near ones in alphabetical order.
    """
    near = sorted(
        (distance, candidate)
        for candidate in known
        if candidate not in sent and abs(len(candidate) - len(name)) <= _FARTHEST
        for distance in (edits(name, candidate),)
        if distance <= _FARTHEST
    )
    if not near:
        return ""
    return f" Did you mean {enumerate_quoted((candidate for _, candidate in near), 'or')}?"


def edits(one: str, other: str) -> int:
    """Return how many characters must be put in, taken out or changed to get the other string."""
    row = list(range(len(other) + 1))
    for index, left in enumerate(one, 1):
        corner, row[0] = row[0], index
        for column, right in enumerate(other, 1):
            best = min(row[column] + 1, row[column - 1] + 1, corner + (left != right))
            corner, row[column] = row[column], best
    return row[-1]
