"""A row of bits, filled from the least significant one of each byte."""

from __future__ import annotations


class Bits:
    """Collects numbers of any width, as GIF and WebP pack them."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._pending = 0
        self._width = 0

    def write(self, value: int, width: int) -> None:
        """Add the lowest ``width`` bits of a number, its least significant bit first."""
        self._pending |= value << self._width
        self._width += width
        whole = self._width // 8
        self._done += (self._pending & (1 << 8 * whole) - 1).to_bytes(whole, "little")
        self._pending >>= 8 * whole
        self._width -= 8 * whole

    def bytes(self) -> bytes:
        """Return all of it, the last byte filled up with zeros."""
        return bytes(self._done) + (bytes([self._pending]) if self._width else b"")
