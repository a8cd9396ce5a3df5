"""What the API says of a value it refuses; where the value stands is found on the way up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from mockserver.schema.errors import ApiError

Phrase: TypeAlias = Callable[[str], str]
"""Makes the message once the path of the value is known."""

_NAMES: Final = {
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "an array",
    dict: "an object",
}

_LONGEST_NAME: Final = 12
"""Names up to here stand in full in the API's sentences about types (probed: 12 yes, 20 no)."""


class Fault(Exception):
    """A refused value; every container it passes on its way up adds its key to the path.

    ``surplus`` is the key of the value that could go to mend it, where only that is too much.
    """

    def __init__(
        self, code: str, phrase: Phrase, *keys: str | int, surplus: str | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.phrase = phrase
        self.surplus = surplus
        self.path: list[str | int] = list(keys)

    def under(self, key: str | int) -> Fault:
        """Note that the value stands under this key or index of its container."""
        self.path.append(key)
        return self

    def error(self) -> ApiError:
        """Return the API's answer: the path is both in the message and the ``param``."""
        path = ""
        for key in reversed(self.path):
            path += f"[{key}]" if isinstance(key, int) else f".{key}" if path else key
        return ApiError(self.phrase(path), param=path, code=self.code)


def elide(name: str) -> str:
    """Shorten a long name as the API does: ``previous_response_id`` to ``pre..._id``."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:3]}...{name[-3:]}"


def enumerate_quoted(values: Iterable[str], word: str) -> str:
    """Join values in quotes: two with the word alone, more with an Oxford comma."""
    quoted = [f"'{value}'" for value in values]
    if len(quoted) < 3:
        return f" {word} ".join(quoted)
    return f"{', '.join(quoted[:-1])}, {word} {quoted[-1]}"


def wrong_type(expected: str, value: Any) -> Fault:
    """The value has another JSON type."""
    got = _NAMES.get(type(value), "null")
    return Fault(
        "invalid_type",
        lambda path: f"Invalid type for '{path}': expected {expected}, but got {got} instead.",
    )


def missing(key: str) -> Fault:
    """An object lacks a required key; the fault's path starts at that key."""
    return Fault(
        "missing_required_parameter",
        lambda path: f"Missing required parameter: '{path}'.",
        key,
    )


def unknown(key: str, hint: str = "") -> Fault:
    """An object has a key the API does not know; the fault's path starts at that key."""
    return Fault("unknown_parameter", lambda path: f"Unknown parameter: '{path}'.{hint}", key)


def unsupported_value(value: str, supported: Iterable[str]) -> Fault:
    """The string is none of those allowed here."""
    listed = enumerate_quoted(supported, "and")
    return Fault(
        "invalid_value",
        lambda _: f"Invalid value: '{value}'. Supported values are: {listed}.",
    )


def not_one_of(keys: Iterable[str], surplus: str | None) -> Fault:
    """An object has none of the keys of which it needs exactly one, or a surplus one."""
    listed = enumerate_quoted(keys, "or")
    return Fault(
        "missing_mutually_exclusive_parameters",
        lambda path: (
            f"Missing mutually exclusive parameters: '{path}'. Ensure you are providing exactly "
            f"one of: {listed}."
        ),
        surplus=surplus,
    )


def out_of_range(value: float, limit: float, *, above: bool, kind: str) -> Fault:
    """The number is beyond a limit; ``kind`` is ``integer`` or ``decimal``."""
    side, sign = ("above_max", "<=") if above else ("below_min", ">=")
    words = side.replace("_", " ") + "imum"
    return Fault(
        f"{kind}_{side}_value",
        lambda path: (
            f"Invalid '{path}': {kind} {words} value. "
            f"Expected a value {sign} {limit}, but got {value} instead."
        ),
    )


def too_long(kind: str, length: int, limit: int) -> Fault:
    """The ``string`` or ``array`` has too many characters or members."""
    thing = f"{'an' if kind == 'array' else 'a'} {kind}"
    return Fault(
        f"{kind}_above_max_length",
        lambda path: (
            f"Invalid '{path}': {kind} too long. Expected {thing} with maximum length {limit}, "
            f"but got {thing} with length {length} instead."
        ),
    )


def empty(kind: str) -> Fault:
    """The ``string`` or ``array`` is empty."""
    article = "an" if kind == "array" else "a"
    return Fault(
        f"empty_{kind}",
        lambda path: (
            f"Invalid '{path}': empty {kind}. Expected {article} {kind} with minimum length 1, "
            f"but got an empty {kind} instead."
        ),
    )


def mismatch(pattern: str) -> Fault:
    """The string has characters that its pattern does not allow."""
    return Fault(
        "invalid_value",
        lambda path: (
            f"Invalid '{path}': string does not match pattern. "
            f"Expected a string that matches the pattern '{pattern}'."
        ),
    )


def wrong_prefix(value: str, prefix: str) -> Fault:
    """The id belongs to another kind of item."""
    return Fault(
        "invalid_value",
        lambda path: f"Invalid '{path}': '{value}'. Expected an ID that begins with '{prefix}'.",
    )


def too_many_properties(count: int, limit: int) -> Fault:
    """The map has too many entries."""
    return Fault(
        "object_above_max_properties",
        lambda path: (
            f"Invalid '{path}': too many properties. Expected an object with at most {limit} "
            f"properties, but got an object with {count} properties instead."
        ),
    )


def long_property_name(name: str, limit: int) -> Fault:
    """A key of a map is too long; the fault's path starts at that key."""
    return Fault(
        "property_name_above_max_length",
        lambda path: (
            f"Invalid property name in '{path[: -len(name) - 1]}': '{elide(name)}' is too long. "
            f"Expected a string with maximum length {limit}, "
            f"but got a string with length {len(name)} instead."
        ),
        name,
    )
