"""The upstream as a source: requests passed on as they are, answers recorded as they come."""

from __future__ import annotations

import logging
import time
from typing import Final

from aiohttp import web

from mockserver.cassette import CassetteError, normalise, redact
from mockserver.clock import Clock, RealClock
from mockserver.engine import Engine
from mockserver.namespace import Namespace
from mockserver.schema.errors import ApiError
from mockserver.sources.cassette import finished
from mockserver.upstream import Capture, Cut
from mockserver.upstream.headers import Fields
from mockserver.upstream.headers import Sent as Sent
from mockserver.web.background import AFTERLIFE as AFTERLIFE
from mockserver.web.background import Background
from mockserver.web.keys import CALL, ENGINE, SPACE
from mockserver.web.relay import Relay

BACKGROUND: Final = web.AppKey("background", Background)
_CLOCK: Final = RealClock()
"""The pace of the network is real, whatever the server's clock is."""
_GRACE: Final = 2.0
"""Seconds that answers whose client has left have to end at stop, though nothing is drained."""
_log = logging.getLogger("mockserver")


def prepare(app: web.Application) -> None:
    """Let recordings that are under way end when an application stops."""
    app[BACKGROUND] = Background()
    app.on_cleanup.append(_close)


async def _close(app: web.Application) -> None:
    engine = app[ENGINE]
    if engine.upstream is None:
        return
    grace = _GRACE if engine.verifier is None else AFTERLIFE
    await app[BACKGROUND].close(max(engine.settings.drain_seconds, grace))
    if engine.recorder is not None:
        await engine.recorder.close()
    await engine.upstream.close()


async def answer(request: web.Request, raw: bytes) -> web.StreamResponse | None:
    """Return the upstream's answer, None for what is not recorded or has no place there.

    Raises ApiError 502 when the upstream does not answer at all.
    """
    engine, space = request.app[ENGINE], request[SPACE]
    if "upgrade" in request.headers or not records(engine, space):
        return None
    url = target(engine, request)
    if url is None:
        return None
    request[CALL].answered_by = "upstream"
    return await request.app[BACKGROUND].finish(_forward(request, raw, url))


def records(engine: Engine, space: Namespace) -> bool:
    """Tell whether a namespace's requests go upstream; raise ApiError for a cassette in the way."""
    if engine.recorder is None:
        return False
    try:
        return engine.recorder.records(space.name)
    except CassetteError as problem:
        raise ApiError(
            str(problem), status=424, type="mock_server_error", code="cassette_not_writable"
        ) from None


def target(engine: Engine, request: web.Request) -> str | None:
    """Return where the upstream takes a request, None when nowhere."""
    assert engine.upstream is not None
    url = request.rel_url
    return engine.upstream.address.target(url.raw_path, url.raw_query_string)


def now() -> float:
    """Return the present moment of the recorded pace."""
    return _CLOCK.now()


def begin(method: str, url: str, fields: Fields, body: bytes) -> Capture:
    """Return the capture of a request that is about to be sent."""
    return Capture(
        method=method,
        uri=url,
        request_headers=tuple(fields.items()),
        request_body=body,
        sent=_CLOCK.now(),
        day=time.strftime("%Y-%m-%d", time.gmtime(_CLOCK.wall())),
    )


async def _forward(request: web.Request, raw: bytes, url: str) -> web.StreamResponse:
    engine = request.app[ENGINE]
    assert engine.upstream is not None
    fields = engine.upstream.fields(request.headers)
    space = request[SPACE]
    slot, clock = reserve(engine, space), space.clock
    capture = begin(request.method, url, fields, raw)
    try:
        answer = await engine.upstream.send(request.method, url, fields, raw)
    except Cut as problem:
        raise unreachable(engine, problem) from None

    async def keep(capture: Capture) -> None:
        input = (request[CALL].body or {}).get("input")
        request[CALL].response_id = await kept(engine, space, capture, input, slot, clock)

    return await Relay(request, capture, _CLOCK, keep).run(answer)


def unreachable(engine: Engine, problem: BaseException) -> ApiError:
    """Return the error for an upstream that gives no answer."""
    assert engine.upstream is not None
    text = (
        f"The upstream {engine.upstream.address.origin} gave no answer: "
        f"{str(problem) or type(problem).__name__}. Nothing is recorded; see --upstream."
    )
    _log.warning("%s", text)
    return ApiError(text, status=502, type="mock_server_error", code="upstream_unreachable")


def reserve(engine: Engine, space: Namespace) -> int:
    """Return the place that a request has on its cassette by the time of its arrival."""
    assert engine.recorder is not None
    return engine.recorder.reserve(space.name)


async def kept(
    engine: Engine, space: Namespace, capture: Capture, input: object, slot: int, clock: Clock
) -> str | None:
    """Record a whole answer and put its response on record, if it is one; return that one's id.

    ``clock`` is the namespace's when it was asked: of what was cleared since, nothing is on record.
    Never raises: what cannot be kept is told, and the client gets its answer all the same.
    """
    assert engine.recorder is not None
    if capture.overflowed:
        _log.warning("%s: too large to be recorded", _told(capture))
        return None
    try:
        exchange = capture.exchange()
        await engine.recorder.add(space, exchange, slot)
        response = finished(normalise.interaction(exchange, exchange.uri, 1, _log.debug))
        if response is not None and space.clock is clock:
            await engine.remember(space, response, input)
    except CassetteError:
        return None  # told by the recorder
    except Exception:  # the recording is ours to lose, the answer is the client's
        _log.exception("%s could not be kept", _told(capture))
        return None
    return None if response is None else str(response["id"])


def _told(capture: Capture) -> str:
    return redact.told(capture.method, capture.uri, capture.request_headers)
