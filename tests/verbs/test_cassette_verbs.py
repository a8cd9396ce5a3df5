"""``mockserver cassette``: real processes over recordings in a folder of the test's own."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest
import yaml
from vcr.cassette import Cassette

from mockserver import MockServer
from mockserver.cassette import read
from mockserver.cli import main
from mockserver.clock import VirtualClock
from mockserver.verbs import importing, listing
from mockserver.verbs.output import Progress

URL = "https://api.openai.com/v1/responses"
KEY = "sk-proj-aaaabbbbccccddddeeeeffff0000"
USAGE = {
    "input_tokens": 12,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 30,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 42,
}
MESSAGE: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Bonjour!", "annotations": []}],
}
CALL = {
    "id": "fc_1",
    "type": "function_call",
    "status": "completed",
    "name": "get_weather",
    "arguments": '{"city":"Oslo"}',
    "call_id": "call_1",
}
RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1750000000,
    "status": "completed",
    "model": "gpt-5-2025-08-07",
    "output": [MESSAGE, CALL],
    "usage": USAGE,
}
ASKED = {"model": "gpt-5", "instructions": "Be brief.", "input": "Say hello in French"}


class Result(NamedTuple):
    """What a run of the command came to."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON on stdout."""
        return json.loads(self.out)


Run: TypeAlias = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``mockserver cassette`` with some words in the folder of the test."""
    monkeypatch.chdir(tmp_path)

    def cassette(*words: str) -> Result:
        try:
            code = main(["cassette", *words])
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else 1
        return Result(code, *capsys.readouterr())

    return cassette


def test_the_command_runs_as_a_process(tmp_path: Path) -> None:
    """Result on stdout, problems on stderr, the exit code says whether there were any."""
    write(tmp_path / "a.yaml", interaction())
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "cassette", "list", "a.yaml", "none.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "a.yaml (vcrpy)")
    assert done.stderr == "none.yaml: there is no such file or folder\n"


def interaction(
    answer: Any = RESPONSE, asked: Any = ASKED, headers: Any = None, status: int = 200
) -> dict[str, Any]:
    """Return one recorded interaction; an answer that is text is a stream."""
    stream = isinstance(answer, str)
    media = "text/event-stream" if stream else "application/json"
    sent = {"content-type": ["application/json"], **(headers or {})}
    body = answer if stream else json.dumps(answer)
    asked = {**asked, "stream": True} if stream else asked
    return {
        "request": {"method": "POST", "uri": URL, "headers": sent, "body": json.dumps(asked)},
        "response": {
            "status": {"code": status, "message": "OK"},
            "headers": {"content-type": [media]},
            "body": {"string": body},
        },
    }


def old_stream() -> str:
    """Return a stream of early 2025, whose events have no numbers."""
    opened = {**RESPONSE, "status": "in_progress", "output": []}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": opened},
        {"type": "response.output_text.delta", "item_id": "msg_1", "delta": "Bonjour!"},
        {"type": "response.completed", "response": RESPONSE},
    ]
    return "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)


def write(path: Path, *interactions: dict[str, Any]) -> Path:
    """Write a plain cassette."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"interactions": list(interactions), "version": 1}), "utf-8")
    return path


def go_vcr(path: Path) -> Path:
    """Write a cassette of go-vcr."""
    request = {"body": json.dumps(ASKED), "headers": {}, "url": URL, "method": "POST"}
    response = {"body": json.dumps(RESPONSE), "headers": {}, "code": 200, "duration": "1s"}
    document = {"version": 2, "interactions": [{"request": request, "response": response}]}
    path.write_text(yaml.safe_dump(document), "utf-8")
    return path


