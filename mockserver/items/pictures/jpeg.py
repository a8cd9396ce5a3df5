"""JPEG: a baseline image of blocks that have nothing but their mean (ITU-T T.81)."""

from __future__ import annotations

from struct import pack
from typing import Final

from mockserver.items.pictures.picture import GRID, Colour, Picture

_QUANTUM: Final = 8
"""Divides the coefficients, so that a block's mean is its very value."""
_SUBSAMPLED: Final = b"\x03\x01\x22\x00\x02\x11\x00\x03\x11\x00"
"""Three components: brightness in full size, the colour differences in half."""
_MEANS: Final = b"\0\x01\0\0\0\x08" + bytes(11) + bytes(range(9))
"""Code lengths of the differences' sizes: one bit for 0, five for the sizes 1 to 8."""
_WAVES: Final = b"\x10\x01" + bytes(15) + b"\0"
"""Code lengths of the other coefficients: one bit for the end of the block."""
_SAME: Final = "00"
"""A block with the mean of the one before."""


def encode_jpeg(picture: Picture) -> bytes:
    """Return the JFIF file; opacity is left out, as the format has none."""
    frame = pack(">BHH", 8, picture.height, picture.width) + _SUBSAMPLED
    parts = [
        b"\xff\xd8",
        _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        _segment(0xDB, b"\0" + bytes([_QUANTUM]) * 64),
        _segment(0xC0, frame),
        _segment(0xC4, _MEANS + _WAVES),
        _segment(0xDA, b"\x03\x01\0\x02\0\x03\0\0\x3f\0"),
        _scan(picture),
        b"\xff\xd9",
    ]
    return b"".join(parts)


def _segment(marker: int, data: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _scan(picture: Picture) -> bytes:
    """Return the blocks: six for each square of 16 pixels, four of them brightness."""
    across = -(-picture.width // GRID)
    before = (0, 0, 0)
    bits: list[str] = []
    for colour, rows in picture.bands:
        means = _means(colour)
        light, blue, red = (mean - last for mean, last in zip(means, before, strict=True))
        bits += [_block(light), _SAME * 3, _block(blue), _block(red)]
        bits.append(_SAME * 6 * (across * -(-rows // GRID) - 1))
        before = means
    told = "".join(bits)
    told += "1" * (-len(told) % 8)
    data = int(told, 2).to_bytes(len(told) // 8, "big")
    return data.replace(b"\xff", b"\xff\0")


def _means(colour: Colour) -> tuple[int, int, int]:
    """Return brightness and colour differences, each around 0 (ITU-T T.871)."""
    red, green, blue, _ = colour
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    values = (light - 128, 0.564 * (blue - light), 0.713 * (red - light))
    return tuple(max(-128, min(127, round(value))) for value in values)  # type: ignore[return-value]


def _block(difference: int) -> str:
    """Return the bits of a block whose mean differs so much from the last one's."""
    size = abs(difference).bit_length()
    if not size:
        return _SAME
    value = difference if difference > 0 else difference + (1 << size) - 1
    return f"{0b10000 + size - 1:05b}{value:0{size}b}0"
