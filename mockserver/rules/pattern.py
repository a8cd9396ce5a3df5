"""Patterns: what a value of a request has to be like."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from mockserver.rules.node import Node, shown
from mockserver.schema.base import compact

Values: TypeAlias = Sequence[Any]
"""What there is of something in a request: nothing, one value, or several."""

Manner = Literal["equals", "contains"]
_OPERATORS: Final = ("equals", "contains", "regex", "any", "not", "exists")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A test of values, and how it is said in words after "should"."""

    fits: Callable[[Values], bool]
    says: str

    def difference(self, values: Values) -> str | None:
        """Return why the values do not fit, None when they do."""
        if self.fits(values):
            return None
        found = " and ".join(map(shown, values[:3])) or "nothing"
        return f"should {self.says}, but is {found}"


def read(node: Node, manner: Manner = "equals", *, presence: bool = False) -> Pattern:
    """Read a pattern; raise RuleError for one that makes no sense.

    A plain value is compared in this ``manner``, a list is any of its entries, and a mapping names
    operators that must all hold. With ``presence`` true and false say whether there is something.
    """
    value = node.value
    if callable(value):
        return _where(value)
    if isinstance(value, re.Pattern):
        return _regex(value)
    if isinstance(value, bool) and presence:
        return _exists(value)
    if isinstance(value, list | tuple):
        return _any([read(entry, manner) for entry in node.entries("any")], node)
    if isinstance(value, dict):
        node.mapping(_OPERATORS, "a pattern")
        if not value:
            raise node.error(f"the pattern is empty; name one of {', '.join(_OPERATORS)}")
        return _all([_operator(name, member, manner) for name, member in node.members()])
    return _contains(value) if manner == "contains" and isinstance(value, str) else _equals(value)


def _operator(name: str, node: Node, manner: Manner) -> Pattern:
    if name == "equals":
        return _equals(node.value)
    if name == "contains":
        return _contains(node.text("contains"))
    if name == "regex":
        try:
            return _regex(re.compile(node.text("regex")))
        except (re.error, OverflowError, RecursionError) as problem:
            raise node.error(f"this is no regular expression: {problem}") from None
    if name == "any":
        return _any([read(entry, manner) for entry in node.entries("any")], node)
    if name == "not":
        return _not(read(node, manner))
    if not isinstance(node.value, bool):
        raise node.error(f"exists is true or false, not {shown(node.value)}")
    return _exists(node.value)


def _text(value: Any) -> str:
    """Return a value as the text that contains and regex look at."""
    return value if isinstance(value, str) else compact(value).decode()


def _same(left: Any, right: Any) -> bool:
    """Tell whether two values are the same JSON; true is not 1."""
    return type(left) is type(right) and left == right if _boolean(left, right) else left == right


def _boolean(left: Any, right: Any) -> bool:
    return isinstance(left, bool) or isinstance(right, bool)


def _equals(wanted: Any) -> Pattern:
    return Pattern(
        lambda values: any(_same(value, wanted) for value in values), f"be {shown(wanted)}"
    )


def _contains(part: str) -> Pattern:
    return Pattern(
        lambda values: any(part in _text(value) for value in values), f"contain {shown(part)}"
    )


def _regex(pattern: re.Pattern[str]) -> Pattern:
    return Pattern(
        lambda values: any(pattern.search(_text(value)) for value in values),
        f"match {shown(pattern.pattern)}",
    )


def _exists(there: bool) -> Pattern:
    return Pattern(lambda values: bool(values) is there, "be there" if there else "not be there")


def _where(test: Callable[[Any], Any]) -> Pattern:
    return Pattern(
        lambda values: any(test(value) for value in values),
        f"pass {getattr(test, '__name__', 'the test')}",
    )


def _any(patterns: list[Pattern], node: Node) -> Pattern:
    if not patterns:
        raise node.error("the list is empty, so that nothing can match it")
    return Pattern(
        lambda values: any(pattern.fits(values) for pattern in patterns),
        " or ".join(pattern.says for pattern in patterns),
    )


def _all(patterns: list[Pattern]) -> Pattern:
    return Pattern(
        lambda values: all(pattern.fits(values) for pattern in patterns),
        " and ".join(pattern.says for pattern in patterns),
    )


def _not(pattern: Pattern) -> Pattern:
    return Pattern(lambda values: not pattern.fits(values), f"not {pattern.says}")
