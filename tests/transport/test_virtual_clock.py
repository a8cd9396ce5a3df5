"""The virtual clock: lifecycles, streams and polls that go on when a test says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from api import Api, types
from openai import AsyncOpenAI, OpenAI
from sockets import open_socket

from mockserver import MockServer
from mockserver.clock import VirtualClock
from mockserver.schema.errors import ApiError

BODY = {"model": "gpt-4.1", "input": "hi", "background": True}


def in_thread(work: Callable[[], Any]) -> Callable[[], Any]:
    """Start work in a thread; return what waits for its result."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()

    def result() -> Any:
        thread.join(20)
        assert results, "the work did not end"
        return results[0]

    return result


def until_called(server: MockServer, count: int = 1) -> None:
    """Wait until so many calls have an answer under way."""
    for _ in range(2000):
        if len([call for call in server.calls if call.response_id]) >= count:
            return
        threading.Event().wait(0.002)
    raise AssertionError(f"not called {count} times: {server.calls}")


@pytest.fixture(scope="module")
def shared(mockserver_session: MockServer) -> Iterator[Api]:
    """A client that tests share, since to make one takes longer than such a test."""
    with Api(mockserver_session.url) as client:
        yield client


@pytest.mark.mockserver(clock="virtual")
@pytest.mark.parametrize("number", range(100))
def test_a_background_response_ends_when_time_is_moved(
    mockserver: MockServer, shared: Api, number: int
) -> None:
    """Queued, in progress and completed come at their moments, of a clock that stands still."""
    made = shared.create({**BODY, "input": f"question {number}"})
    assert made["status"] == "queued"
    mockserver.advance(0.2)
    assert shared.retrieve(made["id"])["status"] == "queued"
    mockserver.advance(0.05)
    assert shared.retrieve(made["id"])["status"] == "in_progress"
    mockserver.advance_to_completion(made["id"])
    assert shared.retrieve(made["id"])["status"] == "completed"
    assert mockserver.elapsed() == pytest.approx(0.75)


@pytest.mark.mockserver(clock="virtual")
def test_a_background_stream_goes_on_with_time(mockserver: MockServer, api: Api) -> None:
    """A stream that waits is woken by the clock and told to its end."""
    result = in_thread(lambda: api.stream(BODY))
    until_called(mockserver)
    mockserver.advance(60)
    assert types(result())[-1] == "response.completed"


@pytest.mark.mockserver(clock="virtual", scenario="ttft:60s,tps:1")
@pytest.mark.parametrize("stream", [False, True])
def test_a_slow_answer_comes_when_time_is_moved(
    mockserver: MockServer, client: OpenAI, stream: bool
) -> None:
    """A foreground answer that takes minutes comes at once, as JSON and as a stream."""

    def ask() -> str:
        if not stream:
            return client.responses.create(model="gpt-4.1", input="hi").id
        *_, last = client.responses.create(model="gpt-4.1", input="hi", stream=True)
        assert last.type == "response.completed"
        return last.response.id

    result = in_thread(ask)
    until_called(mockserver)
    id_ = mockserver.calls[0].response_id
    assert id_ is not None
    assert mockserver.state()["running"] == [id_]
    mockserver.advance_to_completion(id_)
    assert result() == id_
    assert mockserver.elapsed() > 60
    assert mockserver.state()["running"] == []


async def test_a_clock_that_runs_can_be_stopped_under_a_stream() -> None:
    """A stream that waits for real time goes by virtual time once the clock has changed."""
    async with (
        MockServer(in_progress_seconds=600) as server,
        AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0) as client,
    ):
        stream = await client.responses.create(
            model="gpt-4.1", input="hi", background=True, stream=True
        )
        event = await anext(aiter(stream))
        server.use_clock("virtual")
        server.advance(700)
        seen = [event.type] + [event.type async for event in stream]
        assert seen[-1] == "response.completed"


@pytest.mark.mockserver(clock="virtual")
def test_a_response_that_is_held_cannot_be_completed(mockserver: MockServer, api: Api) -> None:
    """To move to an end that there is not says so, and so does a response that is not there."""
    held = api.create(BODY, scenario="queued")
    with pytest.raises(ApiError, match="never ends; cancel it"):
        mockserver.advance_to_completion(held["id"])
    with pytest.raises(ApiError, match="'resp_none' not found"):
        mockserver.advance_to_completion("resp_none")
    with pytest.raises(ApiError, match="time does not go back"):
        mockserver.advance(-1)


@pytest.mark.mockserver(clock="virtual")
@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ("queued:2polls", "waits for polls"),
        ("queued:1s,in_progress:1polls", "waits for polls"),
        ("queued,in_progress:1polls", "is held where it is and never ends"),
        ("in_progress", "is held where it is and never ends"),
    ],
)
def test_why_no_time_completes_a_response_is_told(
    mockserver: MockServer, api: Api, flags: str, why: str
) -> None:
    """One that polls bring on is told apart from one that nothing brings on."""
    held = api.create(BODY, scenario=flags)
    with pytest.raises(ApiError, match=f"{held['id']} {why}"):
        mockserver.advance_to_completion(held["id"])


