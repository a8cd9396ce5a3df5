"""What is written is plain vcrpy, equal body for body, and readable."""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from pathlib import Path
from typing import Any

import brotli
import pytest
import yaml
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from mockserver.cassette import Interaction, read, writer
from mockserver.cassette.exchange import Exchange

SSE = 'event: a\ndata: {"delta":"it\'s é😀"}\n\nevent: b\ndata: {}\n\n'.encode()
ANSWER = json.dumps({"id": "resp_1", "text": "käse"}, ensure_ascii=False, indent=2).encode()

FUZZED = int(os.environ.get("MOCKSERVER_FUZZED", "150"))
"""How many random bodies are written; the environment may ask for more."""

BODIES = {
    "json": ANSWER,
    "sse": SSE,
    "sse with carriage returns": SSE.replace(b"\n", b"\r\n"),
    "sse cut off": SSE[:-7],
    "gzip": gzip.compress(ANSWER, mtime=0),
    "deflate": zlib.compress(ANSWER),
    "br": brotli.compress(ANSWER),
    "zstd": zstandard.compress(ANSWER),
    "binary": bytes(range(256)) * 3,
    "latin-1": "käse".encode("latin-1"),
    "empty": b"",
    "blanks at line ends": b"a \n\tb\t\n\n c",
    "separators": "a\x85b\u2028c\u2029d\ufeff\ue000\uffff".encode(),
    "controls": bytes(range(32)) + b"\x7f",
    "line ends only": b"\n\n\n",
    "yaml": b"--- !!python/object [*a, &b] # {c}: %d\n... \n- |\n",
}

WORDS = ["\n", " ", "\t", "\r", "'", '"', "\\", "#", ": ", "- ", "a", "😀"]


def exchange(body: bytes = b"", request: bytes = b"", **changes: Any) -> Exchange:
    """Return an exchange with these bodies."""
    values: dict[str, Any] = {
        "method": "POST",
        "uri": "https://api.openai.com/v1/responses?include=a",
        "request_headers": (("accept", "*/*"), ("content-type", "application/json")),
        "request_body": request,
        "status": 200,
        "reason": "OK",
        "headers": (("content-type", "application/octet-stream"), ("x-many", "1"), ("X-Many", "2")),
        "body": body,
    }
    return Exchange(**values | changes)


def loaded(raw: bytes) -> list[tuple[Any, dict[str, Any]]]:
    """Let stock vcrpy load a file's bytes, opened in text mode as it opens files."""
    text = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8").read()
    requests, responses = deserialize(text, yamlserializer)
    return list(zip(requests, responses, strict=True))


def own(folder: Path, raw: bytes) -> list[Interaction]:
    """Read a file's bytes as this package does."""
    file = folder / "own.yaml"
    file.write_bytes(raw)
    return read(file, strict=True)


@pytest.mark.parametrize("name", BODIES)
def test_stock_vcrpy_loads_what_was_recorded(tmp_path: Path, name: str) -> None:
    """Method, address, headers, status and both bodies are equal, byte for byte."""
    body = BODIES[name]
    ((request, response),) = loaded(writer.dump([exchange(body, body)]))
    assert (request.method, request.uri) == ("POST", exchange().uri)
    assert (request.body, response["body"]["string"]) == (body, body)
    assert dict(request.headers) == {"accept": "*/*", "content-type": "application/json"}
    assert response["headers"]["x-many"] == ["1", "2"]
    assert response["status"] == {"code": 200, "message": "OK"}


@pytest.mark.parametrize("name", BODIES)
def test_every_yaml_reader_sees_the_same_text(name: str) -> None:
    """The pure Python loader, another program than the C one, reads equal bodies."""
    document = yaml.load(writer.dump([exchange(BODIES[name])]), Loader=yaml.SafeLoader)
    found = document["interactions"][0]["response"]["body"]["string"]
    assert (found if isinstance(found, bytes) else found.encode()) == BODIES[name]


@settings(max_examples=FUZZED, deadline=None)
@given(st.lists(st.tuples(st.binary(), st.binary()) | st.tuples(st.text(), st.text()), max_size=4))
def test_any_bytes_survive_the_file(bodies: list[tuple[bytes, bytes] | tuple[str, str]]) -> None:
    """Control characters, lone line ends, broken UTF-8 and emoji come back byte for byte."""
    raw = [
        tuple(side if isinstance(side, bytes) else side.encode() for side in pair)
        for pair in bodies
    ]
    found = loaded(writer.dump(exchange(body, sent) for sent, body in raw))
    assert [(request.body, response["body"]["string"]) for request, response in found] == raw


