"""Turns over a connection: each create told to its last event, and what steering makes follow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from mockserver.engine import Engine
from mockserver.history import asks
from mockserver.journal import Call
from mockserver.lanes import steering
from mockserver.lanes.creates import Creates, Decision, Find, admitted
from mockserver.lanes.faulty import troubled
from mockserver.lanes.queues import Lane
from mockserver.lanes.recall import Recall
from mockserver.lanes.run import Run, Told
from mockserver.lanes.steering import Steer, SteerError
from mockserver.namespace import Namespace
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.streaming.streamer import TERMINAL
from mockserver.tokens import count_output

Emit = Callable[[Json, Lane], Awaitable[None]]
Send = Callable[[bytes], Awaitable[None]]


class Turns:
    """The turns of one connection; ``emit`` sends an event of a lane, ``send`` the text of a frame.

    ``find`` looks recordings up; ``headers`` are those of the connection, and ``scenario`` the
    flags there.
    """

    def __init__(
        self,
        engine: Engine,
        space: Namespace,
        *,
        emit: Emit,
        send: Send,
        find: Find,
        scenario: str | None,
        headers: Mapping[str, str],
    ) -> None:
        self._engine = engine
        self._space = space
        self._emit = emit
        self._send = send
        self._recall = Recall(engine.records)
        self._creates = Creates(
            engine, space, self._recall, find=find, scenario=scenario, headers=headers
        )
        self._latest: dict[Lane, Told] = {}

    async def answer(
        self, lane: Lane, event: Json, call: Call, decision: Decision | None = None
    ) -> None:
        """Answer one create, and tell what steering makes follow from it.

        ``decision`` is what was decided of it already. Raises ApiError for a create that is
        refused.
        """
        body = admitted(self._engine, event)
        flags, chosen = decision or await self.decide(event, body)
        call.rule = chosen.label if chosen else None
        call.scenario = None if flags.idle else flags.text or None
        await self._engine.delay(self._space, flags, f"{lane}{flags.text}")
        before = self._latest.get(lane)
        steers = _claimed(before, body)
        if steers:
            body["input"] = steering.prepended(steers, body.get("input"))
        told = await self._creates.begin(lane, event, body, flags, call, chosen)
        if told.response:
            call.response_id, call.asks = told.response["id"], asks(told.response["output"])
        if before is not None:
            await self._release(before, claimed=bool(steers))
        await self._tell(told, call)
        call.status, call.finished = 200, True
        successor = await self._successor(told)
        while successor is not None:
            await self._tell(successor, call)
            successor = await self._successor(successor)

    async def decide(self, event: Json, body: Json) -> Decision:
        """Return what is in force for a create, which counts; a warm-up asks no rule."""
        return await self._creates.decide(event, body)

    async def _release(self, before: Told, *, claimed: bool) -> None:
        """Give back the steers that wait on a lane which goes on without them."""
        if claimed:
            before.steers = []
        else:
            error = SteerError("response_not_active", "The lane went on with another response.")
            await self._give_back(error, before)

    async def _tell(self, told: Told, call: Call) -> None:
        self._latest[told.lane] = told
        try:
            if told.flags.faults:
                await self._tell_troubled(told, call)
            else:
                async for event in self._settled(told):
                    await self._emit(event, told.lane)
                    call.events += 1
        finally:
            if isinstance(told, Run) and not call.faults:
                await self._engine.abandon(self._space, told.plan)

    async def _tell_troubled(self, told: Told, call: Call) -> None:
        """Tell it through its faults; what cuts the telling short leaves the run as it is."""
        events = self._settled(told)
        clock = self._space.clock
        try:
            async for text in troubled(events, told.lane, told.flags, clock, call.note_fault):
                await self._send(text)
                call.status = 200
                call.events += 1
        finally:
            if told.active and call.faults:
                told.active = False
                await self._settle(told)

    async def _settled(self, told: Told) -> AsyncIterator[Json]:
        """Yield numbered events; the response is on record before the last of them."""
        async for event in told.events():
            if event.get("type") in TERMINAL:
                await self._settle(told)
            yield told.number(event)

    async def _settle(self, told: Told) -> None:
        """Put a response on record, here and in the store, before its last event is sent."""
        if isinstance(told, Run):
            await self._engine.settle(self._space, told.plan, told.body.get("input"))
        if told.response is not None:
            self._recall.put(told.lane, told.response, told.before)

    async def steer(self, event: Json) -> None:
        """Take a steer, or say why not; raise ApiError for one that names no response or input."""
        steering.check_event(event)
        target = event["previous_response_id"]
        told = next(
            (told for told in self._latest.values() if (told.response or {}).get("id") == target),
            None,
        )
        try:
            steering.check_input(event)
            run = _steerable(told)
        except SteerError as error:
            failed = steering.failed(error, event["input"], target)
            lane = told.lane if told else None
            await self._emit(told.number(failed) if told else failed, lane)
            return
        steer = Steer.make(event, len(run.steers))
        count = partial(count_output, self._engine.tokenizer, model=run.response["model"])
        run.steer(steer, count)
        await self._emit(run.number(steering.accepted(steer)), run.lane)

    async def _successor(self, told: Told) -> Run | None:
        """Return the response that the server makes by itself once a steered one has ended."""
        if not told.steers or not isinstance(told, Run):
            return None
        if told.response["status"] == "failed":
            error = SteerError("response_not_active", "The response failed.")
            await self._give_back(error, told)
            return None
        if needed := steering.required_input(told.response):
            for steer in told.steers:
                await self._emit(told.number(steering.pending(steer, needed)), told.lane)
            return None
        body = steering.successor(told.body, told.response["id"], told.steers)
        try:
            return await self._creates.start(told.lane, body, told.flags)
        except ApiError as problem:
            await self.evict(told.lane, told.response["id"], problem)
            return None

    async def evict(self, lane: Lane, response_id: Any, problem: ApiError) -> None:
        """Forget a parent that could not be continued, and with it what waits for it."""
        self._recall.evict(lane, response_id)
        told = self._latest.get(lane)
        if told is not None and told.response and told.response["id"] == response_id:
            error = SteerError("successor_creation_failed", problem.message)
            await self._give_back(error, told)

    async def _give_back(self, error: SteerError, told: Told) -> None:
        steers, told.steers = told.steers, []
        for steer in steers:
            failed = steering.failed(error, steer.input, steer.previous_response_id, steer.id)
            await self._emit(told.number(failed), told.lane)


def _claimed(before: Told | None, body: Json) -> list[Steer]:
    """Return the steers that wait for this create, which answers what their response asked for."""
    if before is None or not before.response:
        return []
    return before.steers if before.response["id"] == body.get("previous_response_id") else []


def _steerable(told: Told | None) -> Run:
    """Return the run that a steer is for; raise SteerError when there is none."""
    if told is None or told.response is None:
        raise SteerError("response_not_found", "The response is not active on this connection.")
    if not isinstance(told, Run) or not steering.supports(told.body, told.response["model"]):
        raise SteerError("steering_not_supported", "The response does not support steering.")
    if not told.active:
        if told.response["status"] == "completed":
            raise SteerError("response_already_completed", "The response is already completed.")
        raise SteerError("response_not_active", "The response is no longer active.")
    if len(told.steers) >= steering.MOST_PENDING:
        raise SteerError("too_many_pending_steers", "Too much input is pending for the response.")
    return told
