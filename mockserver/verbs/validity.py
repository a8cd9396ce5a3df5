"""What our models say of a recording: what is wrong in it, and what they do not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from mockserver.cassette.canonical import endpoint_of
from mockserver.cassette.interaction import Interaction
from mockserver.items import KINDS, kind_of
from mockserver.schema.base import Json
from mockserver.schema.errors import ApiError
from mockserver.schema.models import Misfit, misfits, model_of
from mockserver.schema.response import Response
from mockserver.schema.shape import Wire
from mockserver.schema.validation import parse_request
from mockserver.streaming.streamer import TERMINAL
from mockserver.verbs.summary import request_of, response_of

_CREATE: Final = "/responses"
_OK: Final = 200
_WHOLE: Final = TERMINAL | {"error"}


def faults(interaction: Interaction) -> Iterator[str]:
    """Yield what our models refuse in a request that was answered and in its answer."""
    if interaction.status != _OK or not _is_response(interaction):
        return
    asked = request_of(interaction)
    if asked and endpoint_of(interaction.path) == _CREATE:
        try:
            parse_request(asked)
        except ApiError as fault:
            yield f"request: {fault.message}"
    if interaction.is_stream:
        yield from _stream_faults(interaction.events)
    answer = response_of(interaction)
    if answer is None or answer.get("object") != "response":
        yield "response: holds no response object"
    else:
        yield from _response_faults(answer)


def unused(interaction: Interaction) -> Iterator[str]:
    """Yield the fields and items of an answer that our models do not know."""
    answer = response_of(interaction)
    if not _is_response(interaction) or answer is None or answer.get("object") != "response":
        return
    if misfits(Response, answer):
        return
    yield from _extras(Response, answer, "response")
    for item in answer["output"]:
        kind = item.get("type")
        if kind not in KINDS:
            yield f"response.output[] of type {kind!r}"
            continue
        if not misfits(kind_of(item), item):
            yield from _extras(kind_of(item), item, f"response.output[{kind}]")


def _is_response(interaction: Interaction) -> bool:
    parts = endpoint_of(interaction.path).strip("/").split("/")
    if interaction.method == "POST":
        return parts == ["responses"]
    return interaction.method == "GET" and parts[0] == "responses" and len(parts) == 2


def _stream_faults(events: list[Json]) -> Iterator[str]:
    if not events:
        yield "events: the stream is empty"
        return
    untyped = [number for number, event in enumerate(events) if "type" not in event]
    if untyped:
        yield f"events[{untyped[0]}]: has no type"
    numbers = [event["sequence_number"] for event in events if "sequence_number" in event]
    if any(not isinstance(n, int) for n in numbers) or numbers != sorted(numbers):
        yield "events: the sequence numbers do not rise"
    if events[-1].get("type") not in _WHOLE:
        yield "events: the stream does not end in an event that ends a response"


def _response_faults(answer: Json) -> Iterator[str]:
    if found := misfits(Response, answer):
        yield from _told(found, "response")
        return
    for index, item in enumerate(answer["output"]):
        yield from _told(misfits(kind_of(item), item), f"response.output[{index}]")


def _told(found: list[Misfit], place: str) -> Iterator[str]:
    for misfit in found:
        yield f"{'.'.join([place, *map(str, misfit.steps)])}: {misfit.message}"


def _extras(shape: type[Wire], document: Json, place: str) -> Iterator[str]:
    """Yield the keys that a shape or one inside it does not declare."""
    yield from _unknown(model_of(shape).model_validate(document), place)


def _unknown(model: BaseModel, place: str) -> Iterator[str]:
    yield from (f"{place}.{key}" for key in model.model_extra or ())
    for name, value in model:
        if name == "output":
            continue  # the items of a response have shapes of their own
        members = value if isinstance(value, list) else [value]
        inner = f"{place}.{name}{'[]' if isinstance(value, list) else ''}"
        for member in members:
            if isinstance(member, BaseModel):
                yield from _unknown(member, inner)
