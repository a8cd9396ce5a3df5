"""Work that goes on after the client who caused it has left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

AFTERLIFE: Final = 120.0
"""Seconds that an answer is read on for the cassette when nobody waits for it (vcr §3.1)."""

_T = TypeVar("_T")
_log = logging.getLogger("mockserver")


class Background:
    """The running work of one application."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def finish(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Await work that, when its waiter is cancelled, has ``AFTERLIFE`` seconds to end."""
        task = self.start(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            asyncio.get_running_loop().call_later(AFTERLIFE, task.cancel)
            raise

    def start(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Start work that nobody needs to wait for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self, grace: float) -> None:
        """Let what is running end within so many seconds, then cancel it."""
        tasks = list(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            _log.warning("%d upstream answers did not end in time and are lost", len(late))

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            # Whoever waits is told as well; nobody may.
            _log.debug("work for a client ended early", exc_info=problem)
