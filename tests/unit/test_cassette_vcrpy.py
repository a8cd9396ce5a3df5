"""Stock vcrpy as the oracle: what its serializers write is read back as it was recorded."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vcr.request import Request as VcrRequest
from vcr.serialize import serialize
from vcr.serializers import jsonserializer, yamlserializer

from mockserver.cassette import Interaction, Library, PlayCounts, Request, read

SSE = b'event: response.created\ndata: {"type":"response.created","t":"h\xc3\xa9\xe2\x80\xa8"}\n\n'
ANSWER = json.dumps({"id": "resp_1", "output": ["käse\u2028\x85\ufeff", "line\r\nend"]}).encode()
PDF = bytes(range(256)) * 3

BODIES = {
    "json": (ANSWER, "application/json", ANSWER),
    "sse": (SSE * 3, "text/event-stream; charset=utf-8", SSE * 3),
    "gzip": (gzip.compress(ANSWER, mtime=0), "application/json", ANSWER),
    "binary": (PDF, "application/pdf", PDF),
    "latin-1": ("käse".encode("latin-1"), "text/plain", "käse".encode("latin-1")),
    "empty": (b"", "application/json", b""),
}


def written(
    file: Path, serializer: ModuleType, *bodies: tuple[bytes, bytes, str], encoding: str = "gzip"
) -> list[Interaction]:
    """Let vcrpy write requests and responses of the given bodies and type, and read the file."""
    requests = [
        VcrRequest("POST", "https://api.openai.com/v1/responses?a=b", sent, {"accept": "*/*"})
        for sent, _, _ in bodies
    ]
    responses: list[dict[str, Any]] = [
        {
            "status": {"code": 200, "message": "OK"},
            "headers": {
                "content-type": [media_type],
                "content-encoding": [encoding],
                "x-many": ["1", "2"],
            },
            "body": {"string": body},
        }
        for _, body, media_type in bodies
    ]
    text = serialize({"requests": requests, "responses": responses}, serializer)
    file.write_text(text, encoding="utf-8", newline="\n")
    return read(file, strict=True)


@pytest.mark.parametrize("name", BODIES)
def test_a_yaml_cassette_of_vcrpy_is_read_back_equal(tmp_path: Path, name: str) -> None:
    """Request, status, headers and plain body are those that were recorded."""
    raw, media_type, plain = BODIES[name]
    (found,) = written(tmp_path / "a.yaml", yamlserializer, (ANSWER, raw, media_type))
    assert (found.method, found.uri) == ("POST", "https://api.openai.com/v1/responses?a=b")
    assert (found.request_body, found.request_headers) == (ANSWER, (("accept", "*/*"),))
    assert (found.status, found.reason, found.body) == (200, "OK", plain)
    assert found.headers == (("content-type", media_type), ("x-many", "1"), ("x-many", "2"))


@pytest.mark.parametrize("name", ["json", "sse", "empty"])
def test_a_json_cassette_of_vcrpy_is_read_back_equal(tmp_path: Path, name: str) -> None:
    """The serializer for text bodies gives the same interactions."""
    raw, media_type, plain = BODIES[name]
    (found,) = written(tmp_path / "a.json", jsonserializer, (ANSWER, raw, media_type))
    assert (found.request_body, found.body) == (ANSWER, plain)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.binary(), st.binary()) | st.tuples(st.text(), st.text()), max_size=4))
def test_any_bytes_survive_vcrpy_s_file(
    tmp_path: Path, bodies: list[tuple[bytes, bytes] | tuple[str, str]]
) -> None:
    """Control characters, lone line ends, broken UTF-8 and emoji come back byte for byte."""
    raw = [
        tuple(side if isinstance(side, bytes) else side.encode() for side in pair)
        for pair in bodies
    ]
    # A media type that is no text, so that bytes which happen to be compressed stay as they are.
    found = written(
        tmp_path / "a.yaml",
        yamlserializer,
        *((sent, body, "application/octet-stream") for sent, body in raw),
        encoding="identity",
    )
    assert [(each.request_body, each.body) for each in found] == raw


def test_each_of_many_vcrpy_interactions_is_found_by_its_request(tmp_path: Path) -> None:
    """A cassette that vcrpy wrote replays in order, streams and plain answers alike."""
    bodies = [
        (json.dumps({"input": str(n % 3), "stream": bool(n % 2)}).encode(), *pair)
        for n, pair in enumerate([(ANSWER, "application/json"), (SSE, "text/event-stream")] * 5)
    ]
    written(tmp_path / "a.yaml", yamlserializer, *bodies)
    library, played = Library.load([tmp_path]), PlayCounts()
    for interaction in library.interactions:
        request = Request("POST", "/v1/responses", "a=b", interaction.request_body)
        assert library.find(request, played) is interaction
    assert library.unplayed(played) == []
