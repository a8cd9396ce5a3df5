"""From the text of a regular expression to its parts."""

from __future__ import annotations

import importlib
import re
import warnings
from typing import Any, Final

from mockserver.sources.jsonschema.regex import characters, dialect
from mockserver.sources.jsonschema.regex.tree import (
    UNBOUNDED,
    Back,
    Chars,
    Choice,
    Edge,
    EdgeKind,
    Group,
    Look,
    Node,
    PatternError,
    Repeat,
    Sequence,
)

_parser: Any = importlib.import_module("re._parser")

_LONGEST: Final = 5000
_DEEPEST: Final = 50
_EDGES: Final[dict[str, tuple[EdgeKind, EdgeKind]]] = {
    "AT_BEGINNING": ("start", "line_start"),
    "AT_BEGINNING_STRING": ("start", "start"),
    "AT_END": ("end", "line_end"),
    "AT_END_STRING": ("text_end", "text_end"),
    "AT_BOUNDARY": ("boundary", "boundary"),
    "AT_NON_BOUNDARY": ("inside", "inside"),
}


def parse(pattern: str) -> tuple[Node, str]:
    """Return the parts of a pattern and the pattern as Python writes it.

    It is read as Python reads it; only one that Python rejects is taken for ECMAScript. Raises
    PatternError when it is wrong, too large or not supported.
    """
    if len(pattern) > _LONGEST:
        raise PatternError(f"it is longer than {_LONGEST} characters")
    try:
        return _Reader(_parse(pattern), []).read(), pattern
    except re.error as error:
        translated, properties = dialect.translate(pattern)
        try:
            return _Reader(_parse(translated), properties).read(), translated
        except re.error:
            raise PatternError(str(error)) from None


def _parse(pattern: str) -> Any:
    with warnings.catch_warnings():
        # The parser warns of sets that may mean something else one day; they do not today.
        warnings.simplefilter("ignore")
        try:
            return _parser.parse(pattern)
        except RecursionError:
            raise PatternError("it is nested too deeply") from None
        except OverflowError:
            raise PatternError("a repeat count in it is too large") from None


class _Reader:
    """Turns what Python's parser found into our parts."""

    def __init__(self, parsed: Any, properties: list[tuple[str, bool]]) -> None:
        self._parsed = parsed
        self._properties = properties
        self._depth = 0
        self._sets: dict[tuple[str, str, int], Chars] = {}

    def read(self) -> Node:
        return self._sequence(self._parsed, self._parsed.state.flags)

    def _sequence(self, items: Any, flags: int) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PatternError("it is nested too deeply")
        parts = tuple(self._part(code.name, value, flags) for code, value in items)
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Sequence(parts)

    def _part(self, code: str, value: Any, flags: int) -> Node:
        match code:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                key = (code, repr(value), flags)
                if key not in self._sets:  # one pattern tends to repeat its sets
                    self._sets[key] = self._chars(code, value, flags)
                return self._sets[key]
            case "AT":
                return Edge(_EDGES[value.name][bool(flags & re.MULTILINE)])
            case "BRANCH":
                return Choice(tuple(self._sequence(option, flags) for option in value[1]))
            case "SUBPATTERN":
                number, added, removed, inner = value
                part = self._sequence(inner, (flags | added) & ~removed)
                return part if number is None else Group(number, part)
            case "MAX_REPEAT" | "MIN_REPEAT":
                low, high, inner = value
                top = UNBOUNDED if high is _parser.MAXREPEAT else int(high)
                return Repeat(self._sequence(inner, flags), int(low), top)
            case "ASSERT" | "ASSERT_NOT":
                direction, inner = value
                return Look(self._sequence(inner, flags), direction > 0, code == "ASSERT")
            case "FAILURE":
                return Choice(())
            case "GROUPREF":
                return Back(value)
        raise PatternError(f"{code.lower().replace('_', ' ')} is not supported")

    def _chars(self, code: str, value: Any, flags: int) -> Chars:
        if code == "ANY":
            newline = [] if flags & re.DOTALL else [(10, 10)]
            return characters.one_of((), newline, negated=True)
        items = value if code == "IN" else [(_parser.LITERAL, value)]
        tests: list[characters.Test] = []
        ranges: list[tuple[int, int]] = []
        negated = code == "NOT_LITERAL"
        for kind, member in items:
            match kind.name:
                case "NEGATE":
                    negated = True
                case "RANGE":
                    ranges.append((int(member[0]), int(member[1])))
                case "CATEGORY":
                    ascii_only = bool(flags & re.ASCII)
                    tests.append(characters.category(member.name, ascii_only=ascii_only))
                case _:
                    self._literal(int(member), tests, ranges)
        any_case = bool(flags & re.IGNORECASE)
        return characters.one_of(tests, ranges, negated=negated, any_case=any_case)

    def _literal(
        self, code: int, tests: list[characters.Test], ranges: list[tuple[int, int]]
    ) -> None:
        place = code - dialect.PLACEHOLDERS
        if not 0 <= place < len(self._properties):
            ranges.append((code, code))
            return
        name, negated = self._properties[place]
        test = characters.unicode_property(name)
        tests.append((lambda char: not test(char)) if negated else test)
