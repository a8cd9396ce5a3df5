"""The aiohttp application: one front for every request, and the routes behind it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from aiohttp import web

from mockserver.config import Settings
from mockserver.engine import Engine
from mockserver.journal import Call
from mockserver.leniency import Lenient
from mockserver.namespace import DEFAULT, is_name
from mockserver.schema.base import parse_object
from mockserver.schema.errors import ApiError
from mockserver.sources.cassette import CassetteMiss
from mockserver.web import (
    admin,
    control,
    conversation_routes,
    delivery,
    modes,
    recorded,
    routes,
    scenario,
    webhook_routes,
    websocket,
)
from mockserver.web.answers import failure, headers, translate, wait_of
from mockserver.web.keys import CALL, DIALECT, ENGINE, FLAGS, LENIENT, SENT, SPACE
from mockserver.web.place import dialect_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_BASE: Final = re.compile(r"(?:/ns/(?P<ns>[\w.%~-]{1,384}))?/v1(?P<path>/.*)?")
_log = logging.getLogger("mockserver")


def create_app(
    settings: Settings | None = None, *, engine: Engine | None = None
) -> web.Application:
    """Return the server as an aiohttp application.

    Raises ValueError or CassetteError for settings that cannot work, such as a cassette that
    cannot be read.
    """
    engine = engine or Engine(settings or Settings())
    app = web.Application(middlewares=[front], client_max_size=engine.settings.max_body)
    app[ENGINE], app[LENIENT] = engine, Lenient(engine)
    app.on_shutdown.append(_stop)
    websocket.prepare(app)
    modes.prepare(app, engine)
    app.add_routes(admin.routes())
    for part in (routes, conversation_routes, webhook_routes):
        app.add_routes(part.routes("/v1"))
        app.add_routes(part.routes("/ns/{ns}/v1"))
    return app


async def _stop(app: web.Application) -> None:
    await app[ENGINE].stop()


@web.middleware
async def front(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Meet every request: name its namespace, note it down, ask the cassettes, render errors."""
    match, url = request.match_info, request.rel_url
    engine: Engine = match.current_app[ENGINE]
    name, path = _locate(url.raw_path)
    if path is None and admin.owns(request):
        return await handler(request)
    if path is None and control.owns(request):
        return await control.answer(request)
    if path is None or match.http_exception is not None:
        handler = _nowhere
    space = engine.spaces.default if name == DEFAULT else None
    if space is None:
        space = await engine.spaces.use(name)
    call = Call(
        request.method,
        path or url.raw_path,
        url.raw_query_string,
        headers=request.headers,
        started=space.clock.now(),
    )
    request[SPACE], request[CALL] = space, call
    space.calls.append(call)
    space.open += 1
    try:
        try:
            if (dialect := dialect_of(request, engine.settings)) is not None:
                request[DIALECT] = dialect
            response = await _answer(engine, request, call, handler)
            if dialect is not None:
                translate(response, dialect)
        except Exception as problem:  # whatever happens, the client gets the API's envelope
            response = _failed(request, call, problem)
        if FLAGS in request and request[FLAGS].faults:
            return await delivery.settle(request, response)
    except asyncio.CancelledError:
        call.disconnected = True
        raise
    finally:
        call.ended = space.clock.now()
        space.open -= 1
        if name != DEFAULT:
            engine.spaces.left(space)
    call.status = response.status
    if type(response) is web.Response and type(body := response.body) is bytes:
        call.bytes, call.finished = len(body), True
    return response


def _failed(request: web.Request, call: Call, problem: Exception) -> web.Response:
    """Return the envelope for what went wrong; the journal says what, and when to try again."""
    error = as_error(problem, request)
    call.error, call.answered_by = error.code or error.type, call.answered_by or "error"
    call.miss = error.message if isinstance(error, CassetteMiss) else None
    call.retry_after = wait_of(error.headers)
    response = failure(error, headers(request[SPACE]))
    if isinstance(problem, web.RequestPayloadError):
        response.force_close()
    return response


async def _nowhere(request: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound


async def _answer(
    engine: Engine, request: web.Request, call: Call, handler: Handler
) -> web.StreamResponse:
    content, limit = request.content, engine.settings.max_body
    # A body that has come as a whole needs no reader's loop.
    raw = content.read_nowait() if content.is_eof() else await request.read()
    if len(raw) > limit:
        raise web.HTTPRequestEntityTooLarge(limit)
    call.retry = _retry(request)
    space = request[SPACE]
    space.calls.weigh(call, len(raw))
    if call.path == "/responses" and (told := await routes.again(request, raw)) is not None:
        return told
    request[SENT] = raw
    body_error = _note_body(call, raw)
    await scenario.enter(request)
    if (found := await modes.answer(request, raw)) is not None:
        return found
    if engine.settings.require_key and not _has_key(request):
        raise ApiError.no_key()
    try:
        if body_error is not None and handler is not _nowhere:
            raise body_error
        response = await handler(request)
    except (ApiError, web.HTTPException) as problem:
        scripted = request[FLAGS].http is not None
        if engine.refuses(space) and as_error(problem, request).status == 404 and not scripted:
            raise recorded.miss(engine, space, request, raw) from None
        raise
    call.answered_by = call.answered_by or "state"
    if engine.sources(space) is not None:
        recorded.issued(request, raw)
    return response


def _note_body(call: Call, raw: bytes) -> ApiError | None:
    """Put the JSON body into the journal; return the error of one that cannot be read."""
    if call.method not in ("POST", "PUT", "PATCH"):
        return None
    try:
        call.body = parse_object(raw)
    except ApiError as error:
        return error
    call.stream = call.body.get("stream") is True
    return None


def _has_key(request: web.Request) -> bool:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and bool(key.strip())


def _retry(request: web.Request) -> int:
    text = request.headers.get("x-stainless-retry-count")
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0


@lru_cache(maxsize=256)
def _locate(raw_path: str) -> tuple[str, str | None]:
    """Return the namespace of a path and its part below the base, None outside of any base."""
    match = _BASE.fullmatch(raw_path)
    if match is None:
        return DEFAULT, None
    name = unquote(match["ns"] or DEFAULT)
    if name and not is_name(name):
        return DEFAULT, None
    return name, match["path"] or "/"


def as_error(problem: Exception, request: web.Request) -> ApiError:
    """Return the API's error for whatever went wrong; only a fault of ours is a 500."""
    if isinstance(problem, ApiError):
        return problem
    if isinstance(problem, web.HTTPRequestEntityTooLarge):
        limit = request.app[ENGINE].settings.max_body
        return ApiError(f"The request body is larger than {limit} bytes.", status=413)
    if isinstance(problem, web.HTTPNotFound | web.HTTPMethodNotAllowed):
        return ApiError.invalid_url(request.method, request.rel_url.raw_path)
    if isinstance(problem, web.HTTPException):
        return ApiError(problem.reason, status=problem.status)
    if isinstance(problem, web.RequestPayloadError):
        return ApiError("The request body could not be read.")
    _log.exception("%s %s failed", request.method, request.rel_url.raw_path, exc_info=problem)
    return ApiError.fault()
