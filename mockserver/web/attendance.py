"""What happens around every answer: its call is noted, and what goes wrong becomes an error."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

from aiohttp import web

from mockserver.engine import Engine
from mockserver.journal import Call
from mockserver.namespace import DEFAULT, Namespace
from mockserver.schema.errors import ApiError
from mockserver.sources.miss import CassetteMiss
from mockserver.web.answers import failure, headers, wait_of
from mockserver.web.keys import ENGINE
from mockserver.web.place import nowhere

_log = logging.getLogger("mockserver")


async def attend(
    engine: Engine, space: Namespace, call: Call, answering: Awaitable[web.StreamResponse]
) -> web.StreamResponse:
    """Return the answer to a call, which is in the journal from now on."""
    space.calls.append(call)
    space.open += 1
    try:
        response = await answering
    except asyncio.CancelledError:
        call.disconnected = True
        raise
    finally:
        call.ended = space.clock.now()
        space.open -= 1
        if space.name != DEFAULT:
            engine.spaces.left(space)
    return response


def note(call: Call, response: web.StreamResponse) -> None:
    """Put into the journal what an answer is that goes out as it stands."""
    call.status = response.status
    if type(response) is web.Response and type(body := response.body) is bytes:
        call.bytes, call.finished = len(body), True


def failed(request: web.Request, space: Namespace, call: Call, problem: Exception) -> web.Response:
    """Return the envelope for what went wrong; the journal says what, and when to try again."""
    error = as_error(problem, request)
    call.error, call.answered_by = error.code or error.type, call.answered_by or "error"
    call.rule = call.rule or error.rule
    call.miss = error.message if isinstance(error, CassetteMiss) else None
    call.retry_after = wait_of(error.headers)
    response = failure(error, headers(space))
    if isinstance(problem, web.RequestPayloadError):
        response.force_close()
    return response


def as_error(problem: Exception, request: web.Request) -> ApiError:
    """Return the API's error for whatever went wrong; only a fault of ours is a 500."""
    if isinstance(problem, ApiError):
        return problem
    if isinstance(problem, web.HTTPRequestEntityTooLarge):
        limit = request.app[ENGINE].settings.max_body
        return ApiError(f"The request body is larger than {limit} bytes.", status=413)
    if isinstance(problem, web.HTTPNotFound | web.HTTPMethodNotAllowed):
        return nowhere(request.method, request.rel_url.raw_path)
    if isinstance(problem, web.HTTPException):
        return ApiError(problem.reason, status=problem.status)
    if isinstance(problem, web.RequestPayloadError):
        return ApiError("The request body could not be read.")
    _log.exception("%s %s failed", request.method, request.rel_url.raw_path, exc_info=problem)
    return ApiError.fault()
