"""Partial images: how an image grows while it is streamed."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING, Final

from mockserver.items.steps import Keep, Place
from mockserver.schema.base import Json

if TYPE_CHECKING:
    from mockserver.items.pictures import Picture

SQUARE: Final = (1024, 1024)
"""Width and height in pixels of an image whose size is left open."""

_SIZE: Final = re.compile(r"(\d{1,5})x(\d{1,5})")
_LARGEST: Final = 3840
_LOOKS: Final = ("background", "output_format", "quality", "size")


def size_of(asked: str | None) -> tuple[int, int]:
    """Return width and height in pixels, within what the API makes; a square when left open."""
    found = _SIZE.fullmatch(asked or "")
    if found is None:
        return SQUARE
    width, height = (min(max(1, int(side)), _LARGEST) for side in found.groups())
    return width, height


def picture_of(item: Json) -> Picture:
    """Return what the item's image shows; it depends on the id, so that drafts show the same."""
    from mockserver.items.pictures import paint

    width, height = size_of(item.get("size"))
    clear = item.get("background") == "transparent"
    return paint(Random(item["id"]), width, height, transparent=clear)


def _draft(item: Json, form: str, share: float) -> str:
    from mockserver.items.pictures import encode

    return b64encode(encode(picture_of(item).draft(share), form)).decode()


class PartialImages:
    """The image while it grows: as many looks at it as the tool asks for, the last one final.

    One alone is recorded where the tool does not say how many, so that this is the default; a GIF
    has none (api-contract §6.1).
    """

    def open(self, thing: Json) -> Json:
        """Leave the snapshot as it is; the item clears it by itself."""
        return {}

    def unfold(self, thing: Json, place: Place) -> Iterator[Json]:
        """Yield the looks, none of an image that was not made."""
        if thing.get("result") is None:
            return
        form = thing.get("output_format") or "png"
        count = place.teller.tool("image_generation").get("partial_images")
        if count is None:
            count = 0 if form == "gif" else 1
        told = {key: thing[key] for key in _LOOKS if key in thing}
        for index in range(count):
            last = index == count - 1
            image = thing["result"] if last else _draft(thing, form, (index + 1) / count)
            yield place.event(
                "response.image_generation_call.partial_image",
                partial_image_b64=image,
                partial_image_index=index,
                **told,
            )

    def cut(self, thing: Json, keep: Keep) -> Json:
        """An image has no text to cut."""
        return {}
