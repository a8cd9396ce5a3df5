"""Lanes: first in, first out inside each, side by side among them (api-contract §13.4)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, TypeVar

from mockserver.schema.errors import ApiError

MOST_NAMED: Final = 32
"""Named lanes of a connection; the default lane does not count."""
MOST_ACTIVE: Final = 16
"""Responses of a connection that are being told at a time."""
_MOST_WAITING: Final = 256
_STREAM_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,256}")

Lane = str | None
"""A ``stream_id``; None is the default lane."""
_Job = TypeVar("_Job")


def lane_of(stream_id: Any) -> Lane:
    """Return the lane that an event names; raise the API's 400 for what names none."""
    if stream_id is None:
        return None
    if not isinstance(stream_id, str) or _STREAM_ID.fullmatch(stream_id) is None:
        raise ApiError(
            "The 'stream_id' field must be a non-empty string with at most 256 characters and may "
            "only contain letters, numbers, underscores, hyphens, and periods.",
            param="stream_id",
            code="invalid_stream_id",
        )
    return stream_id


class Lanes(Generic[_Job]):
    """The lanes of one connection; ``serve`` does one job of a lane."""

    def __init__(self, serve: Callable[[Lane, _Job], Awaitable[None]]) -> None:
        self._serve = serve
        self._slots = asyncio.Semaphore(MOST_ACTIVE)
        self._queues: dict[Lane, asyncio.Queue[_Job]] = {}
        self._workers: list[asyncio.Task[None]] = []

    async def put(self, lane: Lane, job: _Job) -> None:
        """Queue a job; raise the API's 400 for one named lane too many.

        A lane on which very many jobs wait makes the caller wait too.
        """
        queue = self._queues.get(lane)
        if queue is None:
            if lane is not None and len(self._queues.keys() - {None}) >= MOST_NAMED:
                raise ApiError(
                    "This WebSocket connection has reached its maximum number of distinct stream "
                    f"IDs ({MOST_NAMED}). Reuse an existing stream_id or open a new WebSocket "
                    "connection.",
                    param="stream_id",
                    code="websocket_stream_limit_reached",
                )
            queue = self._queues[lane] = asyncio.Queue(_MOST_WAITING)
            self._workers.append(asyncio.create_task(self._work(lane, queue)))
        await queue.put(job)

    async def idle(self) -> None:
        """Wait until no job is left."""
        for queue in list(self._queues.values()):
            await queue.join()

    async def close(self) -> None:
        """Stop at once; what is not done stays undone."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _work(self, lane: Lane, queue: asyncio.Queue[_Job]) -> None:
        while True:
            job = await queue.get()
            try:
                async with self._slots:
                    await self._serve(lane, job)
            finally:
                queue.task_done()
