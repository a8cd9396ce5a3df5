"""Recorded exchanges with the real API, read from a corpus of other projects' test fixtures."""

from __future__ import annotations

import csv
import functools
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from oracle.archives import read_exchanges
from oracle.exchange import Exchange
from oracle.sse import read_sse

Row: TypeAlias = dict[str, str]

TERMINAL: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})
REAL_ID: Final = re.compile(r"resp_(?:[0-9a-f]{48}|[0-9a-f]{50})")
OTHER_BACKENDS: Final = ("packages/azure/", "packages/open-responses/", "packages/xai/")
"""Folders whose recordings name no URI but come from another provider."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One recorded HTTP exchange, its bodies decoded.

    ``recorded`` is the file's ISO date or ``-``; ``uri`` is empty where the file does not say;
    header names are lower case; ``events`` is empty unless the body is a stream; ``response`` is
    the JSON body, or the response that the stream's terminal event carries.
    """

    file: str
    format: str
    recorded: str
    method: str
    uri: str
    request_body: Any
    status: int
    headers: dict[str, str]
    body: bytes
    events: list[dict[str, Any]] = field(default_factory=list)
    response: dict[str, Any] | None = None

    @property
    def is_openai(self) -> bool:
        """Whether the exchange is with api.openai.com: by its URI, else by its ids' layout."""
        host = urlsplit(self.uri).hostname
        if host is not None:
            return host == "api.openai.com"
        if any(folder in self.file for folder in OTHER_BACKENDS):
            return False
        return REAL_ID.fullmatch(str((self.response or {}).get("id"))) is not None

    @property
    def is_complete_stream(self) -> bool:
        """Whether the stream has its first and its terminal event, with everything between."""
        kinds = [event.get("type") for event in self.events]
        return (
            kinds[:1] == ["response.created"]
            and kinds[-1] in TERMINAL
            and kinds.count("response.created") == 1
        )


def corpus() -> Path | None:
    """Return the corpus folder named by ``MOCKSERVER_CORPUS``, if there is one."""
    folder = os.environ.get("MOCKSERVER_CORPUS")
    return Path(folder) if folder else None


def rows(folder: Path) -> list[Row]:
    """Read the corpus's INDEX.tsv: one row per file, keyed by column name."""
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@functools.cache
def recordings(folder: Path, *, since: str = "") -> tuple[Recording, ...]:
    """Read every exchange of the corpus, or only those of files recorded on ``since`` or later.

    Blobs that a cassette names are read with the cassette, not once more by themselves.
    """
    return tuple(
        recording
        for row in rows(folder)
        if "-" < since <= row["recorded"] or not since
        if not row["part_of"].startswith("blob-of-cassette")
        for recording in _read_file(folder, row)
    )


def openai_streams(folder: Path, *, since: str = "") -> Iterator[Recording]:
    """Yield the complete streams of the OpenAI API, each told by its terminal event."""
    for recording in recordings(folder, since=since):
        if recording.is_openai and recording.is_complete_stream:
            yield recording


def openai_responses(folder: Path, *, since: str = "") -> Iterator[Recording]:
    """Yield the JSON answers of the OpenAI API that are Response objects."""
    for recording in recordings(folder, since=since):
        document = recording.response or {}
        whole = document.get("object") == "response" and "output" in document
        if recording.is_openai and not recording.events and whole:
            yield recording


def _read_file(folder: Path, row: Row) -> Iterator[Recording]:
    for exchange in read_exchanges(folder / row["path"], row["format"]):
        yield _recording(row, exchange)


def _recording(row: Row, exchange: Exchange) -> Recording:
    text = exchange.body.decode("utf-8", "replace")
    document = _parsed(text)
    events = exchange.events or list(read_sse(text) if document is None else ())
    return Recording(
        file=row["path"],
        format=row["format"],
        recorded=row["recorded"] if row["recorded"] != "-" else "",
        method=exchange.method.upper(),
        uri=exchange.uri if "://" in exchange.uri else "",
        request_body=exchange.request,
        status=exchange.status,
        headers=exchange.headers,
        body=exchange.body,
        events=events,
        response=_terminal(events) if events else document,
    )


def _parsed(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _terminal(events: list[dict[str, Any]]) -> dict[str, Any] | None:
    for event in reversed(events):
        if event.get("type") in TERMINAL:
            response: dict[str, Any] | None = event.get("response")
            return response
    return None
