"""A server that runs elsewhere, by its handle and by the pytest plugin."""

from __future__ import annotations

import inspect
import re
import shutil
from pathlib import Path
from typing import Any

import httpx2
import pytest
from suites import run

from mockserver import MockServer, RemoteServer
from mockserver.handle import Handle
from mockserver.rules import RuleError
from mockserver.schema.errors import ApiError

BODY = {"model": "gpt-4.1", "input": "hi"}
CASSETTES = Path(__file__).parents[2] / "cassettes"
HELLO = {"model": "gpt-5.4", "input": "Say hello in one sentence."}


def post(server: Handle, body: object = BODY) -> httpx2.Response:
    """Create a response with a connection of its own."""
    return httpx2.post(f"{server.url}/responses", json=body, timeout=20)


def test_a_handle_does_what_the_server_itself_does() -> None:
    """Every method of the handle works from afar, on the namespace it was made for."""
    with MockServer() as server:
        remote = MockServer.connect(server.url, namespace="far")
        assert remote.url == server.url_for("far")
        remote.scenario("background")
        remote.use_clock("virtual")
        remote.use_seed(7)
        id_ = post(remote).json()["id"]
        assert remote.state()["responses"][0]["status"] == "queued"
        remote.advance(0.3)
        assert remote.state()["responses"][0]["status"] == "in_progress"
        remote.advance_to_completion(id_)
        assert (remote.state()["responses"][0]["status"], remote.elapsed()) == ("completed", 0.75)
        assert remote.calls == server.calls_of("far")
        remote.assert_called(times=1, path="/responses", answered_by="synthesiser")
        remote.use_limits(rpm=1)
        assert [post(remote).status_code for _ in range(2)] == [200, 429]
        assert remote.use_cassettes(CASSETTES / "text.yaml", strict=True)["strict"] is True
        assert post(remote, HELLO).status_code == 200
        assert remote.cassettes()["interactions"] > 0
        remote.use_cassettes(strict=False)
        assert remote.cassettes()["strict"] is False
        remote.use_cassettes()
        assert remote.cassettes()["interactions"] == 0
        assert remote.webhooks() == []
        assert remote.namespaces() == ["far"]
        assert remote.within("other").url == server.url_for("other")
        remote.clear()
        assert remote.calls == []
        remote.drop("far")
        assert "far" not in remote.namespaces()


def test_both_handles_have_the_same_methods() -> None:
    """What a test may call on its own server it may call on a remote one, with equal signatures."""
    for name, method in inspect.getmembers(Handle, inspect.isfunction):
        if not name.startswith("_"):
            signatures = [
                list(inspect.signature(getattr(kind, name)).parameters)
                for kind in (Handle, MockServer, RemoteServer)
            ]
            assert signatures[0] == signatures[1] == signatures[2], (name, method)


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({"reply": str}, "reply"),
        ({"match": {"model": re.compile("gpt")}, "reply": "x"}, "match.model"),
        ({"reply": {"data": [{1, 2}]}}, "reply.data[0]"),
    ],
)
def test_what_cannot_be_sent_to_a_remote_server_is_told(rule: Any, place: str) -> None:
    """A rule with a function or a pattern is one for a server of this process."""
    with MockServer() as server:
        remote = MockServer.connect(server.url)
        with pytest.raises(RuleError, match="cannot be sent to a server elsewhere") as raised:
            remote.rules({"reply": "fine"}, rule)
        assert str(raised.value).startswith(f"[1].{place}: ")
        assert remote.command("GET", "rules")["rules"] == []


def test_what_a_remote_server_refuses_is_raised() -> None:
    """Its errors come as they are, whatever answers; nobody at all is a ConnectionError."""
    with MockServer(control_token="the-right-token") as server:
        with pytest.raises(ApiError, match="needs the token") as caught:
            MockServer.connect(server.url).state()
        assert (caught.value.status, caught.value.code) == (401, "invalid_control_token")
        remote = MockServer.connect(server.url, token="the-right-token")
        with pytest.raises(ApiError, match="Unknown scenario flag: 'fale'"):
            remote.scenario("fale")
        with pytest.raises(ValueError, match="is not 1 to 128 letters"):
            remote.url_for("a b")
        with pytest.raises(ApiError, match="Invalid URL"):
            MockServer.connect(f"{server.url}/responses", token="x").state()
        gone = MockServer.connect(server.url)
    with pytest.raises(ConnectionError, match="does not answer"):
        gone.state()
    with pytest.raises(ValueError, match="is not an http address"):
        MockServer.connect("127.0.0.1:8787")


TESTS = """
import httpx2
import pytest

SEEN = {}


def ask(server, body=None):
    body = body or {"model": "gpt-4.1", "input": "hi"}
    return httpx2.post(server.url + "/responses", json=body, timeout=20)


@pytest.mark.parametrize("number", range(3))
def test_fresh(mockserver, number):
    assert mockserver.calls == []
    SEEN.setdefault(ask(mockserver).content, []).append(number)
    assert len(SEEN) == 1
    mockserver.assert_called(times=1)


@pytest.mark.mockserver(scenario="background", clock="virtual", rpm=1)
def test_clock(mockserver):
    made = ask(mockserver).json()
    mockserver.advance_to_completion(made["id"])
    assert httpx2.get(f"{mockserver.url}/responses/{made['id']}").json()["status"] == "completed"
    assert ask(mockserver).status_code == 429


@pytest.mark.mockserver(cassette="text.yaml", strict=True)
def test_cassette(mockserver_env):
    hello = {"model": "gpt-5.4", "input": "Say hello in one sentence."}
    assert ask(mockserver_env, hello).status_code == 200
    assert mockserver_env.calls[0].answered_by == "cassette"
    assert ask(mockserver_env).status_code == 424


@pytest.mark.mockserver(seed=7)
def test_seed(mockserver):
    assert ask(mockserver).content not in SEEN


def test_session(mockserver_session, make_mockserver):
    assert ask(mockserver_session).status_code == 200
    assert ask(make_mockserver(seed=7)).status_code == 200
"""


@pytest.mark.parametrize("remote", [False, True])
def test_a_suite_runs_against_a_server_that_runs_already(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, remote: bool
) -> None:
    """The same suite passes with servers of its own and with a running one, left as it was."""
    pytester.mkdir("cassettes")
    shutil.copy(CASSETTES / "text.yaml", pytester.path / "cassettes" / "text.yaml")
    pytester.makepyfile(TESTS)
    monkeypatch.setenv("MOCKSERVER_CONTROL_TOKEN", "the-right-token")
    with MockServer(control_token="the-right-token") as server:
        where = ["--mockserver-url", server.url] if remote else []
        run(pytester, *where).assert_outcomes(passed=7)
        assert server.namespaces() == []


def test_a_marker_that_a_running_server_cannot_take_is_told(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting that is fixed at a server's start is a usage error with a running one."""
    pytester.makepyfile(
        """
import pytest


@pytest.mark.mockserver(queued_seconds=3)
def test_it(mockserver):
    pass
"""
    )
    with MockServer() as server:
        monkeypatch.setenv("MOCKSERVER_URL", server.url)
        result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*marker sets queued_seconds, which the running server*"])
