"""Recordings of every tool: each is read, or refused with a reason that names what is wrong."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from oracle import archives
from oracle.recordings import corpus

from mockserver.cassette import CassetteError, Interaction, read

pytestmark = pytest.mark.corpus

PAIRED = {"json-body", "sse", "events-json", "events-jsonl"}
"""Formats that are a bare answer, which the oracle reads without a place it was asked at."""

REASONS = (
    "the text of an error",
    "an error without its request",
    "a request without its answer",
    "no cassette: the top level needs",
    "cannot be read: No such file",
)
"""What may be wrong with a file of the corpus: it is half of an exchange, or half is missing."""


class Entry(NamedTuple):
    """A file of the corpus with what the index says of it."""

    path: Path
    format: str


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    """Every file of the corpus that holds traffic."""
    folder = corpus()
    if folder is None:
        pytest.skip("MOCKSERVER_CORPUS names no folder")
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    return [Entry(folder / row["path"], row["format"]) for row in rows]


def test_every_file_is_read_or_refused_with_a_known_reason(entries: list[Entry]) -> None:
    """Of all files about one in a hundred is no whole exchange, and each of those says so."""
    files: Counter[str] = Counter()
    refusals: list[CassetteError] = []
    for entry in entries:
        try:
            read(entry.path, warn=lambda sentence: None)
        except CassetteError as error:
            refusals.append(error)
        else:
            files[entry.format] += 1
    unknown = [str(error) for error in refusals if not any(r in error.message for r in REASONS)]
    assert unknown == []
    assert all(error.path is not None for error in refusals)
    assert len(refusals) <= len(entries) // 80
    assert set(files) == {entry.format for entry in entries}


def parsed(body: bytes) -> Any:
    """Return JSON as data, and an empty or other body as None."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def without_stream(request: Any) -> Any:
    """Return a request without its wish for a stream, which a bare answer's lacks."""
    return {key: value for key, value in (request or {}).items() if key != "stream"}


def shown(body: bytes) -> Any:
    """Return what two spellings of one body have in common; recorders leave marks at its end."""
    text = body.decode("utf-8", "replace").rstrip("\ufffd\r\n").replace("\r\n", "\n")
    document = parsed(text.encode())
    return text if document is None else document


def differences(found: list[Interaction], entry: Entry) -> list[str]:
    """Return where what is read differs from what the oracle reads."""
    expected = list(archives.read_exchanges(entry.path, entry.format))
    if len(found) != len(expected):
        return [f"{len(found)} interactions, not {len(expected)}"]
    wrong = []
    for ours, theirs in zip(found, expected, strict=True):
        place = f"{entry.format} {entry.path.name} {ours.number}"
        if entry.format in PAIRED:
            if without_stream(parsed(ours.request_body)) != without_stream(theirs.request):
                wrong.append(f"{place}: request")
            if theirs.events and ours.events != theirs.events:
                wrong.append(f"{place}: events")
            if not theirs.events and ours.body.split() != theirs.body.split():
                wrong.append(f"{place}: body")
            continue
        if (ours.method, ours.status) != (theirs.method, theirs.status):
            wrong.append(f"{place}: {ours.method} {ours.status}")
        if parsed(ours.request_body) != theirs.request:
            wrong.append(f"{place}: request")
        if shown(ours.body) != shown(theirs.body):
            wrong.append(f"{place}: body")
    return wrong


def test_what_is_read_equals_what_another_reader_reads(entries: list[Entry]) -> None:
    """Requests, statuses and bodies are those that the tests' own readers find in each file."""
    compared: Counter[str] = Counter()
    wrong: list[str] = []
    for entry in entries:
        if entry.format not in archives.FORMATS:
            continue
        try:
            found = read(entry.path, warn=lambda sentence: None)
        except CassetteError:
            continue
        wrong += differences(found, entry)
        compared[entry.format] += len(found)
    assert wrong == []
    assert sum(compared.values()) > 1900
    assert len(compared) >= 14
