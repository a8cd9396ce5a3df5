"""Record modes: what is replayed, what goes upstream, and what is on the cassette afterwards."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mockserver import MockServer
from mockserver.cassette import CassetteError, read, saving
from mockserver.namespace import DEFAULT

MODES = ("none", "once", "new_episodes", "all", "rewrite")


@pytest.fixture
def upstream() -> Iterator[MockServer]:
    """An API whose answers differ from request to request."""
    with MockServer() as server:
        yield server


def ask(server: MockServer, text: str, namespace: str = DEFAULT, **more: Any) -> httpx2.Response:
    """Ask for a response."""
    body = {"model": "gpt-4.1", "input": text, **more}
    return httpx2.post(f"{server.url_for(namespace)}/responses", json=body, timeout=20)


def asked(file: Path) -> list[str]:
    """Return what was asked for on a cassette, in its order."""
    if not file.exists():
        return []
    return [each.request_body.decode().split('"')[-2] for each in read(file, strict=True)]


def answers(file: Path) -> list[str]:
    """Return the ids of the responses on a cassette."""
    return [(each.document or {})["id"] for each in read(file, strict=True)]


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_does_with_hits_and_misses_what_it_says(
    mode: str, upstream: MockServer, tmp_path: Path
) -> None:
    """On a cassette that is there: what answers a hit, a hit that is played, and a miss."""
    file = tmp_path / "it.yaml"
    with MockServer(upstream=upstream.url, record_mode="once", cassettes=(file,)) as server:
        (old,) = (ask(server, text).json()["id"] for text in ("known",))
    upstream.clear()
    for _ in range(3):
        ask(upstream, "known")  # so that what the upstream says now is not what it said then
    upstream.engine.spaces.get("").calls.clear()
    options = {"upstream": upstream.url, "record_mode": mode, "cassettes": (file,)}
    with MockServer(**options, strict=mode == "none") as server:
        found = [ask(server, text) for text in ("known", "known", "new")]
        by = [call.answered_by for call in server.calls]
    refused = [each.status_code for each in found]
    if mode in ("none", "once"):
        assert refused == [200, 424, 424]
        assert by == ["cassette", "error", "error"]
        assert answers(file) == [old] == [found[0].json()["id"]]
    elif mode == "new_episodes":
        assert by == ["cassette", "upstream", "upstream"]
        assert asked(file) == ["known", "known", "new"]
        assert answers(file)[0] == old
    else:
        assert by == ["upstream"] * 3
        assert asked(file) == ["known", "known", "new"]
        assert old not in answers(file)
    assert len(upstream.calls) == sum(each == "upstream" for each in by)


@pytest.mark.parametrize("mode", ["all", "rewrite"])
def test_recording_anew_keeps_or_drops_what_was_not_asked_again(
    mode: str, upstream: MockServer, tmp_path: Path
) -> None:
    """The mode all replaces what is asked again; rewrite begins the cassette afresh."""
    file = tmp_path / "it.yaml"
    with MockServer(upstream=upstream.url, record_mode="once", cassettes=(file,)) as server:
        ask(server, "one")
        ask(server, "two")
    with MockServer(upstream=upstream.url, record_mode=mode, cassettes=(file,)) as server:
        assert asked(file) == ["one", "two"]  # nothing is lost before something new is there
        ask(server, "two")
    assert asked(file) == (["one", "two"] if mode == "all" else ["two"])


def test_once_goes_on_recording_onto_the_file_that_it_began(
    upstream: MockServer, tmp_path: Path
) -> None:
    """What counts is whether the cassette was there at the start, even for equal requests."""
    file = tmp_path / "it.yaml"
    with MockServer(upstream=upstream.url, record_mode="once", cassettes=(file,)) as server:
        for text in ("one", "one", "two"):
            assert ask(server, text).status_code == 200
    assert asked(file) == ["one", "one", "two"]


def test_once_needs_no_upstream_where_everything_is_recorded(
    upstream: MockServer, tmp_path: Path
) -> None:
    """A suite that says once replays in CI, which knows of no upstream."""
    file = tmp_path / "it.yaml"
    with MockServer(upstream=upstream.url, record_mode="once", cassettes=(file,)) as server:
        made = ask(server, "one").json()
    with MockServer(record_mode="once", cassettes=(file,)) as server:
        assert ask(server, "one").json() == made
        assert ask(server, "two").status_code == 424


def test_what_is_recorded_is_replayed_at_once(upstream: MockServer, tmp_path: Path) -> None:
    """After a fresh start, and for other namespaces, the same process replays it."""
    options: dict[str, Any] = {"upstream": upstream.url, "record_mode": "new_episodes"}
    with MockServer(**options, cassettes=(tmp_path / "all",)) as server:
        made = ask(server, "one").json()
        assert ask(server, "one", "other").json() == made
        assert server.calls_of("other")[0].answered_by == "cassette"
        server.clear()
        assert ask(server, "one").json() == made
        assert server.calls[0].answered_by == "cassette"
    assert len(upstream.calls) == 1


def test_a_poll_is_recorded_state_by_state(upstream: MockServer, tmp_path: Path) -> None:
    """Reading the same response again asks the upstream again; replay gives the states in order."""
    file = tmp_path / "it.yaml"

    def poll(server: MockServer) -> list[str]:
        made = ask(server, "one", background=True).json()
        states = [made["status"]]
        while states[-1] in ("queued", "in_progress"):
            answer = httpx2.get(f"{server.url}/responses/{made['id']}", timeout=20).json()
            states.append(answer["status"])
        return states

    options: dict[str, Any] = {"upstream": upstream.url, "record_mode": "new_episodes"}
    with MockServer(**options, cassettes=(file,)) as server:
        recorded = poll(server)
    assert {"queued", "in_progress", "completed"} <= set(recorded)
    with MockServer(strict=True, cassettes=(file,)) as server:
        assert poll(server) == recorded


def test_each_namespace_has_a_cassette_in_a_folder(upstream: MockServer, tmp_path: Path) -> None:
    """Namespaces record beside each other, or onto one cassette without the split."""
    options: dict[str, Any] = {"upstream": upstream.url, "record_mode": "once"}
    with MockServer(**options, cassettes=(tmp_path / "split",)) as server:
        for name in (DEFAULT, "a", ".b", "a.b"):
            ask(server, f"of {name}", name)
    with MockServer(**options, cassettes=(tmp_path / "whole",), split="none") as server:
        for name in (DEFAULT, "a"):
            ask(server, f"of {name}", name)
    found = {
        path.relative_to(tmp_path).as_posix(): asked(path) for path in tmp_path.rglob("*.yaml")
    }
    (hidden,) = (name for name in found if name.startswith("split/b-"))
    assert found == {
        "split/default.yaml": ["of "],
        "split/a.yaml": ["of a"],
        hidden: ["of .b"],
        "split/a.b.yaml": ["of a.b"],
        "whole/default.yaml": ["of ", "of a"],
    }


def test_a_scenario_that_chooses_the_answer_comes_before_the_upstream(
    upstream: MockServer, tmp_path: Path
) -> None:
    """A simulated failure costs nothing and is not recorded."""
    file = tmp_path / "it.yaml"
    with MockServer(upstream=upstream.url, record_mode="all", cassettes=(file,)) as server:
        server.scenario("http:429")
        assert ask(server, "one").status_code == 429
    assert upstream.calls == []
    assert not file.exists()


def test_a_cassette_that_cannot_be_saved_does_not_hurt_the_client(
    upstream: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client gets its answer, the server knows the problem, and the old file is whole."""
    file = tmp_path / "it.yaml"
    with MockServer(upstream=upstream.url, record_mode="once", cassettes=(file,)) as server:
        ask(server, "one")
    before = file.read_bytes()

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    options: dict[str, Any] = {"upstream": upstream.url, "record_mode": "new_episodes"}
    with MockServer(**options, cassettes=(file,)) as server:
        with monkeypatch.context() as patch:
            patch.setattr(saving, "replace", full)
            assert ask(server, "two").status_code == 200
            assert "No space left" in server.problems[0]
    assert file.read_bytes().startswith(before.removesuffix(b"version: 1\n"))


