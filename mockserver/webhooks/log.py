"""The delivery log: which webhook went where, how often it was tried, and what came of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mockserver.schema.base import Json
from mockserver.webhooks.event import Event

State = Literal["waiting", "delivered", "failed", "refused", "dropped"]
"""``waiting`` for its time or for another attempt, ``failed`` for good, ``refused`` because the
address is none that the settings allow, ``dropped`` because a flag says so."""


class Attempt(NamedTuple):
    """One request to an endpoint: at a moment of the namespace's clock, in seconds.

    ``timestamp`` is the real unix second that it was signed with, ``status`` the answer's, and
    ``error`` says why there was no answer.
    """

    moment: float
    timestamp: int
    status: int | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the endpoint took it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class Delivery:
    """An event on its way to an endpoint; ``endpoint`` is None for one that the settings name.

    ``copies`` says how often it is sent, ``next`` is the moment of the next attempt, if any, and
    ``error`` why it went no further.
    """

    event: Event
    url: str
    endpoint: str | None
    copies: int = 1
    state: State = "waiting"
    attempts: list[Attempt] = field(default_factory=list)
    next: float | None = None
    error: str | None = None

    def end(self, state: State, error: str | None = None) -> None:
        """Note what came of it."""
        self.state, self.next, self.error = state, None, error

    def document(self) -> Json:
        """Return the delivery as JSON."""
        return {
            "id": self.event.message_id,
            "event": self.event.document(),
            "endpoint": self.endpoint,
            "url": self.url,
            "state": self.state,
            "copies": self.copies,
            "attempts": [
                {
                    "moment": attempt.moment,
                    "timestamp": attempt.timestamp,
                    "status": attempt.status,
                    "error": attempt.error,
                }
                for attempt in self.attempts
            ],
            "next_attempt": self.next,
            "error": self.error,
        }


class Log:
    """The latest deliveries of each namespace, ``size`` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[str, deque[Delivery]] = {}

    def add(self, namespace: str, delivery: Delivery) -> Delivery:
        """Note a delivery; return it."""
        self._entries.setdefault(namespace, deque(maxlen=self._size)).append(delivery)
        return delivery

    def of(self, namespace: str) -> list[Delivery]:
        """Return the deliveries of a namespace, oldest first."""
        return list(self._entries.get(namespace, ()))

    def clear(self, namespace: str) -> None:
        """Forget a namespace."""
        self._entries.pop(namespace, None)
