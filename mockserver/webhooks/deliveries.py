"""Deliveries: when a background response ends, those who want to know are told of it (§10.5)."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any, Final

from mockserver.clock import Clock
from mockserver.config import Settings
from mockserver.flags import Mailing
from mockserver.lifecycle import Plan, end, status
from mockserver.schema.errors import ApiError
from mockserver.seed import Draw
from mockserver.webhooks.courier import Courier
from mockserver.webhooks.endpoints import Recipient, Webhooks
from mockserver.webhooks.event import Event, response_event, sample_event
from mockserver.webhooks.log import Delivery

_HELD: Final = 4096
_PLAIN: Final = Mailing()

_Key = tuple[str, str]
"""A namespace and the id of a response."""


class Deliveries:
    """Waits for the ends of background responses, and has their events delivered.

    The one thing that needs a timer: each response that will end has a task that sleeps on the
    clock of its namespace. The endpoints told are those there are when it ends, and the URLs of
    the settings in every namespace. Raises ValueError for URLs without a secret to sign with.
    """

    def __init__(self, webhooks: Webhooks, settings: Settings) -> None:
        self._webhooks = webhooks
        self._courier = Courier(webhooks, settings)
        self._fixed = _fixed(settings)
        self._ends: dict[_Key, asyncio.Task[None]] = {}
        self._mailings: OrderedDict[_Key, Mailing] = OrderedDict()
        self._running: dict[str, set[asyncio.Task[None]]] = {}

    async def follow(
        self, namespace: str, clock: Clock, plan: Plan, mailing: Mailing | None = None
    ) -> None:
        """Have the end of a background plan told; of one that has changed, its new end.

        ``mailing`` are the flags of its request, which a change leaves as they were. When this
        returns the wait has begun, so that a clock that is moved as soon as the response is there
        finds everybody waiting, in order.
        """
        key = (namespace, plan.response["id"])
        mailing = mailing or self._mailings.get(key, _PLAIN)
        self.forget(*key)
        if mailing != _PLAIN:
            self._mailings[key] = mailing
            if len(self._mailings) > _HELD:
                self._mailings.popitem(last=False)
        if not math.isinf(end(plan)):
            work = self._tell(key, clock, plan, mailing)
            task = self._ends[key] = self._spawn(namespace, work)
            task.add_done_callback(lambda done: self._ended(key, done))
            await asyncio.sleep(0)

    def forget(self, namespace: str, response_id: str) -> None:
        """Tell nobody of a response that is gone; what is on its way already arrives."""
        self._mailings.pop((namespace, response_id), None)
        if (task := self._ends.pop((namespace, response_id), None)) is not None:
            task.cancel()

    def cleared(self, namespace: str) -> None:
        """Forget a namespace: nothing of it is sent any more."""
        for key in [key for key in self._mailings if key[0] == namespace]:
            del self._mailings[key]
        for task in self._running.pop(namespace, set()):
            task.cancel()
        self._courier.cleared(namespace)

    async def stop(self, seconds: float) -> None:
        """Send no more; what is being sent has so many real seconds to be answered."""
        await self._courier.drain(seconds)
        tasks = [task for tasks in self._running.values() for task in tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._courier.close()

    def of(self, namespace: str) -> list[Delivery]:
        """Return the latest deliveries of a namespace, oldest first."""
        return self._courier.log.of(namespace)

    async def try_out(
        self, namespace: str, clock: Clock, recipient: Recipient, kind: str, draw: Draw
    ) -> int:
        """Send one sample event of a type, once; return the status of the answer.

        An address that is not allowed is sent nothing, and taken to have answered 200. Raises
        ApiError 400 when no answer comes.
        """
        event = sample_event(kind, draw.early_id("evt"), draw.stamp)
        delivery = self._courier.book(namespace, recipient, event)
        await self._courier.attempt(clock, delivery, recipient)
        if delivery.state == "refused":
            return 200
        attempt = delivery.attempts[-1]
        delivery.end("delivered" if attempt.succeeded else "failed", attempt.error)
        if attempt.status is None:
            raise ApiError(
                f"The webhook endpoint '{recipient.id}' could not be reached: {attempt.error}.",
                code="webhook_delivery_failed",
            )
        return attempt.status

    async def _tell(self, key: _Key, clock: Clock, plan: Plan, mailing: Mailing) -> None:
        """Wait for the end of a plan, and set its deliveries going."""
        namespace, moment = key[0], end(plan)
        await clock.sleep_until(moment)
        if clock.now() < moment:
            return  # the clock is out of use
        self._ends.pop(key, None)
        self._mailings.pop(key, None)
        event = response_event(plan.response, status(plan, moment), moment - plan.started)
        for recipient in await self._recipients(namespace, event, clock.now()):
            delivery = self._courier.book(namespace, recipient, event, mailing)
            work = self._courier.deliver(namespace, clock, delivery, recipient, mailing)
            self._spawn(namespace, work)

    async def _recipients(self, namespace: str, event: Event, now: float) -> list[Recipient]:
        return [*self._fixed, *await self._webhooks.subscribed(namespace, event.type, now)]

    def _spawn(self, namespace: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        tasks = self._running.setdefault(namespace, set())
        task = asyncio.get_running_loop().create_task(work)
        tasks.add(task)
        task.add_done_callback(lambda done: self._left(namespace, done))
        return task

    def _left(self, namespace: str, task: asyncio.Task[None]) -> None:
        tasks = self._running.get(namespace)
        if tasks is not None:
            tasks.discard(task)
            if not tasks:
                del self._running[namespace]

    def _ended(self, key: _Key, task: asyncio.Task[None]) -> None:
        if self._ends.get(key) is task:
            del self._ends[key]


def _fixed(settings: Settings) -> list[Recipient]:
    """Return those whom the settings name."""
    if settings.webhook_url and settings.webhook_secret is None:
        raise ValueError("webhook_url: set webhook_secret too, which its webhooks are signed with")
    secrets = (settings.webhook_secret or "",)
    return [Recipient(None, url, secrets) for url in settings.webhook_url]
