"""A recording survives kills, full disks and other writers: nothing that was kept is lost."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import pytest
import vcr

from mockserver.cassette import CassetteError, read
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.recording import NotSaved, Recording, SecretFound

KILLS = int(os.environ.get("MOCKSERVER_KILLS", "3"))
"""How often a recorder is killed; the environment may ask for more."""

RECORDER = """
import asyncio, json, sys
from pathlib import Path
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.recording import Recording

async def main(path, name, count, clients):
    recording = Recording(Path(path))
    print("ready", flush=True)
    async def client(number):
        for turn in range(count):
            text = f"{name}-{number}-{turn}"
            body = json.dumps({"input": text}).encode()
            await recording.add(Exchange("POST", "https://h/v1/responses", (), body, 200, "OK",
                (("content-type", "application/json"),), json.dumps({"id": text}).encode() * 20))
            print(text, flush=True)
    await asyncio.gather(*map(client, range(clients)))
    await recording.close()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
"""


def exchange(text: str, answer: str = "", **changes: object) -> Exchange:
    """Return an exchange whose request says a text."""
    body = json.dumps({"input": text}).encode()
    headers = (("content-type", "application/json"),)
    made = Exchange("POST", "https://h/v1/responses", headers, body, 200, "OK", headers, b"{}")
    return Exchange(
        **{name: getattr(made, name) for name in made.__slots__}
        | {"body": json.dumps({"id": answer or text}).encode()}
        | changes
    )


def texts(path: Path) -> list[str]:
    """Return what the recorded requests say, in file order; the file must be whole."""
    return [json.loads(each.request_body)["input"] for each in read(path, strict=True)]


def ids(path: Path) -> list[str]:
    """Return the ids of the recorded answers, in file order; the file must be whole."""
    return [json.loads(each.body)["id"] for each in read(path, strict=True)]


def asked(text: str) -> object:
    """Ask what was recorded for a text, as any client that vcrpy patches does."""
    body = json.dumps({"input": text}).encode()
    headers = {"content-type": "application/json"}
    with urlopen(UrlRequest("https://h/v1/responses", body, headers)) as told:
        return json.load(told)


def recorder(path: Path, name: str, count: int, clients: int) -> subprocess.Popen[str]:
    """Start a process that records; it prints each text once that is safe."""
    arguments = [sys.executable, "-c", RECORDER, str(path), name, str(count), str(clients)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def test_no_kill_loses_what_was_safe_or_breaks_the_file(tmp_path: Path) -> None:
    """After kill -9 under load, the file is whole and holds all whose ``add`` had returned."""
    path = tmp_path / "killed.yaml"
    safe: list[str] = []
    for number in range(KILLS):
        with recorder(path, f"run{number}", 10_000, 6) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.05 + 0.037 * (number % 8))
            process.kill()
            # A line that the kill cut in two was never told.
            safe += [line[:-1] for line in process.stdout if line.endswith("\n")]
        kept = texts(path) if path.exists() else []
        assert set(safe) <= set(kept)
        assert len(kept) == len(set(kept))
    assert safe
    Recording(path)
    assert [left.name for left in tmp_path.iterdir()] == ["killed.yaml"]


def test_four_processes_on_one_cassette_lose_nothing(tmp_path: Path) -> None:
    """Each of them finds its interactions in the file, in its own order."""
    path = tmp_path / "shared.yaml"
    processes = [recorder(path, name, 8, 1) for name in "abcd"]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    kept = texts(path)
    for name in "abcd":
        mine = [text for text in kept if text.startswith(f"{name}-")]
        assert mine == [f"{name}-0-{turn}" for turn in range(8)]


async def test_many_at_once_are_saved_with_few_writes(tmp_path: Path) -> None:
    """What waits while the file is being written goes to disk together."""
    recording = Recording(tmp_path / "many.yaml")
    await asyncio.gather(*(recording.add(exchange(str(n))) for n in range(50)))
    assert recording.saves < 25
    assert sorted(texts(recording.path), key=int) == [str(n) for n in range(50)]


async def test_slots_keep_the_order_in_which_requests_came(tmp_path: Path) -> None:
    """An answer that ends early stands behind the earlier request's."""
    recording = Recording(tmp_path / "order.yaml")
    first, second, third = recording.reserve(), recording.reserve(), recording.reserve()
    await recording.add(exchange("third"), third)
    await recording.add(exchange("first"), first)
    await recording.add(exchange("second"), second)
    assert texts(recording.path) == ["first", "second", "third"]


