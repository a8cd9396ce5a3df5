"""What the proxy records, replayed by stock vcrpy to the clients people use."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
import vcr
from openai import APIStatusError, AsyncOpenAI
from scripted import Scripted, answer, stream

from mockserver import MockServer

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "Grüße, 世界 🎈"}
WEATHER = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}
Ask = Callable[[str], Awaitable[Any]]


async def by_sdk(url: str) -> list[Any]:
    """Ask with the official client: plain, streamed, refused, continued."""
    async with AsyncOpenAI(base_url=url, api_key="sk-any", max_retries=0) as client:
        plain = await client.responses.create(**BODY)
        events = [event async for event in await client.responses.create(**BODY, stream=True)]
        with pytest.raises(APIStatusError) as refused:
            await client.responses.create(**BODY, temperature=9)
        called = await client.responses.create(**BODY, tools=[WEATHER])  # type: ignore[list-item]
        read = await client.responses.retrieve(called.id)
    return [plain, events, refused.value.status_code, refused.value.body, called, read]


async def by_httpx(url: str) -> list[Any]:
    """Ask with httpx2: the raw bytes of a plain answer and of a stream."""
    async with httpx2.AsyncClient() as client:
        found = [await client.post(f"{url}/responses", json=BODY | more) for more in ({}, STREAM)]
        found.append(await client.get(f"{url}/models/gpt-4.1"))
    return [(each.status_code, each.headers["content-type"], each.content) for each in found]


async def by_aiohttp(url: str) -> list[Any]:
    """Ask with aiohttp: the raw bytes of a plain answer and of a stream."""
    found = []
    async with aiohttp.ClientSession() as client:
        for more in ({}, STREAM):
            async with client.post(f"{url}/responses", json=BODY | more) as each:
                found.append((each.status, each.headers["content-type"], await each.read()))
    return found


STREAM = {"stream": True}


@pytest.mark.parametrize("ask", [by_sdk, by_httpx, by_aiohttp])
async def test_vcrpy_replays_what_was_recorded(ask: Ask, tmp_path: Path) -> None:
    """The client gets through stock vcrpy, without a network, what it got through the proxy."""
    file = tmp_path / "it.yaml"
    async with MockServer() as api:
        url = api.url
        options: dict[str, Any] = {"upstream": url, "record_mode": "once"}
        async with MockServer(**options, cassettes=(file,)) as server:
            recorded = await ask(server.url)
    # aiohttp's JSON bodies reach vcrpy as objects, which its matcher of bodies cannot compare.
    match_on = ["method", "uri"] + ([] if ask is by_aiohttp else ["body"])
    with vcr.use_cassette(str(file), record_mode="none", match_on=match_on) as cassette:
        assert await ask(url) == recorded
        assert cassette.all_played
    async with MockServer(cassettes=(file,), strict=True) as server:
        assert await ask(server.url) == recorded


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"a": "\xc3\xa9\\u00e9"}',
        b"\xff\xfe\x00binary\r\n\x85",
        b"two\nlines  \n\n",
        "\u2028\u0085\ufeff🎈".encode(),
        b"x" * 100_000,
        bytes(range(256)),
    ],
    ids=["empty", "json", "binary", "text", "odd", "long", "all"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_vcrpy_replays_any_body(body: bytes, packed: bool, tmp_path: Path) -> None:
    """Whatever bytes an answer has, compressed or not, vcrpy gives them back."""
    file = tmp_path / "it.yaml"
    sent = gzip.compress(body) if packed else body
    extra = [("Content-Encoding", "gzip")] if packed else []
    step = answer(sent, "200 OK", *extra, kind="application/octet-stream")
    async with Scripted([step]) as upstream:
        options: dict[str, Any] = {"upstream": upstream.url, "record_mode": "once"}
        async with MockServer(**options, cassettes=(file,)) as server:
            async with httpx2.AsyncClient() as client:
                assert (await client.get(f"{server.url}/files/f/content")).content == body
    with vcr.use_cassette(str(file), record_mode="none"):
        async with httpx2.AsyncClient() as client:
            assert (await client.get(f"{upstream.url}/files/f/content")).content == body


async def test_timings_do_not_disturb_vcrpy(tmp_path: Path) -> None:
    """The pace stands where vcrpy tolerates and keeps it (vcr §2.3)."""
    file = tmp_path / "it.yaml"
    parts = [b'data: {"n":1}\n\n', b": comment\n\n", b"data: [DONE]\n\n"]
    async with Scripted([stream(0.02, *parts)]) as upstream:
        options: dict[str, Any] = {"upstream": upstream.url, "record_mode": "once"}
        async with MockServer(**options, cassettes=(file,)) as server:
            async with httpx2.AsyncClient() as client:
                await client.post(f"{server.url}/chat/completions", json=BODY)
    assert "x_replay" in file.read_text()
    with vcr.use_cassette(str(file), record_mode="new_episodes") as cassette:
        assert "x_replay" in cassette.responses[0]
        async with httpx2.AsyncClient() as client:
            found = await client.post(f"{upstream.url}/chat/completions", json=BODY)
    assert found.content == b"".join(parts)
