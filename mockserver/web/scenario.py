"""The scenario of an HTTP request: its flags, read and counted once, before anything answers."""

from __future__ import annotations

from aiohttp import web

from mockserver.engine import Engine
from mockserver.flags import HEADER, NONE, Flags, flags_of
from mockserver.journal import Call
from mockserver.namespace import Namespace
from mockserver.sources.scenario import http_error
from mockserver.web.keys import CHOSEN, FLAGS
from mockserver.web.place import place


async def enter(request: web.Request) -> Flags:
    """Return the flags in force, once their delay has passed.

    A create takes flags from wherever they may come. Other requests take those of their own
    header, and of them the HTTP error, the delay and the faults. Raises ApiError for flags that
    do not exist, and for an HTTP error that is asked of another request than a create.
    """
    engine, space, call = place(request)
    header = request.headers.get(HEADER)
    create = call.method == "POST" and call.path == "/responses"
    if create:
        body, headers = call.body or {}, request.headers
        flags, chosen = await engine.choose(space, header, body, headers)
        if chosen is not None:
            request[CHOSEN], call.rule = chosen, chosen.label
    elif header is not None:
        flags = _other(engine, space, call, header)
    else:
        flags = NONE
    request[FLAGS] = flags
    if flags.text and not flags.idle:
        call.scenario = flags.text
        await engine.delay(space, flags, f"{call.path}{flags.text}")
        if not create and (error := http_error(flags, call.body)) is not None:
            call.answered_by = "scenario"
            raise error
    return flags


def _other(engine: Engine, space: Namespace, call: Call, header: str) -> Flags:
    """Return the flags of a request that creates no response.

    One that opens a WebSocket brings them for the creates on it, which count by themselves.
    """
    flags = flags_of(header, None)
    if call.method == "GET" and call.path == "/responses":
        return NONE
    return engine.admitted(space, flags, f"{call.method} {call.path}")
