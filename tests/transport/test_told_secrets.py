"""What the log tells of requests holds none of their keys."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from mockserver import MockServer

KEY = "Kq7Zt2mWx9Lr4Pv8Ns3Bd6Hf1Jc5Gy0Ta"


@pytest.mark.parametrize(
    "head",
    [
        f"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer\r\n {KEY}\r\n\r\n",
        f"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization : Bearer {KEY}\r\n\r\n",
        f"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\0\r\n\r\n",
        f"GET /v1/models?key={KEY} HTTP/9.9\r\n\r\n",
    ],
    ids=["folded", "blank before the colon", "zero byte", "version"],
)
def test_a_broken_request_is_told_without_what_it_holds(
    head: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says what is wrong with a request, and shows nothing of it."""
    with MockServer() as server:
        url = urlsplit(server.url)
        with socket.create_connection((url.hostname or "", url.port or 0), timeout=10) as client:
            client.sendall(head.encode())
            assert b" 400 " in client.recv(65536)
    assert "a request could not be read" in caplog.text
    assert KEY not in caplog.text


def test_a_request_that_is_not_recorded_is_told_without_its_keys(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The address that the log gives has the keys of its query hidden, and those of the headers."""
    caplog.set_level(logging.DEBUG, "mockserver")
    with (
        MockServer() as upstream,
        MockServer(upstream=upstream.url, record_mode="once", cassettes=(tmp_path,)) as server,
    ):
        answer = httpx2.post(
            f"{server.url}/{KEY}/x?token=t0pSecret",
            json={KEY: "a name that cannot be hidden"},
            headers={"Authorization": f"Bearer {KEY}"},
        )
        assert answer.status_code == 404
        assert server.problems
    (told,) = (line for line in caplog.messages if "is not recorded" in line)
    assert "/[redacted]/x?token=[redacted] is not recorded" in told
    assert KEY not in caplog.text
    assert "t0pSecret" not in caplog.text
