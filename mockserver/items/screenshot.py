"""Screenshots: an empty window, and the size of one that a client has sent."""

from __future__ import annotations

import base64
import binascii
from typing import Final

_START: Final = "data:image/png;base64,"
_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_HEAD: Final = 32
"""Characters of base64 that hold the magic number and the size."""
_LARGEST: Final = 4096
_BAR: Final = 32
"""Rows of the title bar."""
_DARK: Final = (48, 54, 64, 255)
_LIGHT: Final = (245, 246, 248, 255)


def screenshot(width: int, height: int) -> str:
    """Return a data URL of a picture so many pixels wide and high, at most 4096 each way."""
    from mockserver.items.pictures import Picture, encode  # of no use to who sends its own

    width, height = (max(1, min(side, _LARGEST)) for side in (width, height))
    bar = min(_BAR, height)
    bands = ((_DARK, bar), (_LIGHT, height - bar)) if height > bar else ((_DARK, bar),)
    return _START + base64.b64encode(encode(Picture(width, bands), "png")).decode()


def size_of(url: object) -> tuple[int, int] | None:
    """Return width and height in pixels of a PNG's data URL, or None for anything else."""
    if not isinstance(url, str) or not url.startswith(_START):
        return None
    try:
        raw = base64.b64decode(url[len(_START) :][:_HEAD])
    except (binascii.Error, ValueError):
        return None
    if len(raw) < 24 or not raw.startswith(_MAGIC):
        return None
    width, height = int.from_bytes(raw[16:20]), int.from_bytes(raw[20:24])
    return (width, height) if width and height else None
