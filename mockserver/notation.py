"""How values are written in scenario flags: durations, counts, chances, rates, names, texts."""

from __future__ import annotations

import re
from typing import Final

_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m)?")
_NUMBER: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_BITS: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(bps|kbps|mbps)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}
_BIT_UNITS: Final = {"bps": 1, "kbps": 1_000, "mbps": 1_000_000}
_SLOWEST: Final = 0.001

LONGEST: Final = 86_400.0
"""The longest duration there is, in seconds: a day."""

MOST: Final = 1_000_000
"""The largest count there is."""


def seconds(text: str | None) -> float:
    """Read a duration such as ``200ms``, ``1.5s``, ``2m`` or plain seconds, of a day at most."""
    match = _DURATION.fullmatch(text or "")
    duration = float(match[1]) * _UNITS[match[2]] if match else LONGEST + 1
    if duration > LONGEST:
        raise ValueError(
            f"'{text or ''}' is not a duration such as 200ms or 1.5s, of a day at most."
        )
    return duration


def whole(text: str | None, *, least: int = 0, most: int = MOST) -> int:
    """Read a whole number between two bounds, both included."""
    number = int(text or 0) if re.fullmatch(r"[0-9]{1,18}", text or "") else -1
    if not least <= number <= most:
        raise ValueError(f"'{text or ''}' is not a whole number from {least} to {most}.")
    return number


def chance(text: str | None) -> float:
    """Read a probability: a number from 0 to 1."""
    number = float(text or 0) if _NUMBER.fullmatch(text or "") else 2.0
    if number > 1:
        raise ValueError(f"'{text or ''}' is not a probability from 0 to 1 such as 0.1.")
    return number


def rate(text: str | None) -> float:
    """Read a number of tokens per second."""
    number = float(text or 0) if _NUMBER.fullmatch(text or "") else 0.0
    if number < _SLOWEST:
        raise ValueError(
            f"'{text or ''}' is not a number of tokens per second, {_SLOWEST} or more."
        )
    return number


def bits(text: str | None) -> float:
    """Read a bandwidth such as ``10kbps``; return bits per second."""
    match = _BITS.fullmatch(text or "")
    number = float(match[1]) * _BIT_UNITS[match[2]] if match else 0.0
    if number < 1:
        raise ValueError(f"'{text or ''}' is not a bandwidth such as 500bps, 10kbps or 1mbps.")
    return number


def name(text: str | None, what: str) -> str:
    """Read a name of letters, digits, ``_``, ``.`` and ``-``; ``what`` says what it names."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,128}", text or ""):
        raise ValueError(f"'{text or ''}' is not {what}.")
    return text or ""


def code(text: str) -> str:
    """Read an error code: up to 64 small letters, digits and ``_``."""
    if not re.fullmatch(r"[a-z0-9_]{1,64}", text):
        raise ValueError(f"'{text}' is not an error code such as server_error.")
    return text


def nothing(text: str | None) -> None:
    """Refuse any value."""
    if text is not None:
        raise ValueError("it takes no value.")
