"""MockServer in a thread and in the running loop: start, stop, state and many clients at once."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI

from mockserver import MockServer, Settings
from mockserver.cassette import CassetteError
from mockserver.clock import VirtualClock
from mockserver.schema.errors import ApiError

BODY = {"model": "gpt-4.1", "input": "hi"}


def post(url: str, body: Any = BODY, **headers: str) -> httpx2.Response:
    """Create a response with a connection of its own."""
    return httpx2.post(f"{url}/responses", json=body, headers=headers, timeout=20)


def sdk(url: str) -> OpenAI:
    """Return the official SDK for a base URL; use it in a with statement."""
    return OpenAI(base_url=url, api_key="sk-test", max_retries=0)


BEFORE: set[threading.Thread] = set()
"""The threads there were when the test began, such as that of the session's server."""


@pytest.fixture(autouse=True)
def _note_threads() -> None:
    BEFORE.clear()
    BEFORE.update(threading.enumerate())


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread not in BEFORE]


def test_a_server_runs_in_a_thread_for_as_long_as_the_block() -> None:
    """Within the with block it answers at its URL; after it, nobody does."""
    with MockServer() as server:
        url = server.url
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/v1")
        assert post(url).json()["status"] == "completed"
    assert "mockserver" not in threads()
    with pytest.raises(httpx2.ConnectError):
        post(url)


async def test_a_server_runs_in_the_running_loop() -> None:
    """``async with`` starts no thread and answers clients of the same loop."""
    async with (
        MockServer() as server,
        AsyncOpenAI(base_url=server.url, api_key="x", max_retries=0) as client,
    ):
        assert "mockserver" not in threads()
        response = await client.responses.create(model="gpt-4.1", input="hi")
        assert response.output_text
        assert [call.path for call in server.calls] == ["/responses"]


def test_calls_tell_what_came_and_what_answered() -> None:
    """Each call is noted with its body, its answer and who gave it, oldest first."""
    with MockServer() as server, httpx2.Client(base_url=server.url) as client:
        created = client.post("/responses", json=BODY, headers={"x-stainless-retry-count": "2"})
        id_ = created.json()["id"]
        client.get(f"/responses/{id_}?include[]=reasoning.encrypted_content")
        client.get("/responses/resp_none")
        client.post("/responses", json={**BODY, "stream": True})
        client.post("/responses", json=BODY, headers={"x-mock-scenario": "http:503,seed:1"})
        client.post("/responses", content=b"{")
        client.get("/nowhere")
        calls = server.calls
    told = [(call.method, call.path, call.status, call.answered_by) for call in calls]
    assert told == [
        ("POST", "/responses", 200, "synthesiser"),
        ("GET", f"/responses/{id_}", 200, "state"),
        ("GET", "/responses/resp_none", 404, "error"),
        ("POST", "/responses", 200, "synthesiser"),
        ("POST", "/responses", 503, "scenario"),
        ("POST", "/responses", 400, "error"),
        ("GET", "/nowhere", 404, "error"),
    ]
    assert calls[0].body == BODY
    assert (calls[0].retry, calls[0].response_id, calls[0].stream) == (2, id_, False)
    assert (calls[1].query, calls[1].body) == ("include[]=reasoning.encrypted_content", None)
    assert calls[3].stream is True
    assert (calls[4].scenario, calls[4].error) == ("http:503,seed:1", "server_is_overloaded")
    assert (calls[5].body, calls[5].error) == (None, "invalid_json")


def test_calls_can_be_read_after_the_stop() -> None:
    """What was called is still known when the server is gone."""
    with MockServer() as server:
        post(server.url)
    assert [call.status for call in server.calls] == [200]


