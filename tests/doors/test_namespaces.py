"""Namespaces: many at once without cross-talk, many after another without a trace."""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import platform
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from test_cli import Process

from mockserver import MockServer
from mockserver.clock import VirtualClock
from mockserver.config import Settings
from mockserver.namespace import Namespace
from mockserver.spaces import Spaces

BODY = {"model": "gpt-4.1", "input": "hi"}


async def _nothing(name: str) -> None:
    """Let go of nothing: these namespaces keep nothing elsewhere."""


def _converse(server: MockServer, client: httpx2.Client, name: str) -> list[Any]:
    """Have a turn, its successor and a failure of a scenario of its own; return what was told."""
    url = server.url_for(name)
    server.scenario(f"seed:{len(name)}", name)
    first = client.post(f"{url}/responses", json={**BODY, "input": name}).json()
    body = {**BODY, "input": "and?", "previous_response_id": first["id"]}
    second = client.post(f"{url}/responses", json=body).json()
    items = client.get(f"{url}/responses/{second['id']}/input_items?order=asc").json()["data"]
    assert items[0]["content"][0]["text"] == name
    server.scenario("http:503", name)
    assert client.post(f"{url}/responses", json=BODY).status_code == 503
    client.delete(f"{url}/responses/{first['id']}")
    return [name, first["id"], second["id"]]


def test_fifty_namespaces_at_once_do_not_meet() -> None:
    """In parallel each has its own state, calls and scenario, as if it were alone."""
    names = [f"test-{number}" for number in range(50)]
    with MockServer() as server, httpx2.Client(timeout=30) as client:
        with ThreadPoolExecutor(50) as pool:
            told = list(pool.map(lambda name: _converse(server, client, name), names))
        noted = {name: server.calls_of(name) for name in names}
        for name, first, second in told:
            calls = noted[name]
            assert [(call.method, call.status) for call in calls] == [
                *(("POST", 200), ("POST", 200), ("GET", 200), ("POST", 503), ("DELETE", 200))
            ]
            assert [call.number for call in calls] == [1, 2, 3, 4, 5]
            assert calls[0].body == {**BODY, "input": name}
            state = server.state(name)
            assert [entry["id"] for entry in state["responses"]] == [second]
            other = names[0] if name != names[0] else names[1]
            url = f"{server.url_for(other)}/responses"
            assert {client.get(f"{url}/{id_}").status_code for id_ in (first, second)} == {404}
        assert server.calls == []
    with MockServer() as alone, httpx2.Client() as client:
        assert _converse(alone, client, names[7]) == told[7]


def test_what_a_dropped_namespace_held_is_freed() -> None:
    """Made and dropped by the hundred, namespaces leave nothing in the store or in memory."""
    with MockServer() as server, httpx2.Client() as client:
        for number in range(60):
            name = f"dropped-{number}"
            client.post(f"{server.url_for(name)}/responses", json=BODY)
            if number % 2:
                client.delete(
                    server.url.replace("/v1", "/_mock/namespaces"), params={"namespace": name}
                )
            else:
                server.drop(name)
        assert server.namespaces() == []
        assert asyncio.run(server.engine.records.store.size()) == (0, 0)
        gc.collect()
        left = [thing for thing in gc.get_objects() if isinstance(thing, Namespace)]
        assert len([space for space in left if space.name.startswith("dropped-")]) < 5


def test_what_is_remembered_of_requests_takes_no_more_than_they_do() -> None:
    """What the server keeps of a request, to understand it faster again, is in proportion to it."""
    count, text = 100, "word " * 3_000
    with MockServer() as server, httpx2.Client(timeout=30) as client:
        url = server.url_for("mine")
        client.post(f"{url}/responses", json=BODY)
        tracemalloc.start()
        try:
            for number in range(count):
                client.post(f"{url}/responses", json={**BODY, "input": f"{number} {text}"})
            server.drop("mine")
            gc.collect()
            kept = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
    assert kept < 5 * count * len(text)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone has to be asked")
def test_memory_returns_to_the_system() -> None:
    """A while after many namespaces are dropped, most of what they held is resident no more."""
    with Process() as server:
        assert server.client is not None
        base = server.url.removesuffix("/v1")
        server.client.post("/responses", json=BODY)
        before = resident(server)
        for number in range(300):
            body = {**BODY, "input": f"word{number} " * 10_000}
            server.client.post(f"{base}/ns/n{number}/v1/responses", json=body).raise_for_status()
        grown = resident(server)
        for number in range(300):
            server.client.delete(f"{base}/_mock/namespaces", params={"namespace": f"n{number}"})
        deadline = time.monotonic() + 20
        while (left := resident(server) - before) > (grown - before) / 2:
            assert time.monotonic() < deadline, f"{left:.0f} of {grown - before:.0f} MB are left"
            time.sleep(0.1)


