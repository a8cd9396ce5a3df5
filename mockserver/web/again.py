"""The short way: a create that comes again is answered before it is routed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, cast

from aiohttp import web
from multidict import istr

from mockserver import dialects
from mockserver.engine import Engine, Retold
from mockserver.flags import HEADER
from mockserver.journal import Call
from mockserver.namespace import DEFAULT, Namespace
from mockserver.web import ready, routes
from mockserver.web.attendance import attend, failed, note
from mockserver.web.keys import ENGINE, LENIENT, SENT
from mockserver.web.place import LENIENT_HEADER, locate, retries

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_DIALECT: Final = istr(dialects.HEADER)
_SCENARIO: Final = istr(HEADER)
_EXPECT: Final = istr("Expect")


def ahead(app: web.Application, handle: Handle) -> Handle:
    """Return a handler that answers creates that come again, and leaves all others to ``handle``.

    What they are answered with depends on no route, and to find one costs as much as the answer.
    """

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        told = None
        if request.method == "POST" and _EXPECT not in request.headers:
            told = await _ahead(app, cast(web.Request, request))
        return await handle(request) if told is None else told

    return answer


async def _ahead(app: web.Application, request: web.Request) -> web.StreamResponse | None:
    url, content = request.rel_url, request.content
    name, path = locate(url.raw_path)
    if path != "/responses" or not content.is_eof() or content.exception() is not None:
        return None
    if not ready.suits(request):
        return None
    raw = request[SENT] = content.read_nowait()
    engine = app[ENGINE]
    space = engine.spaces.default if name == DEFAULT else await engine.spaces.use(name)
    if space is None:
        return None
    started, told = space.clock.now(), find(app, space, request, raw)
    if told is None:
        return None
    call = Call(
        "POST",
        path,
        url.raw_query_string,
        headers=request.headers,
        started=started,
        retry=retries(request),
        size=len(raw),
    )
    return await attend(engine, space, call, _told(engine, space, request, call, told))


async def _told(
    engine: Engine, space: Namespace, request: web.Request, call: Call, told: Retold
) -> web.StreamResponse:
    try:
        response = await tell(engine, space, request, call, told, at_once=True)
    except Exception as problem:  # whatever happens, the client gets the API's envelope
        response = failed(request, space, call, problem)
    note(call, response)
    return response


def find(app: web.Application, space: Namespace, request: web.Request, raw: bytes) -> Retold | None:
    """Return what a create is answered with as one before it was, None for any other.

    What is found has to be told: it counts as the answer to this request.
    """
    engine, given = app[ENGINE], request.headers
    settings = engine.settings
    if (
        settings.dialect != dialects.DEFAULT
        or _SCENARIO in given
        or _DIALECT in given
        or LENIENT_HEADER in given
    ):
        return None
    return (app[LENIENT] if settings.lenient else engine).again(space, raw)


async def tell(
    engine: Engine,
    space: Namespace,
    request: web.Request,
    call: Call,
    told: Retold,
    *,
    at_once: bool,
) -> web.StreamResponse:
    """Answer as before, once that is on record; ``at_once`` where the request suits ``ready``."""
    call.body, form, written = told.body, told.form, told.answer
    call.stream, call.answered_by = form != "json", "synthesiser"
    call.response_id, call.asks = told.response_id, told.asks
    await engine.keep_again(space, told, call.started)
    request_id, before = space.seed.request_id(), told.told
    if not at_once:
        fields = {"x-request-id": request_id, **before.headers}
        return await routes.tell(request, form, written, fields)
    lines = b"x-request-id: %b\r\n%b" % (request_id.encode(), before.lines)
    return await ready.send(request, call, form, lines, written, before.events)
