"""Text of a length, a format and a pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from mockserver.sources.jsonschema.conjunction import Conjunction
from mockserver.sources.jsonschema.formats import has_format
from mockserver.sources.jsonschema.guides import text_guide
from mockserver.sources.jsonschema.regex.pattern import Pattern
from mockserver.sources.jsonschema.regex.tree import PatternError
from mockserver.sources.jsonschema.run import Make, Run
from mockserver.sources.jsonschema.samples import BRIEF, WRITERS
from mockserver.sources.jsonschema.unsatisfiable import DeadEnd, shown

LONGEST: Final = 100_000
"""The longest text that is made where a schema asks for a long one."""

_TRIES: Final = 60
_ENDLESS: Final = 1 << 40


def string_maker(facts: Conjunction, hint: str) -> Make:
    """Return what makes text; raise UnsatisfiableSchema when no text can be as it must."""
    strings = _Strings(facts, hint)
    guide = text_guide(hint) if hint else None
    if not strings.is_free or guide is None:
        return strings.make
    return lambda run: strings.make(run) if run.attempt else guide(run.rng, run.words)


class _Strings:
    """Text for one schema, from candidates that are likely first and merely possible later."""

    def __init__(self, facts: Conjunction, hint: str) -> None:
        self._path = facts.path
        self._guide = text_guide(hint) if hint else None
        self._low = int(facts.most("minLength") or 0)
        high = facts.least("maxLength")
        self._high = _ENDLESS if high is None else int(high)
        self._formats = list(dict.fromkeys(_formats(facts)))
        self._patterns = [self._read(source) for source in dict.fromkeys(facts.all("pattern"))]
        self.is_free = not (self._low or high is not None or self._formats or self._patterns)
        if self._low > self._high:
            raise DeadEnd(self._path, "minLength is above maxLength")
        if self._low > LONGEST:
            raise DeadEnd(self._path, f"minLength is above {LONGEST}")

    def make(self, run: Run) -> str:
        try:
            for candidate in self._candidates(run):
                run.work.spend(self._path)
                if candidate is not None and self._fits(candidate, run):
                    return candidate
        except PatternError as error:
            raise self._unusable(error) from None
        raise DeadEnd(self._path, f"no text was found {self._wanted()}")

    def _candidates(self, run: Run) -> Iterator[str | None]:
        likely = run.attempt == 0
        if self._formats:
            yield from self._formatted(run)
        elif self._guide and likely:
            yield self._guide(run.rng, run.words)
        if self._patterns:
            yield from self._spelled(run)
        elif not self._formats:
            yield self._prose(run) if likely else self._letters(run)

    def _fits(self, text: str, run: Run) -> bool:
        return (
            self._low <= len(text) <= self._high
            and all(has_format(text, name) for name in self._formats)
            and all(pattern.found_in(text, self._spend(run)) for pattern in self._patterns)
        )

    def _formatted(self, run: Run) -> Iterator[str]:
        for name in self._formats:
            write = WRITERS.get(name)
            if write is None:
                yield self._prose(run)
                continue
            for _ in range(8):
                yield write(run.rng, run.words, self._low)
            if name in BRIEF:
                yield BRIEF[name]

    def _spelled(self, run: Run) -> Iterator[str | None]:
        """Yield text that matches one pattern, then text that has matches of all side by side."""
        low, high, spend = self._low, self._high, self._spend(run)
        for turn in range(_TRIES):
            pattern = self._patterns[turn % len(self._patterns)]
            mixed = turn + run.attempt >= 2
            text = pattern.write(run.rng, low=low, high=high, mixed=mixed, spend=spend)
            if text is None or turn % 4 == 3:
                yield pattern.write_padded(run.rng, low=low, high=high, spend=spend)
            yield text
            if len(self._patterns) > 1:
                order = self._patterns[:: 1 if turn % 2 else -1]
                texts = [each.write(run.rng, low=0, high=high, spend=spend) for each in order]
                yield "".join(text or "" for text in texts)

    def _prose(self, run: Run) -> str:
        """Return a few words, as many as the bounds ask for."""
        text = run.words.title(run.rng)
        text = text[:1] + text[1:].lower()
        while len(text) < self._low:
            text += f". {run.words.sentence(run.rng).rstrip('.')}"
        if len(text) > self._high:
            cut = text[: self._high].rstrip()
            text = cut if len(cut) >= self._low else cut + "x" * (self._low - len(cut))
        return text

    def _letters(self, run: Run) -> str:
        """Return letters and digits, in turn as few as allowed, as many, and in between."""
        high = min(self._high, self._low + 8 + run.attempt)
        length = (self._low, high, run.rng.randint(self._low, high))[run.attempt % 3]
        return "".join(run.rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))

    def _spend(self, run: Run) -> Callable[[int], None]:
        return lambda steps: run.work.spend(self._path, steps // 16)

    def _read(self, source: str) -> Pattern:
        try:
            return Pattern.of(source)
        except PatternError as error:
            raise self._unusable(error, source) from None

    def _unusable(self, error: PatternError, source: str = "") -> DeadEnd:
        sources = source or " and ".join(pattern.source for pattern in self._patterns)
        return DeadEnd(self._path, f"the pattern {shown(sources)} cannot be used: {error}")

    def _wanted(self) -> str:
        wanted = [f"of the format {shown(name)}" for name in self._formats]
        wanted += [f"that matches {shown(pattern.source)}" for pattern in self._patterns]
        if self._low or self._high < _ENDLESS:
            most = "any number of" if self._high == _ENDLESS else str(self._high)
            wanted.append(f"of {self._low} to {most} characters")
        return " and ".join(wanted)


def _formats(facts: Conjunction) -> list[str]:
    encodings = facts.all("contentEncoding")
    names = facts.all("format") + [name for name in encodings if name in ("base64", "base64url")]
    return [name for name in names if isinstance(name, str)]
