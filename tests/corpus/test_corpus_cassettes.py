"""Cassettes recorded in the wild: all are read, and every interaction answers its own request."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import brotli
import pytest
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from mockserver.cassette import Interaction, Library, PlayCounts, Request, read

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not os.environ.get("MOCKSERVER_CORPUS"), reason="MOCKSERVER_CORPUS names no corpus"
    ),
]


class Entry(NamedTuple):
    """A file of the corpus: its place, and whether stock vcrpy loads it."""

    path: Path
    loads_in_vcrpy: bool


def entries() -> list[Entry]:
    """Return the corpus's vcrpy cassettes, or nothing when no corpus is at hand."""
    root = os.environ.get("MOCKSERVER_CORPUS")
    if not root:
        return []
    with (Path(root) / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        return [
            Entry(Path(root) / row["path"], row["vcrpy_load"] == "ok")
            for row in csv.DictReader(index, delimiter="\t")
            if row["format"] == "vcrpy-yaml"
        ]


def own_request(interaction: Interaction, prefix: str) -> Request:
    """Return the request of an interaction as a client of a server at that prefix sends it."""
    path = interaction.path
    if path.startswith("/v1/"):
        path = prefix + path
    headers = dict(interaction.request_headers)
    return Request(
        interaction.method, path, interaction.query, interaction.request_body, headers=headers
    )


def test_every_cassette_is_read_without_a_problem() -> None:
    """Each file is whole, holds at least one interaction, and nothing in it had to be put right."""
    found = entries()
    assert len(found) > 400
    for entry in found:
        warnings: list[str] = []
        assert read(entry.path, strict=True, warn=warnings.append)
        assert warnings == []


@pytest.mark.parametrize("prefix", ["", "/ns/some-test"])
def test_each_interaction_answers_its_own_request_in_order(prefix: str) -> None:
    """A client that repeats a recording gets it back, interaction by interaction."""
    asked, elsewhere = 0, []
    unplayed: list[Interaction] = []
    for entry in entries():
        library, played = Library.load([entry.path]), PlayCounts()
        for interaction in library.interactions:
            asked += 1
            if library.find(own_request(interaction, prefix), played) is not interaction:
                elsewhere.append(f"{interaction.file}#{interaction.number}")
        unplayed += library.unplayed(played)
    assert elsewhere == []
    assert unplayed == []
    assert asked > 800


def test_one_library_of_all_cassettes_answers_each_request_with_an_equal_one() -> None:
    """With every file loaded at once, nothing is lost: each request still finds an interaction."""
    library, played = Library.load([entry.path for entry in entries()]), PlayCounts()
    for interaction in library.interactions:
        found = library.find(own_request(interaction, ""), played)
        assert found is not None
        assert (found.method, found.is_stream) == (interaction.method, interaction.is_stream)
    assert library.unplayed(played) == []


def test_streams_are_cut_into_events_without_losing_a_byte() -> None:
    """The frames of each recorded stream join to its body, and each carries one event."""
    streams = 0
    for entry in entries():
        for interaction in read(entry.path):
            if interaction.is_stream:
                streams += 1
                frames = interaction.frames()
                assert b"".join(frames) == interaction.body
                assert len(interaction.events) == sum(b"data: {" in frame for frame in frames)
    assert streams > 200


def decoded(body: bytes | None, encoding: str) -> bytes:
    """Return the plain bytes of what stock vcrpy loaded."""
    raw = body or b""
    if raw.startswith(b"\x1f\x8b"):
        return gzip.decompress(raw)
    if encoding == "br" and b"\0" in raw:
        return bytes(brotli.decompress(raw))
    return raw


def stock(path: Path) -> Iterator[tuple[object, ...]]:
    """Yield what stock vcrpy loads from a file, with plain bodies."""
    requests, responses = deserialize(path.read_text(encoding="utf-8"), yamlserializer)[:2]
    for request, response in zip(requests, responses, strict=True):
        headers = {name.lower(): value for name, value in response["headers"].items()}
        encoding = headers.get("content-encoding", [""])[0]
        if "content" in response:  # what vcrpy before 6 wrote for httpx clients
            status, body = response["status_code"], response["content"].encode()
        else:
            status, body = response["status"]["code"], response["body"]["string"]
        yield (
            request.method,
            request.uri,
            request.body or b"",
            status,
            decoded(body, encoding),
        )


def test_interactions_equal_what_stock_vcrpy_loads() -> None:
    """Where stock vcrpy loads a file, both read the same requests and the same plain answers."""
    compared = 0
    for entry in entries():
        if not entry.loads_in_vcrpy:
            continue
        ours = [
            (each.method, each.uri, each.request_body, each.status, each.body)
            for each in read(entry.path)
        ]
        assert ours == list(stock(entry.path))
        compared += len(ours)
    assert compared > 500
