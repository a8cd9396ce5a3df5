"""Every fault with the official SDK: what it raises, or what it makes of the answer."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import openai
import pytest
from openai import OpenAI
from test_faults_calls import OF_CALLS

from mockserver import MockServer
from mockserver.faults.registry import FAULTS

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi", "text": {"verbosity": "low"}}
LOST = (openai.APIConnectionError, "Connection error")
LATE = (openai.APITimeoutError, "Request timed out")
NOT_JSON = (json.JSONDecodeError, "Expecting")
UNFINISHED = (RuntimeError, "Didn't receive a `response.completed` event")
DOWN = (openai.InternalServerError, "Error code: 502")

Outcome = str | tuple[type[Exception], str]
"""The last event's type or the response's status; or what is raised, and its text."""

STREAMED: dict[str, tuple[int | None, Outcome, Outcome]] = {
    "refuse": (0, LOST, LOST),
    "hang": (0, LATE, LATE),
    "hang:100ms": (0, LOST, LOST),
    "reset": (0, LOST, LOST),
    "reset:5": (5, LOST, LOST),
    "cut:5": (5, "response.output_text.delta", UNFINISHED),
    "cut_inside:5": (5, LOST, LOST),
    "cut_utf8:5": (5, LOST, LOST),
    "stall:5": (5, LATE, LATE),
    "stall:5/50ms": (None, "response.completed", "completed"),
    "slow_close:50ms": (None, "response.completed", "completed"),
    "bad_chunk:5": (5, LOST, LOST),
    "garbage": (0, LOST, LOST),
    "error_nested:5/rate_limit_exceeded": (
        5,
        (openai.APIError, "Rate limit reached"),
        (openai.APIError, "Rate limit reached"),
    ),
    "error_flat:5": (6, "error", UNFINISHED),
    "fail_at:5": (
        5,
        (openai.APIError, "The server had an error"),
        (openai.APIError, "The server had an error"),
    ),
    "null_usage": (None, "response.completed", "completed"),
    "duplicate:5": (None, "response.completed", "completed"),
    "duplicate:2": (
        None,
        "response.completed",
        (RuntimeError, "Duplicate response output index 0"),
    ),
    "reorder:5": (None, "response.completed", "completed"),
    "reorder:2": (
        None,
        "response.completed",
        (RuntimeError, "before receiving its output item"),
    ),
    "drop:5": (None, "response.completed", "completed"),
    "drop:0": (
        None,
        "response.completed",
        (RuntimeError, "Expected to have received `response.created`"),
    ),
    "gap:5": (None, "response.completed", "completed"),
    "unknown_event": (None, "response.completed", "completed"),
    "unknown_event:0": (
        None,
        "response.completed",
        (RuntimeError, "Expected to have received `response.created`"),
    ),
    "unknown_item": (None, "response.completed", "completed"),
    "unknown_enum": (None, "response.completed", "completed"),
    "unknown_enum:status": (None, "response.completed", "future_completed"),
    "wrong_content_type": (None, "response.completed", "completed"),
    "html": (0, DOWN, DOWN),
    "html:200": (0, "", UNFINISHED),
    "malformed:5": (5, NOT_JSON, NOT_JSON),
    "comments": (None, "response.completed", "completed"),
    "slice": (None, "response.completed", "completed"),
    "coalesce": (None, "response.completed", "completed"),
    "bandwidth:1mbps": (None, "response.completed", "completed"),
}
"""How many events come of ``create(stream=True)`` (None: up to the end) and how that ends, and
how ``responses.stream()`` ends when its final response is asked for."""

PLAIN: dict[str, Outcome] = {
    "refuse": LOST,
    "hang": LATE,
    "hang:100ms": LOST,
    "reset": LOST,
    "reset:5": LOST,
    "cut_inside:5": LOST,
    "cut_utf8": LOST,
    "stall:5": LATE,
    "stall:5/50ms": "completed",
    "slow_close:50ms": "completed",
    "bad_chunk": LOST,
    "garbage": LOST,
    "fail_at:0": "failed",
    "null_usage": "completed",
    "unknown_item": "completed",
    "unknown_enum": "completed",
    "unknown_enum:status": "future_completed",
    "wrong_content_type": "completed",
    "html": DOWN,
    "html:200": "<!DOCTYPE html>",
    "malformed": NOT_JSON,
    "slice": "completed",
    "bandwidth:1mbps": "completed",
}
"""What comes of a plain ``create``."""


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer() as running:
        yield running


@pytest.fixture(scope="module")
def client(server: MockServer) -> Iterator[OpenAI]:
    """A client that loses its patience soon and does not try again."""
    with OpenAI(base_url=server.url, api_key="x", max_retries=0, timeout=5.0) as sdk:
        yield sdk


def options(scenario: str) -> dict[str, Any]:
    late = LATE in (*STREAMED.get(scenario, ()), PLAIN.get(scenario))
    return {"extra_headers": {"x-mock-scenario": scenario}, "timeout": 0.3 if late else 5.0}


@contextmanager
def ending(expected: Outcome) -> Iterator[None]:
    """Expect what is raised, if anything; what the SDK warns of in odd values is its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if isinstance(expected, str):
            yield
        else:
            with pytest.raises(expected[0]) as caught:
                yield
            assert type(caught.value) is expected[0]
            assert expected[1] in str(caught.value)


