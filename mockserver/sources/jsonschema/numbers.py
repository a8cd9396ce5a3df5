"""Numbers that are plausible if they can be, and within their bounds in any case."""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from random import Random
from typing import Final

from mockserver.sources.jsonschema.bounds import Bounds
from mockserver.sources.jsonschema.conjunction import Conjunction
from mockserver.sources.jsonschema.guides import number_guide
from mockserver.sources.jsonschema.run import Make, Run
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd
from mockserver.sources.jsonschema.vocabulary import Span

_WHOLE: Final = Span(1, 100)
_DECIMAL: Final = Span(1, 100, 2)
_TRIES: Final = 40
_FEW: Final = 2000
_INT64: Final = 1 << 63
_GREATEST: Final = sys.float_info.max


def number_maker(facts: Conjunction, hint: str, *, whole: bool) -> Make:
    """Return what makes numbers, whole ones if asked; UnsatisfiableSchema if there are none."""
    bounds = Bounds(facts)
    step = bounds.step(whole=whole)
    span = number_guide(hint) or (_WHOLE if whole else _DECIMAL)
    numbers = _Decimals(bounds, span) if step is None else _Multiples(bounds, span, step)
    if numbers.is_empty():
        raise DeadEnd(facts.path, "no number lies within its bounds")

    def make(run: Run) -> float:
        for attempt in range(run.attempt, run.attempt + _TRIES):
            value = numbers.draw(run.rng, attempt)
            if bounds.fits(value):
                return value
        for value in numbers.last_resort():
            if bounds.fits(value):
                return value
        raise DeadEnd(facts.path, "no number was found that meets it")

    return make


def whole_domain(facts: Conjunction) -> list[float] | None:
    """Return all whole numbers there are when they are few, None otherwise."""
    bounds = Bounds(facts)
    step = bounds.step(whole=True) or Fraction(1)
    first, last = bounds.multiples(step)
    if first is None or last is None or last - first >= _FEW:
        return None
    every = [_plain(number * step) for number in range(first, last + 1)]
    return [value for value in every if bounds.fits(value)]


class _Multiples:
    """The multiples of a step: plausible ones first, then farther away and at the ends."""

    def __init__(self, bounds: Bounds, span: Span, step: Fraction) -> None:
        self._step = step
        self._first, self._last = bounds.multiples(step)
        low, high = math.ceil(Fraction(span.low) / step), math.floor(Fraction(span.high) / step)
        if low > high:  # the step is larger than what is plausible
            low, high = 1, 9
        self._low, self._high = self._nearest(low, high)
        self._is_plain = step == 1 and max(abs(self._low), abs(self._high)) < _INT64

    def is_empty(self) -> bool:
        return self._first is not None and self._last is not None and self._first > self._last

    def draw(self, rng: Random, attempt: int) -> float:
        if attempt:
            return self._draw_farther(rng, attempt)
        number = self._low + int(rng.random() * (self._high - self._low + 1))
        return number if self._is_plain else _plain(number * self._step)

    def last_resort(self) -> list[float]:
        """Return the multiples at an end, one after the other."""
        start = self._first if self._first is not None else (self._last or 0) - 200
        return [_plain((start + offset) * self._step) for offset in range(400)]

    def _draw_farther(self, rng: Random, attempt: int) -> float:
        ends = [end for end in (self._first, self._last) if end is not None]
        if ends and rng.random() < 0.5:
            number = rng.choice(ends) + rng.choice((0, 0, 1, -1))
        else:
            number = rng.randint(self._low - attempt * 20, self._high + attempt * 20)
        return _plain(number * self._step)

    def _nearest(self, low: int, high: int) -> tuple[int, int]:
        """Return what is plausible and within the bounds, or else what is nearest to that."""
        first, last = self._first, self._last
        inner_low = low if first is None else max(low, first)
        inner_high = high if last is None else min(high, last)
        if inner_low <= inner_high:
            return inner_low, inner_high
        width = min(high - low, 99)
        if first is not None and first > high:
            return first, first + width if last is None else min(last, first + width)
        end = high if last is None else last
        return end - width if first is None else max(first, end - width), end


class _Decimals:
    """Fractions of a few decimals, of more where the bounds are close together."""

    def __init__(self, bounds: Bounds, span: Span) -> None:
        self._bounds = bounds
        self._digits = span.decimals
        self._low, self._high = self._nearest(span)

    def is_empty(self) -> bool:
        low, high = self._bounds.low, self._bounds.high
        if low is None or high is None or low < high:
            return False
        return low > high or not self._bounds.fits(low)

    def draw(self, rng: Random, attempt: int) -> float:
        if attempt and rng.random() < 0.3:
            return float(rng.choice((self._low, self._high)))
        digits = self._digits + attempt // 2
        value = self._low + rng.random() * (self._high - self._low)
        return round(value, digits) if digits else round(value)

    def last_resort(self) -> list[float]:
        """Return what lies in the middle, and what lies just beside the ends."""
        low, high = float(self._low), float(self._high)
        beside = [math.nextafter(low, math.inf), math.nextafter(high, -math.inf)]
        return [low / 2 + high / 2, *beside]

    def _nearest(self, span: Span) -> tuple[float, float]:
        """Return what is plausible and within the bounds, or else what is nearest to that."""
        low, high = self._bounds.low, self._bounds.high
        inner_low = span.low if low is None else max(span.low, low)
        inner_high = span.high if high is None else min(span.high, high)
        if inner_low < inner_high:
            return inner_low, inner_high
        if low is not None and high is not None:
            return low, high
        if low is not None:
            return low, min(low + max(100, abs(low)), _GREATEST)
        end = 0 if high is None else high
        return max(end - max(100, abs(end)), -_GREATEST), end


def _plain(value: Fraction) -> float:
    """Return a multiple as JSON has it; beyond 64 bits only a float can be written."""
    whole = value.numerator
    if value.denominator == 1 and -_INT64 <= whole < _INT64:
        return whole
    try:
        return float(value)
    except OverflowError:
        return whole
