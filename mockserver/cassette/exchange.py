"""A request and its response as a dialect found them, not yet made fit to serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in file order, one pair per value, names spelt as recorded."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded exchange in its recorded form: bodies may be compressed, headers may lie.

    ``reason`` is empty when the file has none; ``replay`` is the ``response.x_replay`` value,
    unchecked, or None.
    """

    method: str
    uri: str
    request_headers: Headers
    request_body: bytes
    status: int
    reason: str
    headers: Headers
    body: bytes
    replay: Any = None
