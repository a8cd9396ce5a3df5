"""Lists and their pages."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import Final

from multidict import MultiMapping

from mockserver.schema.base import Json
from mockserver.schema.conversation import parse_include
from mockserver.schema.errors import ApiError
from mockserver.schema.validation import Mode

_MOST: Final = 100
_WHOLE: Final = re.compile(r"-?[0-9]+")
_INCLUDE: Final = re.compile(r"include(\[\d*\])?")


def page(items: list[Json], query: Mapping[str, str]) -> Json:
    """Return one page of items that are given oldest first, in the envelope of api-contract §1.4.

    ``query`` holds ``after``, ``before``, ``limit`` (1 to 100, default 20) and ``order`` (default
    ``desc``). Raises ApiError for values out of bounds and cursors that are not there.
    """
    limit = _limit(query.get("limit", "20"))
    if _order(query.get("order", "desc")) == "desc":
        items = items[::-1]
    if query.get("after"):
        items = items[_position(items, query["after"]) + 1 :]
    if query.get("before"):
        items = items[: _position(items, query["before"])]
    shown = items[:limit]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "has_more": len(items) > limit,
        "last_id": shown[-1]["id"] if shown else None,
    }


def tolerated(query: Mapping[str, str], items: Iterable[Json]) -> dict[str, str]:
    """Return a query without the values that ``page`` and the readers below would refuse.

    A limit out of bounds becomes the nearest one within.
    """
    known = {item["id"] for item in items}
    kept = {key: text for key, text in query.items() if _reads(key, text, known)}
    if "limit" in kept:
        kept["limit"] = str(min(max(whole("limit", kept["limit"]), 1), _MOST))
    return kept


def _reads(key: str, text: str, known: Container[str]) -> bool:
    """Tell whether a value can be understood, in bounds or not."""
    if key in ("after", "before"):
        return text in known
    try:
        if key in ("limit", "starting_after"):
            whole(key, text)
        elif key in ("stream", "include_obfuscation"):
            switch(key, text, default=False)
        elif key == "order":
            _order(text)
    except ApiError:
        return False
    return True


def _limit(text: str) -> int:
    number = whole("limit", text)
    if number > _MOST:
        raise ApiError(
            "Invalid 'limit': integer above maximum value. Expected a value <= "
            f"{_MOST}, but got {number} instead.",
            param="limit",
            code="integer_above_max_value",
        )
    if number < 1:
        raise ApiError(
            "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got "
            f"{number} instead.",
            param="limit",
            code="integer_below_min_value",
        )
    return number


def whole(name: str, text: str) -> int:
    """Read a whole number of a query; raise the API's 400 for anything else."""
    if not _WHOLE.fullmatch(text):
        raise ApiError(
            f"Invalid type for '{name}': expected an integer, but got a string instead.",
            param=name,
            code="invalid_type",
        )
    # Longer numbers are out of every bound; how far does not matter.
    return int(text[:19])


def included(query: MultiMapping[str], mode: Mode) -> frozenset[str]:
    """Return the values of ``include``, however the list is spelt (api-contract §1.2).

    Raises the API's 400 for a value that nothing is hidden by.
    """
    given = [
        value
        for key, text in query.items()
        if _INCLUDE.fullmatch(key)
        for value in text.split(",")
        if value
    ]
    return parse_include(given, mode=mode)


def switch(name: str, text: str | None, *, default: bool) -> bool:
    """Read a boolean of a query; raise the API's 400 for anything else."""
    if text is None:
        return default
    if text.lower() not in ("true", "false", "1", "0"):
        raise ApiError(
            f"Invalid type for '{name}': expected a boolean, but got a string instead.",
            param=name,
            code="invalid_type",
        )
    return text.lower() in ("true", "1")


def _order(text: str) -> str:
    if text not in ("asc", "desc"):
        raise ApiError(
            f"Invalid value: '{text}'. Supported values are: 'asc' and 'desc'.",
            param="order",
            code="invalid_value",
        )
    return text


def _position(items: list[Json], item_id: str) -> int:
    for position, item in enumerate(items):
        if item["id"] == item_id:
            return position
    raise ApiError(f"Item with id '{item_id}' not found.", status=404)
