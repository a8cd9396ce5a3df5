"""A picture of flat bands, which every format stores in a few hundred bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias

Colour: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue and opacity, each 0-255."""

GRID: Final = 16
"""Bands begin at multiples of so many rows, so that they meet the block edges of JPEG."""

CLEAR: Final[Colour] = (0, 0, 0, 0)
_BLANK: Final[Colour] = (224, 224, 224, 255)
_BANDS: Final = 3


@dataclass(frozen=True, slots=True)
class Picture:
    """Bands of one colour from top to bottom, each with its height in pixels.

    There are at most four colours, and all bands but the last are ``GRID`` multiples high.
    """

    width: int
    bands: tuple[tuple[Colour, int], ...]

    @property
    def height(self) -> int:
        """The height in pixels."""
        return sum(rows for _, rows in self.bands)

    @property
    def colours(self) -> list[Colour]:
        """The distinct colours in order of appearance."""
        return list(dict.fromkeys(colour for colour, _ in self.bands))

    @property
    def transparent(self) -> bool:
        """Whether some of it can be seen through."""
        return any(colour[3] < 255 for colour, _ in self.bands)

    def draft(self, share: float) -> Picture:
        """Return the picture as it is when a share of it, 0 to 1, is painted."""
        unpainted = CLEAR if self.transparent else _BLANK
        left = round(self.height * share / GRID) * GRID
        return Picture(self.width, tuple(self._painted(left, unpainted)))

    def _painted(self, left: int, unpainted: Colour) -> Iterator[tuple[Colour, int]]:
        for colour, rows in self.bands:
            done = min(rows, left)
            left -= done
            if done:
                yield colour, done
            if done < rows:
                yield unpainted, rows - done


def paint(rng: Random, width: int, height: int, *, transparent: bool = False) -> Picture:
    """Return a picture of this size in pixels, its upper and lower band clear if transparent."""
    colours: list[Colour] = []
    while len(colours) < _BANDS:
        red, green, blue = rng.randbytes(3)
        if all(colour[1] != green for colour in colours):
            colours.append((red, green, blue, 255))
    if transparent:
        colours[0] = colours[-1] = CLEAR
    rows = height // _BANDS // GRID * GRID
    heights = [rows, rows, height - 2 * rows]
    bands = [band for band in zip(colours, heights, strict=True) if band[1]]
    return Picture(width, tuple(bands))
