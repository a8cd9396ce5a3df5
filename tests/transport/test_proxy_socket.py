"""Turns over a WebSocket through the recording proxy: passed on as they are, kept as HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import pytest
from openai import AsyncOpenAI
from oracle import check_event, check_stream, parse_sse

from mockserver import MockServer
from mockserver.cassette import Interaction, read

Event = dict[str, Any]
BODY: Event = {"model": "gpt-4.1", "input": "hi"}
TERMINAL = ("response.completed", "response.incomplete", "response.failed")


@pytest.fixture
async def api() -> AsyncIterator[MockServer]:
    """The upstream, in the loop of the test."""
    async with MockServer() as server:
        yield server


def recorder(upstream: str, file: Path, mode: str = "new_episodes", **options: Any) -> MockServer:
    """Return a server that records from an upstream onto a file."""
    return MockServer(upstream=upstream, record_mode=mode, cassettes=(file,), **options)


def ends(event: Event) -> bool:
    """Tell whether an event is the last of its turn."""
    return event.get("type") in TERMINAL or "status" in event


async def turns(url: str, *creates: Event) -> list[list[Event]]:
    """Send creates over one connection, each after the end of the one before."""
    found: list[list[Event]] = []
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/responses") as socket:
        for create in creates:
            await socket.send_json({"type": "response.create", **create})
            found.append([])
            while not found[-1] or not ends(found[-1][-1]):
                found[-1].append(json.loads(await socket.receive_str(timeout=20)))
    return found


def kept(file: Path) -> list[Interaction]:
    """Return what is on a cassette."""
    return read(file, strict=True) if file.exists() else []


async def test_a_turn_is_kept_as_the_post_that_asks_the_same(
    api: MockServer, tmp_path: Path
) -> None:
    """The cassette has a streaming POST with the events of the turn, before its last is sent."""
    file = tmp_path / "it.yaml"
    async with recorder(api.url, file) as server:
        (events,) = await turns(server.url, BODY)
        (recorded,) = kept(file)
        assert not [problem for event in events for problem in check_event(event)]
        assert not check_stream(events)
        (_, call) = server.calls
        assert (call.method, call.answered_by, call.status) == ("WS", "upstream", 200)
        assert call.response_id == events[-1]["response"]["id"]
        space = server.engine.spaces.get("")
        stored = await server.engine.retrieve(space, call.response_id)
        assert stored.items() >= events[-1]["response"].items()
    assert (recorded.method, recorded.uri) == ("POST", f"{api.url}/responses")
    assert json.loads(recorded.request_body) == BODY | {"stream": True}
    assert parse_sse(recorded.body) == events
    assert len(recorded.timings) == len(events)


async def test_a_recorded_turn_replays_over_every_transport(
    api: MockServer, tmp_path: Path
) -> None:
    """One recording answers a WebSocket, a stream and a plain request, without the upstream."""
    file = tmp_path / "it.yaml"
    async with recorder(api.url, file) as server:
        (events,) = await turns(server.url, BODY)
    async with MockServer(cassettes=(file,), strict=True, repeat="last") as server:
        assert await turns(server.url, BODY) == [events]
        async with AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
            stream = await client.responses.create(**BODY, stream=True)
            assert [event.type async for event in stream] == [event["type"] for event in events]
            plain = await client.responses.create(**BODY)
            assert plain.id == events[-1]["response"]["id"]


async def test_recorded_turns_are_replayed_and_others_go_upstream(
    api: MockServer, tmp_path: Path
) -> None:
    """On one connection, new_episodes asks the upstream only for what it does not have."""
    file = tmp_path / "it.yaml"
    async with recorder(api.url, file) as server:
        (first,) = await turns(server.url, BODY)
        server.clear()
        asked = len(api.calls)
        again, other = await turns(server.url, BODY, BODY | {"input": "another"})
        assert again == first
        assert other[-1]["type"] == "response.completed"
        by = [call.answered_by for call in server.calls if call.method == "WS"]
        assert by == ["cassette", "upstream"]
        assert len([call for call in api.calls[asked:] if call.method == "WS"]) == 1
    assert len(kept(file)) == 2


async def test_a_chain_without_storage_works_through_the_proxy(
    api: MockServer, tmp_path: Path
) -> None:
    """The upstream's connection is one connection, which remembers its latest response."""
    file = tmp_path / "it.yaml"
    async with recorder(api.url, file) as server:
        async with aiohttp.ClientSession() as http:
            async with http.ws_connect(f"{server.url}/responses") as socket:
                parent = None
                for _ in range(3):
                    create = {**BODY, "store": False, "previous_response_id": parent}
                    await socket.send_json({"type": "response.create", **create})
                    event: Event = {}
                    while not ends(event):
                        event = json.loads(await socket.receive_str(timeout=20))
                    assert event["type"] == "response.completed"
                    parent = event["response"]["id"]
    assert len(kept(file)) == 3


