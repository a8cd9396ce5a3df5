"""Drift of events: whatever the SDK's items hold, what is streamed of them is strictly valid."""

from __future__ import annotations

from oracle import check_event, sdk

from mockserver.drift import Sdk
from mockserver.drift.events import responses
from mockserver.streaming.streamer import stream


def test_events_are_strictly_valid_when_every_known_item_is_told() -> None:
    """No event of any variant of any kind we know has a missing, unknown or mistyped key."""
    problems = {
        f"{event['type']} {line}"
        for response in responses(Sdk())
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
