"""Where a request is served: by which engine, in which namespace, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from aiohttp import web
from multidict import istr

from mockserver.config import Settings
from mockserver.dialects import HEADER, Dialect, dialect
from mockserver.engine import Engine
from mockserver.journal import Call
from mockserver.namespace import Namespace
from mockserver.schema.base import Json
from mockserver.web.keys import CALL, ENGINE, LENIENT, SPACE
from mockserver.web.paging import switch, tolerated

# Names of this type are looked up without being folded to lower case first.
LENIENT_HEADER: Final = istr("X-Mock-Lenient")
_DIALECT: Final = istr(HEADER)


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
