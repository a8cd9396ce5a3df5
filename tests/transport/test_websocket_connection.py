"""WebSocket mode: the upgrade, the life of a connection and its end."""

from __future__ import annotations

import asyncio

import aiohttp
import httpx2
import pytest
from api import Api
from sockets import TERMINAL, Socket, open_socket

from mockserver import MockServer
from mockserver.clock import VirtualClock


async def test_a_ping_is_answered_while_a_response_is_told(socket: Socket) -> None:
    """Control frames do not wait for lanes."""
    await socket.create(metadata={"mock_scenario": "ttft:200ms"})
    await socket.raw.ping(b"there?")
    await socket.told()


def test_a_plain_get_is_told_to_upgrade(mockserver: MockServer) -> None:
    """Without an upgrade there is an error in the API's envelope, with a request id."""
    with Api(mockserver.url) as api:
        for place in (mockserver.url, mockserver.url_for("other")):
            response = api.request("GET", f"{place}/responses")
            assert response.status_code == 426
            assert response.headers["upgrade"] == "websocket"
            assert "WebSocket" in response.json()["error"]["message"]


@pytest.mark.mockserver(require_key=True)
async def test_a_connection_needs_a_key_when_told_so(mockserver: MockServer) -> None:
    """401 comes before the upgrade."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
        async with open_socket(mockserver.url):
            pass
    assert raised.value.status == 401
    async with open_socket(mockserver.url, headers={"authorization": "Bearer sk"}) as socket:
        assert await socket.response()


async def test_unknown_flags_are_refused_before_the_upgrade(mockserver: MockServer) -> None:
    """A typing mistake in the header is a plain 400."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
        async with open_socket(mockserver.url, headers={"x-mock-scenario": "fialed"}):
            pass
    assert raised.value.status == 400


def test_the_upgrade_has_no_request_id_and_no_extensions(mockserver: MockServer) -> None:
    """HTTP answers carry one, the upgrade does not (api-contract §1.3)."""
    headers = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-extensions": "permessage-deflate",
    }
    with httpx2.stream("GET", f"{mockserver.url}/responses", headers=headers) as response:
        assert response.status_code == 101
        assert "x-request-id" not in response.headers
        assert "sec-websocket-extensions" not in response.headers


async def test_a_connection_ends_after_its_lifetime() -> None:
    """An error says why, running responses are cut, and a recoverable close code follows."""
    clock = VirtualClock()
    async with MockServer(clock=clock, websocket_lifetime=60, keepalive_seconds=0) as server:
        async with open_socket(server.url) as socket:
            assert await socket.response()
            await socket.create(metadata={"mock_scenario": "ttft:90s"})
            await socket.until("response.in_progress")
            clock.advance(60)
            # The SDK's type has the param that this one error lacks (api-contract §13.3).
            error = await socket.refused(valid=False)
            assert error["code"] == "websocket_connection_limit_reached"
            assert error["status"] == 400
            assert "param" not in error
            assert (await socket.raw.receive()).data == 1001


async def test_a_connection_ends_with_its_namespace(mockserver: MockServer) -> None:
    """A namespace that is cleared closes its sockets, and no lifetime is to blame."""
    async with open_socket(mockserver.url) as socket:
        assert await socket.response()
        await asyncio.to_thread(mockserver.clear)
        closed = await socket.raw.receive()
        assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1001)


async def test_running_responses_end_before_the_server_stops() -> None:
    """A stop waits for what is being told, then closes as one that goes away."""
    server = MockServer(drain_seconds=5)
    await server.open()
    async with open_socket(server.url) as socket:
        await socket.create(metadata={"mock_scenario": "ttft:200ms"})
        await socket.until("response.in_progress")
        closing = asyncio.ensure_future(server.close())
        assert (await socket.until(*TERMINAL))[-1]["type"] == "response.completed"
        assert (await socket.raw.receive()).data == 1001
        await closing


async def test_an_idle_connection_does_not_hold_up_a_stop() -> None:
    """Nothing is left to wait for."""
    server = MockServer(drain_seconds=60)
    await server.open()
    async with open_socket(server.url) as socket:
        await socket.response()
        closing = asyncio.ensure_future(server.close())
        assert (await socket.raw.receive()).data == 1001
        await asyncio.wait_for(closing, 5)


async def test_a_client_that_leaves_ends_its_responses(mockserver: MockServer) -> None:
    """Nothing goes on in the server, and nothing is on record."""
    async with open_socket(mockserver.url) as socket:
        await socket.create(metadata={"mock_scenario": "ttft:60s"})
        created = (await socket.until("response.in_progress"))[0]["response"]
    with Api(mockserver.url) as api:
        assert api.request("GET", f"/responses/{created['id']}").status_code == 404
    for _ in range(100):
        if mockserver.calls[0].status == 101 and _tasks(mockserver) == 0:
            break
        await asyncio.sleep(0.02)
    assert _tasks(mockserver) == 0


def _tasks(server: MockServer) -> int:
    """Return how many lanes are worked on in the server's loop."""
    assert server._loop is not None
    return sum("Lanes._work" in repr(task.get_coro()) for task in asyncio.all_tasks(server._loop))


async def test_the_journal_has_a_call_for_each_create(
    mockserver: MockServer, socket: Socket
) -> None:
    """The upgrade is one call, and every create is one, with how it was answered."""
    response = await socket.response()
    await socket.create(metadata={"mock_scenario": "http:503"})
    await socket.refused()
    await socket.create({"model": "gpt-4.1"}, stream_id="a")
    await socket.refused()
    upgrade, *calls = mockserver.calls
    assert (upgrade.method, upgrade.path, upgrade.status) == ("GET", "/responses", 101)
    assert [(call.method, call.path, call.stream) for call in calls] == [
        ("WS", "/responses", True)
    ] * 3
    assert [(call.status, call.answered_by, call.error) for call in calls] == [
        (200, "synthesiser", None),
        (503, "scenario", "server_is_overloaded"),
        (400, "error", "missing_required_parameter"),
    ]
    assert calls[0].response_id == response["id"]
    assert calls[1].scenario == "http:503"
    assert calls[2].body == {"type": "response.create", "model": "gpt-4.1", "stream_id": "a"}


async def test_a_namespace_has_sockets_of_its_own(mockserver: MockServer) -> None:
    """State and calls of a connection belong to the namespace of its path."""
    async with open_socket(mockserver.url_for("mine")) as socket:
        response = await socket.response()
    assert len(mockserver.calls_of("mine")) == 2
    assert mockserver.calls == []
    with Api(mockserver.url_for("mine")) as api:
        assert api.retrieve(response["id"])
