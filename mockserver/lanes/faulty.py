"""Events as frames of a lane, and the faults that they meet on their way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial

from mockserver.clock import Clock
from mockserver.faults import Part, Way, chain, fitting
from mockserver.flags import Flags
from mockserver.lanes.queues import Lane
from mockserver.schema.base import Json, compact


def frame(event: Json, lane: Lane) -> bytes:
    """Return the text of an event's frame, with its lane's id where the wire has it (§8.3)."""
    return compact(event if lane is None else _labelled(event, lane))


def _labelled(event: Json, lane: str) -> Json:
    rest = {key: value for key, value in event.items() if key != "type"} | {"stream_id": lane}
    return {"type": event.get("type"), **dict(sorted(rest.items()))}


async def troubled(
    events: AsyncIterator[Json], lane: Lane, flags: Flags, clock: Clock, note: Callable[[str], None]
) -> AsyncIterator[bytes]:
    """Yield the frames of events as they come through the faults; Severed ends the connection.

    ``note`` takes the names of the faults that play.
    """
    way = Way("socket", clock, partial(frame, lane=lane), note)
    faults = fitting(flags.faults, "socket")
    for fault in faults:
        await fault.begin(way, None)

    async def parts() -> AsyncIterator[Part]:
        async for event in events:
            yield way.part(event)

    async for part in chain(faults, parts(), way):
        yield part.data