def test_a_clock_that_runs_by_itself_cannot_be_moved(mockserver: MockServer) -> None:
    """Real time is nobody's to move; the error says what to do."""
    with pytest.raises(ApiError, match="set the clock to virtual first"):
        mockserver.advance(1)


def test_namespaces_have_clocks_of_their_own(mockserver: MockServer) -> None:
    """Time that is moved in one namespace stands still in another."""
    for name in ("a", "b"):
        mockserver.clear(name)
        mockserver.use_clock("virtual", name)
    with Api(mockserver.url_for("a")) as a, Api(mockserver.url_for("b")) as b:
        first, second = a.create(BODY), b.create(BODY)
        mockserver.advance(5, "a")
        assert a.retrieve(first["id"])["status"] == "completed"
        assert b.retrieve(second["id"])["status"] == "queued"
        assert (mockserver.elapsed("a"), mockserver.elapsed("b")) == (5.0, 0.0)


def test_a_clear_sets_the_clock_back(mockserver: MockServer) -> None:
    """A test's virtual time is over with it, and who slept by it is let go."""
    mockserver.use_clock("virtual")
    with Api(mockserver.url) as api:
        result = in_thread(lambda: api.create({**BODY, "background": False}, "ttft:600s"))
        until_called(mockserver)
        mockserver.clear()
        assert result()["status"] == "completed"
    assert mockserver.state()["clock"]["mode"] == "real"


@pytest.mark.mockserver(clock="virtual", timestamps="real")
def test_stamps_follow_the_virtual_clock(mockserver: MockServer, api: Api) -> None:
    """With real timestamps a response is as old as the clock says."""
    stamps = []
    for _ in range(2):
        stamps.append(api.create({"model": "gpt-4.1", "input": "hi"})["created_at"])
        mockserver.advance(1000)
    assert stamps[1] - stamps[0] == 1000


@pytest.mark.parametrize("clock", ["virtual", "real"])
def test_a_paced_stream_ends_when_its_namespace_is_cleared(clock: Any) -> None:
    """It is told to its end at once, since its time will never come."""
    with MockServer(clock=clock) as server:
        sdk = OpenAI(base_url=server.url, api_key="sk-mockserver", max_retries=0, timeout=20)
        slow = {"x-mock-scenario": "ttft:500s"}
        with sdk.responses.create(
            model="gpt-4.1", input="hi", stream=True, extra_headers=slow
        ) as stream:
            events = iter(stream)
            told = [next(events).type, next(events).type]
            assert told == ["response.created", "response.in_progress"]
            server.clear()
            assert [event.type for event in events][-1] == "response.completed"


@pytest.mark.mockserver(clock="virtual")
def test_a_thin_line_carries_all_that_there_was_time_for(mockserver: MockServer, api: Api) -> None:
    """A minute at once is worth as much as a minute in steps."""
    foreground = {"model": "gpt-4.1", "input": "hi"}
    answered = in_thread(lambda: api.create(foreground, scenario="bandwidth:10kbps"))
    until_called(mockserver)
    while not mockserver.calls[0].bytes:
        mockserver.advance(0.05)
        threading.Event().wait(0.002)
    mockserver.advance(60)
    assert answered()["status"] == "completed"


@pytest.mark.mockserver(clock="virtual")
@pytest.mark.parametrize("end", ["clear", "drop"])
@pytest.mark.parametrize("stream", [False, True])
def test_what_runs_while_its_namespace_is_cleared_is_not_kept(
    mockserver: MockServer, end: str, stream: bool
) -> None:
    """The client gets its answer, and the next test finds nothing of it."""
    with Api(mockserver.url_for("busy")) as api:
        ask = api.stream if stream else api.create
        told = in_thread(lambda: ask({"model": "gpt-4.1", "input": "hi"}, "ttft:5s"))
        while not mockserver.calls_of("busy") or not mockserver.calls_of("busy")[0].response_id:
            threading.Event().wait(0.002)
        getattr(mockserver, end)("busy")
        assert told()
        assert mockserver.state("busy")["responses"] == []


async def test_a_turn_that_a_clear_leaves_running_is_not_kept() -> None:
    """Where the clock is the caller's a socket lasts; what it is asked afterwards is kept."""
    time = VirtualClock()
    async with MockServer(clock=time) as server, open_socket(server.url) as socket:
        await socket.create(metadata={"mock_scenario": "ttft:5s"})
        await socket.until("response.in_progress")
        server.clear()
        time.advance(5)
        await socket.until("response.completed")
        assert server.state()["responses"] == []
        kept = await socket.response()
        assert [entry["id"] for entry in server.state()["responses"]] == [kept["id"]]


@pytest.mark.mockserver(clock="virtual")
def test_a_request_that_waits_while_its_namespace_is_cleared_is_refused(
    mockserver: MockServer,
) -> None:
    """It would count in a namespace that knows nothing of it; the error says what happened."""
    with Api(mockserver.url) as api:
        answered = in_thread(lambda: api.refused({"model": "gpt-4.1", "input": "hi"}, "delay:5s"))
        while not mockserver.calls or not mockserver.calls[0].scenario:
            threading.Event().wait(0.002)
        mockserver.clear()
        error = answered()
        assert (error["status"], error["code"]) == (503, "namespace_cleared")
        assert mockserver.state()["responses"] == []
