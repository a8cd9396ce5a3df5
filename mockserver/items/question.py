"""What the user asks, and what of it a tool goes by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from mockserver.items.asked import last_wish
from mockserver.schema.base import Json

_WORD: Final = re.compile(r"\w[\w'’-]*")
_EVERYDAY: Final = """
about above after also been before being below between both code could does doing down each file
files find from have having help here image into just like make many more most much need only other
over please really same search should show some such tell than that their them then there these
they this those through time under using very want were what when where which while will with would
your
"""
_COMMON: Final = frozenset(_EVERYDAY.split())


def question(history: Sequence[Json]) -> str:
    """Return the text of the user's last message on one line; empty when there is none."""
    return " ".join(last_wish(history).split())


def has_image(history: Sequence[Json]) -> bool:
    """Tell whether there is an image to go by: in the user's last message, or made before."""
    asked: Json = next((item for item in reversed(history) if item.get("role") == "user"), {})
    content = asked.get("content")
    parts = content if isinstance(content, list) else []
    return any(part.get("type") == "input_image" for part in parts) or any(
        item.get("type") == "image_generation_call" for item in history
    )


def clipped(text: str, length: int) -> str:
    """Return the beginning of a text in whole words, at most so many characters."""
    if len(text) <= length:
        return text
    return text[: length + 1].rpartition(" ")[0] or text[:length]


def keywords(text: str, most: int = 5) -> list[str]:
    """Return the telling words of a text in order: the longer ones that are not everyday words."""
    words = dict.fromkeys(_WORD.findall(text))
    return [word for word in words if len(word) > 3 and word.lower() not in _COMMON][:most]
