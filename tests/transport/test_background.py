"""Background responses: queued, polled, cancelled, streamed, resumed."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import openai
import pytest
from api import Api, types
from openai import AsyncOpenAI, OpenAI

from mockserver import MockServer
from mockserver.clock import VirtualClock

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi", "background": True}
QUICK = pytest.mark.mockserver(queued_seconds=0.02, in_progress_seconds=0.06)


def poll(api: Api, id_: str) -> list[dict[str, Any]]:
    """Fetch a response until it is over; return each state once."""
    seen: list[dict[str, Any]] = []
    deadline = time.monotonic() + 10
    while not seen or seen[-1]["status"] in ("queued", "in_progress"):
        assert time.monotonic() < deadline
        state = api.retrieve(id_)
        if not seen or seen[-1]["status"] != state["status"]:
            seen.append(state)
    return seen


def test_a_background_response_is_queued_then_in_progress_then_completed(api: Api) -> None:
    """By default it is queued for 0.25 s and in progress for 0.5 s."""
    started = time.monotonic()
    created = api.create(BODY)
    assert (created["status"], created["output"], created["usage"]) == ("queued", [], None)
    seen = poll(api, created["id"])
    assert [state["status"] for state in seen] == ["queued", "in_progress", "completed"]
    assert time.monotonic() - started >= 0.75
    assert seen[1]["output"] == []
    assert seen[2]["output"][0]["content"][0]["text"]


def test_rate_limits_are_not_told_of_background_creates(api: Api) -> None:
    """The headers of a background create lack the rate limits (api-contract §1.3)."""
    headers = api.request("POST", "/responses", json=BODY).headers
    assert not [name for name in headers if name.startswith("x-ratelimit")]


async def test_a_virtual_clock_moves_a_response_by_hand() -> None:
    """With the clock in hand, every phase is exact and nothing sleeps."""
    clock = VirtualClock()
    async with (
        MockServer(clock=clock) as server,
        AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0) as sdk,
    ):
        response = await sdk.responses.create(model="gpt-4.1", input="hi", background=True)
        states = []
        for step in (0.0, 0.2, 0.1, 0.4, 0.1):
            clock.advance(step)
            states.append((await sdk.responses.retrieve(response.id)).status)
        assert states == ["queued", "queued", "in_progress", "in_progress", "completed"]


async def test_a_stream_follows_the_virtual_clock() -> None:
    """A background stream waits for its moments; moving the clock releases its events."""
    clock = VirtualClock()
    async with (
        MockServer(clock=clock) as server,
        AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0) as sdk,
    ):
        stream = await sdk.responses.create(**BODY, stream=True)
        seen: list[str] = []

        async def read() -> None:
            seen.extend([event.type async for event in stream])

        reading = asyncio.ensure_future(read())
        for _ in range(100):
            clock.advance(0.01)
            await asyncio.sleep(0.001)
        await asyncio.wait_for(reading, 5)
        assert seen[:3] == ["response.created", "response.queued", "response.in_progress"]
        assert seen[-1] == "response.completed"


def test_the_sdk_polls_a_scenario_that_asks_for_the_background(client: OpenAI) -> None:
    """The flag makes a background response of a request that did not ask for one."""
    response = client.responses.create(
        model="gpt-4.1", input="hi", extra_headers={"x-mock-scenario": "background"}
    )
    assert (response.status, response.background) == ("queued", True)


@QUICK
def test_a_background_stream_has_a_queued_event(api: Api) -> None:
    """The stream opens with created and queued, both of a queued response."""
    events = api.stream(BODY)
    assert types(events)[:3] == ["response.created", "response.queued", "response.in_progress"]
    assert [event["response"]["status"] for event in events[:3]] == [
        "queued",
        "queued",
        "in_progress",
    ]


@QUICK
def test_a_stream_resumes_after_any_event(api: Api) -> None:
    """Every tail of the stream comes back as it was, numbers included."""
    events = api.stream(BODY)
    id_ = events[0]["response"]["id"]
    assert api.resume(id_, whole=True) == events
    for after in (0, 1, 5, len(events) - 2, len(events) - 1, 10_000):
        assert api.resume(id_, after) == events[after + 1 :]


def test_a_dropped_stream_is_resumed_where_it_was_left(client: OpenAI) -> None:
    """A client that drops its connection misses nothing; the run goes on without it."""
    stream = client.responses.create(**BODY, stream=True)
    seen = []
    for event in stream:
        seen.append(event)
        if len(seen) == 5:
            break
    stream.close()
    created: Any = seen[0]
    rest = client.responses.retrieve(
        created.response.id, stream=True, starting_after=seen[-1].sequence_number
    )
    seen.extend(rest)
    assert [event.sequence_number for event in seen] == list(range(len(seen)))
    assert seen[-1].type == "response.completed"
    final: Any = seen[-1]
    fetched = client.responses.retrieve(created.response.id).to_dict()
    fetched.pop("billing")
    assert final.response.to_dict() == fetched


def test_only_streamed_background_responses_can_be_resumed(api: Api) -> None:
    """The errors name what the response was not created with (api-contract §8.9)."""
    plain = api.create({"model": "gpt-4.1", "input": "hi"})
    error = api.request("GET", f"/responses/{plain['id']}?stream=true").json()["error"]
    assert error["param"] == "stream"
    assert error["message"].endswith("was not created with background=true.")
    unstreamed = api.create(BODY)
    error = api.request("GET", f"/responses/{unstreamed['id']}?stream=true").json()["error"]
    assert error["message"].endswith("was not created with stream=true.")


def test_a_running_response_is_cancelled_once_and_for_all(client: OpenAI) -> None:
    """Cancelling ends it; a second cancel returns the same."""
    response = client.responses.create(**BODY)
    cancelled = client.responses.cancel(response.id)
    assert cancelled.status == "cancelled"
    assert cancelled.output == []
    assert client.responses.cancel(response.id).to_dict() == cancelled.to_dict()
    assert client.responses.retrieve(response.id).to_dict() == cancelled.to_dict()


@QUICK
def test_what_is_over_or_synchronous_cannot_be_cancelled(api: Api, client: OpenAI) -> None:
    """The API's 400 says why (api-contract §10.3)."""
    done = poll(api, api.create(BODY)["id"])[-1]
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a completed response"):
        client.responses.cancel(done["id"])
    plain = client.responses.create(model="gpt-4.1", input="hi")
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        client.responses.cancel(plain.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.cancel("resp_nope")


@pytest.mark.parametrize("scenario", ["queued", "in_progress"])
async def test_cancelling_reaches_a_stream_that_waits(
    async_client: AsyncOpenAI, scenario: str
) -> None:
    """A stream held in a phase ends as soon as its response is cancelled."""
    stream = await async_client.responses.create(
        **BODY, stream=True, extra_headers={"x-mock-scenario": scenario}
    )
    seen: list[Any] = []
    async for event in stream:
        seen.append(event)
        if len(seen) == (2 if scenario == "queued" else 3):
            await async_client.responses.cancel(seen[0].response.id)
    assert seen[-1].type == "response.failed"
    assert seen[-1].response.status == "cancelled"
    assert [event.sequence_number for event in seen] == list(range(len(seen)))
    await async_client.close()


@pytest.mark.mockserver(cancelled_stream="end")
async def test_a_cancelled_stream_may_just_end(async_client: AsyncOpenAI) -> None:
    """With the setting, no terminal event follows a cancellation."""
    stream = await async_client.responses.create(
        **BODY, stream=True, extra_headers={"x-mock-scenario": "queued"}
    )
    seen: list[Any] = []
    async for event in stream:
        seen.append(event)
        if len(seen) == 2:
            await async_client.responses.cancel(seen[0].response.id)
    assert [event.type for event in seen] == ["response.created", "response.queued"]
    await async_client.close()


def test_a_background_response_that_is_not_stored_can_be_polled(api: Api) -> None:
    """``store: false`` keeps it for polling only (api-contract §10.4)."""
    created = api.create({**BODY, "store": False})
    assert poll(api, created["id"])[-1]["status"] == "completed"
    error = api.refused({"model": "gpt-4.1", "input": "x", "previous_response_id": created["id"]})
    assert error["code"] == "previous_response_not_found"
