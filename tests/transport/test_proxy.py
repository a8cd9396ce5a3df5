"""The recording proxy: what passes between a client and the upstream, and what is kept of it."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, RateLimitError
from scripted import Scripted, answer, event, head, stream

from mockserver import MockServer
from mockserver.cassette import Interaction, read

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "hi"}
ERROR = json.dumps(
    {"error": {"message": "slow down", "type": "requests", "code": "limit"}}
).encode()


def recorder(upstream: str, folder: Path, **options: Any) -> MockServer:
    """Return a server that records from an upstream onto one file."""
    options = {"record_mode": "new_episodes", "cassettes": (folder / "it.yaml",), **options}
    return MockServer(upstream=upstream, **options)


def kept(folder: Path) -> list[Interaction]:
    """Return what is on the cassette."""
    file = folder / "it.yaml"
    return read(file, strict=True) if file.exists() else []


def sdk(server: MockServer) -> AsyncOpenAI:
    """Return the official client, without retries of its own."""
    return AsyncOpenAI(base_url=server.url, api_key="sk-test", max_retries=0)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that leaves bodies and encodings alone."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield session


async def test_an_answer_passes_through_byte_for_byte(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """Status, reason, body and headers reach the client as sent, repeated headers apart."""
    body = b'{ "id" : "x",\n "odd\\u00e9": "\xc3\xa9" }'
    cookies = (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Request-Id", "req_1"))
    async with Scripted([answer(body, "201 Made", *cookies)]) as upstream:
        async with recorder(upstream.url, tmp_path) as server:
            async with http.post(f"{server.url}/embeddings", json=BODY) as found:
                assert (found.status, found.reason) == (201, "Made")
                assert await found.read() == body
                assert found.headers.getall("Set-Cookie") == ["a=1", "b=2"]
                assert found.headers["X-Request-Id"] == "req_1"
                assert found.headers["Content-Length"] == str(len(body))
            assert [call.answered_by for call in server.calls] == ["upstream"]
    (recorded,) = kept(tmp_path)
    assert (recorded.status, recorded.reason, recorded.body) == (201, "Made", body)
    assert recorded.uri == f"{upstream.url}/embeddings"


@pytest.mark.parametrize(
    "headers",
    [[(f"X-Many-{n}", str(n)) for n in range(1000)], [("X-Large", "x" * 200_000)]],
    ids=["many", "large"],
)
async def test_an_answer_with_a_huge_head_passes_through(
    headers: list[tuple[str, str]], tmp_path: Path
) -> None:
    """How much of a head is too much is for the client to say, not for the proxy."""
    async with Scripted([answer(b"{}", "200 OK", *headers)]) as upstream:
        async with recorder(upstream.url, tmp_path) as server:
            async with aiohttp.ClientSession(max_headers=2000, max_field_size=300_000) as http:
                async with http.post(f"{server.url}/embeddings", json=BODY) as found:
                    assert found.status == 200
                    assert set(headers) <= set(found.headers.items())
    assert len(kept(tmp_path)) == 1


async def test_a_request_reaches_the_upstream_untouched_but_for_its_connection(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """Method, path, query, body and headers are the client's; what belongs to the hop is not."""
    sent = {
        "Authorization": "Bearer sk-of-the-client-0123456789",
        "X-Custom": "one, two",
        "X-Private": "no",
        "X-Mock-Scenario": "seed:3",
        "Connection": "keep-alive, x-private",
        "TE": "trailers",
        "Accept-Encoding": "gzip, br",
        "User-Agent": "mine/1",
    }
    raw = b'{"model": "x",   "input": "\\u00e9"}'
    async with Scripted([answer(b"{}")]) as upstream:
        async with recorder(upstream.url, tmp_path) as server:
            url = f"{server.url}/things/a%2Fb?include[]=x&y=%20"
            async with http.put(url, data=raw, headers=sent) as found:
                assert await found.read() == b"{}"
    (asked,) = upstream.asked
    assert asked.line == "PUT /v1/things/a%2Fb?include[]=x&y=%20 HTTP/1.1" or asked.line == (
        "PUT /v1/things/a%2Fb?include%5B%5D=x&y=%20 HTTP/1.1"
    )
    assert asked.body == raw
    assert asked.values("Host") == [upstream.origin.removeprefix("http://")]
    assert asked.values("Accept-Encoding") == ["identity"]
    assert asked.values("User-Agent") == ["mine/1"]
    assert asked.values("X-Custom") == ["one, two"]
    assert asked.values("Authorization") == [sent["Authorization"]]
    assert not [name for name, _ in asked.headers if name.lower() in ("te", "x-private")]
    assert not [name for name, _ in asked.headers if name.lower().startswith("x-mock")]


