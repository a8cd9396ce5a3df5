"""Damaged and hostile cassettes: each is refused at once, with its place and a remedy."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vcr.request import Request
from vcr.serialize import serialize
from vcr.serializers import yamlserializer

from mockserver.cassette import CassetteError, read

ALLOWED_SECONDS = 0.1
ALLOWED_BYTES = 100_000_000
HEAD = "interactions:\n- request: {method: GET, uri: 'http://h/v1/models', body: "
TAIL = "}\n  response: {body: {string: ''}, status: {code: 200}}\nversion: 1\n"


def bombs(level: str, levels: int) -> str:
    """Return anchors that each hold the one before ten times, as values or as merge keys."""
    lines = ["a0: &a0 {x: xxxxxxxxxx}" if "<<" in level else "a0: &a0 [xxxxxxxxxx]"]
    for number in range(1, levels):
        inner = ", ".join([f"*a{number - 1}"] * 10)
        lines.append(f"a{number}: &a{number} {level.replace('INNER', inner)}")
    return "\n".join(lines) + "\n"


ATTACKS = {
    "nested lists": (HEAD + "[" * 100_000 + "]" * 100_000 + TAIL, "nested deeper"),
    "nested mappings": (HEAD + "{a: " * 100_000 + "}" * 100_000 + TAIL, "nested deeper"),
    "nested blocks": ("\n".join(" " * n + "- " for n in range(2_000)), "nested deeper"),
    "billion laughs": (bombs("[INNER]", 9), "aliases expand"),
    "many aliases": ("a: &a 1\nb: [" + "*a," * 101 + "]\n", "more than 100 aliases"),
    "endless alias": ("a: &a [*a]\n", "what it stands in"),
    "unknown alias": ("a: *b\n", "alias"),
    "merge keys": (bombs("{<<: [INNER]}", 8), "merge keys"),
    "python call": ("a: !!python/object/apply:os.system ['true']\n", "not read"),
    "python name": ("a: !!python/name:os.system\n", "not read"),
    "python module": ("a: !!python/module:os\n", "not read"),
    "python object": ("a: !!python/object/new:collections.Counter {}\n", "not read"),
    "ruby object": ("a: !ruby/object:Gem {}\n", "not read"),
    "long number": ("a: " + "1:59" * 100_000 + "\n", "holds 'a'"),
    "mapping as key": ("? {a: 1}\n: 2\n", "where a key belongs"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_file_is_refused_at_once(tmp_path: Path, name: str) -> None:
    """Nothing is executed, expanded or crashed; the refusal takes less than a tenth of a second."""
    text, message = ATTACKS[name]
    file = tmp_path / "attack.yaml"
    file.write_text(text, encoding="utf-8")
    read_once_to_load_the_parser(tmp_path)
    start = time.process_time()
    with pytest.raises(CassetteError, match=message):
        read(file)
    assert time.process_time() - start < ALLOWED_SECONDS


def read_once_to_load_the_parser(path: Path) -> None:
    """Import the parser, which is not part of reading a file."""
    file = path / "good.yaml"
    file.write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    read(file)


MEASURE = """
import resource, sys, time
from pathlib import Path
from mockserver.cassette import CassetteError, read

def peak():
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used * (1 if sys.platform == "darwin" else 1024)

read(Path(sys.argv[1]))
before, start = peak(), time.process_time()
for name in sys.argv[2:]:
    try:
        read(Path(name))
    except CassetteError as error:
        took, start = time.process_time() - start, time.process_time()
        print(Path(name).stem, took, peak() - before, sep="|")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no resource module")
def test_hostile_files_cost_little_and_leave_the_process_alive(tmp_path: Path) -> None:
    """One process refuses them all, each within a tenth of a second and 100 MB (vcr §1.6)."""
    good = tmp_path / "good.yaml"
    good.write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    files = []
    for name, (text, _) in ATTACKS.items():
        files.append(tmp_path / f"{name}.yaml")
        files[-1].write_text(text, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(good), *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
    )
    figures = [line.split("|") for line in run.stdout.splitlines()]
    assert [name for name, _, _ in figures] == list(ATTACKS)
    assert [name for name, took, _ in figures if float(took) > ALLOWED_SECONDS] == []
    assert [name for name, _, grown in figures if int(grown) > ALLOWED_BYTES] == []


