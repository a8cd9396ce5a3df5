"""Whatever the reader reads, in whichever tool's form, is served: to a plain client and the SDK."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import openai
import pytest
from openai import OpenAI
from oracle.recordings import corpus, rows

from mockserver import MockServer
from mockserver.cassette import CassetteError, Interaction, read

pytestmark = pytest.mark.corpus

ENDPOINTS = ("/responses", "/conversations")
PARTS = 4
STEP = int(os.environ.get("MOCKSERVER_CORPUS_STEP", "6"))
"""Only one file in so many is read; 1 reads them all, which takes minutes."""


class File(NamedTuple):
    """A readable file of the corpus: its place, its format, its Responses interactions."""

    path: Path
    format: str
    interactions: list[Interaction]


@pytest.fixture(scope="module")
def files() -> list[File]:
    """Every file of the sample that is read."""
    folder = corpus()
    if folder is None:
        pytest.skip("MOCKSERVER_CORPUS names no folder")
    return list(readable(folder))


def readable(folder: Path) -> Iterator[File]:
    for row in list(rows(folder))[::STEP]:
        path = folder / row["path"]
        try:
            found = read(path, warn=lambda sentence: None)
        except CassetteError:
            continue
        wanted = [each for each in found if any(name in each.path for name in ENDPOINTS)]
        yield File(path, row["format"], wanted)


def events(raw: bytes) -> list[Any]:
    """Return what a stream's events carry, without the numbers that old streams lacked."""
    lines = (line[5:].strip() for line in raw.splitlines() if line.startswith(b"data:"))
    found = [json.loads(line) for line in lines if line.startswith(b"{")]
    return [{key: event[key] for key in event if key != "sequence_number"} for event in found]


def equal(recorded: Interaction, served: httpx2.Response) -> bool:
    """Tell whether an answer says what was recorded: a stream event by event, others by bytes."""
    if served.status_code != recorded.status:
        return False
    if recorded.is_stream:
        return events(recorded.body) == events(served.content)
    return recorded.body == served.content


def asked(found: Interaction) -> bytes:
    """Return the recorded request; one that was lost asks for a stream where a stream was kept."""
    if not found.is_stream or found.method != "POST" or b'"stream"' in found.request_body:
        return found.request_body
    return json.dumps({**json.loads(found.request_body or b"{}"), "stream": True}).encode()


def url(server: MockServer, found: Interaction) -> str:
    """Return the URL at the server for a recorded one, base path and query kept."""
    query = f"?{found.query}" if found.query else ""
    return server.url.removesuffix("/v1") + found.path + query


@pytest.mark.parametrize("part", range(PARTS))
def test_every_interaction_that_is_read_is_served(files: list[File], part: int) -> None:
    """Each comes back with the recorded status and an equal body, in the order of its file."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    with httpx2.Client(timeout=30) as client:
        for path, format_, interactions in files[part::PARTS]:
            if not interactions:
                continue
            with MockServer(cassettes=(path,), strict=True) as server:
                for found in interactions:
                    served = client.request(found.method, url(server, found), content=asked(found))
                    counts[format_] += 1
                    if not equal(found, served):
                        wrong.append(f"{format_} {path.name} #{found.number}: {served.text[:200]}")
    sys.stdout.write("\n".join([f"{dict(counts)}", *wrong, ""]))
    assert counts
    assert wrong == []


@pytest.mark.parametrize("part", range(PARTS))
def test_the_sdk_parses_every_create_that_is_read(files: list[File], part: int) -> None:
    """The SDK gives each recorded object, all events of each stream, or the recorded error."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    with openai.DefaultHttpxClient(timeout=30) as shared:
        for path, format_, interactions in files[part::PARTS]:
            creates = [found for found in interactions if is_create(found)]
            if not creates:
                continue
            with MockServer(cassettes=(path,), strict=True) as server:
                client = OpenAI(base_url=server.url, api_key="x", max_retries=0, http_client=shared)
                for found in creates:
                    if not frames_are_json(found.body):
                        counts["no JSON events"] += 1
                        continue
                    counts[format_] += 1
                    if problem := by_sdk(client, found):
                        wrong.append(f"{format_} {path.name} #{found.number}: {problem}")
    sys.stdout.write("\n".join([f"{dict(counts)}", *wrong, ""]))
    assert wrong == []
    assert counts.pop("no JSON events", 0) < sum(counts.values()) / 20


def frames_are_json(body: bytes) -> bool:
    """Tell whether a client can read each frame of a stream; some lost the lines between them."""
    if not body.lstrip().startswith((b"event:", b"data:", b":")):
        return True
    for frame in body.replace(b"\r\n", b"\n").split(b"\n\n"):
        data = b"\n".join(line[5:] for line in frame.split(b"\n") if line.startswith(b"data:"))
        try:
            json.loads(data.strip() if data.strip() not in (b"", b"[DONE]") else b"{}")
        except ValueError:
            return False
    return True


def is_create(found: Interaction) -> bool:
    return found.method == "POST" and found.path.rstrip("/").endswith("/responses")


def by_sdk(client: OpenAI, found: Interaction) -> str:
    """Send a recorded create through the SDK; return how what it gives differs, if it does."""
    sent = json.loads(asked(found) or b"{}")
    try:
        answer: Any = client.post(
            "/responses",
            body=sent,
            cast_to=openai.types.responses.Response,
            stream=found.is_stream,
            stream_cls=openai.Stream[openai.types.responses.ResponseStreamEvent],
        )
        if not found.is_stream:
            recorded = json.loads(found.body)
            return "" if answer.id == recorded.get("id") else f"id {answer.id}"
        told = [event.type for event in answer]
    except openai.APIStatusError as problem:
        return "" if problem.status_code == found.status else problem.message
    except openai.APIError as problem:
        # An event of the type ``error`` is raised where it stands.
        errors = [event for event in events(found.body) if event.get("type") == "error"]
        return "" if errors else problem.message
    recorded_types = [event["type"] for event in events(found.body) if "type" in event]
    return "" if told == recorded_types else f"{told} are not {recorded_types}"
