"""Recordings that a run has no use for: dropped or told when asked for, and never by mistake."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from test_record_modes import answers, ask, asked

from mockserver import MockServer
from mockserver.cassette import Recording, read, saving
from mockserver.cassette.layout import Layout, exchange


@pytest.fixture
def upstream() -> Iterator[MockServer]:
    """An API to record from."""
    with MockServer() as server:
        yield server


def recorder(upstream: MockServer, place: Path, mode: str, **options: Any) -> MockServer:
    """Return a server that records onto a file or folder."""
    return MockServer(upstream=upstream.url, record_mode=mode, cassettes=(place,), **options)


@pytest.fixture
def file(upstream: MockServer, tmp_path: Path) -> Path:
    """A cassette on which three requests are answered."""
    path = tmp_path / "it.yaml"
    with recorder(upstream, path, "once") as server:
        for text in ("one", "two", "three"):
            ask(server, text)
    return path


@pytest.mark.parametrize(
    ("mode", "left"),
    [("new_episodes", ["one", "three", "new"]), ("all", ["one", "three", "new"])],
)
def test_what_was_not_asked_for_goes_at_the_stop(
    mode: str, left: list[str], upstream: MockServer, file: Path
) -> None:
    """What was played, recorded anew or is new stays, byte for byte and in its order."""
    with recorder(upstream, file, mode, drop_unused=True) as server:
        for text in ("three", "one", "new"):
            ask(server, text)
        assert asked(file) == ["one", "two", "three", "new"]
        whole = Layout.read(file)
    assert asked(file) == left
    found = Layout.read(file)
    assert found.chunks == tuple(chunk for n, chunk in enumerate(whole.chunks) if n != 1)
    assert file.read_bytes() == found.text(found.chunks) == whole.text(found.chunks)


@pytest.mark.parametrize("mode", ["new_episodes", "all", "rewrite"])
def test_a_run_that_asks_for_nothing_drops_nothing(
    mode: str, upstream: MockServer, file: Path
) -> None:
    """A server that is only started and stopped leaves the cassette as it is."""
    before = file.read_bytes()
    with recorder(upstream, file, mode, drop_unused=True):
        pass
    assert file.read_bytes() == before


def test_nothing_is_dropped_unless_that_is_asked_for(upstream: MockServer, file: Path) -> None:
    """Without the setting the cassette only grows."""
    before = file.read_bytes()
    with recorder(upstream, file, "new_episodes") as server:
        ask(server, "one")
    assert file.read_bytes() == before


@pytest.mark.parametrize("gone", ["clear", "drop"])
def test_what_a_namespace_has_played_stays_when_it_is_gone(
    gone: str, upstream: MockServer, file: Path
) -> None:
    """Plays count for the whole run, though tests begin afresh in between."""
    with recorder(upstream, file, "new_episodes", drop_unused=True) as server:
        for text in ("one", "two"):
            ask(server, text, "mine")
            getattr(server, gone)("mine")
        ask(server, "one", "other")
    assert asked(file) == ["one", "two"]


def test_what_a_namespace_replays_from_a_library_of_its_own_stays(
    upstream: MockServer, file: Path
) -> None:
    """A recording that was chosen over the control API is in use too."""
    with recorder(upstream, file, "new_episodes", drop_unused=True) as server:
        server.use_cassettes(file, namespace="mine")
        assert ask(server, "two", "mine").status_code == 200
        server.drop("mine")
        ask(server, "one")
    assert asked(file) == ["one", "two"]


@pytest.mark.parametrize("mode", ["new_episodes", "all"])
def test_a_cassette_whose_interaction_a_rule_has_given_stays(
    mode: str, upstream: MockServer, file: Path
) -> None:
    """Not only the one that was given: the rule knows it by its number."""
    with recorder(upstream, file, mode, drop_unused=True) as server:
        server.rules(
            {"match": {"input": "by rule"}, "reply": {"cassette": str(file), "interaction": 2}}
        )
        assert ask(server, "by rule").status_code == 200
        ask(server, "one")
    assert asked(file) == ["one", "two", "three"]


@pytest.mark.parametrize("given", [True, False])
def test_what_a_rule_gives_is_used(given: bool, file: Path) -> None:
    """A recording counts once the reply was given, and not because a rule names it."""
    with MockServer(cassettes=(file,)) as server:
        server.rules(
            {"match": {"input": "by rule"}, "reply": {"cassette": str(file), "interaction": 2}}
        )
        for text in ("one", "three", *(["by rule"] if given else [])):
            assert ask(server, text).status_code == 200
        unused = server.unused() or ""
    assert ("interaction 2: POST /responses" in unused) is not given
    assert ("1 of 3 recorded interactions were not played" in unused) is not given


def test_an_error_that_a_rule_gives_is_used(upstream: MockServer, tmp_path: Path) -> None:
    """So is a recording that is no response."""
    file = tmp_path / "it.yaml"
    with recorder(upstream, file, "once") as server:
        upstream.scenario("http:429,times:1")
        ask(server, "one")
    with MockServer(cassettes=(file,)) as server:
        server.rules({"reply": {"cassette": str(file)}})
        assert ask(server, "by rule").status_code == 429
        assert server.unused() is None


def test_all_cassettes_of_a_folder_that_were_played_lose_the_rest(
    upstream: MockServer, tmp_path: Path
) -> None:
    """One that only replays is meant too; one that nobody wanted is left alone."""
    with recorder(upstream, tmp_path, "once") as server:
        for name in ("a", "b"):
            for text in ("one", "two"):
                ask(server, f"{name} {text}", name)
    with recorder(upstream, tmp_path, "new_episodes", drop_unused=True) as server:
        ask(server, "a two", "a")
    assert asked(tmp_path / "a.yaml") == ["a two"]
    assert asked(tmp_path / "b.yaml") == ["b one", "b two"]


def test_polls_that_answered_a_stream_stay(upstream: MockServer, tmp_path: Path) -> None:
    """A background response told as a stream needs the recorded poll that has its end."""
    file = tmp_path / "it.yaml"
    with recorder(upstream, file, "new_episodes") as server:
        made = ask(server, "one", background=True).json()
        while made["status"] in ("queued", "in_progress"):
            made = httpx2.get(f"{server.url}/responses/{made['id']}", timeout=20).json()
        ask(server, "two")
    polls = len(read(file))
    with recorder(upstream, file, "new_episodes", drop_unused=True) as server:
        assert "response.completed" in ask(server, "one", background=True, stream=True).text
    assert [each.method for each in read(file)] == ["POST", "GET"] != polls
    assert (read(file)[1].document or {})["status"] == "completed"


def test_an_upstream_that_fails_costs_no_recording(upstream: MockServer, file: Path) -> None:
    """What was to be recorded anew and was not may be wanted still, and the stop says so."""
    before = file.read_bytes()
    with recorder(upstream, file, "all", drop_unused=True) as server:
        upstream.scenario("refuse")
        assert ask(server, "one").status_code == 502
        upstream.scenario(None)
        ask(server, "two")
    assert asked(file) == ["one", "two", "three"]
    assert answers(file)[0].encode() in before
    assert "unused interactions stay, because 1 were not recorded" in "".join(server.problems)


def test_an_error_in_the_block_costs_no_recording(upstream: MockServer, file: Path) -> None:
    """What a run did not come to ask for, because something broke, stays."""
    server = recorder(upstream, file, "new_episodes", drop_unused=True)

    def run() -> None:
        with server:
            ask(server, "one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()
    assert asked(file) == ["one", "two", "three"]


def test_a_full_disk_costs_no_recording(
    upstream: MockServer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file is whole, and the problem is told."""

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with recorder(upstream, file, "new_episodes", drop_unused=True) as server:
        ask(server, "one")
        monkeypatch.setattr(saving, "replace", full)
    assert asked(file) == ["one", "two", "three"]
    assert "No space left" in server.problems[0]