def test_every_fault_is_shown() -> None:
    """The tables have every fault there is, of each form that it fits."""
    for table, form in ((STREAMED, "stream"), (PLAIN, "body")):
        shown = {scenario.partition(":")[0] for scenario in table} | OF_CALLS
        assert shown == {name for name, fault in FAULTS.items() if form in fault.forms}


@pytest.mark.parametrize("scenario", STREAMED)
def test_a_fault_of_a_stream_as_events(server: MockServer, client: OpenAI, scenario: str) -> None:
    """The SDK yields what came whole, and then ends or raises."""
    count, expected, _ = STREAMED[scenario]
    seen: list[str] = []
    with ending(expected):
        stream: Any = client.responses.create(**BODY, stream=True, **options(scenario))
        seen.extend(event.type for event in stream)
    if count is not None:
        assert len(seen) == count
    if isinstance(expected, str):
        assert (seen[-1] if seen else "") == expected
    assert server.calls[-1].faults == (scenario.partition(":")[0],)


@pytest.mark.parametrize("scenario", STREAMED)
def test_a_fault_of_a_stream_as_a_final_response(client: OpenAI, scenario: str) -> None:
    """The SDK's helper has a final response, or raises."""
    expected = STREAMED[scenario][2]
    with ending(expected):
        with client.responses.stream(**BODY, **options(scenario)) as stream:
            final = stream.get_final_response()
        assert final.status == expected


@pytest.mark.parametrize("scenario", PLAIN)
def test_a_fault_of_a_body(server: MockServer, client: OpenAI, scenario: str) -> None:
    """The SDK has a response, or raises."""
    expected = PLAIN[scenario]
    with ending(expected):
        response: Any = client.responses.create(**BODY, **options(scenario))
        found = response if isinstance(response, str) else response.status
        assert found.startswith(expected)
    assert server.calls[-1].faults == (scenario.partition(":")[0],)


def test_what_is_new_reaches_the_user(client: OpenAI) -> None:
    """Events and items of kinds that the SDK does not know come through as they are."""
    scenario = "unknown_event,unknown_item"
    stream: Any = client.responses.create(**BODY, stream=True, **options(scenario))
    *events, last = stream
    assert events[2].type == "response.future.delta"
    assert last.response.output[-1].type == "future_call"
    assert last.response.output_text


@pytest.mark.parametrize("scenario", ["reset", "refuse", "html:502", "http:503", "garbage"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_tries_again_gets_through(
    server: MockServer, scenario: str, stream: bool
) -> None:
    """With ``times``, the SDK's second retry meets a server that works again."""
    server.clear()
    text = f"{scenario},times:2"
    with OpenAI(base_url=server.url, api_key="x", max_retries=2) as sdk:
        sdk._calculate_retry_timeout = lambda *_, **__: 0.0  # type: ignore[method-assign]
        response: Any = sdk.responses.create(**BODY, stream=stream, **options(text))
        if stream:
            response = list(response)[-1].response
    assert response.status == "completed"
    assert [call.retry for call in server.calls] == [0, 1, 2]
    assert [call.scenario for call in server.calls] == [text, text, None]
