"""Requests about webhook endpoints (api-contract §10.5)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from mockserver.schema.base import Json
from mockserver.schema.body import check_body
from mockserver.schema.checks import array_check
from mockserver.schema.faults import Fault, wrong_type
from mockserver.schema.limits import Check, Choice, Length, Pattern, Using
from mockserver.schema.scalars import choice_check, length_check
from mockserver.schema.shape import Shape
from mockserver.schema.validation import Mode

EVENT_TYPES: Final = (
    "batch.completed",
    "batch.failed",
    "batch.expired",
    "batch.cancelled",
    "response.completed",
    "response.failed",
    "response.cancelled",
    "response.incomplete",
    "eval.run.succeeded",
    "eval.run.failed",
    "eval.run.canceled",
    "fine_tuning.job.succeeded",
    "fine_tuning.job.failed",
    "fine_tuning.job.cancelled",
    "realtime.call.incoming",
    "video.completed",
    "video.failed",
    "agent.environment.ready",
    "agent.environment.failed",
    "agent.environment.suspended",
    "agent.environment.expired",
    "agent.session.created",
    "agent.session.action_required",
    "agent.session.in_progress",
    "agent.session.idle",
    "agent.session.failed",
    "safety.alert.created",
)
"""What an endpoint can be told of, in the SDK's order."""

_FILL: Final = {
    "event_types": ["response.completed"],
    "name": "webhook",
    "url": "https://example.com/webhook",
}
"""An endpoint that nothing is said about, where that is mended."""

_PARTS: Final = {"name": str, "url": str, "event_types": list}

_EVENT: Final = Choice(EVENT_TYPES)
_URL: Final = re.compile(r"https?://[^\s/?#]+\S*")


def _event_types(strict: bool) -> Check:
    names = choice_check(_EVENT, strict)
    return array_check(names, "an array of event types", (Length(1),), strict)


def _url(strict: bool) -> Check:
    """Return the check of a URL; plain HTTP passes, since receivers in tests seldom have more."""
    within = length_check("string", (Length(1, 2048),))
    assert within is not None

    def check(value: Any) -> None:
        if type(value) is not str:
            raise wrong_type("a string", value)
        within(value)
        if strict and not _URL.fullmatch(value):
            raise Fault("invalid_value", lambda path: f"Invalid '{path}': expected an HTTPS URL.")

    return check


EventTypes = Annotated[
    list[str], Using(_event_types, lambda: Annotated[list[Annotated[str, _EVENT]], Length(1)])
]
Name = Annotated[str, Length(1, 256)]
Url = Annotated[str, Using(_url, lambda: Annotated[str, Length(1, 2048), Pattern(_URL.pattern)])]


class NewEndpoint(Shape):
    """An endpoint to be."""

    event_types: EventTypes
    name: Name
    url: Url


class EndpointChange(Shape):
    """What is to be different about an endpoint."""

    event_types: EventTypes | None = None
    name: Name | None = None
    url: Url | None = None


class Rotation(Shape):
    """Whether the old secret stays good for a day."""

    keep_old_secret_active_for_24_hours: bool | None = None


class Trial(Shape):
    """The event to try an endpoint with."""

    event_type: Annotated[str, _EVENT]


def parse_endpoint(body: Json, *, mode: Mode = "strict") -> Json:
    """Return the event types, name and URL of a new endpoint; raise ApiError as the API would."""
    body = check_body(body, NewEndpoint, mode=mode, fill=_FILL)
    return {
        key: body[key] if isinstance(body.get(key), kind) else kind()
        for key, kind in _PARTS.items()
    }


def parse_endpoint_change(body: Json, *, mode: Mode = "strict") -> Json:
    """Return what is to change of an endpoint; raise ApiError as the API would."""
    body = check_body(body, EndpointChange, mode=mode)
    return {key: body[key] for key, kind in _PARTS.items() if isinstance(body.get(key), kind)}


def parse_rotation(body: Json, *, mode: Mode = "strict") -> bool:
    """Tell whether the old secret stays good for a day; raise ApiError as the API would."""
    body = check_body(body, Rotation, mode=mode)
    return body.get("keep_old_secret_active_for_24_hours") is True


def parse_trial(body: Json, *, mode: Mode = "strict") -> str:
    """Return the type of the event to try; raise ApiError as the API would."""
    body = check_body(body, Trial, mode=mode, fill={"event_type": "response.completed"})
    return str(body.get("event_type"))
