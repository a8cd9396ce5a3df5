"""Webhook events: what an endpoint is told (api-contract §10.5)."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final, NamedTuple

from mockserver.schema.base import Json, compact

_PREFIXES: Final = {
    "agent.environment": "env",
    "agent.session": "session",
    "batch": "batch",
    "eval.run": "evalrun",
    "fine_tuning.job": "ftjob-",
    "response": "resp",
    "safety.alert": "alert",
    "video": "video",
}
_CALL: Final = "realtime.call.incoming"


class Event(NamedTuple):
    """An event under its ``id``; ``created_at`` is the unix second of what it tells of."""

    id: str
    type: str
    created_at: int
    data: Json

    @property
    def message_id(self) -> str:
        """The ``webhook-id`` header, the same for every delivery of the event."""
        return "wh_" + self.id.partition("_")[2]

    def document(self) -> Json:
        """Return the event as the API tells it."""
        return {
            "id": self.id,
            "object": "event",
            "created_at": self.created_at,
            "type": self.type,
            "data": self.data,
        }

    def body(self) -> bytes:
        """Return the bytes that are signed and sent."""
        return compact(self.document())


def response_event(response: Json, status: str, seconds: float) -> Event:
    """Return the event of a response that has come to its end ``seconds`` after its start.

    Its id depends on the response and its status alone.
    """
    stamp = response.get("completed_at") if status == "completed" else None
    created = stamp or int(response["created_at"]) + int(seconds)
    kind = f"response.{status}"
    return Event(_id(kind, response["id"]), kind, int(created), {"id": response["id"]})


def sample_event(kind: str, key: str, stamp: int) -> Event:
    """Return an event of a type as an endpoint is tried with it; ``key`` decides its ids."""
    return Event(_id(kind, key), kind, stamp, _sample(kind, _digits(f"{kind}|{key}|data")))


def _sample(kind: str, digits: str) -> Json:
    """Return data that the SDK's type of the event takes."""
    if kind == _CALL:
        headers = [{"name": "From", "value": "sip:+15550100@example.com"}]
        return {"call_id": f"rtc_{digits}", "sip_headers": headers}
    prefix = _PREFIXES[kind.rpartition(".")[0]]
    data: dict[str, Any] = {"id": f"{prefix}{digits}" if "-" in prefix else f"{prefix}_{digits}"}
    if kind == "agent.session.action_required":
        data["required_action"] = {"type": "function_call"}
    elif kind.startswith("agent.session."):
        data["environment_type"] = "none"
    return data


def _id(kind: str, key: str) -> str:
    return f"evt_{_digits(f'{kind}|{key}')}"


def _digits(key: str) -> str:
    return blake2b(key.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