def resident(server: Process) -> float:
    """Return the resident memory of a server in MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def test_past_the_limit_the_store_is_freed_too() -> None:
    """The longest unused namespace makes room with all that it had stored."""
    with MockServer(max_namespaces=3) as server, httpx2.Client() as client:
        for number in range(8):
            client.post(f"{server.url_for(f'n{number}')}/responses", json=BODY)
        assert server.namespaces() == ["n5", "n6", "n7"]
        assert asyncio.run(server.engine.records.store.size())[0] == 3


async def test_an_idle_namespace_is_dropped() -> None:
    """One that nobody uses for long goes; used ones, busy ones and the default one stay."""
    clock = VirtualClock()
    spaces = Spaces(Settings(namespace_idle=100), free=_nothing, ticking=clock)
    for name in ("", "idle", "used", "busy"):
        await spaces.use(name)
    busy = spaces.get("busy")
    busy.open = 1

    async def move(seconds: float) -> list[str]:
        clock.advance(seconds)
        for _ in range(5):
            await asyncio.sleep(0)
        return [space.name for space in spaces]

    assert await move(99) == ["", "idle", "used", "busy"]
    await spaces.use("used")
    assert await move(1) == ["", "busy", "used"]
    assert await move(99) == ["", "busy"]
    busy.open = 0
    assert await move(100) == [""]
    await spaces.use("again")
    assert await move(100) == [""]
    await spaces.stop()


def test_idleness_is_measured_from_the_end_of_the_latest_request() -> None:
    """A request that lasts longer than idleness may does not cost its namespace."""
    with MockServer(namespace_idle=0.3) as server, httpx2.Client(timeout=20) as client:
        url = f"{server.url_for('slow')}/responses"
        client.post(url, json=BODY, headers={"x-mock-scenario": "ttft:600ms"})
        assert server.namespaces() == ["slow"]
        deadline = time.monotonic() + 10
        while server.namespaces() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.namespaces() == []


def test_zero_keeps_idle_namespaces() -> None:
    """With idleness at zero nothing is dropped by itself."""

    async def run() -> None:
        clock = VirtualClock()
        spaces = Spaces(Settings(namespace_idle=0), free=_nothing, ticking=clock)
        await spaces.use("a")
        clock.advance(1e6)
        await asyncio.sleep(0)
        assert [space.name for space in spaces] == ["a"]
        await spaces.stop()

    asyncio.run(run())


@pytest.mark.parametrize("stream", [False, True])
def test_dropping_a_namespace_ends_what_runs_in_it(stream: bool) -> None:
    """Who waits for an answer in it gets it, and is not left hanging."""
    with MockServer() as server, ThreadPoolExecutor(1) as pool:
        url = f"{server.url_for('a')}/responses"
        body = {**BODY, "stream": stream}
        headers = {"x-mock-scenario": "ttft:600s"}
        waiting = pool.submit(httpx2.post, url, json=body, headers=headers, timeout=20)
        deadline = time.monotonic() + 10
        while not any(call.response_id for call in server.calls_of("a")):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        server.drop("a")
        assert waiting.result(timeout=10).status_code == 200


def test_the_default_namespace_makes_room_last() -> None:
    """Those who share the server by its plain URL keep their state while others come and go."""
    with MockServer(max_namespaces=2) as server, httpx2.Client() as client:
        for url in (server.url, *(server.url_for(name) for name in "abc")):
            client.post(f"{url}/responses", json=BODY)
        assert server.namespaces() == ["", "c"]
        assert len(server.calls) == 1


@pytest.mark.parametrize("path", ["..", ".", "%2e%2e", "a%2Fb", "a%20b", "a+b", "x" * 129, ""])
def test_a_name_that_no_namespace_has_is_told_of(mockserver: MockServer, path: str) -> None:
    """Not by an unknown URL alone, and dots, which clients take out of URLs, lead nowhere."""
    host, port = mockserver.url.split("/")[2].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request("POST", f"/ns/{path}/v1/responses", json.dumps(BODY))
    answer = connection.getresponse()
    error = json.loads(answer.read())["error"]
    connection.close()
    assert answer.status == 404
    assert "it is 1 to 128 letters, digits, '_', '-' and '.'" in error["message"]
    with pytest.raises(ValueError, match="is not 1 to 128 letters"):
        mockserver.url_for("..")


@pytest.mark.parametrize("name", ["a..b", "é", "日" * 128, "-", "x" * 128])
def test_a_name_may_have_letters_of_any_script(mockserver: MockServer, name: str) -> None:
    """Its URL leads to it, however long it is when it is encoded."""
    answer = httpx2.post(f"{mockserver.url_for(name)}/responses", json=BODY)
    assert answer.status_code == 200
    assert [call.status for call in mockserver.calls_of(name)] == [200]
