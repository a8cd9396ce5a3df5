"""Responses on record as they stand: looked at, followed, cancelled, given up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from mockserver.conversations import Conversations
from mockserver.following import Follower
from mockserver.lifecycle import ENDED, Plan, end, status, view
from mockserver.namespace import Namespace
from mockserver.polling import poll
from mockserver.records import Records
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.webhooks import Deliveries


class Standing:
    """What an engine does with plans that were made."""

    records: Records
    conversations: Conversations
    deliveries: Deliveries
    _follower: Follower

    async def settle(self, space: Namespace, plan: Plan, input: Any) -> None:
        """Put a foreground run on record that is over, unless it was cleared away meanwhile."""
        if space.clock is plan.clock:
            await self.records.keep(space.name, plan, input)

    async def abandon(self, space: Namespace, plan: Plan) -> None:
        """Give up a foreground run that nobody waits for any more, unless it is over already."""
        if space.clock is not plan.clock:
            return  # what there is of its id by now is another run's
        space.running.pop(plan.response["id"], None)
        await self.conversations.release(space.name, plan.response, space.clock.now())

    async def retrieve(self, space: Namespace, response_id: str) -> Json:
        """Return a stored response as this poll finds it; raise the API's 404 without one."""
        plan, now = await self.records.plan(space.name, response_id), space.clock.now()
        if plan.polled:
            poll(plan, now)
            await self._changed(space, plan)
        return view(plan, now)

    def view(self, space: Namespace, plan: Plan) -> Json:
        """Return the response of a plan as it is now."""
        return view(plan, space.clock.now())

    async def ending(self, space: Namespace, response_id: str) -> float:
        """Return the clock's moment at which a response is over; infinity when it is held.

        Raises the API's 404 for a response that neither runs nor is on record.
        """
        running = space.running.get(response_id)
        return end(await self.records.plan(space.name, response_id)) if running is None else running

    async def delete(self, space: Namespace, response_id: str) -> None:
        """Forget a response; raise the API's 404 when there is none."""
        plan = await self.records.plan(space.name, response_id)
        await self.records.delete(space.name, response_id)
        await self.conversations.release(space.name, plan.response, space.clock.now())
        self._follower.changed(space.name, response_id)
        self.deliveries.forget(space.name, response_id)

    async def cancel(self, space: Namespace, response_id: str) -> Json:
        """Cancel a background response that is not over yet (api-contract §10.3)."""
        plan = await self.records.plan(space.name, response_id)
        now = space.clock.now()
        state = status(plan, now)
        if not plan.background:
            raise ApiError("Cannot cancel a synchronous response.")
        if state in ENDED and state != "cancelled":
            article = "an" if state.startswith("i") else "a"
            raise ApiError(f"Cannot cancel {article} {state} response.")
        if state != "cancelled":
            plan.cancelled = now
            await self._changed(space, plan)
        return view(plan, now)

    async def resumable(self, space: Namespace, response_id: str) -> Plan:
        """Return the plan of a response that can be streamed again (api-contract §8.9).

        Raises the API's 404 when there is none, and its 400 for one that did not run so.
        """
        plan = await self.records.plan(space.name, response_id)
        for needed, how in ((plan.background, "background"), (plan.streamed, "stream")):
            if not needed:
                raise ApiError(
                    f"This response cannot be streamed because it was not created with {how}=true.",
                    param="stream",
                )
        return plan

    async def _changed(self, space: Namespace, plan: Plan) -> None:
        """Put a changed plan on record, and tell those whom it concerns."""
        await self.records.change(space.name, plan)
        await self.conversations.change(space.name, plan)
        self._follower.changed(space.name, plan.response["id"])
        await self.deliveries.follow(space.name, space.clock, plan)

    def follow(
        self, space: Namespace, plan: Plan, *, obfuscation: bool, after: int = -1
    ) -> AsyncIterator[Json]:
        """Yield the events of a plan past number ``after``, each at its time."""
        return self._follower.follow(space, plan, obfuscation=obfuscation, after=after)
