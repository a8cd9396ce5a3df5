"""Drift of events: every event type of the SDK is streamed by some response, or is awaited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from oracle import check_event, sdk
from oracle.drift import compare_kinds
from oracle.examples import example_response
from oracle.samples import variants

Document = dict[str, Any]

AWAITED: frozenset[str] = frozenset()
"""Events of items that do not unfold so far."""

WIRE_ONLY = frozenset(
    {
        "keepalive",
        "response.apply_patch_call_operation_diff.delta",
        "response.apply_patch_call_operation_diff.done",
    }
)
"""Events of the wire that the SDK does not have; they may be streamed."""


def responses() -> Iterator[Document]:
    """Yield responses that end in every way and hold every item in every variant."""
    plain = example_response()
    failure = {"code": "server_error", "message": "No."}
    yield {**plain, "background": True, "output": []}
    yield {**plain, "model": "gpt-audio-mini"}
    yield {**plain, "status": "failed", "error": failure, "output": []}
    yield {**plain, "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    for models in sdk.by_type(sdk.OUTPUT_ITEMS).values():
        for item in variants(models[0]):
            yield {**plain, "output": [item]}
            if item.get("error"):
                yield {**plain, "output": [{**item, "error": None}]}


@pytest.fixture(scope="module")
def streamed() -> list[Document]:
    """All events of all these responses."""
    stream = pytest.importorskip("mockserver.streaming.streamer").stream
    return [event for response in responses() for event in stream(response)]


def test_event_types_are_all_streamed_when_every_item_is_told(streamed: list[Document]) -> None:
    """A new event in the SDK, or one that is awaited no more, shows here."""
    emitted = {event["type"] for event in streamed} - WIRE_ONLY
    known = sdk.by_type(sdk.STREAM_EVENTS)
    assert compare_kinds(emitted, known, awaited=AWAITED) == []


def test_events_are_strictly_valid_when_every_known_item_is_told() -> None:
    """No event of any variant of any kind we know has a missing, unknown or mistyped key."""
    stream = pytest.importorskip("mockserver.streaming.streamer").stream
    kinds = pytest.importorskip("mockserver.items").KINDS
    problems = {
        f"{event['type']} {line}"
        for response in responses()
        if all(item["type"] in kinds for item in response["output"])
        for event in stream(response)
        for line in check_event(event)
    }
    assert problems == set()


def test_websocket_events_are_the_stream_s_when_the_sdk_lists_them() -> None:
    """A WebSocket sends the same events, and three that answer a steering client."""
    beyond = set(sdk.by_type(sdk.SERVER_EVENTS)) - set(sdk.by_type(sdk.STREAM_EVENTS))
    assert beyond == {
        "response.steer.accepted",
        "response.steer.failed",
        "response.steer.pending",
    }
    assert not set(sdk.by_type(sdk.STREAM_EVENTS)) - set(sdk.by_type(sdk.SERVER_EVENTS))
