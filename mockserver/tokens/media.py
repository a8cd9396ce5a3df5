"""Images and files in a prompt: what they cost without looking at what they show."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from math import ceil
from typing import Any, Final, NamedTuple

from mockserver.tokens.tokenizer import Tokenizer


class Tiles(NamedTuple):
    """Images cost a base, and more for each tile of 512 pixels a side that they cover."""

    base: int
    tile: int


class Patches(NamedTuple):
    """Images cost a factor for each patch of 32 pixels a side that they cover, up to a most."""

    factor: float
    most: int = 1536


_RULES: Final[tuple[tuple[str, Tiles | Patches], ...]] = (
    ("gpt-4o-mini", Tiles(2833, 5667)),
    ("gpt-4.1-mini", Patches(1.62)),
    ("gpt-4.1-nano", Patches(2.46)),
    ("gpt-4", Tiles(85, 170)),
    ("chatgpt-4o", Tiles(85, 170)),
    ("o4-mini", Patches(1.72)),
    ("o1", Tiles(75, 150)),
    ("o3", Tiles(75, 150)),
    ("computer-use", Tiles(65, 129)),
    ("gpt-5-mini", Patches(1.2)),
    ("gpt-5-nano", Patches(1.5)),
    ("gpt-5-", Tiles(70, 140)),
    ("gpt-5.1", Tiles(70, 140)),
    ("gpt-5.", Patches(1.2, 2500)),
    ("gpt-5", Tiles(70, 140)),
    ("gpt-", Patches(1.2, 2500)),
)
"""Start of a model's name -> its rule, checked on recorded images; the first that fits counts."""
_RULE: Final = Tiles(85, 170)

_UNSEEN: Final = (512, 512)
"""Pixels that an image is taken to have when only its URL or file id is known; recorded tests
show small ones."""
_BRACKETS: Final = 2
"""Tokens around the patches of an image."""

FILE: Final = 50
"""A file that is not plain text; recorded one-page documents cost 4 to 105, with rare giants."""
_TEXT_FILE: Final = 25
"""Around the text of a plain text file."""
SOUND: Final = 50
"""A clip of a few seconds."""

_HEAD: Final = 1 << 18
"""How much of an image's base64 is read for its size; a camera's notes may come before it."""
_JPEG_FRAME: Final = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08(..)(..)", re.S)


def count_image(part: Mapping[str, Any], *, model: str = "") -> int:
    """Give the tokens of an ``input_image``, ``computer_screenshot`` or produced image."""
    width, height = _size(part.get("image_url")) or _UNSEEN
    low = part.get("detail") == "low"
    rule = next((rule for start, rule in _RULES if model.startswith(start)), _RULE)
    if isinstance(rule, Patches):
        patches = ceil(width / 32) * ceil(height / 32)
        return ceil(min(patches, 256 if low else rule.most) * rule.factor) + _BRACKETS
    return rule.base if low else rule.base + rule.tile * _tiles(width, height)


def count_file(tokenizer: Tokenizer, part: Mapping[str, Any]) -> int:
    """Give the tokens of an ``input_file``: those of its text, or a usual sum for other kinds."""
    head, _, data = _data_uri(part.get("file_data"))
    if not head.startswith(("data:text/", "data:application/json")):
        return FILE
    try:
        return _TEXT_FILE + tokenizer.count(base64.b64decode(data).decode("utf-8", "replace"))
    except (binascii.Error, ValueError):
        return FILE


def _tiles(width: int, height: int) -> int:
    """Give the tiles that an image covers once it is scaled into 2048 by 2048, then 768 high."""
    scale = min(1.0, 2048 / max(width, height), 768 / min(width, height))
    return ceil(width * scale / 512) * ceil(height * scale / 512)


def _size(url: object) -> tuple[int, int] | None:
    """Read width and height in pixels from the head of a data URI's image, if it tells."""
    head, _, data = _data_uri(url)
    if not head.startswith("data:image/"):
        return None
    try:
        raw = base64.b64decode(data[:_HEAD])
    except (binascii.Error, ValueError):
        return None
    width = height = 0
    if raw.startswith(b"\x89PNG"):
        width, height = int.from_bytes(raw[16:20]), int.from_bytes(raw[20:24])
    elif raw.startswith(b"GIF8"):
        width, height = int.from_bytes(raw[6:8], "little"), int.from_bytes(raw[8:10], "little")
    elif raw.startswith(b"\xff\xd8") and (frame := _JPEG_FRAME.search(raw)):
        height, width = map(int.from_bytes, frame.groups())
    return (width, height) if width and height else None


def _data_uri(value: object) -> tuple[str, str, str]:
    return value.partition(",") if isinstance(value, str) else ("", "", "")