def test_a_tag_is_refused_with_its_file_and_line(tmp_path: Path) -> None:
    """The message begins with the place, so that an editor can jump there."""
    file = tmp_path / "tag.yaml"
    file.write_text("interactions:\n- request:\n    body: !!python/name:os.system\n", "utf-8")
    with pytest.raises(CassetteError) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file.as_posix()}:3: the tag !!python/name:os.system")
    assert (caught.value.path, caught.value.line) == (file, 3)


INTERACTION = """\
- request: {method: POST, uri: 'http://h/v1/responses', body: '{}'}
  response: {body: {string: ''}, status: {code: 200, message: OK}}
"""

FAULTS = {
    "": "the file is empty",
    "# only a comment\n": "the file is empty",
    "interactions: null\nversion: 1\n": "must be a list, but is empty",
    "interactions: {a: 1}\nversion: 1\n": "must be a list, but is a dict",
    "interactions: 5\nversion: 1\n": "must be a list, but is a int",
    "- 1\n- 2\n": "must be a mapping with a list 'interactions', not a list",
    "just words\n": "not a single value",
    "services: {web: 1}\nversion: 3\n": "needs a list 'interactions', but holds 'services'",
    "interactions: [7]\nversion: 1\n": "'request' must be a mapping",
    "interactions: []\nversion: 99\n": "version 99 is not known",
    "interactions: []\nversion: true\n": "version True is not known",
    f"interactions:\n{INTERACTION}interactions: []\nversion: 1\n": "'interactions' is there twice",
    f"interactions:\n{INTERACTION}  request: {{}}\nversion: 1\n": "'request' is there twice",
    f"interactions:\n{INTERACTION}version: 1\n---\ninteractions: []\n": "a second document",
    "interactions:\n- request: {method: POST}\nversion: 1\n": "'response' must be a mapping",
    INTERACTION.join(["interactions:\n", "  extra: [\n"]): "not YAML",
    "interactions:\n" + INTERACTION.replace("200", "99") + "version: 1\n": "from 200 to 599",
    "interactions:\n" + INTERACTION.replace("status", "state") + "version: 1\n": "no 'status'",
    "interactions:\n" + INTERACTION.replace("uri", "url") + "version: 1\n": "'uri' must be text",
    "interactions:\n" + INTERACTION.replace("string", "text") + "version: 1\n": "a key 'string'",
    "interactions:\n" + INTERACTION.replace("''", "!!binary A") + "version: 1\n": "type !!binary",
    "interactions:\n" + INTERACTION.replace("//h/", "//[h/") + "version: 1\n": "no address",
    "interactions:\n"
    + INTERACTION.replace("body: '{}'", "body: {a: !!binary AAAA}")
    + "version: 1\n": "as JSON",
    "http_interactions: {}\nrecorded_with: VCR 6.3.1\n": "must be a list, but is a dict",
    "http_interactions: []\n": "does not end in 'recorded_with'",
    "version: 3\ninteractions:\n- response: {code: 200}\n": "version 3 is not known; go-vcr",
    "version: 2\ninteractions:\n- response: {code: 200}\n": "does not end in its 'duration'",
    "when: {}\nthen: {status: 200}\n": "'path' must be text",
    "requests: [1]\nresponses: []\n": "1 requests, but 0 responses; the file is cut off",
    "interactions: [{direction: send, data: x}]\n": "a recording of a gRPC or WebSocket",
    "data: {pairs: []}\nmeta: {}\n": "a recording of Hoverfly",
    "- request: {protocol: http}\n  response: {}\n": "python -m vcr.migration",
}


@pytest.mark.parametrize("text", FAULTS, ids=FAULTS.values())
def test_a_damaged_file_is_refused_with_a_message_that_teaches(tmp_path: Path, text: str) -> None:
    """Each fault has a sentence of its own, and no other exception comes through."""
    file = tmp_path / "fault.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CassetteError, match=FAULTS[text]):
        read(file, strict=True)


HALF = json.dumps(
    {
        "request": {"method": "GET", "uri": "http://h/PATH", "body": "BODY"},
        "response": {"status": {"code": 200}},
    }
)

JSON_FAULTS = {
    f'{{"interactions": [{HALF.replace("PATH", chr(92) + "ud800")}]}}': "no address",
    f'{{"interactions": [{HALF.replace("BODY", chr(92) + "ud800")}]}}': "half a surrogate pair",
    '{"interactions": [], "interactions": [], "version": 1}': "'interactions' is there twice",
    '{"interactions": [], "version": 2}': "version 2 is not known",
    '{"interactions": [': "not JSON",
    "[" * 100_000: "nested deeper",
    "[" * 200 + "]" * 200: "nested deeper",
    '{"a": ' + "9" * 5_000 + "}": "a number cannot be read",
}


