"""What a number must keep to."""

from __future__ import annotations

import math
from fractions import Fraction

from mockserver.sources.jsonschema.assertions import is_multiple
from mockserver.sources.jsonschema.conjunction import Conjunction


class Bounds:
    """The bounds that schemas set to a number, and the factors it must be a multiple of.

    Bounds and factors are reckoned with as the decimals they are written as: 0.1 is a tenth, not
    the binary fraction nearest to it.
    """

    def __init__(self, facts: Conjunction) -> None:
        self._low, self._high = facts.most("minimum"), facts.least("maximum")
        self._above, self._below = facts.most("exclusiveMinimum"), facts.least("exclusiveMaximum")
        self.factors: list[float] = facts.all("multipleOf")

    @property
    def low(self) -> float | None:
        """The lower end, whether it belongs to the range or not; None when there is none."""
        return max((each for each in (self._low, self._above) if each is not None), default=None)

    @property
    def high(self) -> float | None:
        """The upper end, likewise."""
        return min((each for each in (self._high, self._below) if each is not None), default=None)

    def fits(self, value: float) -> bool:
        """Tell whether a number is within the bounds and a multiple of all it must be."""
        return (
            (self._low is None or value >= self._low)
            and (self._above is None or value > self._above)
            and (self._high is None or value <= self._high)
            and (self._below is None or value < self._below)
            and all(is_multiple(value, factor) for factor in self.factors)
        )

    def step(self, *, whole: bool) -> Fraction | None:
        """Return the number that all must be multiples of, None when there is no such number."""
        steps = [Fraction(1)] * whole + [_exact(factor) for factor in self.factors]
        if not steps:
            return None
        numerator = math.lcm(*(step.numerator for step in steps))
        return Fraction(numerator, math.gcd(*(step.denominator for step in steps)))

    def multiples(self, step: Fraction) -> tuple[int | None, int | None]:
        """Return the first and the last multiple of a step within the bounds, None for no end."""
        firsts, lasts = [], []
        if self._low is not None:
            firsts.append(math.ceil(_exact(self._low) / step))
        if self._above is not None:
            firsts.append(math.floor(_exact(self._above) / step) + 1)
        if self._high is not None:
            lasts.append(math.floor(_exact(self._high) / step))
        if self._below is not None:
            lasts.append(math.ceil(_exact(self._below) / step) - 1)
        return max(firsts, default=None), min(lasts, default=None)


def _exact(number: float) -> Fraction:
    return Fraction(str(number))