def test_a_request_meets_its_recording_though_secrets_are_hidden_there(
    upstream: MockServer, tmp_path: Path
) -> None:
    """What is hidden on the cassette still matches, at once and after a new start."""
    file = tmp_path / "it.yaml"
    text = "the password of acme-1234 is sk-0123456789abcdef0123456789"
    options: dict[str, Any] = {"cassettes": (file,), "redact_pattern": ("acme-[0-9]{4}",)}
    recording = {"upstream": upstream.url, "record_mode": "new_episodes"}
    with MockServer(**options, **recording) as server:
        made = ask(server, text).json()["id"]
        server.clear()
        assert ask(server, text).json()["id"] == made
    assert "acme" not in file.read_text()
    assert "0123456789" not in file.read_text()
    with MockServer(**options, strict=True) as server:
        assert ask(server, text).json()["id"] == made


def test_a_miss_says_what_has_to_be_hidden_on_replay(upstream: MockServer, tmp_path: Path) -> None:
    """Without the options of the recording they are named; with them only what else differs is."""
    file = tmp_path / "it.yaml"
    options: dict[str, Any] = {"cassettes": (file,), "redact_field": ("instructions",)}
    with MockServer(**options, upstream=upstream.url, record_mode="once") as server:
        ask(server, "hi", instructions="Serve Acme.")
    with MockServer(cassettes=(file,), strict=True) as server:
        told = ask(server, "hi", instructions="Serve Acme.").json()["error"]["message"]
    assert "instructions: what was recorded is hidden there" in told
    assert "--redact-field" in told
    with MockServer(**options, strict=True) as server:
        told = ask(server, "hello", instructions="Serve Acme.").json()["error"]["message"]
        assert 'input: recorded "hi", sent "hello"' in told
        assert "instructions:" not in told
        for _ in range(2):
            told = ask(server, "hi", instructions="Serve Acme.").json()
        assert told["error"]["code"] == "already_played"


