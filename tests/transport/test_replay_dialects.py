"""Recordings of other tools and endpoints, served to the SDK and to a plain client."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import OpenAI

from mockserver import MockServer

RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1750000000,
    "status": "completed",
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "metadata": {},
    "model": "gpt-4o-2024-08-06",
    "output": [
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "Salut!", "annotations": []}],
        }
    ],
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
}
OPENED = {**RESPONSE, "status": "in_progress", "output": []}
OLD_EVENTS: list[dict[str, Any]] = [
    {"type": "response.created", "response": OPENED},
    {"type": "response.completed", "response": RESPONSE},
]
OLD_STREAM = "".join(f"data: {json.dumps(event)}\n\n" for event in OLD_EVENTS)


@contextmanager
def serving(path: Path) -> Iterator[httpx2.Client]:
    """Yield a client of a strict server of one recording or a folder of them."""
    with (
        MockServer(cassettes=(path,), strict=True) as server,
        httpx2.Client(base_url=server.url) as client,
    ):
        yield client


def cassette(uri: str, request: Any, body: str, headers: dict[str, list[str]]) -> str:
    """Return a vcrpy cassette of one interaction as JSON."""
    asked = {"method": "POST", "uri": uri, "headers": {}, "body": json.dumps(request)}
    status = {"code": 200, "message": "OK"}
    answer = {"status": status, "headers": headers, "body": {"string": body}}
    return json.dumps({"interactions": [{"request": asked, "response": answer}], "version": 1})


def test_a_bare_stream_answers_whoever_asks_and_every_event_has_its_number(tmp_path: Path) -> None:
    """A transcript has lost its request: any create gets it; old events are numbered from 0."""
    file = tmp_path / "old.sse"
    file.write_text(OLD_STREAM, encoding="utf-8")
    with serving(file) as client, OpenAI(base_url=str(client.base_url), api_key="k") as sdk:
        events = list(sdk.responses.create(model="gpt-4o", input="anything", stream=True))
        assert [event.sequence_number for event in events] == [0, 1]
        assert sdk.responses.retrieve("resp_1").output_text == "Salut!"


def test_a_bare_answer_comes_once_and_then_there_is_a_miss(tmp_path: Path) -> None:
    """An answer without its request is used up as any other recording is."""
    (tmp_path / "a.json").write_text(json.dumps(RESPONSE, indent=1), encoding="utf-8")
    with serving(tmp_path) as client:
        found = client.post("/responses", json={"model": "m", "input": "x"})
        assert found.text == json.dumps(RESPONSE, indent=1)
        again = client.post("/responses", json={"model": "m", "input": "y"})
        assert (again.status_code, again.json()["error"]["code"]) == (424, "already_played")


def test_a_recorded_request_wins_over_an_answer_without_one(tmp_path: Path) -> None:
    """What was asked word for word is answered by its own recording."""
    (tmp_path / "a.json").write_text(json.dumps(RESPONSE), encoding="utf-8")
    for name, value in (("request", {"input": "own"}), ("response", RESPONSE | {"id": "resp_2"})):
        (tmp_path / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    with serving(tmp_path) as client:
        assert client.post("/responses", json={"input": "own"}).json()["id"] == "resp_2"
        assert client.post("/responses", json={"input": "else"}).json()["id"] == "resp_1"


@pytest.mark.parametrize(
    ("path", "request_body", "body", "media"),
    [
        (
            "chat/completions",
            {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]},
            '{"id": "chatcmpl-1",  "object": "chat.completion", "choices": []}',
            "application/json",
        ),
        (
            "chat/completions",
            {"model": "gpt-4o", "messages": [], "stream": True},
            'data: {"object": "chat.completion.chunk", "choices": []}\n\ndata: [DONE]\n\n',
            "text/event-stream",
        ),
        ("embeddings", {"input": "x"}, '{"object":"list", "data": [1.50]}', "application/json"),
        ("moderations", {"input": "x"}, "plain words", "text/plain"),
    ],
)
def test_other_endpoints_replay_byte_for_byte(
    tmp_path: Path, path: str, request_body: Any, body: str, media: str
) -> None:
    """The content type is told by the body when the recording lost it; nothing else is changed."""
    file = tmp_path / "a.json"
    uri = f"https://api.openai.com/v1/{path}"
    file.write_text(cassette(uri, request_body, body, {}), encoding="utf-8")
    with serving(file) as client:
        found = client.post(f"/{path}", json=request_body)
        assert (found.status_code, found.text) == (200, body)
        assert found.headers["content-type"].partition(";")[0] == media


def test_a_header_that_would_break_http_is_left_out_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer comes without it, and the log names the file and the header."""
    headers = {"x-good": ["1"], "x-bad": ["a\r\nset-cookie: b"], "bad name": ["c"]}
    file = tmp_path / "a.json"
    file.write_text(cassette("http://h/v1/responses", {"input": "x"}, "{}", headers), "utf-8")
    with caplog.at_level(logging.WARNING), serving(file) as client:
        found = client.post("/responses", json={"input": "x"})
        assert (found.headers["x-good"], "set-cookie" in found.headers) == ("1", False)
    assert "a.json: interaction 1: the response header 'x-bad' is left out" in caplog.text


def test_a_bad_file_does_not_stop_the_others_and_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log at start and ``/readyz`` say which file, which interaction and which line."""
    (tmp_path / "good.json").write_text(json.dumps(RESPONSE), encoding="utf-8")
    bad = "interactions:\n- request: {method: GET, uri: 'http://h/'}\n  response: {}\nversion: 1\n"
    (tmp_path / "bad.yaml").write_text(bad, encoding="utf-8")
    with caplog.at_level(logging.WARNING), serving(tmp_path) as client:
        assert client.post("/responses", json={"input": "x"}).json()["id"] == "resp_1"
        ready = client.get(str(client.base_url.join("/readyz"))).json()
    (problem,) = ready["problems"]
    assert problem.endswith(
        "bad.yaml:2: interaction 1: the response has no 'status'; the file may be cut off"
    )
    assert problem in caplog.text
    assert ready["interactions"] == 1
