"""One finished response per recording: every way to ask for it, by the official SDK."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from api import Api, types
from openai import AsyncOpenAI, OpenAI
from samples import CASSETTES, request
from websockets.sync.client import connect

from mockserver import MockServer

BODY = {"model": "gpt-5.4", "input": "Think about it.", "background": True}


@contextmanager
def replaying(*paths: Path, **settings: Any) -> Iterator[tuple[MockServer, OpenAI]]:
    """Run a server that answers from cassettes alone, with an SDK client of it."""
    with MockServer(cassettes=paths, strict=True, **settings) as server:
        with OpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
            yield server, client


@pytest.fixture(scope="module")
def made() -> Iterator[Api]:
    """A server that makes up what is recorded here."""
    with MockServer(seed=3, queued_seconds=0, in_progress_seconds=0) as server:
        with Api(server.url) as api:
            yield api


def kept(exchange: httpx2.Response, **more: Any) -> dict[str, Any]:
    """Return an exchange as vcrpy keeps it."""
    path = exchange.request.url.raw_path.decode().removeprefix("/v1")
    return {
        "request": {
            "method": exchange.request.method,
            "uri": f"https://api.openai.com/v1{path}",
            "headers": {},
            "body": exchange.request.content.decode(),
        },
        "response": {
            "status": {"code": exchange.status_code, "message": "OK"},
            "headers": {"content-type": [exchange.headers["content-type"]]},
            "body": {"string": exchange.text},
            **more,
        },
    }


def cassette(folder: Path, *interactions: dict[str, Any]) -> Path:
    path = folder / "cassette.json"
    document = {"version": 1, "interactions": list(interactions)}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.fixture
def background_stream(made: Api, tmp_path: Path) -> Path:
    """A cassette of one background response that was streamed, with the times of its events."""
    raw = made.request("POST", "/responses", json={**BODY, "stream": True})
    count = raw.text.count("\n\n")
    replay = {"t": " ".join(["1"] * count), "events": count}
    return cassette(tmp_path, kept(raw, x_replay=replay))


@pytest.fixture
def polled(made: Api, tmp_path: Path) -> Path:
    """A cassette of a background response that was queued, in progress, then completed."""
    with MockServer(seed=3) as server, Api(server.url) as api:
        created = api.request("POST", "/responses", json=BODY)
        polls, seen = [], ""
        while seen != "completed":
            poll = api.request("GET", f"/responses/{created.json()['id']}")
            if poll.json()["status"] != seen:
                polls.append(kept(poll))
            seen = poll.json()["status"]
            time.sleep(0.02)
    assert [json.loads(poll["response"]["body"]["string"])["status"] for poll in polls] == [
        "queued",
        "in_progress",
        "completed",
    ]
    return cassette(tmp_path, kept(created), *polls)


def test_a_plain_recording_is_retrieved_listed_streamed_and_continued() -> None:
    """One JSON recording serves retrieval, input items and deletion."""
    body = request("text")
    with replaying(CASSETTES / "text.yaml") as (_, client):
        first = client.responses.create(**body)
        assert client.responses.retrieve(first.id).to_dict() == first.to_dict()
        (item,) = client.responses.input_items.list(first.id).data
        assert item.to_dict()["content"][0]["text"] == body["input"]
        client.responses.delete(first.id)
        with pytest.raises(openai.APIStatusError) as gone:
            client.responses.retrieve(first.id)
    assert gone.value.status_code == 424


def test_a_plain_recording_is_streamed() -> None:
    """The SDK reads a stream that ends in the recorded response."""
    with replaying(CASSETTES / "text.yaml", repeat="last") as (_, client):
        plain = client.responses.create(**request("text"))
        events = list(client.responses.create(**request("text"), stream=True))
        with client.responses.stream(**request("text")) as stream:
            final = stream.get_final_response()
    assert events[-1].type == "response.completed"
    assert events[-1].response.output_text == final.output_text == plain.output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_a_streamed_recording_is_read_as_json_and_retrieved() -> None:
    """The body is the response that the recorded stream ends with."""
    body = request("stream") | {"stream": False}
    with replaying(CASSETTES / "stream.yaml", repeat="last") as (_, client):
        told = list(client.responses.create(**{**body, "stream": True}))[-1].response
        plain = client.responses.create(**body)
        assert client.responses.retrieve(plain.id).output_text == plain.output_text
        assert len(client.responses.input_items.list(plain.id).data) == 1
    assert plain.output == told.output
    assert plain.usage == told.usage


@pytest.mark.parametrize("name", ["text", "stream"])
def test_a_recording_is_told_over_a_websocket(name: str) -> None:
    """JSON or stream, its events come as frames of the connection."""
    body = request(name) | {"type": "response.create"}
    body.pop("stream", None)
    with replaying(CASSETTES / f"{name}.yaml") as (server, client):
        with connect(server.url.replace("http", "ws") + "/responses") as socket:
            socket.send(json.dumps(body))
            events = [json.loads(socket.recv(timeout=10))]
            while events[-1]["type"] != "response.completed":
                events.append(json.loads(socket.recv(timeout=10)))
        assert server.calls[-1].answered_by == "cassette"
        again = client.responses.retrieve(events[-1]["response"]["id"])
    assert events[0]["type"] == "response.created"
    assert again.to_dict()["output"] == events[-1]["response"]["output"]


def test_a_dropped_background_stream_is_resumed_after_any_event(background_stream: Path) -> None:
    """Whatever event the SDK saw last, the rest comes as it was recorded, numbers included."""
    with replaying(background_stream, repeat="last") as (server, client):
        whole = [event.to_dict() for event in client.responses.create(**BODY, stream=True)]
        id_ = whole[0]["response"]["id"]
        for seen in (1, 3, len(whole) - 2, len(whole)):
            stream = client.responses.create(**BODY, stream=True)
            for _, event in zip(range(seen), stream, strict=False):
                last = event.sequence_number
            stream.close()
            rest = client.responses.retrieve(id_, stream=True, starting_after=last)
            assert [event.to_dict() for event in rest] == whole[seen:]
        resumed = client.responses.retrieve(id_, stream=True)
        assert [event.to_dict() for event in resumed] == whole
        assert {call.answered_by for call in server.calls} == {"cassette"}
        assert client.responses.retrieve(id_).status == "completed"


async def test_an_async_client_resumes_too(background_stream: Path) -> None:
    """The same over asyncio, by the stream that the SDK broke off."""
    async with MockServer(cassettes=(background_stream,), strict=True) as server:
        async with AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
            stream = await client.responses.create(**BODY, stream=True)
            seen: list[Any] = []
            async for event in stream:
                seen.append(event)
                if event.type == "response.output_text.delta":
                    break
            await stream.close()
            rest = await client.responses.retrieve(
                seen[0].response.id, stream=True, starting_after=seen[-1].sequence_number
            )
            seen += [event async for event in rest]
    assert [event.sequence_number for event in seen] == list(range(len(seen)))
    assert seen[-1].type == "response.completed"


def test_only_what_could_be_resumed_can_be(made: Api, background_stream: Path) -> None:
    """A bad number is refused as the API does it, and so is what was not in the background."""
    with replaying(background_stream, CASSETTES / "stream.yaml") as (server, client):
        background = next(iter(client.responses.create(**BODY, stream=True))).response.id
        plain = next(iter(client.responses.create(**request("stream")))).response.id
        with Api(server.url) as api:
            odd = api.request("GET", f"/responses/{background}?stream=true&starting_after=x")
            assert (odd.status_code, odd.json()["error"]["param"]) == (400, "starting_after")
        with pytest.raises(openai.BadRequestError, match="was not created with background=true"):
            client.responses.retrieve(plain, stream=True)


def test_a_recorded_background_stream_can_be_polled(background_stream: Path) -> None:
    """A client that does not stream sees it queued, then in progress, then as it was recorded."""
    with replaying(background_stream) as (_, client):
        response = client.responses.create(**BODY)
        seen = [response.status]
        while response.status in ("queued", "in_progress"):
            time.sleep(0.02)
            response = client.responses.retrieve(response.id)
            seen.append(response.status)
        assert list(dict.fromkeys(seen)) == ["queued", "in_progress", "completed"]
        assert response.output_text
        with pytest.raises(openai.BadRequestError, match="Cannot cancel a completed response"):
            client.responses.cancel(response.id)


def test_recorded_polls_come_as_they_were_and_the_rest_follows_from_them(polled: Path) -> None:
    """The polls advance and stay on the last; input items and continuing need no recording."""
    with replaying(polled) as (_, client):
        response = client.responses.create(**BODY)
        seen = [client.responses.retrieve(response.id).status for _ in range(4)]
        assert [response.status, *seen] == [
            "queued",
            "queued",
            "in_progress",
            "completed",
            "completed",
        ]
        (item,) = client.responses.input_items.list(response.id).data
        assert item.to_dict()["content"][0]["text"] == BODY["input"]
    with MockServer(cassettes=(polled,)) as server:
        with OpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
            first = client.responses.create(**BODY)
            second = client.responses.create(
                model="gpt-5.4", input="Go on.", previous_response_id=first.id
            )
            items = client.responses.input_items.list(second.id, order="asc").data
    assert next(item.type for item in items) == "message"
    assert len(items) > 2


def test_recorded_polls_are_streamed_as_the_response_they_end_in(polled: Path) -> None:
    """A client that streams gets the events of the finished response, and can resume them."""
    with replaying(polled) as (_, client):
        events = [event.to_dict() for event in client.responses.create(**BODY, stream=True)]
        assert types(events)[:3] == [
            "response.created",
            "response.queued",
            "response.in_progress",
        ]
        assert events[-1]["response"]["status"] == "completed"
        id_ = events[0]["response"]["id"]
        rest = client.responses.retrieve(id_, stream=True, starting_after=4)
        numbers = [event.sequence_number for event in rest]
    assert numbers == list(range(5, len(events)))


def test_a_chain_of_made_up_ids_goes_on_with_the_recording(tmp_path: Path) -> None:
    """A first turn that a scenario made up leads to the recorded follow-up of the same turn."""
    asked = request("tools")
    with MockServer(cassettes=(CASSETTES / "tool_loop.yaml",)) as server:
        with OpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
            flags = {"x-mock-scenario": "items:function_call"}
            first = client.responses.create(**asked, extra_headers=flags)
            call = next(item for item in first.output if item.type == "function_call")
            output = {
                "type": "function_call_output",
                "call_id": call.call_id,
                "output": "18 degrees",
            }
            client.responses.create(
                model="gpt-4.1",
                previous_response_id=first.id,
                input=[output],  # type: ignore[list-item]
                tools=asked["tools"],
            )
        assert [call.answered_by for call in server.calls] == ["synthesiser", "cassette"]


def test_a_function_that_fails_is_told_on_the_wire(tmp_path: Path) -> None:
    """A matcher of the user's that breaks is a 424 that names it, never a 500."""

    def broken(recorded: Any, asked: Any) -> bool:
        raise KeyError("tenant")

    with replaying(CASSETTES / "text.yaml", match_on=["path", broken]) as (_, client):
        with pytest.raises(openai.APIStatusError, match="the matcher broken fails on POST") as told:
            client.responses.create(**request("text"))
    assert (told.value.status_code, told.value.code) == (424, "matcher_failed")


