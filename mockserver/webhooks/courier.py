"""The courier: one event to one recipient, signed, and again until it is taken."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from mockserver.clock import Clock, RealClock
from mockserver.config import Settings
from mockserver.flags import Mailing
from mockserver.schema.errors import ApiError
from mockserver.webhooks.endpoints import Recipient, Webhooks
from mockserver.webhooks.event import Event
from mockserver.webhooks.log import Attempt, Delivery, Log
from mockserver.webhooks.post import NotAllowed, NotDelivered, Post
from mockserver.webhooks.signature import signed_headers
from mockserver.webhooks.targets import Targets

_LONGEST: Final = 72 * 3600.0
"""Seconds after which nothing is tried again (api-contract §10.5)."""

_HELD: Final = 60.0
"""Seconds that a delivery waits at most for another one to overtake it."""

_WARNINGS: Final = 100
_log = logging.getLogger("mockserver")


class Courier:
    """Sends events and notes in ``log`` what becomes of them.

    An attempt that is not answered with 2xx is repeated after ``webhook_retry_seconds``, then
    after twice as long, and so on for 72 hours, under the same ``webhook-id``. Waits are those of
    the namespace's clock. Signatures are of the machine's time whatever that clock says, since
    who verifies them looks at his own.
    """

    def __init__(self, webhooks: Webhooks, settings: Settings) -> None:
        self._webhooks = webhooks
        targets = Targets(settings.webhook_allow, settings.webhook_url)
        self._post = Post(targets, patience=settings.webhook_timeout)
        self._first_wait = settings.webhook_retry_seconds
        self._watch = RealClock()
        self._sending: set[asyncio.Future[int]] = set()
        self._overtaken: dict[tuple[str, str], asyncio.Event] = {}
        self._warned: set[str] = set()
        self.log = Log(settings.max_calls)

    def book(
        self, namespace: str, recipient: Recipient, event: Event, mailing: Mailing | None = None
    ) -> Delivery:
        """Return a delivery that is to be made, noted in the log."""
        copies = mailing.copies if mailing else 1
        return self.log.add(namespace, Delivery(event, recipient.url, recipient.id, copies))

    async def deliver(
        self,
        namespace: str,
        clock: Clock,
        delivery: Delivery,
        recipient: Recipient,
        mailing: Mailing,
    ) -> None:
        """Make a delivery as its flags say: later, after the next one, several times, or not."""
        if mailing.dropped:
            delivery.end("dropped", "by the flag webhook_drop")
            return
        if mailing.delay:
            await _sleep(clock, delivery, clock.now() + mailing.delay)
        if mailing.held:
            await self._be_overtaken(namespace, clock, delivery)
        try:
            copies = delivery.copies
            while copies and await self._persist(namespace, clock, delivery, recipient, mailing):
                copies -= 1
        finally:
            if not mailing.held:
                self._overtake(namespace, delivery.url)

    async def _persist(
        self,
        namespace: str,
        clock: Clock,
        delivery: Delivery,
        recipient: Recipient,
        mailing: Mailing,
    ) -> bool:
        """Attempt until it is taken, or it is too late, or the endpoint is gone; tell which."""
        delivery.state = "waiting"
        last, wait = clock.now() + _LONGEST, self._first_wait
        while not await self.attempt(clock, delivery, recipient, forged=mailing.forged):
            if delivery.error is not None:
                return False
            if not mailing.held:
                self._overtake(namespace, delivery.url)
            moment = clock.now() + wait
            if moment > last:
                delivery.end("failed", "nobody took it for 72 hours")
                return False
            await _sleep(clock, delivery, moment)
            wait = max(2 * wait, 1.0)
            if recipient.id is not None:
                try:
                    recipient = await self._webhooks.recipient(namespace, recipient.id, clock.now())
                except ApiError:
                    delivery.end("failed", "the endpoint was deleted")
                    return False
        delivery.end("delivered")
        return True

    async def attempt(
        self, clock: Clock, delivery: Delivery, recipient: Recipient, *, forged: bool = False
    ) -> bool:
        """Send an event once, signed now; tell whether it was taken, and note it in any case."""
        event, unix, moment = delivery.event, self._watch.wall(), clock.now()
        body, delivery.next = event.body(), None
        headers = signed_headers(event.message_id, body, recipient.secrets, unix, forged=forged)
        sending = asyncio.ensure_future(self._post.send(recipient.url, headers, body))
        self._sending.add(sending)
        try:
            attempt = Attempt(moment, unix, await sending)
        except NotDelivered as problem:
            attempt = Attempt(moment, unix, error=str(problem))
        except NotAllowed as problem:
            self._refuse(delivery, str(problem))
            return False
        finally:
            self._sending.discard(sending)
        delivery.attempts.append(attempt)
        return attempt.succeeded

    def _refuse(self, delivery: Delivery, problem: str) -> None:
        delivery.end("refused", problem)
        if delivery.url not in self._warned and len(self._warned) < _WARNINGS:
            self._warned.add(delivery.url)
            _log.warning("webhook not sent: %s", problem)

    async def _be_overtaken(self, namespace: str, clock: Clock, delivery: Delivery) -> None:
        """Wait until another event has been sent to the same URL, or for a minute."""
        event = self._overtaken.setdefault((namespace, delivery.url), asyncio.Event())
        delivery.next = clock.now() + _HELD
        waits = [
            asyncio.ensure_future(event.wait()),
            asyncio.ensure_future(clock.sleep_until(delivery.next)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _overtake(self, namespace: str, url: str) -> None:
        """Let go of the deliveries that waited for another one."""
        event = self._overtaken.pop((namespace, url), None)
        if event is not None:
            event.set()

    def cleared(self, namespace: str) -> None:
        """Forget what was delivered in a namespace."""
        self.log.clear(namespace)
        for key in [key for key in self._overtaken if key[0] == namespace]:
            del self._overtaken[key]

    async def drain(self, seconds: float) -> None:
        """Wait so many real seconds for the answers to what has been sent."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=seconds)

    async def close(self) -> None:
        """Close the connections."""
        await self._post.close()


async def _sleep(clock: Clock, delivery: Delivery, moment: float) -> None:
    delivery.next = moment
    await clock.sleep_until(moment)