def test_list_says_what_is_inside(tmp_path: Path, run: Run) -> None:
    """Each interaction is a line with its model, items, tokens and day, below its file."""
    write(tmp_path / "a" / "one.yaml", interaction(), interaction(old_stream()))
    go_vcr(tmp_path / "a" / "two.yaml")
    found = run("list", "a")
    lines = [line.split() for line in found.out.splitlines()]
    assert (found.code, lines[0]) == (0, ["a/one.yaml", "(vcrpy)"])
    told = ["completed", "gpt-5-2025-08-07", "message,", "function_call", "12→30", "2025-06-15"]
    assert lines[2][:10] == ["1", "POST", "/responses", "200", *told]
    assert lines[3][:5] == ["2", "POST", "/responses", "(stream)", "200"]
    assert lines[4] == ["a/two.yaml", "(go-vcr)"]
    rows = run("list", "a", "--json").data
    assert [row["dialect"] for row in rows] == ["vcrpy", "vcrpy", "go-vcr"]
    assert (rows[0]["items"], rows[0]["output_tokens"]) == ({"message": 1, "function_call": 1}, 30)


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_listed(
    tmp_path: Path, run: Run
) -> None:
    """The exit code says that something is wrong."""
    write(tmp_path / "good.yaml", interaction())
    (tmp_path / "bad.yaml").write_text("interactions: [7]\nversion: 1\n", "utf-8")
    found = run("list", ".", "none.yaml")
    assert found.code == 1
    assert "good.yaml (vcrpy)" in found.out
    assert "bad.yaml: interaction 1: 'request' must be a mapping" in found.err
    assert "none.yaml: there is no such file or folder" in found.err


@pytest.mark.parametrize(("days", "text"), [(0, "0 d"), (59, "59 d"), (60, "2 mo"), (800, "2 y")])
def test_an_age_is_told_in_one_unit(days: int, text: str) -> None:
    """Days at first, then months, then years."""
    assert listing.age(days * 86400 + 5) == text


def test_show_tells_a_conversation_without_secrets(tmp_path: Path, run: Run) -> None:
    """Who said what, in order; a key in a text is hidden."""
    asked = {
        "model": "gpt-5",
        "tools": [{"type": "function", "name": "get_weather"}, {"type": "web_search"}],
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": f"My key is {KEY}"}]},
            {"type": "function_call_output", "call_id": "call_0", "output": "rain"},
        ],
    }
    write(tmp_path / "a.yaml", interaction(asked=asked))
    assert run("show", "a.yaml", "1").out.splitlines() == [
        "#1 POST /responses → 200, completed, gpt-5-2025-08-07, 12 tokens in, 30 out",
        "tools: get_weather, web_search",
        "user: My key is [redacted]",
        "function_call_output: rain [call_0]",
        "assistant: Bonjour!",
        'function_call: get_weather({"city":"Oslo"}) [call_1]',
    ]
    assert KEY not in run("show", "a.yaml", "--json").out


def test_show_tells_events_by_line(tmp_path: Path, run: Run) -> None:
    """Each event has its number, type and what it carries; only a stream has events."""
    write(tmp_path / "a.yaml", interaction(old_stream()), interaction())
    lines = run("show", "a.yaml", "1", "--events").out.splitlines()
    assert [line.split()[1] for line in lines[1:]] == [
        "response.created",
        "response.output_text.delta",
        "response.completed",
    ]
    assert '"delta":"Bonjour!"' in lines[2]
    refused = run("show", "a.yaml", "2", "--events")
    assert (refused.code, "is no stream" in refused.err) == (2, True)
    missing = run("show", "a.yaml", "3")
    assert (missing.code, "the file has 2" in missing.err) == (2, True)


def test_check_passes_what_is_sound(tmp_path: Path, run: Run) -> None:
    """A clean file has no error and no note."""
    write(tmp_path / "a.yaml", interaction(), interaction(old_stream()))
    found = run("check", "a.yaml", "--strict")
    assert (found.code, found.out) == (0, "1 files checked: 0 errors, 0 notes\n")


@pytest.mark.parametrize("verb", ["check", "list", "stats", "redact", "upgrade"])
def test_a_folder_without_cassettes_is_a_problem(verb: str, tmp_path: Path, run: Run) -> None:
    """A check that checks nothing is no success, wherever the path was mistyped."""
    (tmp_path / "notes.txt").write_text("no cassette")
    done = run(verb, ".")
    assert done.code == 1
    assert "the folder holds no cassettes" in done.out + done.err


