"""The file formats by their names on the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mockserver.items.pictures.gif import encode_gif
from mockserver.items.pictures.jpeg import encode_jpeg
from mockserver.items.pictures.picture import Picture
from mockserver.items.pictures.png import encode_png
from mockserver.items.pictures.svg import encode_svg
from mockserver.items.pictures.webp import encode_webp

_STILL: Final[Mapping[str, Callable[[Picture], bytes]]] = {
    "png": encode_png,
    "jpeg": encode_jpeg,
    "webp": encode_webp,
    "svg": encode_svg,
}


def encode(picture: Picture, form: str, *, frames: int = 1, duration: int = 200) -> bytes:
    """Return a picture as a file of a format: png, jpeg, webp, svg or gif.

    Only GIF has ``frames``, each of ``duration`` milliseconds.
    """
    if form == "gif":
        return encode_gif(picture, frames=frames, duration=duration)
    return _STILL[form](picture)
