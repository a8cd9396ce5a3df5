"""Which requests get the flags: after, times, every and p, counted per namespace."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from aiohttp import ClientSession
from api import Api
from openai import OpenAI
from samples import request

from mockserver import MockServer

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi"}


def pattern(api: Api, scenario: str | None, count: int, body: dict[str, Any] = BODY) -> str:
    """Send a request again and again; ``x`` is one that failed with a 500, ``.`` another."""
    headers = {} if scenario is None else {"x-mock-scenario": scenario}
    answers = (api.request("POST", "/responses", json=body, headers=headers) for _ in range(count))
    return "".join("x" if answer.status_code == 500 else "." for answer in answers)


PATTERNS = {
    "http:500": "xxxxxxxx",
    "after:2,http:500": "..xxxxxx",
    "http:500,times:2": "xx......",
    "times:0,http:500": "........",
    "every:3,http:500": "..x..x..",
    "after:1,every:2,http:500": "..x.x.x.",
    "after:1,times:2,http:500": ".xx.....",
    "every:2,times:2,http:500": ".x.x....",
    "after:1,every:2,times:1,http:500": "..x.....",
    "p:1,http:500": "xxxxxxxx",
    "p:0,http:500": "........",
}


@pytest.mark.parametrize("scenario", PATTERNS)
def test_a_gate_lets_the_right_requests_have_the_flags(api: Api, scenario: str) -> None:
    """The others are answered as if they had brought none."""
    assert pattern(api, scenario, 8) == PATTERNS[scenario]


def test_the_server_s_own_scenario_is_counted_alike(api: Api, mockserver: MockServer) -> None:
    """A scenario that no request brings counts the requests that get it, and no polls."""
    mockserver.scenario("http:500,times:2,after:1")
    done = api.create(BODY)
    for _ in range(5):
        assert api.retrieve(done["id"])["status"] == "completed"
    assert pattern(api, None, 5) == "xx..."


def test_a_scenario_that_is_set_anew_counts_anew(api: Api, mockserver: MockServer) -> None:
    """A test may ask for the same again in its next part, by the handle and by the control API."""
    for _ in range(2):
        mockserver.scenario("http:500,times:2")
        assert pattern(api, None, 3) == "xx."
    mockserver.command("PUT", "scenario", {"flags": "http:500,times:2"})
    assert pattern(api, None, 3) == "xx."


def test_a_probability_is_drawn_from_the_seed() -> None:
    """About so many requests are hit, the same ones with the same seed and others with another."""
    seen = []
    for seed in (1, 1, 2):
        with MockServer(seed=seed) as server, Api(server.url) as api:
            seen.append(pattern(api, "p:0.3,http:500", 100))
    assert seen[0] == seen[1] != seen[2]
    assert 15 <= seen[0].count("x") <= 45


def test_a_probability_counts_as_a_hit_only_when_it_is_one(api: Api) -> None:
    """``times`` counts the requests that did get the flags."""
    assert pattern(api, "p:0.4,times:3,http:500", 40).count("x") == 3


def test_namespaces_and_flags_are_counted_apart(api: Api, mockserver: MockServer) -> None:
    """Each namespace has its counts, and in it each text of flags; clearing forgets them."""
    assert pattern(api, "http:500,times:1", 2) == "x."
    assert pattern(api, "times:1,http:500", 2) == "x."
    with Api(mockserver.url_for("other")) as other:
        assert pattern(other, "http:500,times:1", 2) == "x."
    mockserver.clear()
    assert pattern(api, "http:500,times:1", 2) == "x."


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_a_recording_answers_the_requests_that_pass(api: Api, mockserver: MockServer) -> None:
    """Where the flags hold they win over a cassette that fits; where they do not, it answers."""
    scenario = "after:1,failed:rate_limit_exceeded"
    first = api.create(request("text"), scenario)
    second = api.create(request("text"), scenario)
    assert (first["status"], second["status"]) == ("completed", "failed")
    assert second["error"]["code"] == "rate_limit_exceeded"
    assert [call.answered_by for call in mockserver.calls] == ["cassette", "synthesiser"]
    assert [call.scenario for call in mockserver.calls] == [None, scenario]


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_an_error_comes_before_a_recording_that_is_not_used_up(
    api: Api, mockserver: MockServer
) -> None:
    """A request that flags answered has not played the recording."""
    assert api.refused(request("text"), "http:429,times:1")["status"] == 429
    assert api.create(request("text"), "http:429,times:1")["status"] == "completed"
    assert [call.answered_by for call in mockserver.calls] == ["scenario", "cassette"]


def test_the_sdk_retries_until_the_error_is_over(mockserver: MockServer) -> None:
    """Requests are counted, so each retry of the SDK is one more."""
    headers = {"x-mock-scenario": "http:429,retry_after:0.001,times:2"}
    with OpenAI(base_url=mockserver.url, api_key="x", max_retries=3) as client:
        assert client.responses.create(**BODY, extra_headers=headers).status == "completed"
        assert [call.retry for call in mockserver.calls] == [0, 1, 2]
        mockserver.clear()
        with pytest.raises(openai.RateLimitError):
            client.with_options(max_retries=1).responses.create(**BODY, extra_headers=headers)


async def test_creates_on_a_websocket_are_counted_one_by_one(mockserver: MockServer) -> None:
    """The connection's header brings the flags; opening it counts for nothing."""
    headers = {"x-mock-scenario": "after:1,times:1,http:503"}
    seen = []
    async with ClientSession() as session:
        async with session.ws_connect(f"{mockserver.url}/responses", headers=headers) as socket:
            for _ in range(3):
                await socket.send_json({"type": "response.create", **BODY})
                event = await socket.receive_json()
                while event["type"] not in ("response.completed", "error"):
                    event = await socket.receive_json()
                seen.append(event["type"])
    assert seen == ["response.completed", "error", "response.completed"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_gate_in_the_metadata_is_counted_each_time(api: Api, stream: bool) -> None:
    """A body that comes again and again, and brings its flags itself, is never taken for told."""
    body = {**BODY, "stream": stream, "metadata": {"mock_scenario": "every:4,http:500"}}
    assert pattern(api, None, 12, body) == "...x...x...x"


def test_flags_that_pass_leave_no_trace_in_later_answers(api: Api) -> None:
    """What was worked out for a request without the flags in force is not used with them."""
    scenario = "after:2,times:2,items:reasoning+message"
    kinds = [[item["type"] for item in api.create(BODY, scenario)["output"]] for _ in range(5)]
    plain, shaped = ["message"], ["reasoning", "message"]
    assert kinds == [plain, plain, shaped, shaped, plain]