@settings(max_examples=FUZZED, deadline=None)
@given(
    st.lists(st.sampled_from(["\n", " ", "\t", "\r", "'", '"', "\\", "#", ": ", "- ", "a", "😀"]))
)
def test_hostile_text_survives_the_file(words: list[str]) -> None:
    """What means something to YAML is text in a body, whatever stands before and behind it."""
    body = "".join(words).encode()
    ((request, response),) = loaded(writer.dump([exchange(body, body)]))
    assert (request.body, response["body"]["string"]) == (body, body)


def test_a_stream_is_a_literal_block_with_one_line_for_each_of_its_lines() -> None:
    """People read and compare the events as they came, in their own letters."""
    text = writer.dump([exchange(SSE)]).decode()
    block = (
        'string: |+\n        event: a\n        data: {"delta":"it\'s é😀"}\n\n        event: b\n'
    )
    assert block in text


def test_lines_that_a_literal_block_cannot_hold_are_still_one_line_each() -> None:
    """A stream with carriage returns is escaped, and a change in it shows as a line of a diff."""
    text = writer.dump([exchange(SSE.replace(b"\n", b"\r\n"))]).decode()
    assert '"event: a\\r\\n\\\n' in text
    assert "\r" not in text


def test_keys_of_a_body_keep_their_order() -> None:
    """Bodies are written as they were sent, not sorted."""
    assert '{"z":1,"a":2}' in writer.dump([exchange(b'{"z":1,"a":2}')]).decode()


def test_equal_exchanges_give_equal_bytes_whatever_the_order_of_headers() -> None:
    """A second recording of the same traffic is no diff."""
    one = exchange(headers=(("b", "1"), ("a", "2")))
    other = exchange(headers=(("a", "2"), ("b", "1")))
    assert writer.dump([one]) == writer.dump([other])


def test_timings_survive_and_pace_the_replay(tmp_path: Path) -> None:
    """``x_replay`` is read back by vcrpy as it is, and by the reader as seconds per event."""
    timed = exchange(
        SSE,
        headers=(("content-type", "text/event-stream"),),
        replay=writer.timings([0.18, 0.021], recorded="2026-11-22", by="mockserver"),
    )
    raw = writer.dump([timed])
    ((_, response),) = loaded(raw)
    assert response["x_replay"]["t"] == "180 21"
    assert own(tmp_path, raw)[0].timings == (0.18, 0.021)


@pytest.mark.parametrize(
    "value", ["yes", "1", "null", "1.5", "", " a", "a: b", "a #b", "käse", "0x1"]
)
def test_a_header_value_stays_text(value: str) -> None:
    """A word that YAML would take for something else is quoted."""
    ((_, response),) = loaded(writer.dump([exchange(headers=(("x", value),))]))
    assert response["headers"] == {"x": [value]}


def test_bytes_in_a_header_are_written_as_latin_1() -> None:
    """A header value that is no text does not break the file."""
    broken = b"k\xe4se".decode("utf-8", "surrogateescape")
    ((_, response),) = loaded(writer.dump([exchange(headers=(("x", broken),))]))
    assert response["headers"] == {"x": ["käse"]}


def test_a_cassette_without_interactions_is_whole(tmp_path: Path) -> None:
    """An empty recording is a file that both readers take."""
    assert loaded(writer.dump([])) == []
    assert own(tmp_path, writer.dump([])) == []


def test_what_this_package_reads_from_vcrpy_it_writes_back_equal(tmp_path: Path) -> None:
    """From vcrpy's own text through this writer to vcrpy again, no body changes."""
    from vcr.request import Request
    from vcr.serialize import serialize

    bodies = list(BODIES.values())
    requests = [Request("POST", "https://h/v1/x", body, {}) for body in bodies]
    responses: list[dict[str, Any]] = [
        {
            "status": {"code": 200, "message": "OK"},
            "headers": {"content-type": ["application/octet-stream"]},
            "body": {"string": body},
        }
        for body in bodies
    ]
    text = serialize({"requests": requests, "responses": responses}, yamlserializer)
    found = own(tmp_path, text.encode())
    again = loaded(
        writer.dump(exchange(each.body, each.request_body, uri=each.uri) for each in found)
    )
    assert [(request.body, response["body"]["string"]) for request, response in again] == [
        (body, body) for body in bodies
    ]
