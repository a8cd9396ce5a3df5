"""Where a request is served: by which engine, in which namespace, and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from aiohttp import web
from multidict import istr

from mockserver.config import Settings
from mockserver.dialects import HEADER, Dialect, dialect
from mockserver.engine import Engine
from mockserver.journal import Call
from mockserver.namespace import DEFAULT, NAMED, Namespace, is_name
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.web.keys import CALL, ENGINE, LENIENT, SPACE
from mockserver.web.paging import switch, tolerated

# Names of this type are looked up without being folded to lower case first.
LENIENT_HEADER: Final = istr("X-Mock-Lenient")
_DIALECT: Final = istr(HEADER)
_RETRIES: Final = istr("X-Stainless-Retry-Count")

_BASE: Final = re.compile(r"(?:/ns/(?P<ns>[\w.%~-]{1,1536}))?/v1(?P<path>/.*)?")
_NAMESPACE: Final = re.compile(r"/ns/([^/]*)/v1(?:/.*)?")


@lru_cache(maxsize=256)
def locate(raw_path: str) -> tuple[str, str | None]:
    """Return the namespace of a path and its part below the base, None outside of any base."""
    match = _BASE.fullmatch(raw_path)
    if match is None:
        return DEFAULT, None
    name = unquote(match["ns"] or DEFAULT)
    if name and not is_name(name):
        return DEFAULT, None
    return name, match["path"] or "/"


def nowhere(method: str, raw_path: str) -> ApiError:
    """Return the 404 for a URL, which tells of a namespace that cannot be called so."""
    match = _NAMESPACE.fullmatch(raw_path)
    if match is None or is_name(name := unquote(match[1])):
        return ApiError.invalid_url(method, raw_path)
    return ApiError(f"Invalid namespace {name[:80]!r} in the URL: it is {NAMED}.", status=404)


def retries(request: web.Request) -> int:
    """Return how often a client says that it has tried before."""
    text = request.headers.get(_RETRIES)
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0


def place(request: web.Request) -> tuple[Engine, Namespace, Call]:
    """Return the engine, the namespace and the journal's entry of a request.

    Raises the API's 400 for a header that does not say whether to be lenient.
    """
    app = request.match_info.current_app
    engine = app[ENGINE]
    said = request.headers.get(LENIENT_HEADER)
    lenient = engine.settings.lenient
    if lenient if said is None else switch(LENIENT_HEADER, said, default=lenient):
        engine = app[LENIENT]
    return engine, request[SPACE], request[CALL]


def dialect_of(request: web.Request, settings: Settings) -> Dialect | None:
    """Return the dialect that a request is answered in, None for the API's own.

    Raises ApiError 400 for a header that names none.
    """
    return dialect(request.headers.get(_DIALECT) or settings.dialect)


def named(request: web.Request, name: str) -> str:
    """Return what stands in the path under a name, fit to be sent back."""
    # aiohttp's parser in Python makes surrogates of bytes that are no UTF-8.
    return request.match_info[name].encode("utf-8", "replace").decode()


def asked(request: web.Request, items: Iterable[Json] = ()) -> Mapping[str, str]:
    """Return the query of a request for ``items``, in lenient mode without what is wrong."""
    engine, _, _ = place(request)
    return tolerated(request.query, items) if engine.lenient else request.query
