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


def _has(*keys: str) -> Mark:
    return lambda document: all(key in document for key in keys)


def _side(document: dict[str, Any], side: str) -> dict[str, Any]:
    """Return a side of the one or the first interaction, or an empty mapping."""
    interactions = document.get("interactions", [document])
    raw = interactions[0] if isinstance(interactions, list) and interactions else None
    value = raw.get(side) if isinstance(raw, dict) else None
    return value if isinstance(value, dict) else {}


def _is_go_vcr(document: dict[str, Any]) -> bool:
    return "code" in _side(document, "response") and "url" in _side(document, "request")


def _is_cassetter(document: dict[str, Any]) -> bool:
    body = _side(document, "response").get("body")
    return isinstance(body, dict) and {"type", "content"} <= body.keys()


def _is_langchain(document: dict[str, Any]) -> bool:
    return all(isinstance(document.get(key), list) for key in ("requests", "responses"))


def _is_har(document: dict[str, Any]) -> bool:
    return isinstance(document.get("log"), dict) and "entries" in document["log"]


def _is_wiremock(document: dict[str, Any]) -> bool:
    urls = {"url", "urlPath", "urlPattern", "urlPathPattern"}
    return "mappings" in document or (
        "interactions" not in document and bool(urls & _side(document, "request").keys())
    )


def _is_first_vcrpy(document: dict[str, Any]) -> bool:
    return "interactions" not in document and "protocol" in _side(document, "request")


def _is_datadog(document: dict[str, Any]) -> bool:
    if "interactions" in document:
        return False
    return bool(_side(document, "request") and _side(document, "response"))


_MARKS: Final[dict[str, Mark]] = {
    "Ruby VCR": _has("http_interactions"),
    "go-vcr": _is_go_vcr,
    "cassetter": _is_cassetter,
    "langchain's test kit": _is_langchain,
    "an Azure test proxy": _has("Entries"),
    "a browser (HAR)": _is_har,
    "WireMock": _is_wiremock,
    "httpmock": _has("when", "then"),
    "nock": _has("scope", "path", "response"),
    "vcrpy before 1.0 (convert it: python -m vcr.migration PATH)": _is_first_vcrpy,
    "the DataDog test agent": _is_datadog,
}
"""Tools by their marks, most telling mark first."""
