"""WebSocket mode: what is wrong with a frame or its answer is told, and the connection goes on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import WSMsgType
from api import types
from sockets import BODY, Socket, open_socket

from mockserver import MockServer


@pytest.mark.parametrize(
    ("frame", "code", "param"),
    [
        ("{", "invalid_json", None),
        ("[]", "invalid_json", None),
        ("", "missing_required_parameter", "type"),
        ('{"type": null}', "missing_required_parameter", "type"),
        ('{"type": "response.cancel"}', "invalid_value", "type"),
        ('{"type": ["response.create"]}', "invalid_value", "type"),
        ('{"type": "response.create", "model": "gpt-4.1"}', "missing_required_parameter", "input"),
        (json.dumps({"type": "response.create", **BODY, "bogus": 1}), "unknown_parameter", "bogus"),
        (
            json.dumps({"type": "response.create", **BODY, "background": True}),
            "unsupported_parameter",
            "background",
        ),
        (
            json.dumps({"type": "response.create", **BODY, "previous_response_id": "resp_x"}),
            "previous_response_not_found",
            "previous_response_id",
        ),
        (
            json.dumps({"type": "response.create", **BODY, "metadata": {"mock_scenario": "oops"}}),
            "unknown_scenario_flag",
            "mock_scenario",
        ),
    ],
)
async def test_a_bad_frame_is_refused_and_the_connection_goes_on(
    socket: Socket, frame: str, code: str, param: str | None
) -> None:
    """Each error is a nested frame with its status (api-contract §13.3)."""
    await socket.send(frame)
    error = await socket.refused()
    assert (error["status"], error["code"], error["param"]) == (400, code, param)
    assert error["message"]
    assert await socket.response()


async def test_a_scenario_gives_errors_as_frames(socket: Socket) -> None:
    """An ``http`` flag is told with its status and the header that goes with it."""
    await socket.create(stream_id="a", metadata={"mock_scenario": "http:429,retry_after:2"})
    error = await socket.refused()
    assert (error["status"], error["code"], error["stream_id"]) == (429, "rate_limit_exceeded", "a")
    assert error["headers"] == {"retry-after": "2"}


async def test_flags_of_the_upgrade_hold_for_every_create(mockserver: MockServer) -> None:
    """The header of the connection beats the metadata, as it does over HTTP."""
    headers = {"x-mock-scenario": "incomplete"}
    async with open_socket(mockserver.url, headers=headers) as socket:
        for extra in ({}, {"metadata": {"mock_scenario": "completed"}}):
            response = await socket.response(**extra)
            assert response["incomplete_details"] == {"reason": "max_output_tokens"}


@pytest.mark.mockserver(error_event="flat")
async def test_a_failed_response_has_a_nested_error_event(socket: Socket) -> None:
    """The SDK knows no other form over a socket, whatever the setting says."""
    await socket.create(stream_id="a", metadata={"mock_scenario": "failed:server_error"})
    events = await socket.told()
    assert types(events)[-2:] == ["error", "response.failed"]
    assert events[-2]["error"]["code"] == "server_error"
    assert events[-2]["stream_id"] == "a"
    assert await socket.response(stream_id="a")


async def test_a_fault_of_ours_is_a_frame_with_500(
    mockserver: MockServer, socket: Socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong inside, the client is told and the lane goes on."""

    async def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("boom")

    with monkeypatch.context() as patch:
        patch.setattr(mockserver.engine, "create", broken)
        await socket.create()
        error = await socket.refused()
    assert (error["status"], error["type"]) == (500, "server_error")
    assert "boom" not in error["message"]
    assert await socket.response()


async def test_binary_frames_are_refused(socket: Socket) -> None:
    """Events are text."""
    await socket.raw.send_bytes(json.dumps({"type": "response.create", **BODY}).encode())
    assert "text" in (await socket.refused())["message"]
    assert await socket.response()


@pytest.mark.mockserver(max_body=2000)
async def test_a_frame_too_large_closes_the_connection(socket: Socket) -> None:
    """The close code says so; the largest frame is that of a request body."""
    await socket.create({**BODY, "input": "x" * 2000})
    message = await asyncio.wait_for(socket.raw.receive(), 10)
    assert message.type is WSMsgType.CLOSE
    assert message.data == 1009
