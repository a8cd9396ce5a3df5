"""Requests that come again: answered from what is known, as if they were worked out anew."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from mockserver import MockServer, create_app
from mockserver.seed import VARIANTS

Json = dict[str, Any]
OFTEN = 3 * VARIANTS + 1

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
        "additionalProperties": False,
    },
}
REQUESTS: dict[str, Json] = {
    "plain": {"model": "gpt-4.1", "input": "hi"},
    "per cent": {"model": "gpt-4.1", "input": "hi", "instructions": '100% %s %b "created_at": 1'},
    "reasoning": {
        "model": "gpt-5",
        "input": "think",
        "reasoning": {"summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    },
    "tool": {"model": "gpt-4.1", "input": "weather?", "tools": [WEATHER]},
    "hosted": {"model": "gpt-4.1", "input": "news?", "tools": [{"type": "web_search"}]},
    "shell": {
        "model": "gpt-5.4",
        "input": "ls",
        "tools": [{"type": "shell", "environment": {"type": "container_auto"}}],
    },
    "unstored": {"model": "gpt-4.1", "input": "hi", "store": False},
    "cut": {"model": "gpt-4.1", "input": "hi", "max_output_tokens": 16},
    "stream": {"model": "gpt-4.1", "input": "hi", "stream": True},
    "tool stream": {"model": "gpt-5", "input": "w", "tools": [WEATHER], "stream": True},
    "unpadded": {
        "model": "gpt-4.1",
        "input": "hi",
        "stream": True,
        "stream_options": {"include_obfuscation": False},
    },
    "background": {"model": "gpt-4.1", "input": "hi", "background": True},
    "times in a schema": {
        "model": "gpt-4.1",
        "input": "w",
        "tools": [
            {
                "type": "function",
                "name": "f",
                "parameters": {"type": "object", "created_at": 1767225600},
            }
        ],
        "tool_choice": "none",
    },
}


@pytest.fixture(scope="module")
def servers() -> Iterator[list[httpx2.Client]]:
    """Two servers with the same seed."""
    with ExitStack() as stack:
        urls = [stack.enter_context(MockServer(in_progress_seconds=60.0)).url for _ in range(2)]
        yield [stack.enter_context(httpx2.Client(base_url=url, timeout=20)) for url in urls]


def _told(client: httpx2.Client, body: Json, spaces: str) -> tuple[bytes, dict[str, str]]:
    raw = json.dumps(body).encode() + spaces.encode()
    answer = client.post("/responses", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == 200, answer.text
    fields = dict(answer.headers)
    fields.pop("date")
    return answer.content, fields


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_is_the_same_whether_it_is_recalled_or_not(
    servers: list[httpx2.Client], name: str
) -> None:
    """The same bytes and headers come as from a server to which each request looks new."""
    usual, forgetful = servers
    for number in range(OFTEN):
        body = REQUESTS[name]
        assert _told(usual, body, "") == _told(forgetful, body, " " * (number + 1)), number


@pytest.mark.parametrize("name", ["plain", "tool stream"])
def test_a_recalled_response_is_on_record(servers: list[httpx2.Client], name: str) -> None:
    """Each of them can be fetched, lists its input, and can be continued."""
    client = servers[0]
    for _ in range(OFTEN):
        raw, _ = _told(client, REQUESTS[name], "")
    if REQUESTS[name].get("stream"):
        told = json.loads(raw.split(b"event: response.completed\ndata: ")[1])["response"]
    else:
        told = json.loads(raw)
    fetched = client.get(f"/responses/{told['id']}").json()
    fetched.pop("billing")
    assert fetched == {key: value for key, value in told.items() if key != "billing"}
    listed = client.get(f"/responses/{told['id']}/input_items").json()["data"]
    assert listed[0]["content"][0]["text"] == REQUESTS[name]["input"]
    call = next((item for item in told["output"] if item["type"] == "function_call"), None)
    output = (
        {"type": "function_call_output", "call_id": call["call_id"], "output": "{}"}
        if call
        else None
    )
    body = {
        "model": "gpt-4.1",
        "previous_response_id": told["id"],
        "input": [output] if output else "go on",
    }
    assert client.post("/responses", json=body).json()["previous_response_id"] == told["id"]


def test_a_recalled_request_still_heeds_its_flags() -> None:
    """Flags of a header or of the namespace are not passed over for an answer that is known."""
    body = REQUESTS["plain"]
    with MockServer() as server, httpx2.Client(base_url=server.url) as client:
        for _ in range(OFTEN):
            _told(client, body, "")
        flags = {"x-mock-scenario": "http:503"}
        assert client.post("/responses", json=body, headers=flags).status_code == 503
        server.scenario("incomplete")
        assert client.post("/responses", json=body).json()["status"] == "incomplete"
        server.scenario(None)
        assert client.post("/responses", json=body).json()["status"] == "completed"
        assert client.post("/responses/input_tokens", json=body).json()["input_tokens"] > 0


def test_a_recalled_request_is_in_the_journal() -> None:
    """Its call says the same as that of one that was worked out."""
    with MockServer() as server, httpx2.Client(base_url=server.url) as client:
        for _ in range(OFTEN):
            _told(client, REQUESTS["stream"], "")
        first, *_, last = server.calls
    assert (last.body, last.stream, last.status) == (first.body, True, 200)
    assert (last.answered_by, last.path) == ("synthesiser", "/responses")
    assert last.response_id is not None
    assert last.response_id.startswith("resp_")
    assert last.response_id != first.response_id


@pytest.mark.parametrize("name", ["plain", "tool", "stream", "unstored"])
def test_a_recalled_call_is_journaled_like_one_that_was_worked_out(name: str) -> None:
    """Only the moments, and the size of what was sent, tell which of the two a call was."""
    calls = []
    for blanks in (0, 1):
        with MockServer() as server, httpx2.Client(base_url=server.url) as client:
            for number in range(OFTEN):
                raw, _ = _told(client, REQUESTS[name], " " * number * blanks)
            calls.append([call.document() for call in server.calls])
            assert server.calls[-1].bytes == len(raw)
    for told, worked_out in zip(*calls, strict=True):
        assert told["ended"] >= told["started"]
        assert told["headers"]["content-length"] == str(told["size"])
        for call in (told, worked_out):
            call["headers"].pop("content-length")
            for key in ("started", "ended", "size"):
                call.pop(key)
            call["headers"].pop("host")
        assert told == worked_out
        assert told["finished"]


def _exchange(url: str, raw: bytes, sent: tuple[str, ...], cut: int = 0) -> bytes:
    """Send a create with more header lines, its last ``cut`` bytes later; return what comes."""
    version, *lines = sent
    place = urlsplit(url)
    head = [f"POST {place.path}/responses HTTP/{version}", "Host: 127.0.0.1", *lines]
    whole = "\r\n".join([*head, f"Content-Length: {len(raw)}", "", ""]).encode() + raw
    with socket.create_connection((place.hostname, place.port), timeout=10) as connection:
        connection.sendall(whole[: len(whole) - cut])
        if cut:
            time.sleep(0.02)
            connection.sendall(whole[len(whole) - cut :])
        got = b""
        while not _is_over(got) and (part := connection.recv(65536)):
            got += part
    return re.sub(rb"\r\nDate: [^\r]*", b"", got)


def _is_over(got: bytes) -> bool:
    head, _, rest = got.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return bool(length and len(rest) >= int(length[1])) or rest.endswith(b"\r\n0\r\n\r\n")


WAYS: dict[str, tuple[str, ...]] = {
    "kept open": ("1.1",),
    "closed": ("1.1", "Connection: close"),
    "old": ("1.0",),
    "in a dialect": ("1.1", "X-Mock-Dialect: langchain-js"),
    "lenient": ("1.1", "X-Mock-Lenient: true"),
    "expecting": ("1.1", "Expect: 100-continue"),
    "tried before": ("1.1", "X-Stainless-Retry-Count: 2"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["plain", "tool stream"])
def test_the_wire_shows_no_difference(servers: list[httpx2.Client], name: str, way: str) -> None:
    """However a request is sent, it gets the same bytes, those of the head included."""
    raw = json.dumps(REQUESTS[name]).encode()
    space = re.sub(r"\W", "-", f"{name}-{way}")
    usual, forgetful = (
        str(client.base_url).replace("/v1", f"/ns/{space}/v1").rstrip("/") for client in servers
    )
    for number in range(OFTEN):
        blanks = b" " * (number + 1)
        assert _exchange(usual, raw, ("1.1",)) == _exchange(forgetful, raw + blanks, ("1.1",))
    for cut in (0, 3):
        told = _exchange(usual, raw, WAYS[way], cut)
        blanks = b" " * (OFTEN + cut + 1)
        worked_out = _exchange(forgetful, raw + blanks, WAYS[way], cut)
        assert told == worked_out
        assert b"200 OK" in told


def test_a_recalled_answer_passes_what_an_application_puts_around_it() -> None:
    """Where somebody mounts the application, their middlewares see and change every answer."""

    @web.middleware
    async def marked(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        response.headers["x-mark"] = "yes"
        return response

    async def ask() -> set[str | None]:
        outer = web.Application(middlewares=[marked])
        outer.add_subapp("/inner/", create_app())
        async with TestClient(TestServer(outer)) as client:
            marks: set[str | None] = set()
            for _ in range(OFTEN):
                answer = await client.post("/inner/v1/responses", json=REQUESTS["plain"])
                marks.add(answer.headers.get("x-mark"))
        return marks

    assert asyncio.run(ask()) == {"yes"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"instructions": "Be brief.", "metadata": {"a": "b"}},
        {"tools": [WEATHER]},
        {"tools": [WEATHER], "tool_choice": "none"},
        {"tools": [{"type": "web_search"}]},
        {"context_management": [{"type": "compaction", "compact_threshold": 1000}]},
        {"max_output_tokens": 16},
    ],
    ids=str,
)
def test_an_answer_does_not_depend_on_like_requests_before_it(more: Json) -> None:
    """A request that differs from earlier ones in its input alone is answered as if it were new."""
    said = ["hi", "How warm is it in Lisbon?", "json " * 40, "word " * 3000]
    bodies = [{"model": "gpt-4.1", "input": text, **more} for text in said]
    with MockServer() as server, httpx2.Client(base_url=server.url, timeout=20) as client:
        after = [client.post("/responses", json=body).json() for body in bodies]
    for body, told in zip(bodies, after, strict=True):
        with MockServer() as server, httpx2.Client(base_url=server.url, timeout=20) as client:
            assert client.post("/responses", json=body).json() == told


def test_like_requests_are_checked_where_their_input_matters() -> None:
    """One that has to ask for JSON is refused though one before it was not."""
    form = {"format": {"type": "json_object"}}
    with MockServer() as server, httpx2.Client(base_url=server.url, timeout=20) as client:
        statuses = [
            client.post(
                "/responses", json={"model": "gpt-4.1", "input": said, "text": form}
            ).status_code
            for said in ("some JSON", "some", "more JSON", "word " * 2_000_000)
        ]
    assert statuses == [200, 400, 200, 400]
