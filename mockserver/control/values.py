"""Reading the values of a command's body."""

from __future__ import annotations

from typing import Any, Final

from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError

_KINDS: Final[dict[type, str]] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    list: "an array",
    dict: "an object",
}


def only(body: Json, *names: str) -> None:
    """Raise ApiError 400 for keys that a command does not take."""
    for name in body:
        if name not in names:
            known = f"it takes {', '.join(names)}" if names else "it takes none"
            raise ApiError(
                f"Unknown parameter: '{name}': {known}.", param=name, code="unknown_parameter"
            )


def required(body: Json, name: str, kind: type) -> Any:
    """Return a value that has to be there, of a kind; raise ApiError 400 otherwise."""
    if name not in body:
        raise ApiError.missing(name)
    return optional(body, name, kind)


def optional(body: Json, name: str, kind: type) -> Any:
    """Return a value of a kind, or None; raise ApiError 400 for one of another kind."""
    value = body.get(name)
    if value is None:
        return None
    wanted = (int, float) if kind is float else kind
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        raise ApiError(
            f"Invalid type for '{name}': expected {_KINDS[kind]}.", param=name, code="invalid_type"
        )
    return value


def whole(body: Json, name: str, least: int) -> int | None:
    """Return a whole number of ``least`` or more, or None; raise ApiError 400 for another."""
    number: int | None = optional(body, name, int)
    if number is not None and not least <= number < 10**18:
        raise invalid(name, f"expected a whole number of {least} or more, below 10**18")
    return number


def invalid(name: str, why: str) -> ApiError:
    """Return the 400 for a value that a command cannot use."""
    return ApiError(f"Invalid value for '{name}': {why}.", param=name, code="invalid_value")