@pytest.mark.parametrize("over", ["http", "websocket"])
def test_a_miss_is_in_the_journal_and_in_the_log(
    over: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The text of the answer is noted with the call and logged, without the client's key."""
    key = "sk-abcdefghijklmnopqrstuvwxyz"
    body = {"model": "gpt-5.4", "input": f"My key is {key}"}
    with MockServer(cassettes=(CASSETTES / "text.yaml",), strict=True) as server:
        if over == "http":
            with OpenAI(base_url=server.url, api_key=key, max_retries=2) as client:
                with pytest.raises(openai.APIStatusError) as told:
                    client.responses.create(**body)  # type: ignore[call-overload]
            message = told.value.message
        else:
            url = server.url.replace("http", "ws") + "/responses"
            with connect(url, additional_headers={"authorization": f"Bearer {key}"}) as socket:
                socket.send(json.dumps({**body, "type": "response.create"}))
                frame = json.loads(socket.recv(timeout=10))
            assert frame["status"] == 424
            message = frame["error"]["message"]
        call = server.calls[-1]
        assert [each.path for each in server.calls].count("/responses") == (
            1 if over == "http" else 2
        )
    assert call.miss is not None
    assert call.miss in message
    assert call.miss in [record.getMessage() for record in caplog.records]
    assert key not in call.miss
    assert "Nearest recorded interactions" in call.miss