def test_clear_forgets_everything_of_a_namespace() -> None:
    """After a clear, responses, calls, scenario and what the seed has seen are as at the start."""
    with MockServer() as server:
        server.scenario("seed:5")
        first = post(server.url).content
        id_ = server.calls[0].response_id
        server.clear()
        assert server.calls == []
        assert httpx2.get(f"{server.url}/responses/{id_}").status_code == 404
        server.clear()
        plain = post(server.url).content
        assert plain != first
        server.clear()
        server.scenario("seed:5")
        assert post(server.url).content == first


async def test_clear_in_the_loop_comes_before_the_next_request() -> None:
    """In the running loop a clear holds for every request sent after it."""
    async with MockServer() as server, httpx2.AsyncClient(base_url=server.url) as client:
        id_ = (await client.post("/responses", json=BODY)).json()["id"]
        server.clear()
        assert (await client.get(f"/responses/{id_}")).status_code == 404
        assert [call.method for call in server.calls] == ["GET"]


@pytest.mark.parametrize("scenario", ["queued", "in_progress", "background"])
def test_clear_ends_the_streams_of_what_is_forgotten(scenario: str) -> None:
    """Who follows a background response is let go when it is cleared; other namespaces go on."""
    with MockServer(in_progress_seconds=60) as server:
        options: dict[str, Any] = {
            "json": {**BODY, "stream": True},
            "headers": {"x-mock-scenario": scenario},
            "timeout": 5,
        }
        with httpx2.stream("POST", f"{server.url}/responses", **options) as answer:
            parts = answer.iter_text()
            next(parts)
            server.clear("other")
            server.clear()
            rest = "".join(parts)
        assert "response.completed" not in rest
        assert server.calls == []


def test_namespaces_know_nothing_of_each_other() -> None:
    """Responses, calls, scenario and seed belong to one namespace; clearing one leaves the rest."""
    with MockServer() as server:
        urls = {name: server.url_for(name) for name in ("", "a", "b-1.x_ü")}
        ids = {name: post(url).json()["id"] for name, url in urls.items()}
        assert len(set(ids.values())) == 3
        for name, url in urls.items():
            found = [httpx2.get(f"{url}/responses/{id_}").status_code for id_ in ids.values()]
            assert sorted(found) == [200, 404, 404]
            assert [call.method for call in server.calls_of(name)] == ["POST", *["GET"] * 3]
        server.scenario("http:500", "a")
        assert [post(url).status_code for url in urls.values()] == [200, 500, 200]
        server.clear("a")
        assert server.calls_of("a") == []
        assert len(server.calls) == 5
        assert post(urls["a"]).json()["id"] == ids["a"]


@pytest.mark.parametrize("name", ["a b", "a/b", "x" * 129, "test[1]", "a%20b"])
def test_a_name_that_no_namespace_can_have_is_refused(name: str) -> None:
    """Such a name is refused in code, and told of in a path, which is not the default's."""
    with MockServer() as server:
        with pytest.raises(ValueError, match="is not 1 to 128 letters"):
            server.url_for(name)
        quoted = name.replace("%", "%25").replace(" ", "%20").replace("[", "%5B")
        answer = post(server.url.replace("/v1", f"/ns/{quoted}/v1"))
        assert answer.status_code == 404
        told = "Invalid URL (POST /ns/" if "/" in name else "Invalid namespace '"
        assert answer.json()["error"]["message"].startswith(told)


def test_the_longest_unused_namespace_makes_room() -> None:
    """Past the limit the longest unused namespace starts afresh."""
    with MockServer(max_namespaces=2) as server:
        for name in ("a", "b", "a", "c"):
            post(server.url_for(name))
        assert [len(server.calls_of(name)) for name in ("c", "a")] == [1, 2]
        assert server.calls_of("b") == []


def test_a_scenario_that_does_not_exist_is_refused_at_once() -> None:
    """A misspelt scenario is an error where it is set, and the old one stays."""
    with MockServer() as server:
        server.scenario("http:418")
        with pytest.raises(ApiError, match="Unknown scenario flag: 'fale'"):
            server.scenario("fale")
        assert post(server.url).status_code == 418
        server.scenario(None)
        assert post(server.url).status_code == 200