def test_check_finds_damage_secrets_and_what_the_models_refuse(tmp_path: Path, run: Run) -> None:
    """Each error has its kind, file and interaction; a secret's place is told and not its value."""
    cut = write(tmp_path / "cut.yaml", interaction())
    cut.write_text(cut.read_text("utf-8").removesuffix("version: 1\n"), "utf-8")
    write(tmp_path / "key.yaml", interaction(headers={"authorization": [f"Bearer {KEY}"]}))
    bad = {**RESPONSE, "output": [{**MESSAGE, "content": "no list"}]}
    new = {**RESPONSE, "brand_new": 1, "output": [{"id": "x_1", "type": "telepathy"}]}
    write(tmp_path / "odd.yaml", interaction(bad), interaction(new))
    write(tmp_path / "asked.yaml", interaction(asked={"model": "gpt-5", "input": "x", "wish": 1}))
    (tmp_path / "broken.yaml").write_text("interactions: [\n", "utf-8")
    found = run("check", ".", "--json")
    assert found.code == 1
    by_kind = {(each["kind"], Path(each["file"]).name): each for each in found.data}
    assert set(by_kind) == {
        ("damage", "cut.yaml"),
        ("secret", "key.yaml"),
        ("invalid", "odd.yaml"),
        ("invalid", "asked.yaml"),
        ("unused", "odd.yaml"),
        ("unreadable", "broken.yaml"),
    }
    assert by_kind["secret", "key.yaml"]["text"].startswith("interactions[0].request.headers")
    assert by_kind["invalid", "odd.yaml"]["interaction"] == 1
    assert by_kind["invalid", "asked.yaml"]["text"] == "request: Unknown parameter: 'wish'."
    notes = [each["text"] for each in found.data if each["level"] == "note"]
    assert [text.split(" is ")[0] for text in notes] == [
        "response.brand_new",
        "response.output[] of type 'telepathy'",
    ]
    assert KEY not in found.out + found.err
    quiet = run("check", "odd.yaml", "--quiet")
    assert ("error: invalid: odd.yaml: interaction 1" in quiet.out, "note" in quiet.out[:50]) == (
        True,
        False,
    )


