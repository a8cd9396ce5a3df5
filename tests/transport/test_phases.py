"""Phases of background responses: by polls, by time on the clock, and what ends their chain."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from api import Api, types
from openai import OpenAI

from mockserver import MockServer
from mockserver.clock import VirtualClock

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi"}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[MockServer]:
    """A server whose clock stands still."""
    with MockServer(clock=clock) as running:
        yield running


@pytest.fixture
def polls(server: MockServer) -> Iterator[Any]:
    """Create with a scenario, and return the states of so many polls after that of the create."""
    with Api(server.url) as api:

        def poll(scenario: str, count: int, **extra: Any) -> list[str]:
            response = api.create({**BODY, **extra}, scenario)
            states = [response["status"]]
            for _ in range(count):
                states.append(api.retrieve(response["id"])["status"])
            return states

        yield poll


CHAINS: dict[str, str] = {
    "queued:2polls": "q qq CC",
    "queued:2polls,completed": "q qq CC",
    "queued:0polls,failed": "q FF",
    "in_progress:1poll": "p p CC",
    "queued:1poll,in_progress:2polls,incomplete": "q q pp II",
    "queued:2polls,in_progress:1poll,failed:server_error": "q qq p FF",
    "queued:1poll,cancelled": "q q XX",
    "queued:1poll,in_progress:1poll,cancelled": "q q p XX",
    "queued:1poll,in_progress": "q q pppp",
    "queued:1poll,in_progress:1poll,queued": "q qqqq",
    "queued:1poll,in_progress:1poll,refusal": "q q p CC",
    "queued:1poll,in_progress:0polls,text:hi": "q q CC",
}
"""States by polls: that of the create, then of each poll."""

LETTERS = {
    "q": "queued",
    "p": "in_progress",
    "C": "completed",
    "F": "failed",
    "I": "incomplete",
    "X": "cancelled",
}


@pytest.mark.parametrize("scenario", CHAINS)
def test_phases_by_polls_need_no_clock(polls: Any, scenario: str) -> None:
    """A phase lasts for so many polls, on a clock that does not move; those not named are none."""
    expected = [LETTERS[letter] for letter in CHAINS[scenario].replace(" ", "")]
    assert polls(scenario, len(expected) - 1) == expected


def test_phases_by_time_follow_the_clock(server: MockServer, clock: VirtualClock) -> None:
    """Each phase lasts for its seconds, then the next one begins."""
    with Api(server.url) as api:
        id_ = api.create(BODY, "queued:2s,in_progress:3s,failed")["id"]
        states = []
        for _ in range(6):
            states.append(api.retrieve(id_)["status"])
            clock.advance(1)
    assert states == [*["queued"] * 2, *["in_progress"] * 3, "failed"]


def test_time_and_polls_mix(server: MockServer, clock: VirtualClock) -> None:
    """A phase by time begins with the poll that ends one by polls, and the reverse."""
    with Api(server.url) as api:
        id_ = api.create(BODY, "queued:1poll,in_progress:2s,completed")["id"]
        clock.advance(100)
        states = [api.retrieve(id_)["status"] for _ in range(2)]
        clock.advance(1)
        states.append(api.retrieve(id_)["status"])
        clock.advance(1)
        states.append(api.retrieve(id_)["status"])
        assert states == ["queued", "in_progress", "in_progress", "completed"]
        id_ = api.create(BODY, "queued:2s,in_progress:1poll,completed")["id"]
        states = [api.retrieve(id_)["status"] for _ in range(3)]
        clock.advance(2)
        states += [api.retrieve(id_)["status"] for _ in range(3)]
    assert states == ["queued"] * 3 + ["in_progress", "completed", "completed"]


def test_a_phase_without_how_long_lasts_as_the_settings_say(clock: VirtualClock) -> None:
    """A bare phase before others has its usual time."""
    with MockServer(clock=clock, queued_seconds=5.0) as server, Api(server.url) as api:
        id_ = api.create(BODY, "queued,in_progress:1s,completed")["id"]
        clock.advance(4.5)
        assert api.retrieve(id_)["status"] == "queued"
        clock.advance(1)
        assert api.retrieve(id_)["status"] == "in_progress"
        clock.advance(1)
        assert api.retrieve(id_)["status"] == "completed"


def test_a_stream_does_not_poll(server: MockServer) -> None:
    """In a stream a phase held for polls takes no time, and nothing is left to wait for."""
    with Api(server.url) as api:
        scenario = "queued:3polls,in_progress:2polls,incomplete"
        events = api.stream({**BODY, "background": True}, scenario)
        assert types(events)[:3] == [
            "response.created",
            "response.queued",
            "response.in_progress",
        ]
        assert events[-1]["type"] == "response.incomplete"
        assert api.retrieve(events[-1]["response"]["id"])["status"] == "incomplete"


@pytest.mark.parametrize(
    ("scenario", "items"),
    [("queued:1s,cancelled", False), ("queued:1s,in_progress:1s,cancelled", True)],
)
def test_a_stream_is_cancelled_where_its_chain_ends(scenario: str, items: bool) -> None:
    """What had been told by then was half of it, or nothing."""
    with MockServer() as server, Api(server.url) as api:
        short = scenario.replace("1s", "50ms")
        raw = api.request(
            "POST",
            "/responses",
            json={**BODY, "background": True, "stream": True},
            headers={"x-mock-scenario": short},
        )
    names = [line[7:] for line in raw.text.splitlines() if line.startswith("event: ")]
    assert names[-1] == "response.failed"
    assert ("response.output_item.added" in names) is items
    assert "response.output_item.done" not in names


def test_a_held_response_can_be_cancelled_and_forgotten(polls: Any, server: MockServer) -> None:
    """A phase by polls is a phase like any other to those who cancel or delete."""
    with OpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
        headers = {"x-mock-scenario": "queued:3polls,completed"}
        response = client.responses.create(**BODY, extra_headers=headers)
        assert client.responses.cancel(response.id).status == "cancelled"
        assert client.responses.retrieve(response.id).status == "cancelled"
        client.responses.delete(response.id)


def test_a_conversation_is_busy_until_the_polls_are_over(server: MockServer) -> None:
    """The run holds its conversation, and leaves its items there when a poll finds it done."""
    with OpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
        conversation = client.conversations.create()
        headers = {"x-mock-scenario": "queued:1poll,text:done"}
        response = client.responses.create(
            **BODY, conversation=conversation.id, extra_headers=headers
        )
        states = [client.responses.retrieve(response.id).status for _ in range(2)]
        assert states == ["queued", "completed"]
        assert len(list(client.conversations.items.list(conversation.id))) == 2


@pytest.mark.parametrize("scenario", ["tps:500,cut:3", "tps:500,reset:3", "drop:1", "html"])
def test_a_conversation_has_what_a_troubled_stream_did_not_tell(scenario: str) -> None:
    """A fault on the way leaves the run as it is, and its items in the conversation."""
    with MockServer() as server, OpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
        conversation = client.conversations.create()
        options: dict[str, Any] = {**BODY, "conversation": conversation.id, "stream": True}
        with contextlib.suppress(openai.APIError):
            headers = {"x-mock-scenario": f"{scenario},text:one two three"}
            list(client.responses.create(**options, extra_headers=headers))
        deadline = time.monotonic() + 5
        while len(items := list(client.conversations.items.list(conversation.id))) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert [item.type for item in items] == ["message", "message"]
