"""Following a plan: its events at their times, until it ends or somebody changes it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

from mockserver.clock import Clock
from mockserver.lifecycle import Plan, end, timeline
from mockserver.namespace import Namespace
from mockserver.records import Records
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.streaming.streamer import TERMINAL


class Follower:
    """Tells plans live. A change of a stored plan reaches those who follow it at once."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._stopping = False
        self._changes: WeakValueDictionary[tuple[str, str], asyncio.Event] = WeakValueDictionary()

    def changed(self, namespace: str, response_id: str) -> None:
        """Tell those who follow a response that its plan is another one now."""
        event = self._changes.pop((namespace, response_id), None)
        if event is not None:
            event.set()

    def cleared(self, namespace: str) -> None:
        """Tell those who follow a response of a namespace that all of it is forgotten."""
        for home, response_id in list(self._changes):
            if home == namespace:
                self.changed(home, response_id)

    def stop(self) -> None:
        """Let those go who wait for a plan without an end, since nothing will change it now."""
        self._stopping = True
        for namespace, response_id in list(self._changes):
            self.changed(namespace, response_id)

    async def follow(
        self, space: Namespace, plan: Plan, *, obfuscation: bool, after: int = -1
    ) -> AsyncIterator[Json]:
        """Yield the events numbered above ``after``, each once its moment has come.

        A namespace that is reset meanwhile has another clock; the old one lets all of them go.
        """
        last, clock = after, space.clock
        while True:
            changed = self._watch(space.name, plan)
            for moment, event in timeline(plan, obfuscation=obfuscation):
                if event["sequence_number"] > last:
                    if await self._interrupted(clock, plan, moment, changed):
                        break
                    last = event["sequence_number"]
                    yield event
                if event["type"] in TERMINAL:
                    return
            else:
                # Held for ever, or cancelled without a last event to say so.
                if end(plan) == math.inf:
                    if not self._stopping:
                        await changed.wait()
                    if self._stopping:
                        return
                elif not await self._interrupted(clock, plan, end(plan), changed):
                    return
            try:
                plan = await self._records.plan(space.name, plan.response["id"])
            except ApiError:
                return

    def _watch(self, namespace: str, plan: Plan) -> asyncio.Event:
        return self._changes.setdefault((namespace, plan.response["id"]), asyncio.Event())

    async def _interrupted(
        self, clock: Clock, plan: Plan, moment: float, changed: asyncio.Event
    ) -> bool:
        """Wait for a moment of the clock; tell whether the plan changed before it came."""
        if not plan.background:
            await clock.sleep_until(moment)
            return False  # it is nowhere on record yet, so that nobody can change it
        if moment <= clock.now():
            return changed.is_set()
        tasks = [
            asyncio.ensure_future(clock.sleep_until(moment)),
            asyncio.ensure_future(changed.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        return changed.is_set()
