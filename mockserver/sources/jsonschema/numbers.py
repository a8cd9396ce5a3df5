"""Numbers within bounds."""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from random import Random
from typing import Final

from mockserver.sources.jsonschema.assertions import is_multiple
from mockserver.sources.jsonschema.conjunction import Conjunction
from mockserver.sources.jsonschema.guides import number_guide
from mockserver.sources.jsonschema.run import Make, Run
from mockserver.sources.jsonschema.unsatisfiable import UnsatisfiableSchema
from mockserver.sources.jsonschema.vocabulary import Span

_PLAIN: Final = Span(1, 100)
_DECIMAL: Final = Span(1, 100, 2)
_TRIES: Final = 40
_SMALL_DOMAIN: Final = 2000
_INT64: Final = 1 << 63
_GREATEST: Final = sys.float_info.max


def number_maker(facts: Conjunction, hint: str, *, whole: bool) -> Make:
    """Return what makes numbers, whole ones if asked; UnsatisfiableSchema if there are none."""
    return _Numbers(facts, hint, whole=whole).make


def whole_domain(facts: Conjunction) -> list[int] | None:
    """Return all whole numbers there are when they are few, None otherwise."""
    numbers = _Numbers(facts, "", whole=True)
    if numbers.last is None or numbers.first is None:
        return None
    if numbers.last - numbers.first >= _SMALL_DOMAIN or numbers.step is None:
        return None
    every = (n * numbers.step for n in range(numbers.first, numbers.last + 1))
    return [int(each) for each in every if numbers.fits(int(each))]


class _Numbers:
    """Numbers as the multiples of a step, from the ``first`` to the ``last``.

    Without a step, which only fractions can do without, ``first`` and ``last`` stay None and the
    bounds alone say what fits. Bounds are read as the decimals they were written as.
    """

    def __init__(self, facts: Conjunction, hint: str, *, whole: bool) -> None:
        self._facts = facts
        self._low, self._high = facts.most("minimum"), facts.least("maximum")
        self._above, self._below = facts.most("exclusiveMinimum"), facts.least("exclusiveMaximum")
        self._factors = facts.all("multipleOf")
        self.step = _common([Fraction(1)] * whole + [_exact(each) for each in self._factors])
        self.first, self.last = self._range()
        self._span = number_guide(hint) or (_PLAIN if whole else _DECIMAL)
        self._whole = whole
        if self._is_empty():
            raise UnsatisfiableSchema(facts.path, "no number lies within its bounds")

    def fits(self, value: float) -> bool:
        """Tell whether a number is within the bounds and a multiple of all it must be."""
        return (
            (self._low is None or value >= self._low)
            and (self._above is None or value > self._above)
            and (self._high is None or value <= self._high)
            and (self._below is None or value < self._below)
            and all(is_multiple(value, factor) for factor in self._factors)
        )

    def make(self, run: Run) -> float:
        draw = self._draw_fraction if self.step is None else self._draw_multiple
        for attempt in range(run.attempt, run.attempt + _TRIES):
            value = draw(run.rng, attempt)
            if self.fits(value):
                return value
        for value in self._last_resort():
            if self.fits(value):
                return value
        raise UnsatisfiableSchema(self._facts.path, "no number that meets it was found")

    def _draw_multiple(self, rng: Random, attempt: int) -> float:
        step = self.step or Fraction(1)
        low, high = self._likely(step)
        ends = [end for end in (self.first, self.last) if end is not None]
        if attempt and ends and rng.random() < 0.5:
            number = rng.choice(ends) + rng.choice((0, 0, 1, -1))
        else:  # farther and farther away, the more were rejected
            number = rng.randint(low - attempt * 20, high + attempt * 20)
        return self._plain(number * step)

    def _draw_fraction(self, rng: Random, attempt: int) -> float:
        low, high = self._ends()
        if attempt and rng.random() < 0.3:
            return float(rng.choice((low, high)))
        digits = self._span.decimals + attempt // 2
        value = rng.uniform(low, high)
        return round(value, digits) if digits else round(value)

    def _likely(self, step: Fraction) -> tuple[int, int]:
        """Return the likely multiples: the plausible ones within the bounds, or those nearest."""
        low, high = (
            math.ceil(Fraction(self._span.low) / step),
            int(Fraction(self._span.high) / step),
        )
        width = max(0, min(high - low, 99))
        first, last = self.first, self.last
        if high < low:
            low = high = 1
        inside_low = low if first is None else max(low, first)
        inside_high = high if last is None else min(high, last)
        if inside_low <= inside_high:
            return inside_low, inside_high
        if first is not None and (last is None or first >= low):
            return first, first + width if last is None else min(last, first + width)
        end = last if last is not None else high
        return (end - width if first is None else max(first, end - width)), end

    def _ends(self) -> tuple[float, float]:
        """Return the ends of the likely fractions: the plausible within the bounds, or nearest."""
        low = max((each for each in (self._low, self._above) if each is not None), default=None)
        high = min((each for each in (self._high, self._below) if each is not None), default=None)
        start = self._span.low if low is None else max(self._span.low, low)
        end = self._span.high if high is None else min(self._span.high, high)
        if start < end or (start == end and low is None and high is None):
            return start, end
        if low is not None and high is not None:
            return low, high
        if low is not None:
            return low, min(low + max(100, abs(low)), _GREATEST)
        return max((high or 0) - max(100, abs(high or 0)), -_GREATEST), high or 0

    def _range(self) -> tuple[int | None, int | None]:
        if self.step is None:
            return None, None
        firsts = [math.ceil(_exact(self._low) / self.step)] if self._low is not None else []
        lasts = [math.floor(_exact(self._high) / self.step)] if self._high is not None else []
        if self._above is not None:
            firsts.append(math.floor(_exact(self._above) / self.step) + 1)
        if self._below is not None:
            lasts.append(math.ceil(_exact(self._below) / self.step) - 1)
        return max(firsts, default=None), min(lasts, default=None)

    def _is_empty(self) -> bool:
        if self.first is not None and self.last is not None:
            return self.first > self.last
        low, high = self._ends()
        return self.step is None and (low > high or (low == high and not self.fits(low)))

    def _last_resort(self) -> list[float]:
        """Return what is left to try: what lies just beside the bounds, and the first multiples."""
        if self.step is None:
            low, high = self._ends()
            middle = low / 2 + high / 2
            return [middle, math.nextafter(low, math.inf), math.nextafter(high, -math.inf)]
        start = self.first if self.first is not None else (self.last or 0) - 200
        return [self._plain((start + offset) * self.step) for offset in range(400)]

    def _plain(self, value: Fraction) -> float:
        """Return a multiple as JSON has it; beyond 64 bits only a float can be written."""
        if value.denominator != 1:
            return float(value)
        whole = value.numerator
        return whole if -_INT64 <= whole < _INT64 else float(whole)


def _exact(number: float) -> Fraction:
    return Fraction(str(number))


def _common(steps: list[Fraction]) -> Fraction | None:
    """Return the least number that is a multiple of all, None when there are none."""
    if not steps:
        return None
    numerator = math.lcm(*(step.numerator for step in steps))
    return Fraction(numerator, math.gcd(*(step.denominator for step in steps)))
