"""Verify mode: replay for the client, and what the upstream says today beside it."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from scripted import Scripted, answer

from mockserver import MockServer

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi"}
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


def record(file: Path, *bodies: dict[str, Any]) -> list[httpx2.Response]:
    """Record answers of an API onto a cassette."""
    with MockServer() as api:
        options: dict[str, Any] = {"upstream": api.url, "record_mode": "once"}
        with MockServer(**options, cassettes=(file,)) as server:
            return [httpx2.post(f"{server.url}/responses", json=body) for body in bodies]


async def verified(
    file: Path, upstream: str, *bodies: dict[str, Any]
) -> tuple[MockServer, list[bytes]]:
    """Replay with verification; return the server, stopped, and what the client got."""
    options: dict[str, Any] = {"upstream": upstream, "record_mode": "verify"}
    async with MockServer(**options, cassettes=(file,)) as server, httpx2.AsyncClient() as http:
        found = [(await http.post(f"{server.url}/responses", json=body)).content for body in bodies]
    return server, found


@pytest.mark.parametrize("stream", [False, True])
async def test_an_upstream_that_still_answers_alike_is_nothing_to_report(
    stream: bool, tmp_path: Path
) -> None:
    """Other values are no difference, and the client gets the recording."""
    body = BODY | {"stream": stream}
    recorded = record(tmp_path / "it.yaml", body)
    before = (tmp_path / "it.yaml").read_bytes()
    async with MockServer(seed=99) as api:
        server, found = await verified(tmp_path / "it.yaml", api.url, body)
        assert len(api.calls) == 1
    assert found == [recorded[0].content]
    assert server.problems == []
    assert (tmp_path / "it.yaml").read_bytes() == before


async def test_differences_in_shape_are_reported_with_their_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log, the journal and the server's problems say what is new, gone, or of another type."""
    (recorded,) = record(tmp_path / "it.yaml", BODY)
    now = recorded.json()
    now["output"][0]["mood"] = "good"
    del now["truncation"]
    now["usage"]["total_tokens"] = "12"
    before = (tmp_path / "it.yaml").read_bytes()
    with caplog.at_level(logging.WARNING, "mockserver"):
        async with Scripted([answer(json.dumps(now).encode())]) as upstream:
            server, found = await verified(tmp_path / "it.yaml", upstream.url, BODY)
    assert found == [recorded.content]
    expected = (
        "output[message].mood: new, not recorded",
        "truncation: recorded, now missing",
        "usage.total_tokens: recorded number, now string",
    )
    assert server.calls[0].differences == expected
    assert server.calls[0].answered_by == "cassette"
    (problem,) = server.problems
    assert "POST /responses" in problem
    assert "it.yaml" in problem
    for line in expected:
        assert line in problem
        assert line in caplog.text
    assert (tmp_path / "it.yaml").read_bytes() == before


async def test_an_upstream_that_refuses_now_is_reported(tmp_path: Path) -> None:
    """Another status says enough; the bodies are not compared."""
    record(tmp_path / "it.yaml", BODY)
    step = answer(b'{"error": {"message": "no"}}', "401 Unauthorized")
    async with Scripted([step]) as upstream:
        server, _ = await verified(tmp_path / "it.yaml", upstream.url, BODY)
    assert server.calls[0].differences == ("status: recorded 200, now 401",)


async def test_an_upstream_that_is_not_there_is_reported(tmp_path: Path) -> None:
    """The client does not notice, the report does."""
    recorded = record(tmp_path / "it.yaml", BODY)
    server, found = await verified(tmp_path / "it.yaml", "http://127.0.0.1:9", BODY)
    assert found == [recorded[0].content]
    assert "no whole answer" in server.problems[0]


async def test_chains_are_followed_with_the_ids_of_today(tmp_path: Path) -> None:
    """What a recorded response and its calls are called upstream now stands in later requests."""
    first = BODY | {"tools": [WEATHER]}
    with MockServer() as api:
        options: dict[str, Any] = {"upstream": api.url, "record_mode": "once"}
        with MockServer(**options, cassettes=(tmp_path / "it.yaml",)) as server:
            made = httpx2.post(f"{server.url}/responses", json=first).json()
            output = {"type": "function_call_output", "output": "sunny"}
            output["call_id"] = made["output"][0]["call_id"]
            second = first | {"previous_response_id": made["id"], "input": [output]}
            assert httpx2.post(f"{server.url}/responses", json=second).status_code == 200
    async with MockServer(seed=99) as api:
        server, _ = await verified(tmp_path / "it.yaml", api.url, first, second)
        assert [call.status for call in api.calls] == [200, 200]
        assert (api.calls[1].body or {})["previous_response_id"] == api.calls[0].response_id
        assert api.calls[0].response_id != made["id"]
    assert server.problems == []


async def test_what_is_not_recorded_is_refused_and_not_sent(tmp_path: Path) -> None:
    """A miss is a 424, as everywhere that only recordings answer."""
    record(tmp_path / "it.yaml", BODY)
    async with Scripted([answer(b"{}")]) as upstream:
        server, found = await verified(
            tmp_path / "it.yaml", upstream.url, BODY | {"input": "another"}
        )
        assert upstream.asked == []
    assert json.loads(found[0])["error"]["code"] == "cassette_miss"
    assert server.calls[0].status == 424


async def test_a_turn_over_a_websocket_is_verified_too(tmp_path: Path) -> None:
    """The upstream is asked by the equal HTTP request."""
    body = BODY | {"stream": True}
    record(tmp_path / "it.yaml", body)
    async with MockServer(seed=99) as api:
        options: dict[str, Any] = {"upstream": api.url, "record_mode": "verify"}
        async with MockServer(**options, cassettes=(tmp_path / "it.yaml",)) as server:
            async with aiohttp.ClientSession() as http:
                async with http.ws_connect(f"{server.url}/responses") as socket:
                    await socket.send_json({"type": "response.create", **BODY})
                    while json.loads(await socket.receive_str())["type"] != "response.completed":
                        pass
        assert [(call.method, call.stream) for call in api.calls] == [("POST", True)]
    assert server.problems == []