async def test_a_refused_turn_is_kept_as_the_error_a_post_gets(
    api: MockServer, tmp_path: Path
) -> None:
    """The frame reaches the client as it is, and the cassette has the HTTP error."""
    file = tmp_path / "it.yaml"
    async with recorder(api.url, file) as server:
        ((event,), again) = await turns(server.url, BODY | {"temperature": 9}, BODY)
        assert again[-1]["type"] == "response.completed"
    recorded = kept(file)[0]
    assert (recorded.status, event["status"]) == (400, 400)
    assert recorded.document is not None
    assert recorded.document["error"]["message"] == event["error"]["message"]
    async with MockServer(cassettes=(file,), strict=True) as server, httpx2.AsyncClient() as http:
        body = BODY | {"temperature": 9, "stream": True}
        assert (await http.post(f"{server.url}/responses", json=body)).status_code == 400


async def test_lanes_are_kept_apart(api: MockServer, tmp_path: Path) -> None:
    """Turns that are told at a time are kept each for itself, without their lanes."""
    file = tmp_path / "it.yaml"
    api.scenario("ttft:20ms,tps:200")
    async with recorder(api.url, file) as server, aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{server.url}/responses") as socket:
            for lane in "abc":
                create = {**BODY, "input": f"on {lane}", "stream_id": lane}
                await socket.send_json({"type": "response.create", **create})
            ended = 0
            while ended < 3:
                event = json.loads(await socket.receive_str(timeout=20))
                assert event["stream_id"] in "abc"
                ended += ends(event)
    recorded = kept(file)
    assert [json.loads(each.request_body)["input"] for each in recorded] == [
        "on a",
        "on b",
        "on c",
    ]
    for each in recorded:
        assert not check_stream(each.events)
        assert not [event for event in each.events if "stream_id" in event]


async def test_a_turn_that_fails_is_kept_with_all_its_events(
    api: MockServer, tmp_path: Path
) -> None:
    """An error inside a stream is not its end."""
    file = tmp_path / "it.yaml"
    api.scenario("failed")
    async with recorder(api.url, file) as server:
        (events,) = await turns(server.url, BODY)
    (recorded,) = kept(file)
    assert [event["type"] for event in events[-2:]] == ["error", "response.failed"]
    assert parse_sse(recorded.body) == events


async def test_a_warm_up_is_passed_on_and_not_kept(api: MockServer, tmp_path: Path) -> None:
    """No HTTP request equals a create that generates nothing."""
    file = tmp_path / "it.yaml"
    async with recorder(api.url, file) as server:
        (events,) = await turns(server.url, BODY | {"generate": False})
        assert events[-1]["type"] == "response.completed"
    assert kept(file) == []


async def test_a_steered_turn_is_passed_on_and_not_kept(api: MockServer, tmp_path: Path) -> None:
    """Neither what was steered nor what the upstream then begins by itself was asked for so."""
    file = tmp_path / "it.yaml"
    api.scenario("ttft:200ms,tps:20")
    async with recorder(api.url, file) as server, aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{server.url}/responses") as socket:
            create = {"type": "response.create", "model": "gpt-6-sol", "input": "hi"}
            await socket.send_json(create)
            kinds, created = [], []
            while len(created) < 2 or kinds[-1] not in TERMINAL:
                event = json.loads(await socket.receive_str(timeout=20))
                kinds.append(event["type"])
                if event["type"] == "response.created":
                    created.append(event["response"]["id"])
                    api.scenario(None)
                    if len(created) == 1:
                        steer = {"type": "response.steer", "previous_response_id": created[0]}
                        await socket.send_json({**steer, "input": "shorter"})
            assert "response.steer.accepted" in kinds
            await socket.send_json({**create, "input": "afterwards"})
            event = {}
            while not ends(event):
                event = json.loads(await socket.receive_str(timeout=20))
    (recorded,) = kept(file)
    assert json.loads(recorded.request_body)["input"] == "afterwards"


async def test_a_steer_of_no_response_costs_no_turn_that_has_not_begun(
    api: MockServer, tmp_path: Path
) -> None:
    """A steer without an id is refused here, and the turn whose id nobody knows yet is kept."""
    file = tmp_path / "it.yaml"
    api.scenario("delay:300ms")
    async with recorder(api.url, file) as server, aiohttp.ClientSession() as http:
        async with http.ws_connect(f"{server.url}/responses") as socket:
            await socket.send_json({"type": "response.create", **BODY})
            await socket.send_json({"type": "response.steer", "input": "shorter"})
            events = [json.loads(await socket.receive_str(timeout=20))]
            while events[-1]["type"] not in TERMINAL:
                events.append(json.loads(await socket.receive_str(timeout=20)))
    assert events[0]["type"] in ("error", "response.steer.rejected")
    (recorded,) = kept(file)
    assert parse_sse(recorded.body) == events[1:]


