"""A request and its answer in two files: ``request.json`` beside ``response.json``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from mockserver.cassette import json_document
from mockserver.cassette.dialects import fields
from mockserver.cassette.errors import CassetteError
from mockserver.cassette.exchange import Headers

HEADERS: Final[Headers] = (("content-type", "application/json"),)
_REQUEST: Final = re.compile(r"request", re.IGNORECASE)
_RESPONSE: Final = re.compile(r"response(?!.*response)", re.IGNORECASE)
_STREAM: Final = re.compile(r"[-_.](?:streaming|stream)$", re.IGNORECASE)


def request_of(path: Path) -> dict[str, Any] | None:
    """Return the request kept beside an answer; None when there is none.

    Raise CassetteError when there is one that cannot be read.
    """
    beside = _partner(path)
    if beside is None or not beside.is_file():
        return None
    try:
        document = json_document.load(beside.read_text(encoding="utf-8-sig")).document
    except (CassetteError, OSError, ValueError) as error:
        raise CassetteError(f"the request in {beside.name!r} cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise CassetteError(f"the request in {beside.name!r} must be a JSON object")
    return document


def answers_of(path: Path) -> list[Path]:
    """Return the files beside a request that answer it."""
    return [answer for answer in _neighbours(path) if _partner(answer) == path]


def streamed(request: dict[str, Any] | None) -> bytes:
    """Return the body of a request whose answer is a stream, as the client must have sent it."""
    return b"" if request is None else orjson.dumps({**request, "stream": True})


def plain(request: dict[str, Any] | None) -> bytes:
    """Return the body of a request as it is kept; nothing when it is not."""
    return b"" if request is None else fields.json_bytes(request)


def names_request(path: Path) -> bool:
    """Tell whether a file calls itself a request."""
    return path.suffix.lower() == ".json" and _REQUEST.search(path.stem) is not None


def _partner(path: Path) -> Path | None:
    stem = _STREAM.sub("", path.stem)
    if _RESPONSE.search(stem) is None:
        return None
    return path.with_name(_RESPONSE.sub("request", stem) + ".json")


def _neighbours(path: Path) -> Iterator[Path]:
    try:
        yield from sorted(path.parent.iterdir())
    except OSError:
        return
