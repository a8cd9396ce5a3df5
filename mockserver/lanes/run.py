"""A response on its way to a client: its events at their times, and what steers it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from mockserver.clock import Clock
from mockserver.flags import Flags
from mockserver.lanes.queues import Lane
from mockserver.lanes.steering import Steer, stopped
from mockserver.lifecycle import Plan, timeline
from mockserver.schema.base import Json
from mockserver.sources.pace import flagged, timed
from mockserver.streaming.streamer import TERMINAL


class Told(Protocol):
    """What a lane tells: a run or a replay.

    ``response`` is the finished response, None when there is none; ``before`` are the items that
    come before its output; ``active`` tells whether events are still to come.
    """

    lane: Lane
    body: Json
    flags: Flags
    before: list[Json]
    active: bool
    steers: list[Steer]

    @property
    def response(self) -> Json | None:
        """The finished response."""

    def events(self) -> AsyncIterator[Json]:
        """Yield the events, each once its moment has come."""

    def number(self, event: Json) -> Json:
        """Return an event with the next number of the response."""


@dataclass(slots=True, kw_only=True)
class Run:
    """A plan as it is told on a lane. A steer may shorten it while it lasts."""

    lane: Lane
    body: Json
    flags: Flags
    before: list[Json]
    plan: Plan
    clock: Clock
    active: bool = True
    steers: list[Steer] = field(default_factory=list)
    _next: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Let errors be nested: the SDK knows no other form of them here (api-contract §13.3)."""
        self.plan = replace(self.plan, nested_error=True)

    @property
    def response(self) -> Json:
        """The finished response, as of now."""
        return self.plan.response

    def number(self, event: Json) -> Json:
        """Return an event with the next number; steering events count like any other."""
        number, self._next = self._next, self._next + 1
        return {**event, "sequence_number": number}

    def steer(self, steer: Steer, count: Callable[[list[Json]], int]) -> None:
        """Take a steer: end after the item that is being told."""
        self.steers.append(steer)
        plan = stopped(self.plan, self.clock.now(), count)
        if plan is not self.plan:
            self.plan = plan
            self._changed.set()

    async def events(self) -> AsyncIterator[Json]:
        """Yield the events without their final numbers, each once its moment has come."""
        told, latest = 0, self.plan.started
        while self.active:
            self._changed.clear()
            skipped = 0
            for moment, event in timeline(self.plan, obfuscation=self._padded):
                beat = event["type"] == "keepalive"
                if (beat and moment <= latest) or (not beat and skipped < told):
                    skipped += not beat
                    continue
                if await self._interrupted(moment):
                    break
                latest = moment
                told, skipped = told + (not beat), skipped + (not beat)
                self.active = event["type"] not in TERMINAL
                yield event

    @property
    def _padded(self) -> bool:
        options = self.body.get("stream_options")
        asked = options.get("include_obfuscation") if isinstance(options, dict) else None
        return True if asked is None else bool(asked)

    async def _interrupted(self, moment: float) -> bool:
        """Wait for a moment of the clock; tell whether the plan changed before it came."""
        if moment > self.clock.now() and not self._changed.is_set():
            tasks = [
                asyncio.ensure_future(self.clock.sleep_until(moment)),
                asyncio.ensure_future(self._changed.wait()),
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
        return self._changed.is_set()


@dataclass(slots=True, kw_only=True)
class Replay:
    """A recorded response as it is told on a lane, with the numbers that it was recorded with.

    ``waits`` are the seconds before each event, empty when the flags alone set the pace.
    """

    lane: Lane
    body: Json
    flags: Flags
    before: list[Json]
    response: Json | None
    recorded: list[Json]
    clock: Clock
    waits: list[float] = field(default_factory=list)
    active: bool = True
    steers: list[Steer] = field(default_factory=list)

    def number(self, event: Json) -> Json:
        """Return an event as it is."""
        return event

    async def events(self) -> AsyncIterator[Json]:
        """Yield the recorded events, each at its time."""
        deltas = (str(event.get("type")).endswith(".delta") for event in self.recorded)
        seed = str((self.response or {}).get("id"))
        waits = self.waits or flagged(deltas, self.flags, seed)
        async for event in timed(self.recorded, waits, self.clock):
            self.active = event.get("type") not in TERMINAL
            yield event
        self.active = False