async def test_a_client_that_leaves_does_not_lose_its_turn(api: MockServer, tmp_path: Path) -> None:
    """The turn is read to its end and kept, though the connection is gone."""
    file = tmp_path / "it.yaml"
    api.scenario("ttft:100ms")
    async with recorder(api.url, file) as server:
        async with aiohttp.ClientSession() as http:
            async with http.ws_connect(f"{server.url}/responses") as socket:
                await socket.send_json({"type": "response.create", **BODY})
                await socket.receive_str(timeout=20)
        for _ in range(100):
            if kept(file):
                break
            await asyncio.sleep(0.02)
    (recorded,) = kept(file)
    assert recorded.events[-1]["type"] == "response.completed"


async def test_an_upstream_that_refuses_the_connection_is_told_as_an_error_frame(
    tmp_path: Path,
) -> None:
    """The client's connection stays open and says what is wrong."""
    async with recorder("http://127.0.0.1:9/v1", tmp_path / "it.yaml") as server:
        found = await turns(server.url, BODY, BODY)
    for (event,) in found:
        assert (event["status"], event["error"]["code"]) == (502, "upstream_unreachable")


async def test_a_scenario_that_chooses_the_answer_stays_here(
    api: MockServer, tmp_path: Path
) -> None:
    """A simulated failure is not asked of the upstream."""
    async with recorder(api.url, tmp_path / "it.yaml") as server:
        server.scenario("failed")
        ((*_, event),) = await turns(server.url, BODY)
        assert event["type"] == "response.failed"
    assert api.calls == []


async def test_once_on_an_old_cassette_refuses_a_turn_it_does_not_have(
    api: MockServer, tmp_path: Path
) -> None:
    """The error frame is the 424 of a miss."""
    file = tmp_path / "it.yaml"
    async with recorder(api.url, file, "once") as server:
        await turns(server.url, BODY)
    async with recorder(api.url, file, "once") as server:
        first, (missed,) = await turns(server.url, BODY, BODY | {"input": "another"})
        assert first[-1]["type"] == "response.completed"
        assert (missed["status"], missed["error"]["code"]) == (424, "cassette_miss")


async def test_a_create_counts_once_for_a_gate(api: MockServer, tmp_path: Path) -> None:
    """The gate of the flags is met at the same turns as it is without an upstream."""
    gates = {
        "failed,times:2": ["failed", "failed", "completed", "completed"],
        "failed,after:2": ["completed", "completed", "failed", "failed"],
        "failed,every:2": ["completed", "failed", "completed", "failed"],
    }
    for number, (flags, expected) in enumerate(gates.items()):
        async with recorder(api.url, tmp_path / f"{number}.yaml") as server:
            server.scenario(flags)
            found = await turns(server.url, *(BODY | {"input": f"{n}"} for n in range(4)))
            assert [turn[-1]["response"]["status"] for turn in found] == expected, flags
            by = [call.answered_by for call in server.calls if call.method == "WS"]
            assert by == [
                "synthesiser" if status == "failed" else "upstream" for status in expected
            ]


async def test_creates_sent_at_once_count_once_each(api: MockServer, tmp_path: Path) -> None:
    """What is in force is decided when a create comes, not again when its turn on the lane does."""
    async with recorder(api.url, tmp_path / "it.yaml") as server:
        server.scenario("failed,times:1")
        async with aiohttp.ClientSession() as http:
            async with http.ws_connect(f"{server.url}/responses") as socket:
                for number in range(3):
                    create = {"type": "response.create", **BODY, "input": f"{number}"}
                    await socket.send_json(create | {"stream_id": f"lane-{number}"})
                found: dict[str, str] = {}
                while len(found) < 3:
                    event = json.loads(await socket.receive_str(timeout=20))
                    if ends(event):
                        found[event["stream_id"]] = event["response"]["status"]
    assert found == {"lane-0": "failed", "lane-1": "completed", "lane-2": "completed"}


async def test_a_step_of_a_script_answers_one_create(api: MockServer, tmp_path: Path) -> None:
    """A script beside the upstream goes on by one step a turn, and the rest is passed on."""
    async with recorder(api.url, tmp_path / "it.yaml") as server:
        server.script("One.", {"flags": "http:500"}, "Three.")
        found = await turns(server.url, *(BODY | {"input": f"{n}"} for n in range(4)))
        assert [turn[-1].get("status") for turn in found] == [None, 500, None, None]
        by = [call.answered_by for call in server.calls if call.method == "WS"]
        assert by == ["rule", "scenario", "rule", "upstream"]
        server.assert_script_done()


async def test_flags_that_do_not_exist_are_an_error_frame_and_in_the_journal(
    api: MockServer, tmp_path: Path
) -> None:
    """The create is refused here, as one that no upstream is behind."""
    async with recorder(api.url, tmp_path / "it.yaml") as server:
        flags = {"metadata": {"mock_scenario": "no_such_flag"}}
        ((event,),) = await turns(server.url, BODY | flags)
        assert (event["status"], event["error"]["code"]) == (400, "unknown_scenario_flag")
        (call,) = [call for call in server.calls if call.method == "WS"]
        assert (call.status, call.answered_by) == (400, "error")
    assert api.calls == []
