"""The C library's allocator, which keeps what is let go of until it is asked to give it back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import cache
from typing import Final

from mockserver.clock import Clock

REST: Final = 2.0
"""Seconds between two times that memory is given back, and before the first."""


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    """Return the function of glibc's that gives memory back; other C libraries do so themselves."""
    if sys.platform != "linux":
        return None
    import ctypes  # of no use to servers that drop nothing

    function = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if function is None:
        return None
    function.argtypes, function.restype = (ctypes.c_size_t,), ctypes.c_int
    trim: Callable[[int], int] = function
    return trim


def give_back() -> None:
    """Give back to the system what is free; a matter of milliseconds, without Python's lock."""
    if (trim := _malloc_trim()) is not None:
        trim(0)


class Trimmer:
    """Gives memory back a while after something large was let go of, once for all of that time.

    ``clock`` measures the while; ``trim`` is what is called then, in a thread of its own.
    """

    def __init__(self, clock: Clock, trim: Callable[[], None] = give_back) -> None:
        self._clock = clock
        self._trim = trim
        self._due = False
        self._trimming: asyncio.Task[None] | None = None

    def freed(self) -> None:
        """Note that something large was let go of; to be called in the event loop."""
        self._due = True
        if self._trimming is None:
            self._trimming = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Give nothing back any more."""
        if self._trimming is not None:
            self._trimming.cancel()
            await asyncio.gather(self._trimming, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._due:
                await self._clock.sleep_until(self._clock.now() + REST)
                self._due = False
                await asyncio.to_thread(self._trim)
        finally:
            self._trimming = None
