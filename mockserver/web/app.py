"""The aiohttp application: one front for every request, and the routes behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from mockserver.config import Settings
from mockserver.engine import Engine
from mockserver.journal import Call
from mockserver.leniency import Lenient
from mockserver.namespace import DEFAULT
from mockserver.schema.base import parse_object
from mockserver.schema.errors import ApiError
from mockserver.web import (
    admin,
    again,
    control,
    conversation_routes,
    delivery,
    modes,
    ready,
    routes,
    scenario,
    webhook_routes,
    websocket,
)
from mockserver.web.answers import translate
from mockserver.web.attendance import as_error, attend, failed, note
from mockserver.web.keys import CALL, DIALECT, ENGINE, FLAGS, LENIENT, OWN, SENT, SPACE
from mockserver.web.place import dialect_of, locate, retries

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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
    name, path = locate(url.raw_path)
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
    return await attend(engine, space, call, _settled(engine, request, call, handler))


async def _settled(
    engine: Engine, request: web.Request, call: Call, handler: Handler
) -> web.StreamResponse:
    """Return the answer in the client's dialect and with the faults that are asked for."""
    try:
        if (dialect := dialect_of(request, engine.settings)) is not None:
            request[DIALECT] = dialect
        response = await _answer(engine, request, call, handler)
        if dialect is not None:
            translate(response, dialect)
    except Exception as problem:  # whatever happens, the client gets the API's envelope
        response = failed(request, request[SPACE], call, problem)
    if FLAGS in request and request[FLAGS].faults:
        return await delivery.settle(request, response)
    note(call, response)
    return response


async def _read(request: web.Request) -> bytes:
    # A body that has come as a whole needs no reader's loop.
    content = request.content
    return content.read_nowait() if content.is_eof() else await request.read()


async def _nowhere(request: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound


async def _answer(
    engine: Engine, request: web.Request, call: Call, handler: Handler
) -> web.StreamResponse:
    came_whole = SENT in request
    raw = request[SENT] if came_whole else await _read(request)
    if len(raw) > engine.settings.max_body:
        raise web.HTTPRequestEntityTooLarge(engine.settings.max_body)
    request[SENT], call.retry, space = raw, retries(request), request[SPACE]
    space.calls.weigh(call, len(raw))
    # What came as a whole with its head was looked for before it was routed.
    create = call.method == "POST" and call.path == "/responses"
    told = again.find(request.app, space, request, raw) if create and not came_whole else None
    if told is not None:
        at_once = OWN in request.app and ready.suits(request)
        return await again.tell(engine, space, request, call, told, at_once=at_once)
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
            from mockserver.web import recorded

            raise recorded.miss(engine, space, request, raw) from None
        raise
    call.answered_by = call.answered_by or "state"
    if engine.sources(space) is not None:
        from mockserver.web import recorded

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