def test_what_another_process_has_added_stays(upstream: MockServer, file: Path) -> None:
    """It is not this run's to judge."""

    async def add() -> None:
        other = Recording(file)
        await other.add(exchange(read(file)[1]))
        await other.close()

    with recorder(upstream, file, "new_episodes", drop_unused=True) as server:
        ask(server, "one")
        ask(server, "new")
        asyncio.run(add())
    assert asked(file) == ["one", "new", "two"]


def test_a_file_that_is_not_laid_out_as_vcrpy_does_it_stays(
    upstream: MockServer, file: Path
) -> None:
    """Only what this project could have written is written anew."""
    text = file.read_text().replace("interactions:\n", "interactions:   # by hand\n", 1)
    file.write_text(text)
    with recorder(upstream, file, "new_episodes", drop_unused=True) as server:
        ask(server, "one")
    assert file.read_text() == text
    assert "is not laid out as vcrpy does it" in server.problems[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"drop_unused": True}, "record mode 'none' leaves cassettes as they are"),
        ({"drop_unused": True, "record_mode": "once"}, "'once' leaves cassettes as they are"),
        ({"fail_unused": True, "record_mode": "all"}, "nothing is replayed in record mode 'all'"),
        ({"record_status": "200"}, "record_status: .*all, 2xx"),
    ],
)
def test_a_mode_in_which_a_setting_means_nothing_is_refused(
    options: dict[str, Any], said: str, upstream: MockServer, tmp_path: Path
) -> None:
    """The error names the setting and what to do."""
    with pytest.raises(ValueError, match=said):
        MockServer(upstream=upstream.url, cassettes=(tmp_path,), **options).start()


@pytest.mark.parametrize(("status", "kept"), [("all", [429, 200]), ("2xx", [200])])
def test_errors_are_recorded_or_only_passed_on(
    status: str, kept: list[int], upstream: MockServer, tmp_path: Path
) -> None:
    """The client gets every answer; what it replays later is up to the setting."""
    file = tmp_path / "it.yaml"
    with recorder(upstream, file, "new_episodes", record_status=status) as server:
        upstream.scenario("http:429,times:1")
        assert [ask(server, "one").status_code for _ in range(2)] == [429, 200]
        assert server.problems == []
    assert [each.status for each in read(file)] == kept


def test_an_error_that_is_not_recorded_does_not_cost_the_old_answer(
    upstream: MockServer, file: Path
) -> None:
    """Of the requests that were asked again, none loses what there is for it."""
    with recorder(upstream, file, "all", drop_unused=True, record_status="2xx") as server:
        upstream.scenario("http:429,times:1")
        assert ask(server, "one").status_code == 429
        assert ask(server, "two").status_code == 200
        assert server.problems == []
    assert asked(file) == ["one", "two"]
