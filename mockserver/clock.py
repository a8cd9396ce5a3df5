"""Time for lifecycles and pacing: real, or virtual and moved by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable
from typing import Final, Literal, Protocol

Mode = Literal["real", "virtual"]

_GRAIN: Final = 2.0**30
"""Virtual time moves in steps of 2**-30 s, rounded up: sums of decimals then never fall short."""


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
    """The machine's monotonic clock; ``ahead`` seconds before it."""

    __slots__ = ("_sleepers", "ahead")

    def __init__(self, *, ahead: float = 0.0) -> None:
        self.ahead = ahead
        self._sleepers: set[asyncio.Future[None]] = set()

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic() + self.ahead

    def wall(self) -> int:
        """Return the machine's unix second."""
        return int(time.time())

    async def sleep_until(self, moment: float) -> None:
        """Sleep in real time until ``moment``, or until the clock is released."""
        loop = asyncio.get_running_loop()
        # A loop may count in coarser steps than the clock and wake a little early.
        while (delay := moment - self.now()) > 0:
            waker = loop.create_future()
            timer = loop.call_later(delay, _wake, waker)
            self._sleepers.add(waker)
            try:
                await waker
                if waker not in self._sleepers:
                    return
            finally:
                timer.cancel()
                self._sleepers.discard(waker)

    def release(self) -> None:
        """Wake all sleepers although their moments have not come: the clock is out of use."""
        while self._sleepers:
            _wake_soon(self._sleepers.pop())


class VirtualClock:
    """A clock that stands still until it is told to move, so that no test sleeps.

    It may be moved from another thread than those that wait for it. ``start`` is the moment it
    shows at first and ``wall`` the unix second of that.
    """

    def __init__(self, *, start: float = 0.0, wall: int = 0) -> None:
        self._lock = threading.Lock()
        self._start = self._now = _grained(start)
        self._wall = wall
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Return the virtual seconds passed so far."""
        return self._now

    def wall(self) -> int:
        """Return the unix second: that of the start and the virtual seconds since."""
        return self._wall + int(self._now - self._start)

    def advance(self, seconds: float) -> None:
        """Move time on by ``seconds`` and wake those who waited for a moment now past, in order.

        Raises ValueError for time that goes back.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError(f"time does not go back, nor to its end: {seconds} seconds")
        with self._lock:
            self._now = _grained(self._now + seconds)
            self._wake(self._now)

    def release(self) -> None:
        """Wake all sleepers although their moments have not come: the clock is out of use."""
        with self._lock:
            self._wake(math.inf)

    def _wake(self, moment: float) -> None:
        while self._sleepers and self._sleepers[0][0] <= moment:
            _wake_soon(heapq.heappop(self._sleepers)[2])

    async def sleep_until(self, moment: float) -> None:
        """Wait until ``advance`` has brought time to ``moment``."""
        with self._lock:
            if moment <= self._now:
                return
            waker = asyncio.get_running_loop().create_future()
            heapq.heappush(self._sleepers, (moment, next(self._order), waker))
        await waker


def _wake_soon(waker: asyncio.Future[None]) -> None:
    loop = waker.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(_wake, waker)


def _wake(waker: asyncio.Future[None]) -> None:
    if not waker.done():
        waker.set_result(None)


def _grained(seconds: float) -> float:
    return math.ceil(seconds * _GRAIN) / _GRAIN


class NamespaceClock:
    """The clock of a namespace: real, or made virtual and real again, without a jump.

    Who sleeps by it sleeps on when it changes. ``given`` is a clock of the caller's own, which is
    then neither changed nor stopped.
    """

    __slots__ = ("_began", "_clock", "_given", "_stopped", "now")

    now: Callable[[], float]
    """Returns the present moment in seconds; it is the clock's own, since all requests ask it."""

    def __init__(self, mode: Mode = "real", *, given: Clock | None = None) -> None:
        self._given = given is not None
        self._stopped = False
        self._begin(mode, given)

    @property
    def mode(self) -> Mode:
        """Whether time runs by itself."""
        return "virtual" if isinstance(self._clock, VirtualClock) else "real"

    @property
    def elapsed(self) -> float:
        """Seconds since the namespace began."""
        return self.now() - self._began

    def _begin(self, mode: Mode, given: Clock | None = None) -> None:
        clock: Clock = given or RealClock()
        if given is None and mode == "virtual":
            clock = VirtualClock(wall=clock.wall())
        self._take(clock)
        self._began = self.now()

    def _take(self, clock: Clock) -> None:
        self._clock = clock
        self.now = time.monotonic if type(clock) is RealClock and not clock.ahead else clock.now

    def wall(self) -> int:
        """Return the unix second of the present moment."""
        return self._clock.wall()

    async def sleep_until(self, moment: float) -> None:
        """Return once ``now()`` has reached ``moment``, or the clock is stopped."""
        while moment > self.now() and not self._stopped:
            await self._clock.sleep_until(moment)

    def use(self, mode: Mode, *, afresh: bool = False) -> None:
        """Make time run by itself or stand still from now on.

        ``afresh`` lets the namespace begin now. Raises ValueError for a clock that was handed in.
        """
        if mode == self.mode:
            return
        if self._given:
            raise ValueError("the server was given a clock of its own, which cannot be changed")
        old, now = self._clock, self._clock.now()
        if afresh:
            self._begin(mode)
        elif isinstance(old, VirtualClock):
            self._take(RealClock(ahead=now - time.monotonic()))
        else:
            self._take(VirtualClock(start=now, wall=old.wall()))
        _release(old)

    def advance(self, seconds: float) -> None:
        """Move virtual time on; raise ValueError for time that goes back or runs by itself."""
        if not isinstance(self._clock, VirtualClock):
            raise ValueError("only a virtual clock can be moved: set the clock to virtual first")
        self._clock.advance(seconds)

    def stop(self) -> None:
        """Let all sleepers go, now and from now on."""
        if not self._given:
            self._stopped = True
            _release(self._clock)


def _release(clock: Clock) -> None:
    if isinstance(clock, RealClock | VirtualClock):
        clock.release()