async def test_a_client_that_leaves_does_not_stop_the_recording(tmp_path: Path) -> None:
    """Cancelling whoever waits leaves the interaction on its way to disk."""
    recording = Recording(tmp_path / "left.yaml")
    waiting = asyncio.create_task(recording.add(exchange("kept")))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await recording.close()
    assert texts(recording.path) == ["kept"]


async def test_a_full_disk_leaves_the_old_file_whole_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The add fails, the file is as it was, nothing is left over, and room made later is used."""
    path = tmp_path / "full.yaml"
    recording = Recording(path)
    await recording.add(exchange("before"))
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(NotSaved, match="No space left on device; make room"):
            await recording.add(exchange("during"))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["full.yaml"]
    assert len(recording.problems) == 1
    await recording.add(exchange("after"))
    assert texts(path) == ["before", "during", "after"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_file_that_may_not_grow_stays_as_it_is(tmp_path: Path) -> None:
    """When the system really refuses the bytes, the last good state is on disk."""
    path = tmp_path / "limited.yaml"
    code = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
    ) + RECORDER
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), "limited", "50", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "File too large" in done.stderr
    safe = done.stdout.split()[1:]
    assert safe
    assert texts(path) == safe
    assert [left.name for left in tmp_path.iterdir()] == ["limited.yaml"]


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    """A folder in the file's place, a file in the folder's and a wrong suffix are told."""
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(CassetteError, match="this is a folder"):
        Recording(tmp_path / "folder.yaml")
    (tmp_path / "file").write_text("")
    with pytest.raises(CassetteError, match="cannot be written here"):
        Recording(tmp_path / "file" / "a.yaml")
    with pytest.raises(CassetteError, match=r"name the file \.yaml"):
        Recording(tmp_path / "a.json")


def test_a_damaged_cassette_is_never_written_over(tmp_path: Path) -> None:
    """Only the mode that replaces the file takes one that cannot be read."""
    path = tmp_path / "damaged.yaml"
    path.write_text("interactions:\n- request:\n    body: ''\n")
    with pytest.raises(CassetteError):
        Recording(path)
    assert path.read_text().startswith("interactions:\n- request:")
    assert Recording(path, mode="rewrite").records


async def test_a_secret_that_cleaning_misses_is_not_written(tmp_path: Path) -> None:
    """The scan names the place and the kind, never the value, and the file stays as it was."""
    recording = Recording(tmp_path / "secret.yaml")
    hidden = "ghp_" + "a1B2" * 9
    coded = __import__("base64").b64encode(f"{{'k': '{hidden}'}}".encode()).decode()
    with pytest.raises(SecretFound) as caught:
        await recording.add(exchange("x", answer=coded))
    assert "interactions[0].response.body.string" in str(caught.value)
    assert "a repository token" in recording.problems[0]
    assert hidden not in str(caught.value) + str(recording.problems)
    assert not recording.path.exists()


async def test_once_records_only_where_nothing_was(tmp_path: Path) -> None:
    """The first run makes the cassette; the next leaves it alone."""
    path = tmp_path / "once.yaml"
    first = Recording(path, mode="once")
    assert first.records
    await first.add(exchange("a"))
    again = Recording(path, mode="once")
    assert not again.records
    with pytest.raises(NotSaved, match="mode 'once'"):
        await again.add(exchange("b"))
    assert texts(path) == ["a"]


async def test_new_episodes_keeps_the_old_text_byte_for_byte(tmp_path: Path) -> None:
    """What another tool wrote stays as it is: comments, spelling, keys of its own."""
    path = tmp_path / "old.yaml"
    old = (
        '# by hand\ninteractions:\n- request:\n    body: \'{"input": "a"}\'\n    headers: {}\n'
        "    method: POST\n    uri: https://h/v1/responses\n  response:\n    # why\n"
        "    body: {string: '{}'}\n    headers: {}\n    status: {code: 200, message: OK}\n"
        "    x-own: 1\n"
    )
    path.write_text(old + "version: 1\n")
    await Recording(path).add(exchange("b"))
    assert path.read_text().startswith(old)
    assert path.read_text().endswith("version: 1\n")
    assert texts(path) == ["a", "b"]


async def test_all_replaces_what_is_recorded_anew_in_its_place(tmp_path: Path) -> None:
    """Each new answer takes the place of an old one; the rest stays, or goes if unused."""
    path = tmp_path / "all.yaml"
    before = Recording(path)
    for text in ("a", "b", "a", "c"):
        await before.add(exchange(text, answer=f"old {text}"))
    recording = Recording(path, mode="all")
    await recording.add(exchange("a", answer="new 1"))
    await recording.add(exchange("a", answer="new 2"))
    await recording.close()
    assert ids(path) == ["new 1", "old b", "new 2", "old c"]
    unused = Recording(path, mode="all")
    await unused.add(exchange("b"))
    await unused.close()
    assert await unused.drop_unused(()) == 3
    assert texts(path) == ["b"]


async def test_all_keeps_the_order_of_equal_requests(tmp_path: Path) -> None:
    """Whichever answer comes first, each has the place of its request; old ones in excess go."""
    path = tmp_path / "all.yaml"
    before = Recording(path)
    for text in ("a", "b", "a", "a", "c"):
        await before.add(exchange(text, answer=f"old {text}"))
    recording = Recording(path, mode="all")
    first, second = recording.reserve(), recording.reserve()
    await recording.add(exchange("a", answer="new 2"), second)
    assert ids(path) == ["new 2", "old b", "old c"]
    await recording.add(exchange("a", answer="new 1"), first)
    assert ids(path) == ["new 1", "old b", "new 2", "old c"]
    await recording.close()
    assert await recording.drop_unused(()) == 2
    assert ids(path) == ["new 1", "new 2"]


async def test_rewrite_keeps_the_old_file_until_the_first_save(tmp_path: Path) -> None:
    """A run that records nothing loses nothing; one that does starts anew."""
    path = tmp_path / "rewrite.yaml"
    await Recording(path).add(exchange("old"))
    recording = Recording(path, mode="rewrite")
    await recording.close()
    assert texts(path) == ["old"]
    await recording.add(exchange("a"))
    await recording.add(exchange("b"))
    assert texts(path) == ["a", "b"]


@pytest.mark.parametrize("mode", ["none", "verify"])
async def test_modes_that_do_not_write_touch_nothing(tmp_path: Path, mode: str) -> None:
    """Not even the folder is made."""
    recording = Recording(tmp_path / "new" / "a.yaml", mode=mode)  # type: ignore[arg-type]
    assert not recording.records
    with pytest.raises(NotSaved):
        await recording.add(exchange("a"))
    assert not (tmp_path / "new").exists()


async def test_stock_vcrpy_plays_a_recording(tmp_path: Path) -> None:
    """The recorded file is a plain cassette that vcrpy answers from, matching on the body too."""
    recording = Recording(tmp_path / "plain.yaml")
    await recording.add(exchange("a", answer="it's"))
    await recording.add(exchange("b", answer="é😀"))
    match_on = ["method", "uri", "body"]
    with vcr.use_cassette(str(recording.path), record_mode="none", match_on=match_on) as played:
        for text, answer in (("b", "é😀"), ("a", "it's")):
            assert asked(text) == {"id": answer}
    assert played.all_played


async def test_what_fails_for_an_unknown_reason_is_told_without_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours does not break the client's answer, and its text may hold a secret."""

    def broken(*_: object) -> None:
        raise ValueError("sk-secret")

    monkeypatch.setattr("mockserver.cassette.writer.chunk", broken)
    recording = Recording(tmp_path / "a.yaml")
    with pytest.raises(NotSaved, match="not recorded: ValueError"):
        await recording.add(exchange("a"))
    assert "sk-secret" not in str(recording.problems)
