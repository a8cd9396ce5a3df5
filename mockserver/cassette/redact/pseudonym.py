"""What stands for a value that is hidden but has to stay the same value everywhere."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from mockserver.cassette.redact.shapes import PLACEHOLDER

_PSEUDONYM: Final = re.compile(r"redacted-[0-9a-f]{8}")
_NUMBERS: Final = 80808080 * 10**8
"""Pseudonyms of numbers lie in the hundred million from here on, where nobody counts."""


def of_text(value: str) -> str:
    """Return what stands for a text: always the same for the same text, and for itself itself."""
    if not value or value == PLACEHOLDER or _PSEUDONYM.fullmatch(value):
        return value
    return f"redacted-{_digest(value):08x}"


def of_number(value: int | float) -> int | float:
    """Return the whole number that stands for a number."""
    if _NUMBERS <= value < _NUMBERS + 10**8:
        return value
    return _NUMBERS + _digest(repr(value)) % 10**8


def within(pattern: re.Pattern[str], value: str) -> str:
    """Give what a pattern covers its pseudonym; the pseudonyms that are there stay."""
    pieces = _PSEUDONYM.split(value)
    hidden = [pattern.sub(lambda match: of_text(match.group()), each) for each in pieces]
    found = _PSEUDONYM.findall(value)
    return "".join(map("".join, zip(hidden, [*found, ""], strict=True)))


def holds(value: object) -> bool:
    """Tell whether a text, bytes or a number have a pseudonym in them, or are one."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        return _PSEUDONYM.search(value) is not None
    return isinstance(value, int | float) and _NUMBERS <= value < _NUMBERS + 10**8


def _digest(text: str) -> int:
    return int.from_bytes(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4, person=b"redacted").digest()
    )
