"""PNG: an indexed image of two bits a pixel (ISO/IEC 15948)."""

from __future__ import annotations

import zlib
from struct import pack
from typing import Final

from mockserver.items.pictures.picture import Picture

_DEPTH: Final = 2
_INDEXED: Final = 3
_EVERY: Final = 0b01010101
"""Times a colour's index it is four pixels of that colour."""


def encode_png(picture: Picture) -> bytes:
    """Return the PNG file; clear colours are clear by its ``tRNS`` chunk."""
    colours = picture.colours
    row = (picture.width * _DEPTH + 7) // 8
    rows = b"".join(
        (b"\0" + bytes([colours.index(colour) * _EVERY]) * row) * height
        for colour, height in picture.bands
    )
    header = pack(">IIBBBBB", picture.width, picture.height, _DEPTH, _INDEXED, 0, 0, 0)
    chunks = [_chunk(b"IHDR", header)]
    chunks.append(_chunk(b"PLTE", b"".join(bytes(colour[:3]) for colour in colours)))
    if picture.transparent:
        chunks.append(_chunk(b"tRNS", bytes(colour[3] for colour in colours)))
    chunks += [_chunk(b"IDAT", zlib.compress(rows, 9)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))