@pytest.mark.parametrize("text", JSON_FAULTS, ids=JSON_FAULTS.values())
def test_a_damaged_json_file_is_refused_too(tmp_path: Path, text: str) -> None:
    """The guards hold for JSON as for YAML."""
    file = tmp_path / "fault.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CassetteError, match=JSON_FAULTS[text]):
        read(file)


def test_deeper_keys_may_repeat_and_the_last_one_counts(tmp_path: Path) -> None:
    """A doubled key inside a recorded body is the recording's own affair."""
    file = tmp_path / "body.yaml"
    file.write_text(HEAD + "{a: {b: 1, b: 2}}" + TAIL, encoding="utf-8")
    (found,) = read(file)
    assert json.loads(found.request_body) == {"a": {"b": 2}}


def test_a_fault_names_the_interaction_and_its_line(tmp_path: Path) -> None:
    """Of many interactions the faulty one is named by number and line."""
    file = tmp_path / "many.yaml"
    faulty = INTERACTION.replace("code: 200", "code: abc")
    file.write_text(f"interactions:\n{INTERACTION}{faulty}version: 1\n", encoding="utf-8")
    with pytest.raises(CassetteError, match=r"many\.yaml:4: interaction 2: the status"):
        read(file)


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    """The encoding is never guessed."""
    file = tmp_path / "latin.yaml"
    file.write_bytes("interactions: []\n# caf\xe9\nversion: 1\n".encode("latin-1"))
    with pytest.raises(CassetteError, match=r":2: the file is not UTF-8"):
        read(file)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_damage_causes_anything_but_a_cassette_error(data: st.DataObject) -> None:
    """Whatever a hand or a merge does to a file, reading succeeds or says what is wrong."""
    text = "interactions:\n" + INTERACTION * 2 + "version: 1\n"
    pieces = st.sampled_from(
        ["{", "[", "'", ": ", "- ", "&a ", "*a", "!!binary ", "\n", "\0", "é", "1"]
    )
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(start + 12, len(text))))
        text = text[:start] + data.draw(pieces) + text[end:]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "damaged.yaml"
        file.write_text(text, encoding="utf-8")
        with suppress(CassetteError):
            read(file, warn=lambda sentence: None)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """Reading what is not there says so."""
    with pytest.raises(CassetteError, match="cannot be read: No such file"):
        read(tmp_path / "none.yaml")


def test_a_file_cut_off_anywhere_is_never_taken_for_whole(tmp_path: Path) -> None:
    """Whatever is lost at the end, strict reading refuses the rest; only line ends may go."""
    whole = "interactions:\n" + INTERACTION * 3 + "version: 1\n"
    file = tmp_path / "cut.yaml"
    for length in range(len(whole) - 2, -1, -1):
        file.write_text(whole[:length], encoding="utf-8")
        with pytest.raises(CassetteError):
            read(file, strict=True)
    file.write_text(whole[:-1], encoding="utf-8")
    assert len(read(file, strict=True)) == 3


def ten() -> str:
    """Return ten interactions as stock vcrpy writes them, streams and plain bodies in turn."""
    requests = [
        Request("POST", "http://h/v1/responses", f'{{"input": "{number}"}}', {})
        for number in range(10)
    ]
    bodies = [b"{}", b"data: {}\n\n"]
    responses = [
        {
            "status": {"code": 200},
            "headers": {},
            "body": {"string": bodies[number % 2]},
        }
        for number in range(10)
    ]
    text = serialize({"requests": requests, "responses": responses}, yamlserializer)
    assert isinstance(text, str)
    return text


def test_a_cassette_cut_at_any_byte_is_never_silently_shorter(tmp_path: Path) -> None:
    """Ten interactions are read, or there is an error or a warning that the end may be missing."""
    whole, file = ten(), tmp_path / "cut.yaml"
    silent = []
    for length in range(len(whole)):
        file.write_text(whole[:length], encoding="utf-8")
        warnings: list[str] = []
        try:
            found = read(file, warn=warnings.append)
        except CassetteError:
            continue
        if len(found) < 10 and not any("cut off" in warning for warning in warnings):
            silent.append(length)
    assert silent == []
    file.write_text(whole, encoding="utf-8")
    assert len(read(file, strict=True)) == 10