def test_stop_twice_is_harmless() -> None:
    """A server that is stopped already, or was never started, can be stopped."""
    server = MockServer()
    server.stop()
    with server:
        server.stop()
        server.stop()
    server.stop()


def test_start_twice_is_one_server() -> None:
    """A running server that is started again goes on as it is."""
    with MockServer().start() as server:
        url = server.url
        post(url)
        assert server.start() is server
        assert (server.url, len(server.calls)) == (url, 1)
        assert threads().count("mockserver") == 1
    assert "mockserver" not in threads()


def test_a_stopped_server_can_be_started_afresh() -> None:
    """After a stop, the next start knows nothing."""
    server = MockServer()
    ids = []
    for _ in range(2):
        with server:
            ids.append(post(server.url).json()["id"])
            assert len(server.calls) == 1
    assert ids[0] == ids[1]


@pytest.mark.parametrize("when", ["before", "after"])
def test_use_while_it_does_not_run_says_so(when: str) -> None:
    """URL and clear need a running server, and calls one that has run."""
    server = MockServer()
    if when == "after":
        with server:
            pass
    uses: list[Callable[[], object]] = [
        lambda: server.url,
        lambda: server.url_for("a"),
        server.clear,
    ]
    if when == "before":
        uses += [lambda: server.calls, lambda: server.scenario("failed"), lambda: server.engine]
    for use in uses:
        with pytest.raises(RuntimeError, match="not running: use it in a with statement or start"):
            use()


def test_a_port_that_is_taken_is_told_at_the_start() -> None:
    """Starting on a used port raises, leaves no thread, and frees what it had."""
    with MockServer() as first:
        port = int(first.url.split(":")[2].partition("/")[0])
        second = MockServer(port=port)
        with pytest.raises(OSError, match=str(port)):
            second.start()
        assert threads().count("mockserver") == 1
        second.stop()
        with pytest.raises(RuntimeError, match="not running"):
            second.clear()
    with second:
        assert post(second.url).status_code == 200


async def test_a_port_that_is_taken_is_told_in_the_loop() -> None:
    """In the running loop it raises as well."""
    async with MockServer() as first:
        port = int(first.url.split(":")[2].partition("/")[0])
        with pytest.raises(OSError, match=str(port)):
            await MockServer(port=port).open()


def test_a_cassette_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    """Starting with a cassette that is not there or is none raises."""
    (tmp_path / "bad.yaml").write_text("just text")
    for name in ("gone.yaml", "bad.yaml"):
        with pytest.raises(CassetteError, match=name):
            MockServer(cassettes=tmp_path / name).start()
    assert "mockserver" not in threads()


@pytest.mark.parametrize(
    ("options", "problem", "text"),
    [
        ({"seed": -1}, ValueError, "^seed: "),
        ({"validation": "none"}, ValueError, "^validation: "),
        ({"sed": 1}, TypeError, "sed"),
    ],
)
def test_settings_that_cannot_be_used_are_told_when_it_is_made(
    options: dict[str, Any], problem: type[Exception], text: str
) -> None:
    """A value that a setting does not take, and a setting that does not exist, raise."""
    with pytest.raises(problem, match=text):
        MockServer(**options)


def test_a_locale_that_does_not_exist_is_told_at_the_start() -> None:
    """A language that Faker lacks raises when the server starts, not at the first request."""
    with pytest.raises(ValueError, match="xx_XX"):
        MockServer(locale="xx_XX").start()


def test_options_change_settings_that_are_given() -> None:
    """Settings may be handed in whole, and single ones changed beside them."""
    server = MockServer(Settings(port=0, seed=3, drain_seconds=0.0), locale="de_DE")
    assert (server.settings.seed, server.settings.locale) == (3, "de_DE")


