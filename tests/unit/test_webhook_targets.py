"""Where webhooks may go: this machine, and what the settings name."""

from __future__ import annotations

import time

import pytest
from openai import InvalidWebhookSignatureError, OpenAI

from mockserver import MockServer, Settings
from mockserver.webhooks.signature import signed_headers
from mockserver.webhooks.targets import Targets


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"],
)
def test_this_machine_may_always_be_told(host: str) -> None:
    """Loopback addresses in any form, and the names that stand for them."""
    assert Targets().admit(host, 80)


@pytest.mark.parametrize(
    "host",
    ["example.com", "localhost.example.com", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::", ""],
)
def test_nothing_else_may_be_told_without_being_named(host: str) -> None:
    """Neither names nor private, link-local or unspecified addresses."""
    assert not Targets().admit(host, 80)


@pytest.mark.parametrize(
    ("entry", "host", "port", "admitted"),
    [
        ("hooks.test", "hooks.test", 80, True),
        ("hooks.test", "HOOKS.test.", 8443, True),
        ("hooks.test", "other.hooks.test", 80, False),
        ("hooks.test:81", "hooks.test", 81, True),
        ("hooks.test:81", "hooks.test", 82, False),
        ("10.0.0.0/8", "10.1.2.3", 80, True),
        ("10.0.0.0/8", "11.1.2.3", 80, False),
        ("10.0.0.1", "10.0.0.1", 80, True),
        ("[fd00::1]:81", "fd00::1", 81, True),
        ("fd00::/8", "fd00::1", 81, True),
        ("10.0.0.0/8", "hooks.test", 80, False),
    ],
)
def test_what_is_named_may_be_told(entry: str, host: str, port: int, admitted: bool) -> None:
    """Hosts, hosts with ports, addresses and networks; a name is none of a network's."""
    assert Targets([entry]).admit(host, port) is admitted


def test_the_host_of_a_configured_url_may_be_told() -> None:
    """Who names a URL in the settings need not allow it as well."""
    assert Targets(urls=["https://hooks.test/x"]).admit("hooks.test", 443)


def test_a_url_needs_a_secret() -> None:
    """A server that could not sign does not start, and the error says what is missing."""
    server = MockServer(webhook_url=["http://localhost/"])
    with pytest.raises(ValueError, match="set webhook_secret too"):
        server.start()


def test_the_secret_is_shown_nowhere() -> None:
    """Neither the settings nor an error about it tell the secret."""
    assert "whsec_c2VjcmV0IQ==" not in repr(Settings(webhook_secret="whsec_c2VjcmV0IQ=="))
    with pytest.raises(ValueError, match="webhook_secret") as refused:
        Settings(webhook_secret="whsec_!secret!")
    assert "!secret!" not in str(refused.value)


@pytest.mark.parametrize("secret", ["whsec_c2VjcmV0IQ==", "any other text"])
def test_a_secret_signs_in_either_form(secret: str) -> None:
    """Base64 after ``whsec_``, or the text itself, is the key that the SDK verifies with."""
    body = b'{"id": 1}'
    headers = signed_headers("wh_1", body, ["another secret", secret], int(time.time()))
    sdk = OpenAI(api_key="x", base_url="http://127.0.0.1:9")
    sdk.webhooks.verify_signature(body, headers, secret=secret)
    with pytest.raises(InvalidWebhookSignatureError):
        sdk.webhooks.verify_signature(body + b" ", headers, secret=secret)
