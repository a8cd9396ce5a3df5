"""Recordings of tools that no dialect reads, known by their marks so that errors name them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

Mark: TypeAlias = Callable[[dict[str, Any]], bool]


def tool(document: Any) -> str | None:
    """Name the tool that wrote the document; None when it bears nobody's mark."""
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        return None
    return next((name for name, marked in _MARKS.items() if marked(first)), None)


def _first(document: dict[str, Any]) -> dict[str, Any]:
    """Return the one or the first interaction, or an empty mapping."""
    interactions = document.get("interactions", [document])
    raw = interactions[0] if isinstance(interactions, list) and interactions else None
    return raw if isinstance(raw, dict) else {}


def _is_first_vcrpy(document: dict[str, Any]) -> bool:
    request = document.get("request")
    return "interactions" not in document and isinstance(request, dict) and "protocol" in request


def _is_socket(document: dict[str, Any]) -> bool:
    return {"direction", "data"} <= _first(document).keys()


def _is_hoverfly(document: dict[str, Any]) -> bool:
    data = document.get("data")
    return isinstance(data, dict) and "pairs" in data


_MARKS: Final[dict[str, Mark]] = {
    "vcrpy before 1.0 (convert it: python -m vcr.migration PATH)": _is_first_vcrpy,
    "a gRPC or WebSocket connection": _is_socket,
    "Hoverfly": _is_hoverfly,
}
"""Tools by their marks, most telling mark first."""