@pytest.mark.parametrize(
    ("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::1", "[::1]"), ("::", "[::1]")]
)
def test_the_url_is_one_that_a_client_can_use(host: str, shown: str) -> None:
    """Every address is reached by a URL on this machine; IPv6 stands in brackets."""
    if ":" in host and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with MockServer(host=host) as server:
        assert server.url.startswith(f"http://{shown}:")
        assert post(server.url).status_code == 200


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_two_hundred_requests_at_once_are_all_answered() -> None:
    """Clients in many threads get valid answers of their own, and every call is noted."""
    with MockServer() as server, sdk(server.url) as client, ThreadPoolExecutor(16) as pool:

        def ask(number: int) -> str:
            if number % 4 == 0:
                stream = client.responses.create(
                    model="gpt-4.1", input=f"question {number}", stream=True
                )
                *_, last = stream
                assert last.type == "response.completed"
                return last.response.id
            response = client.responses.create(model="gpt-4.1", input=f"question {number % 50}")
            assert client.responses.retrieve(response.id).output_text == response.output_text
            return response.id

        ids = list(pool.map(ask, range(200)))
        assert len(set(ids)) == 200
        creates = [call for call in server.calls if call.method == "POST"]
        assert [call.status for call in creates] == [200] * 200


def test_servers_side_by_side_are_their_own() -> None:
    """Several servers run at once, each with its port, settings and state."""
    with MockServer(seed=1) as one, MockServer(seed=1) as same, MockServer(seed=2) as other:
        answers = [post(server.url).content for server in (one, same, other)]
        assert answers[0] == answers[1] != answers[2]
        assert [len(server.calls) for server in (one, same, other)] == [1, 1, 1]


def test_a_virtual_clock_moves_a_server_in_a_thread() -> None:
    """The test's own thread moves the clock, and the server's waiting stream goes on."""
    clock = VirtualClock()
    with MockServer(clock=clock) as server, sdk(server.url) as client:
        seen: list[str] = []

        def read() -> None:
            stream = client.responses.create(
                model="gpt-4.1", input="hi", stream=True, background=True
            )
            seen.extend(event.type for event in stream)

        reader = threading.Thread(target=read)
        reader.start()
        deadline = time.monotonic() + 10
        while reader.is_alive() and time.monotonic() < deadline:
            clock.advance(0.05)
            reader.join(0.005)
        assert seen[-1] == "response.completed"


async def test_a_client_that_leaves_ends_its_handler() -> None:
    """No task goes on for a client that has left, and its stream is not on record."""
    async with MockServer() as server:
        before = len(asyncio.all_tasks())
        body = {**BODY, "stream": True}
        headers = {"x-mock-scenario": "ttft:60s"}
        async with (
            httpx2.AsyncClient(base_url=server.url) as client,
            client.stream("POST", "/responses", json=body, headers=headers) as answer,
        ):
            await anext(answer.aiter_bytes())
        for _ in range(500):
            if len(asyncio.all_tasks()) <= before:
                break
            await asyncio.sleep(0.01)
        assert len(asyncio.all_tasks()) <= before
        call = server.calls[0]
        async with httpx2.AsyncClient(base_url=server.url) as client:
            assert (await client.get(f"/responses/{call.response_id}")).status_code == 404


@pytest.mark.parametrize("scenario", ["queued", "in_progress", "background", "ttft:60s"])
def test_a_stop_does_not_wait_for_streams_that_last(scenario: str) -> None:
    """In tests a server stops at once, whatever is still told and whoever listens."""
    with MockServer(in_progress_seconds=60) as server:
        body = {**BODY, "stream": True}
        with (
            httpx2.Client(base_url=server.url, timeout=5) as client,
            client.stream(
                "POST", "/responses", json=body, headers={"x-mock-scenario": scenario}
            ) as answer,
        ):
            parts = answer.iter_bytes()
            next(parts)
            started = time.monotonic()
            server.stop()
            assert time.monotonic() - started < 2