def test_import_writes_what_stock_vcrpy_and_the_server_replay(tmp_path: Path, run: Run) -> None:
    """Two dialects become plain cassettes with equal bodies, keys hidden, counts told."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    go_vcr(tmp_path / "in" / "deep" / "two.yaml")
    (tmp_path / "in" / "old.sse").write_text(old_stream(), "utf-8")
    write(tmp_path / "in" / "key.yml", interaction(headers={"authorization": [f"Bearer {KEY}"]}))
    found = run("import", "in", "out", "--json")
    assert found.code == 0
    assert found.data["dialects"]["go-vcr"] == {
        "files": 1,
        "interactions": 1,
        "bodies_in": 2,
        "bodies_out": 2,
    }
    written = sorted(
        path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.yaml")
    )
    assert [path.as_posix() for path in written] == ["deep/two.yaml", "key.yaml", "old.sse.yaml"]
    (stock,) = Cassette.load(path=str(tmp_path / "out" / "deep" / "two.yaml")).responses
    assert json.loads(stock["body"]["string"]) == RESPONSE
    assert KEY not in (tmp_path / "out" / "key.yaml").read_text("utf-8")
    (old,) = read(tmp_path / "out" / "old.sse.yaml", strict=True)
    assert old.body == old_stream().encode()
    with MockServer(cassettes=(tmp_path / "out",), strict=True) as server:
        assert server.url


def test_import_gathers_into_one_file_and_replaces_it_only_when_told(
    tmp_path: Path, run: Run
) -> None:
    """A destination that ends in .yaml takes everything, in the order of the sources."""
    one, two = write(tmp_path / "a.yaml", interaction()), go_vcr(tmp_path / "b.yaml")
    assert run("import", one.name, two.name, "all.yaml").code == 0
    assert len(read(tmp_path / "all.yaml", strict=True)) == 2
    refused = run("import", one.name, "all.yaml")
    assert (refused.code, "is there already; replace it with --force" in refused.err) == (2, True)
    assert run("import", one.name, "all.yaml", "--force").code == 0
    assert len(read(tmp_path / "all.yaml", strict=True)) == 1


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        (lambda exchange, rules: replace(exchange, body=b""), "2 bodies went in and 1 came out"),
        (lambda exchange, rules: exchange, "nothing is written, since it would hold a secret"),
    ],
    ids=["a lost body", "a missed secret"],
)
def test_import_writes_nothing_when_the_cleaning_fails(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, spoiled: Any, message: str
) -> None:
    """A body that is gone is an error, and so is a key that is left; its value is not told."""
    write(tmp_path / "key.yaml", interaction(headers={"authorization": [f"Bearer {KEY}"]}))
    monkeypatch.setattr(importing, "clean", spoiled)
    found = run("import", "key.yaml", "out")
    assert (found.code, message in found.err) == (1, True)
    assert KEY not in found.out + found.err
    assert list(tmp_path.glob("out/**/*.yaml")) == []


def test_import_keeps_secrets_only_when_told(tmp_path: Path, run: Run) -> None:
    """With nothing hidden the file is written as it is; a source that cannot be read is told."""
    write(tmp_path / "key.yaml", interaction(headers={"authorization": [f"Bearer {KEY}"]}))
    (tmp_path / "bad.json").write_text("{}", "utf-8")
    kept = run("import", "key.yaml", "bad.json", "kept", "--keep-secrets")
    assert (kept.code, "bad.json: no cassette" in kept.err) == (1, True)
    assert KEY in (tmp_path / "kept" / "key.yaml").read_text("utf-8")


def test_redact_hides_in_place_and_leaves_the_rest(tmp_path: Path, run: Run) -> None:
    """Keys go, named fields become pseudonyms that are equal for equal values; twice is once."""
    person = {**ASKED, "metadata": {"email": "a@b.example"}}
    secret = interaction(
        {**RESPONSE, "metadata": {"email": "a@b.example"}},
        person,
        {"authorization": [f"Bearer {KEY}"]},
    )
    path = write(tmp_path / "a.yaml", secret)
    before = path.read_bytes()
    assert run("redact", "a.yaml", "--dry-run").out == "would be redacted: a.yaml\n"
    assert path.read_bytes() == before
    assert run("redact", "a.yaml", "--redact-field", "metadata.email").out == "redacted: a.yaml\n"
    (found,) = read(path, strict=True)
    asked = json.loads(found.request_body)["metadata"]["email"]
    assert found.document is not None
    assert asked == found.document["metadata"]["email"] != "a@b.example"
    assert KEY.encode() not in path.read_bytes()
    assert run("check", "a.yaml").code == 0
    assert run("redact", "a.yaml", "--redact-field", "metadata.email").out == "unchanged: a.yaml\n"


def test_redact_changes_only_plain_cassettes_and_reads_its_options(
    tmp_path: Path, run: Run
) -> None:
    """Other dialects are sent to import; a wrong option is wrong usage."""
    path = go_vcr(tmp_path / "a.yaml")
    before = path.read_bytes()
    found = run("redact", "a.yaml", "--redact-pattern", "French")
    assert (found.code, "this is go-vcr" in found.err) == (1, True)
    assert path.read_bytes() == before
    assert run("redact", "a.yaml", "--redact-pattern", "(").code == 2
    assert run("redact", "a.yaml", "--redact-replacement", "x").code == 2


@pytest.mark.parametrize("verb", ["redact", "upgrade"])
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("a.yaml.gz", "this is compressed; unpack it with gunzip, or turn"),
        ("a.json", "this is a file with the ending '.json'; turn"),
    ],
)
def test_a_cassette_that_is_packed_or_named_otherwise_is_told_so(
    name: str, what: str, verb: str, tmp_path: Path, run: Run
) -> None:
    """The error says what is the matter with it, and importing it helps."""
    raw = json.dumps({"interactions": [interaction(old_stream())], "version": 1}).encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    options = ["--redact-pattern", "French"] if verb == "redact" else []
    found = run(verb, name, *options)
    assert (found.code, what in found.err) == (1, True), found.err
    assert run("import", name, "made.yaml").code == 0
    assert run(verb, "made.yaml", *options).code == 0


def test_diff_pairs_by_what_was_asked(tmp_path: Path, run: Run) -> None:
    """Order, format, ids and times are no difference; words are, and so is what is missing."""
    other = {**ASKED, "input": "Another"}
    write(tmp_path / "a.yaml", interaction(asked=other), interaction())
    again = {**RESPONSE, "id": "resp_2", "created_at": 1760000000}
    write(tmp_path / "b.yaml", interaction(again), interaction(asked=other))
    same = run("diff", "a.yaml", "b.yaml")
    assert (same.code, same.out) == (0, "2 interactions compared, 0 differ\n")
    assert run("diff", "a.yaml", "b.yaml", "--all").code == 1
    changed = {**again, "output": [{**MESSAGE, "content": []}], "status": "incomplete"}
    write(tmp_path / "c.yaml", interaction(changed))
    found = run("diff", "a.yaml", "c.yaml", "--json")
    assert found.code == 1
    by_place = {result["a"]: result for result in found.data}
    assert by_place["a.yaml#1"]["b"] is None
    assert 'response.status: "completed" → "incomplete"' in by_place["a.yaml#2"]["changes"]


def test_stats_count_everything(tmp_path: Path, run: Run) -> None:
    """Files, interactions, streams, tokens, and how often there is which."""
    write(tmp_path / "a.yaml", interaction(), interaction(old_stream()))
    go_vcr(tmp_path / "b.yaml")
    found = run("stats", ".", "--json").data
    assert (found["files"], found["interactions"], found["streams"]) == (2, 3, 1)
    assert (found["input_tokens"], found["output_tokens"]) == (36, 90)
    assert found["dialects"] == {"vcrpy": 1, "go-vcr": 1}
    assert found["items"] == {"message": 3, "function_call": 3}
    assert ["3", "POST", "/responses"] in [
        line.split() for line in run("stats", ".").out.split("\n")
    ]


def test_upgrade_adds_what_clients_require_and_marks_it(tmp_path: Path, run: Run) -> None:
    """Old answers get the newer fields, listed as added; what is there stays; twice is once."""
    path = write(tmp_path / "a.yaml", interaction(), interaction(old_stream()))
    before = path.read_bytes()
    dry = run("upgrade", "a.yaml", "--dry-run", "--json").data["added"]["a.yaml"]
    assert path.read_bytes() == before
    assert {"sequence_number", "response.output_text.delta.logprobs", "response.tools"} <= set(dry)
    assert run("upgrade", "a.yaml").code == 0
    plain, stream = read(path, strict=True)
    assert plain.document is not None
    assert {**plain.document, **RESPONSE, "output": plain.document["output"]}.items() >= {
        "id": "resp_1",
        "top_p": 1.0,
    }.items()
    assert plain.document["output"][1] == CALL
    assert [event["sequence_number"] for event in stream.events] == [0, 1, 2]
    marks = yaml.safe_load(path.read_text("utf-8"))["interactions"][1]["response"]["x_replay"]
    assert "sequence_number" in marks["upgraded"]
    assert run("upgrade", "a.yaml").out == "a.yaml: nothing to add\n"
    assert run("check", "a.yaml", "--strict").code == 0


def test_wrong_usage_and_help(run: Run) -> None:
    """Every verb is in the help; none at all is wrong usage."""
    help_text = run("--help").out
    for verb in ("list", "show", "check", "import", "redact", "diff", "stats", "upgrade"):
        assert f"    {verb} " in help_text
    assert run().code == 2


def test_long_work_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """Short work is silent; long work gets a line now and then, on stderr only."""
    clock = VirtualClock()
    with Progress("reading", 3, clock=clock) as progress:
        progress.step()
        clock.advance(1.5)
        progress.step()
        clock.advance(1.5)
        progress.step()
    assert capsys.readouterr() == ("", "reading: 2 of 3\n")
