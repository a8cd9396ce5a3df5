"""GIF 89a: bands in LZW, and frames that each add a small square."""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack
from typing import Final

from mockserver.items.pictures.bits import Bits
from mockserver.items.pictures.picture import Picture

_LEAST: Final = 2
"""Bits of a colour index; the palette has four colours."""
_STOP: Final = 5
_RESET: Final = 4
_FIRST: Final = 6
"""Codes below are the colours and the two marks above."""
_FULL: Final = 4096
_SQUARE: Final = 16


def encode_gif(picture: Picture, *, frames: int = 1, duration: int = 200) -> bytes:
    """Return the GIF file of at least one frame, each shown for ``duration`` milliseconds."""
    colours = picture.colours
    palette = b"".join(bytes(colour[:3]) for colour in colours).ljust(3 << _LEAST, b"\0")
    clear = next((index for index, colour in enumerate(colours) if colour[3] < 255), None)
    control = _control(clear, duration)
    runs = [(colours.index(colour), rows * picture.width) for colour, rows in picture.bands]
    parts = [
        b"GIF89a",
        # 0xF0: the palette is global, of full colour depth; the low bits are its size.
        pack("<HHBBB", picture.width, picture.height, 0xF0 | _LEAST - 1, 0, 0),
        palette,
        b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" if frames > 1 else b"",
        control + _image(0, 0, picture.width, picture.height, runs),
        *(control + square for square in _squares(picture, frames - 1)),
        b"\x3b",
    ]
    return b"".join(parts)


def _control(clear: int | None, duration: int) -> bytes:
    """Return the block that says how long a frame is shown, to stay under the next one."""
    flags = 0b100 | (clear is not None)
    hundredths = min(round(duration / 10), 0xFFFF)
    return b"\x21\xf9\x04" + pack("<BHBB", flags, hundredths, clear or 0, 0)


def _squares(picture: Picture, count: int) -> Iterator[bytes]:
    """Yield squares in the second band's colour that walk along the top from left to right."""
    width, height = min(_SQUARE, picture.width), min(_SQUARE, picture.height)
    for number in range(1, count + 1):
        left = (picture.width - width) * number // count
        yield _image(left, 0, width, height, [(1, width * height)])


def _image(left: int, top: int, width: int, height: int, runs: list[tuple[int, int]]) -> bytes:
    packed = Bits()
    available = _FIRST
    for colour, length in runs:
        available = _run(packed, available, colour, length)
    packed.write(_STOP, _width(available))
    data = packed.bytes()
    blocks = (data[start : start + 255] for start in range(0, len(data), 255))
    body = b"".join(bytes([len(block)]) + block for block in blocks)
    descriptor = pack("<BHHHHB", 0x2C, left, top, width, height, 0)
    return descriptor + bytes([_LEAST]) + body + b"\0"


def _run(packed: Bits, available: int, colour: int, length: int) -> int:
    """Write pixels of one colour; return the code that the reader would define next.

    After a reset each code may be the one that it defines itself, which stands for one pixel more
    than the code before: the longest way through the table, and no table is needed to write it.
    """
    while length:
        packed.write(_RESET, _width(available))
        available = _FIRST
        packed.write(colour, _width(available))
        length -= 1
        reach = 2
        while length and available < _FULL:
            step = min(reach, length)
            code = colour if step == 1 else _FIRST + step - 2
            packed.write(code, _width(available))
            available += 1
            length -= step
            reach += 1
    return available


def _width(available: int) -> int:
    """Return the bits of a code when so many are defined."""
    return min(12, max(_LEAST + 1, available.bit_length()))