@pytest.mark.parametrize("brought", ["sk-test", "", None])
async def test_the_environment_s_key_takes_the_place_of_a_dummy_only_when_asked(
    brought: str | None,
    tmp_path: Path,
    http: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the setting the client's key goes out as it is; a real one always does."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment-0123456789")
    real = "Bearer sk-of-the-client-0123456789"
    headers = {} if brought is None else {"Authorization": f"Bearer {brought}"}
    async with Scripted([answer(b"{}")]) as upstream:
        for asked_for in (False, True):
            async with recorder(
                upstream.url, tmp_path, record_mode="all", environment_key=asked_for
            ) as server:
                for each in (headers, {"Authorization": real}):
                    async with http.get(f"{server.url}/models", headers=each) as found:
                        assert await found.read() == b"{}"
    keys = [asked.values("Authorization") for asked in upstream.asked]
    assert keys == [
        [value.strip() for value in headers.values()],
        [real],
        ["Bearer sk-of-the-environment-0123456789"],
        [real],
    ]
    text = (tmp_path / "it.yaml").read_text()
    assert "0123456789" not in text


async def test_a_stream_is_passed_on_as_it_arrives(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """The head comes before the first event, and each event before the next one is sent."""
    gates = [asyncio.Event() for _ in range(3)]
    events = [event("a", n=1), event("b", n=2)]
    steps = stream(gates[0], events[0], gates[1], events[1], gates[2])
    async with Scripted([steps]) as upstream, recorder(upstream.url, tmp_path) as server:
        async with http.post(f"{server.url}/responses", json=BODY) as found:
            assert found.headers["Content-Type"] == "text/event-stream; charset=utf-8"
            for gate, expected in zip(gates, events, strict=False):
                gate.set()
                assert await found.content.readany() == expected
            assert not kept(tmp_path)
            gates[2].set()
            assert await found.content.read() == b""
            # The body's end is the client's proof that all of it is on disk.
            assert [each.body for each in kept(tmp_path)] == [b"".join(events)]


async def test_the_last_byte_of_a_plain_answer_waits_for_the_cassette(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """A body with a length is complete at the client only once it is on disk."""
    body = b'{"text": "%s"}' % (b"x" * 300_000)
    async with Scripted([answer(body)]) as upstream, recorder(upstream.url, tmp_path) as server:
        async with http.post(f"{server.url}/embeddings", json=BODY) as found:
            got = b""
            while len(got) < len(body):
                got += await found.content.readany()
            assert [each.body for each in kept(tmp_path)] == [body]


async def test_a_client_that_leaves_early_does_not_lose_the_recording(tmp_path: Path) -> None:
    """The upstream is read to its end and the whole is kept, though nobody waits for it."""
    gate = asyncio.Event()
    events = [event("response.created", n=1), event("response.completed", n=2)]
    async with Scripted([stream(events[0], gate, events[1])]) as upstream:
        async with recorder(upstream.url, tmp_path) as server:
            async with sdk(server) as client:
                found = await client.responses.create(**BODY, stream=True)
                async for _ in found:
                    break
                await found.close()
            await asyncio.sleep(0.05)
            gate.set()
        # The server has stopped, and with that the recording has ended.
        assert [each.body for each in kept(tmp_path)] == [b"".join(events)]


async def test_a_client_that_leaves_before_the_head_does_not_lose_the_recording(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """A client that times out while the model still works finds the answer on the cassette."""
    gate = asyncio.Event()

    async def late(writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await answer(b'{"id": 1}')(writer)

    async with Scripted([late]) as upstream, recorder(upstream.url, tmp_path) as server:
        with pytest.raises(TimeoutError):
            await http.post(
                f"{server.url}/embeddings", json=BODY, timeout=aiohttp.ClientTimeout(total=0.1)
            )
        gate.set()
        await upstream.finished.wait()
        for _ in range(100):
            if kept(tmp_path):
                break
            await asyncio.sleep(0.02)
    assert [each.body for each in kept(tmp_path)] == [b'{"id": 1}']


@pytest.mark.parametrize("how", ["cut", "reset"])
async def test_an_upstream_that_cuts_its_stream_is_passed_on_as_a_cut(
    how: str, tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """The client sees what a direct one would, after the same events, and nothing is kept."""
    events = [event("a", n=1), event("b", n=2)]
    steps = stream(events[0], events[1], 0.05, **{how: True})
    async with Scripted([steps]) as upstream, recorder(upstream.url, tmp_path) as server:
        for url in (upstream.url, server.url):
            got = b""
            with pytest.raises(aiohttp.ClientError):  # noqa: PT012  (the error ends the reading)
                async with http.post(f"{url}/responses", json=BODY) as found:
                    async for part in found.content.iter_any():
                        got += part
            assert got == b"".join(events)
        assert server.problems == []
    assert not kept(tmp_path)


async def test_a_plain_answer_that_is_cut_is_passed_on_as_a_cut(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """A body shorter than its length reaches the client as short, and is not kept."""

    async def short(writer: asyncio.StreamWriter) -> None:
        fields = [("Content-Type", "application/json"), ("Content-Length", "100")]
        writer.write(head("200 OK", fields) + b'{"id": ')

    async with Scripted([short]) as upstream, recorder(upstream.url, tmp_path) as server:
        async with http.get(f"{server.url}/models") as found:
            with pytest.raises(aiohttp.ClientPayloadError):
                await found.read()
    assert not kept(tmp_path)


async def test_an_upstream_that_is_not_there_is_told_in_the_api_s_envelope(tmp_path: Path) -> None:
    """The error names the upstream and the setting; nothing is kept."""
    async with recorder("http://127.0.0.1:9/v1", tmp_path) as server, sdk(server) as client:
        with pytest.raises(APIStatusError) as found:
            await client.responses.create(**BODY)
        assert found.value.status_code == 502
        assert found.value.code == "upstream_unreachable"
        assert "127.0.0.1:9" in found.value.message
        assert "--upstream" in found.value.message
    assert not kept(tmp_path)


async def test_refusals_are_recorded_and_replayed_in_their_order(tmp_path: Path) -> None:
    """A 429 and the answer to its retry come back one after the other, headers included."""
    made: dict[str, Any] = {}
    with MockServer() as api:
        found = httpx2.post(f"{api.url}/responses", json=BODY)
        made = found.json()
    steps = [answer(ERROR, "429 Too Many Requests", ("Retry-After", "7")), answer(found.content)]
    async with Scripted(steps) as upstream, recorder(upstream.url, tmp_path) as server:
        for _ in ("recorded", "replayed"):
            async with sdk(server) as client:
                with pytest.raises(RateLimitError) as refused:
                    await client.responses.create(**BODY)
                assert refused.value.response.headers["retry-after"] == "7"
                assert (await client.responses.create(**BODY)).id == made["id"]
            server.clear()
    assert len(upstream.asked) == 2


async def test_a_body_that_is_compressed_all_the_same_is_relayed_raw_and_kept_plain(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """The client gets the bytes and the header it would have got; the cassette can be read."""
    plain = b'{"id": "plain"}'
    raw = gzip.compress(plain)
    async with Scripted([answer(raw, "200 OK", ("Content-Encoding", "gzip"))]) as upstream:
        async with recorder(upstream.url, tmp_path) as server:
            async with http.get(f"{server.url}/models") as found:
                assert found.headers["Content-Encoding"] == "gzip"
                assert await found.read() == raw
    (recorded,) = kept(tmp_path)
    assert recorded.body == plain
    assert "plain" in (tmp_path / "it.yaml").read_text()


async def test_a_compressed_request_is_sent_on_plain(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """What the server has undone is not announced any more."""
    raw = json.dumps(BODY).encode()
    async with Scripted([answer(b"{}")]) as upstream, recorder(upstream.url, tmp_path) as server:
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        url = f"{server.url}/embeddings"
        async with http.post(url, data=gzip.compress(raw), headers=headers) as found:
            assert await found.read() == b"{}"
    (asked,) = upstream.asked
    assert (asked.body, asked.values("Content-Encoding")) == (raw, [])


async def test_an_answer_without_a_body_passes_through(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """204 and HEAD have nothing to wait for and are kept all the same."""

    async def bare(writer: asyncio.StreamWriter) -> None:
        writer.write(head("204 No Content", []))

    steps = [bare, answer(b"", "200 OK"), answer(b"", "404 Not Found")]
    async with Scripted(steps) as upstream, recorder(upstream.url, tmp_path) as server:
        async with http.delete(f"{server.url}/files/file_1") as found:
            assert (found.status, await found.read()) == (204, b"")
        async with http.head(f"{server.url}/files/file_1") as found:
            assert (found.status, await found.read()) == (200, b"")
        async with http.get(f"{server.url}/files/file_2") as found:
            assert (found.status, await found.read()) == (404, b"")
    assert [each.status for each in kept(tmp_path)] == [204, 200, 404]


async def test_a_redirect_is_passed_on_and_not_followed(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """Only the configured upstream is ever asked."""
    async with Scripted([answer(b"{}")]) as other:
        step = answer(b"", "307 Temporary Redirect", ("Location", other.url + "/models"))
        async with Scripted([step]) as upstream, recorder(upstream.url, tmp_path) as server:
            async with http.get(f"{server.url}/models", allow_redirects=False) as found:
                assert found.status == 307
                assert found.headers["Location"] == other.url + "/models"
        assert other.asked == []


@pytest.mark.parametrize("target", ["{other}/v1/models", "//{host}/v1/models", "/v1@{host}/"])
async def test_no_request_reaches_another_host(target: str, tmp_path: Path) -> None:
    """Neither an absolute target nor a path that looks like a host leads elsewhere."""
    async with Scripted([answer(b"{}")]) as other, Scripted([answer(b"{}")]) as upstream:
        async with recorder(upstream.url, tmp_path) as server:
            port = int(server.url.rpartition(":")[2].partition("/")[0])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            host = other.origin.removeprefix("http://")
            line = target.format(other=other.origin, host=host)
            writer.write(f"GET {line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert (await reader.read()).startswith(b"HTTP/1.1 ")
            writer.close()
        assert other.asked == []


async def test_a_base_url_keeps_requests_below_it(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """Our /v1 stands for the upstream's base path, namespaces are left out, the rest is ours."""
    async with Scripted([answer(b"{}")]) as upstream:
        async with recorder(f"{upstream.origin}/openai/api/v3/", tmp_path) as server:
            origin = server.url.removesuffix("/v1")
            for path in ("/v1/models", "/ns/mine/v1/models?a=1", "/admin", "/v1beta/x"):
                async with http.get(origin + path) as found:
                    assert found.status == (200 if "/v1/" in path else 404)
    lines = [asked.line.split()[1] for asked in upstream.asked]
    assert lines == ["/openai/api/v3/models", "/openai/api/v3/models?a=1"]


async def test_a_recorded_response_is_on_record(tmp_path: Path) -> None:
    """What the upstream has made can be fetched here as if it had been made here."""
    async with MockServer() as api, recorder(api.url, tmp_path) as server:
        async with sdk(server) as client:
            made = [
                (await client.responses.create(**BODY)).id,
                [e async for e in await client.responses.create(**BODY, stream=True)][
                    -1
                ].response.id,
            ]
        space = server.engine.spaces.get("")
        assert [(await server.engine.retrieve(space, each))["id"] for each in made] == made
        assert [call.response_id for call in server.calls] == made


async def test_a_gathered_batch_is_kept_in_the_order_of_its_requests(tmp_path: Path) -> None:
    """The first request stands first on the cassette, though its answer came last."""
    first = asyncio.Event()

    async def late(writer: asyncio.StreamWriter) -> None:
        await first.wait()
        await answer(b'{"n": 1}')(writer)

    async with Scripted([late, answer(b'{"n": 2}')]) as upstream:
        async with recorder(upstream.url, tmp_path) as server, httpx2.AsyncClient() as client:
            slow = asyncio.ensure_future(client.get(f"{server.url}/models"))
            await upstream.reached.wait()
            assert (await client.get(f"{server.url}/models")).json() == {"n": 2}
            first.set()
            assert (await slow).json() == {"n": 1}
    assert [each.document for each in kept(tmp_path)] == [{"n": 1}, {"n": 2}]


async def test_an_answer_too_large_to_keep_is_passed_on(
    tmp_path: Path, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the limit nothing is kept, and the client still gets every byte."""
    monkeypatch.setattr("mockserver.upstream.capture.LIMIT", 1000)
    parts = [b"data: %s\n\n" % (b"x" * 400)] * 4
    async with Scripted([stream(*parts)]) as upstream, recorder(upstream.url, tmp_path) as server:
        async with http.post(f"{server.url}/responses", json=BODY) as found:
            assert await found.read() == b"".join(parts)
    assert not kept(tmp_path)


async def test_the_pace_of_events_is_kept(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    """The cassette says how long each event was waited for, the first from the request on."""
    events = [event("a"), event("b"), event("c")]
    steps = stream(0.1, events[0] + events[1], 0.2, events[2])
    async with Scripted([steps]) as upstream, recorder(upstream.url, tmp_path) as server:
        started = time.monotonic()
        async with http.post(f"{server.url}/responses", json=BODY) as found:
            await found.read()
        took = time.monotonic() - started
    (recorded,) = kept(tmp_path)
    assert recorded.timings[0] >= 0.095
    assert recorded.timings[1] == 0
    assert recorded.timings[2] >= 0.195
    assert sum(recorded.timings) <= took + 0.001


async def test_a_connection_error_of_the_sdk_is_the_direct_one(tmp_path: Path) -> None:
    """The official client raises through the proxy what it raises beside it."""
    steps = stream(event("response.created"), 0.05, reset=True)
    async with Scripted([steps]) as upstream, recorder(upstream.url, tmp_path) as server:
        raised = []
        for url in (upstream.url, server.url):
            async with AsyncOpenAI(base_url=url, api_key="x", max_retries=0) as client:
                try:
                    async for _ in await client.responses.create(**BODY, stream=True):
                        pass
                except (APIConnectionError, httpx2.HTTPError) as problem:
                    raised.append(type(problem))
        assert len(raised) == 2
    assert not kept(tmp_path)


async def test_an_answer_that_ends_after_a_clear_is_recorded_and_not_on_record(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    """The cassette gets what was asked for; the namespace begins without it."""
    slow = BODY | {"stream": True, "metadata": {"mock_scenario": "ttft:5s"}}
    async with MockServer(clock="virtual") as api, recorder(api.url, tmp_path) as server:
        async with http.post(f"{server.url}/responses", json=slow) as told:
            await told.content.readany()
            server.clear()
            await asyncio.sleep(0)
            api.advance(5)
            assert b"response.completed" in await told.read()
        assert server.state()["responses"] == []
    assert len(kept(tmp_path)) == 1