@pytest.mark.parametrize("mode", ["once", "new_episodes", "all", "rewrite", "verify"])
def test_a_mode_that_needs_an_upstream_says_so_at_the_start(mode: str, tmp_path: Path) -> None:
    """The error names the setting, the flag and an example."""
    with pytest.raises(ValueError, match=r"record_mode: .*--upstream"):
        MockServer(record_mode=mode, cassettes=(tmp_path,)).start()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"upstream": "api.openai.com"}, "upstream"),
        ({"upstream": "ftp://api.openai.com"}, "upstream"),
        ({"upstream": "https://me:secret@api.openai.com"}, "upstream"),
        ({"upstream": "https://api.openai.com/v1?key=secret"}, "upstream"),
        ({"upstream": "https://[api"}, "upstream"),
        ({"upstream": "http://a", "upstream_ca": "nowhere.pem"}, "upstream_ca"),
        ({"upstream": "http://a", "environment_key": True}, "environment_key"),
    ],
    ids=str,
)
def test_an_upstream_that_cannot_be_used_is_refused_at_the_start(
    options: dict[str, Any], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the setting, and never a key that was put in the wrong place."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ValueError, match=f"^{name}: ") as found:
        MockServer(record_mode="all", cassettes=(tmp_path,), **options).start()
    assert "secret" not in str(found.value)


@pytest.mark.parametrize("place", ["file/it.yaml", "file/folder", "it.json"])
def test_a_place_that_cannot_be_written_is_refused_at_the_start(place: str, tmp_path: Path) -> None:
    """Nothing is asked of the upstream that could not be kept."""
    (tmp_path / "file").write_text("not a folder")
    options: dict[str, Any] = {"record_mode": "all", "upstream": "http://127.0.0.1:9"}
    with pytest.raises((CassetteError, OSError)):
        MockServer(**options, cassettes=(tmp_path / place,)).start()
