"""The namespaces of a server: made on first use, bounded in number, dropped when idle."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator

from mockserver.allocator import Trimmer
from mockserver.clock import Clock, NamespaceClock, RealClock
from mockserver.config import Settings
from mockserver.journal import Journal
from mockserver.limits import Limits
from mockserver.namespace import DEFAULT, Namespace
from mockserver.seed import Seed

Free = Callable[[str], Awaitable[None]]
"""Lets go of what is kept elsewhere under the name of a namespace."""


class Spaces:
    """Keeps namespaces apart; ``free`` is awaited with the name of one that is dropped or reset.

    ``clock`` is one that all of them go by, in place of their own. ``ticking`` is the clock that
    idleness is measured on. ``default`` is the default namespace, None until it is used.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        free: Free,
        clock: Clock | None = None,
        ticking: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._free = free
        self._clock = clock
        self._ticking = ticking or RealClock()
        self._spaces: OrderedDict[str, Namespace] = OrderedDict()
        self._sweeping: asyncio.Task[None] | None = None
        self._trimmer = Trimmer(self._ticking)
        self.default: Namespace | None = None

    def __iter__(self) -> Iterator[Namespace]:
        return iter(list(self._spaces.values()))

    def __len__(self) -> int:
        return len(self._spaces)

    def find(self, name: str) -> Namespace | None:
        """Return a namespace if it is there; this is no use of it."""
        return self._spaces.get(name)

    def look(self, name: str) -> Namespace:
        """Return a namespace to look at: one that is not there yet is not made by that."""
        return self._spaces.get(name) or self._new(name)

    def get(self, name: str) -> Namespace:
        """Return a namespace, made if need be; the number of them is bounded by ``use`` alone."""
        space = self._spaces.get(name)
        if space is None:
            space = self._spaces[name] = self._new(name)
            if name == DEFAULT:
                self.default = space
        return space

    async def use(self, name: str) -> Namespace:
        """Return a namespace for a request; past the limit the longest unused one is dropped."""
        space = self.get(name)
        self._spaces.move_to_end(name)
        if name != DEFAULT:
            space.used = self._ticking.now()
            if self._sweeping is None and self._settings.namespace_idle:
                self._sweeping = asyncio.ensure_future(self._sweep())
        while len(self._spaces) > self._settings.max_namespaces:
            await self.drop(self._eldest(name))
        return space

    def _eldest(self, used: str) -> str:
        """Return the longest unused namespace; the default one, which all share, goes last."""
        return next((name for name in self._spaces if name not in (used, DEFAULT)), DEFAULT)

    def left(self, space: Namespace) -> None:
        """Note that a request of a named namespace is over: its idleness begins anew."""
        space.used = self._ticking.now()

    async def drop(self, name: str) -> bool:
        """Forget a namespace with all that it holds; tell whether there was one."""
        space = self._spaces.pop(name, None)
        if name == DEFAULT:
            self.default = None
        if space is not None:
            space.clock.stop()
            space.clock = self._new(name).clock
            await self._free(name)
            self._trimmer.freed()
        return space is not None

    async def reset(self, name: str) -> None:
        """Make a namespace as it was when it was made; what runs in it ends."""
        space = self._spaces.get(name)
        if space is not None:
            space.clock.stop()
            fresh = self._new(name)
            for field in ("seed", "seed_value", "clock", "limits", "played", "prompts", "gates"):
                setattr(space, field, getattr(fresh, field))
            space.scenario = space.library = space.strict = space.rules = None
            space.running = {}
            space.calls.clear()
        await self._free(name)

    async def stop(self) -> None:
        """End what goes on in the background."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.gather(self._sweeping, return_exceptions=True)
            self._sweeping = None
        await self._trimmer.stop()

    def limits(self, clock: NamespaceClock, rpm: int | None, tpm: int | None) -> Limits | None:
        """Return rate limits on a clock, or None where nothing is limited."""
        return Limits(clock, rpm=rpm, tpm=tpm) if rpm or tpm else None

    def _new(self, name: str) -> Namespace:
        settings = self._settings
        clock = NamespaceClock(settings.clock, given=self._clock)
        return Namespace(
            name=name,
            seed=Seed(settings.seed, name),
            seed_value=settings.seed,
            clock=clock,
            calls=Journal(max_count=settings.max_calls, max_bytes=settings.max_journal),
            limits=self.limits(clock, settings.rpm, settings.tpm),
            used=self._ticking.now(),
        )

    async def _sweep(self) -> None:
        """Drop namespaces that nobody has used for long, for as long as there are any."""
        idle = self._settings.namespace_idle
        try:
            while named := [space for space in self if space.name != DEFAULT]:
                await self._ticking.sleep_until(min(map(self._last, named)) + idle)
                now = self._ticking.now()
                for space in named:
                    if self._last(space) + idle <= now:
                        await self.drop(space.name)
        finally:
            self._sweeping = None

    def _last(self, space: Namespace) -> float:
        """Return when a namespace was used last; one with a request open is used now."""
        return self._ticking.now() if space.open else space.used
