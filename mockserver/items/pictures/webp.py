"""WebP, lossless: bands as runs of their first pixel (RFC 9649 §3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import pack
from typing import Final

from mockserver.items.pictures.bits import Bits
from mockserver.items.pictures.picture import Colour, Picture

_LONGEST: Final = 4096
_LITERALS: Final = 256
_LENGTHS: Final = 24
_LEFT: Final = 1
"""The distance symbol of the pixel to the left."""


def encode_webp(picture: Picture) -> bytes:
    """Return the WebP file."""
    bits = Bits()
    bits.write(0x2F, 8)
    bits.write(picture.width - 1, 14)
    bits.write(picture.height - 1, 14)
    bits.write(int(picture.transparent), 1)
    bits.write(0, 3)  # the version
    bits.write(0, 3)  # no transform, no colour cache, one group of codes
    _pixels(bits, picture)
    data = bits.bytes()
    chunk = b"VP8L" + pack("<I", len(data)) + data + bytes(len(data) % 2)
    return b"RIFF" + pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def _pixels(bits: Bits, picture: Picture) -> None:
    bands = [(colour, list(_copies(rows * picture.width - 1))) for colour, rows in picture.bands]
    lengths = {_LITERALS + symbol for _, copies in bands for symbol, _, _ in copies}
    greens = {colour[1] for colour, _ in bands}
    green = _Code(bits, greens | lengths, _LITERALS + _LENGTHS)
    # The order of the codes is green, red, blue, opacity, distance.
    others = [_Code(bits, {colour[at] for colour, _ in bands}, _LITERALS) for at in (0, 2, 3)]
    _Code(bits, {_LEFT}, 40)  # the only distance, so that it takes no bits
    for colour, copies in bands:
        green.write(colour[1])
        for code, value in zip(others, _but_green(colour), strict=True):
            code.write(value)
        for symbol, extra, width in copies:
            green.write(_LITERALS + symbol)
            bits.write(extra, width)


def _but_green(colour: Colour) -> tuple[int, int, int]:
    return colour[0], colour[2], colour[3]


def _copies(pixels: int) -> Iterator[tuple[int, int, int]]:
    """Yield the lengths of a run's copies: symbol, extra bits, and how many those are."""
    while pixels > 0:
        rest = min(pixels, _LONGEST) - 1
        pixels -= _LONGEST
        if rest < 4:
            yield rest, 0, 0
        else:
            width = rest.bit_length() - 2
            yield 2 * width + (rest >> width), rest & (1 << width) - 1, width


class _Code:
    """A prefix code in which all symbols are of one length, declared as it is made."""

    def __init__(self, bits: Bits, used: Iterable[int], alphabet: int) -> None:
        self._bits = bits
        symbols = set(used)
        if len(symbols) == 1:
            self._declare_one(*symbols)
            return
        self._width = (len(symbols) - 1).bit_length()
        # A code has to be complete: symbols that are never written fill it up.
        spare = (symbol for symbol in range(alphabet) if symbol not in symbols)
        symbols.update(next(spare) for _ in range((1 << self._width) - len(symbols)))
        self._places = {symbol: place for place, symbol in enumerate(sorted(symbols))}
        self._declare(alphabet)

    def _declare_one(self, symbol: int) -> None:
        self._width = 0
        self._places = {symbol: 0}
        self._bits.write(0b101, 3)  # a simple code, of one symbol, written in eight bits
        self._bits.write(symbol, 8)

    def _declare(self, alphabet: int) -> None:
        """Give each symbol of the alphabet its length: none, or the one of all."""
        self._bits.write(0, 1)
        self._bits.write(4, 4)  # eight lengths of length codes follow
        for length in (17, 18, 0, 1, 2, 3, 4, 5):
            self._bits.write(int(length in (0, self._width)), 3)
        self._bits.write(0, 1)  # the whole alphabet follows
        for symbol in range(alphabet):
            self._bits.write(int(symbol in self._places), 1)

    def write(self, symbol: int) -> None:
        """Write a symbol, its code's most significant bit first."""
        place = self._places[symbol]
        for at in reversed(range(self._width)):
            self._bits.write(place >> at & 1, 1)
