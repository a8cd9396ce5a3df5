"""Commands of the clock."""

from __future__ import annotations

import math
from typing import cast

from mockserver.clock import Mode
from mockserver.control.values import invalid, only, optional, required
from mockserver.engine import Engine
from mockserver.namespace import Namespace
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError


async def clock(engine: Engine, space: Namespace, body: Json) -> Json:
    """Return the mode of the clock, the seconds since the namespace began, and the unix second."""
    only(body)
    return {
        "mode": space.clock.mode,
        "seconds": round(space.clock.elapsed, 6),
        "unix": space.clock.wall(),
    }


async def set_clock(engine: Engine, space: Namespace, body: Json) -> Json:
    """Let time run by itself, or stand still until it is moved."""
    only(body, "mode")
    mode = required(body, "mode", str)
    if mode not in ("real", "virtual"):
        raise invalid("mode", f"{mode!r} is not one of real, virtual")
    try:
        # Where nothing has happened yet, a test finds its time at zero.
        space.clock.use(cast(Mode, mode), afresh=space.calls.count == 0)
    except ValueError as problem:
        raise invalid("mode", str(problem)) from None
    return await clock(engine, space, {})


async def advance(engine: Engine, space: Namespace, body: Json) -> Json:
    """Move virtual time on by ``seconds``, or to the end of the response ``until``."""
    only(body, "seconds", "until")
    seconds, until = optional(body, "seconds", float), optional(body, "until", str)
    if (seconds is None) == (until is None):
        raise ApiError("Give either 'seconds' or 'until', the id of a response.", param="seconds")
    if until is not None:
        moment = await engine.ending(space, until)
        if math.isinf(moment):
            raise invalid("until", f"{until} {await _hold(engine, space, until)}")
        seconds = max(moment - space.clock.now(), 0.0)
    try:
        space.clock.advance(seconds)
    except ValueError as problem:
        raise invalid("seconds", str(problem)) from None
    return await clock(engine, space, {})


async def _hold(engine: Engine, space: Namespace, response_id: str) -> str:
    """Return why no time brings a response to its end."""
    plan = await engine.records.plan(space.name, response_id)
    stays_queued = plan.queued_polls is None and plan.queued in (None, math.inf)
    if plan.polled and not stays_queued:
        return "waits for polls and not for time; retrieve it until it goes on, or cancel it"
    return "is held where it is and never ends; cancel it"
