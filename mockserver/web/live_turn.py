"""One turn that the upstream tells over a WebSocket, kept as the HTTP interaction it equals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from mockserver.clock import Clock
from mockserver.engine import Engine
from mockserver.journal import Call
from mockserver.namespace import Namespace
from mockserver.schema.base import Json, compact, pretty
from mockserver.streaming.streamer import TERMINAL
from mockserver.upstream import Capture
from mockserver.web import proxied, sse

_APART: Final = "response.steer."
"""How the types of events begin that belong to a connection and not to a response."""


@dataclass(slots=True, kw_only=True)
class LiveTurn:
    """A turn from its create to its last event.

    ``clock`` is the namespace's at its beginning. ``recorded`` is off for a warm-up, and for a
    response that the upstream began by itself; a ``steered`` one is not what its request asked
    for, and is not recorded either.
    """

    capture: Capture
    clock: Clock
    call: Call | None
    slot: int = 0
    input: object = None
    recorded: bool = True
    steered: bool = False
    response_id: str | None = None
    _begun: bool = False
    _reason: str | None = None

    @classmethod
    def begin(
        cls,
        url: str,
        fields: proxied.Sent,
        body: Json,
        call: Call,
        slot: int,
        clock: Clock,
        *,
        recorded: bool,
    ) -> Self:
        """Return the turn of a create that is about to be sent."""
        capture = proxied.begin("POST", url, fields, compact(body))
        return cls(
            capture=capture,
            clock=clock,
            call=call,
            slot=slot,
            input=body.get("input"),
            recorded=recorded,
        )

    def take(self, event: Json) -> bool:
        """Take an event of the lane; tell whether it is the turn's last."""
        kind = event.get("type")
        if not isinstance(kind, str) or kind.startswith(_APART):
            return False
        if kind == "error" and (not self._begun or "status" in event):
            # A frame with a status refuses a create; one without is part of a response that fails.
            self.recorded = self.recorded and not self._begun
            self._refuse(event)
            return True
        self._note(event)
        self.capture.status, self.capture.reason = 200, "OK"
        self.capture.headers = (("content-type", sse.CONTENT_TYPE),)
        plain = {key: value for key, value in event.items() if key != "stream_id"}
        if self.recorded:
            self.capture.add(sse.frame(plain), proxied.now())
        return kind in TERMINAL

    @property
    def has_successor(self) -> bool:
        """Whether the upstream goes on by itself with a response that nobody asked for."""
        return self.steered and self._reason == "steered"

    def successor(self) -> LiveTurn:
        """Return the turn that follows a steered one."""
        return LiveTurn(capture=self.capture, clock=self.clock, call=None, recorded=False)

    async def keep(self, engine: Engine, space: Namespace) -> None:
        """Record the turn, if it is one that an HTTP request could have had."""
        if self.call is not None:
            self.call.status, self.call.response_id = self.capture.status, self.response_id
        if self.recorded and not self.steered:
            await proxied.kept(engine, space, self.capture, self.input, self.slot, self.clock)

    def _note(self, event: Json) -> None:
        self._begun = True
        response = event.get("response")
        if isinstance(response, dict):
            self.response_id = response.get("id", self.response_id)
            self._reason = (response.get("incomplete_details") or {}).get("reason")

    def _refuse(self, event: Json) -> None:
        """Keep a refusal as the HTTP error that a request would have got (api-contract §13.3)."""
        error = dict(event.get("error") or {})
        headers = error.pop("headers", None)
        headers = headers if isinstance(headers, dict) else {}
        status = event.get("status")
        self.capture.status = status if isinstance(status, int) else 500
        self.capture.headers = (
            ("content-type", "application/json"),
            *((str(name), str(value)) for name, value in headers.items()),
        )
        self.capture.add(pretty({"error": error}), proxied.now())
