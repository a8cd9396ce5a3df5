"""Time for lifecycles and pacing: real, or virtual and moved by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since some fixed moment, and a way to wait for a later one."""

    def now(self) -> float:
        """Return the present moment in seconds; it never goes back."""
        ...

    def wall(self) -> int:
        """Return the unix second of the present moment."""
        ...

    async def sleep_until(self, moment: float) -> None:
        """Return once ``now()`` has reached ``moment``."""
        ...


class RealClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def wall(self) -> int:
        """Return the machine's unix second."""
        return int(time.time())

    async def sleep_until(self, moment: float) -> None:
        """Sleep in real time until ``moment``."""
        # A loop may count in coarser steps than the clock and wake a little early.
        while (delay := moment - time.monotonic()) > 0:  # noqa: ASYNC110  (no event to wait for)
            await asyncio.sleep(delay)


class VirtualClock:
    """A clock that stands still until it is told to move, so that no test sleeps.

    It may be moved from another thread than those that wait for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Return the virtual seconds passed so far."""
        return self._now

    def wall(self) -> int:
        """Return the unix second, as if the clock had been started at 1970."""
        return int(self._now)

    def advance(self, seconds: float) -> None:
        """Move time on by ``seconds`` and wake those who waited for a moment now past, in order.

        Raises ValueError for time that goes back.
        """
        if not seconds >= 0:
            raise ValueError(f"time does not go back: {seconds} seconds")
        with self._lock:
            self._now += seconds
            while self._sleepers and self._sleepers[0][0] <= self._now:
                waker = heapq.heappop(self._sleepers)[2]
                loop = waker.get_loop()
                if not loop.is_closed():
                    loop.call_soon_threadsafe(_wake, waker)

    async def sleep_until(self, moment: float) -> None:
        """Wait until ``advance`` has brought time to ``moment``."""
        with self._lock:
            if moment <= self._now:
                return
            waker = asyncio.get_running_loop().create_future()
            heapq.heappush(self._sleepers, (moment, next(self._order), waker))
        await waker


def _wake(waker: asyncio.Future[None]) -> None:
    if not waker.done():
        waker.set_result(None)
