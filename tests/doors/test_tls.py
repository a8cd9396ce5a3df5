"""The command and those it calls over TLS: receivers of webhooks, and an upstream."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import httpx2
import pytest
import trustme
from api import Api
from receiver import SECRET, Receiver
from test_cli import Process

from mockserver.cassette import read

BODY = {"model": "gpt-4.1", "input": "hi"}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return an authority that nobody trusts who has not been told to."""
    return trustme.CA()


@pytest.fixture(scope="module")
def context(authority: trustme.CA) -> ssl.SSLContext:
    """Return what a server of this machine's name needs, by that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    """Return the file of the authority's certificate."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def test_webhooks_are_sent_over_tls_to_whom_the_machine_trusts(
    context: ssl.SSLContext, trusted: str
) -> None:
    """The certificates are read at the first handshake, and do what they do."""
    with (
        Receiver(context) as receiver,
        Process(
            "serve",
            "--queued-seconds=0",
            "--in-progress-seconds=0",
            f"--webhook-url={receiver.url}",
            f"--webhook-secret={SECRET}",
            SSL_CERT_FILE=trusted,
        ) as server,
        Api(server.url) as api,
    ):
        made = api.create({**BODY, "background": True})
        assert receiver.mail.get(timeout=10).event["data"]["id"] == made["id"]


def test_webhooks_are_not_sent_to_whom_the_machine_does_not_trust(context: ssl.SSLContext) -> None:
    """Without the authority the handshake fails, and the log of deliveries says why."""
    with (
        Receiver(context) as receiver,
        Process(
            "serve",
            "--queued-seconds=0",
            "--in-progress-seconds=0",
            f"--webhook-url={receiver.url}",
            f"--webhook-secret={SECRET}",
        ) as server,
        Api(server.url) as api,
    ):
        api.create({**BODY, "background": True})
        root = server.url.removesuffix("/v1")
        for _ in range(200):
            told = httpx2.get(f"{root}/_mock/webhooks").json()["deliveries"]
            if told and told[0]["attempts"]:
                break
        assert "CERTIFICATE_VERIFY_FAILED" in json.dumps(told[0]["attempts"])
        assert receiver.mail.empty()


def test_an_upstream_is_recorded_over_tls(
    context: ssl.SSLContext, trusted: str, tmp_path: Path
) -> None:
    """An authority given by a file is trusted beside the machine's."""
    with (
        Receiver(context) as upstream,
        Process(
            "record",
            f"--upstream={upstream.url}",
            f"--upstream-ca={trusted}",
            f"--cassettes={tmp_path / 'calls.yaml'}",
        ) as server,
    ):
        assert httpx2.post(f"{server.url}/responses", json=BODY).status_code == 204
    (interaction,) = read(tmp_path / "calls.yaml")
    assert interaction.status == 204
