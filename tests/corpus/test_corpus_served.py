"""Every recorded Responses exchange of every tool, served to a plain client and to the SDK."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from openai import APIError, APIStatusError, OpenAI, Stream
from openai.types.responses import Response, ResponseStreamEvent
from oracle.recordings import corpus

from mockserver import MockServer
from mockserver.cassette import CassetteError, Interaction, read
from mockserver.cassette.canonical import endpoint_of
from mockserver.cassette.sse import numbered

pytestmark = pytest.mark.corpus

SAMPLED = 20
"""Of the most common formats, one file in so many is served."""
COMMON = 20
CREATE = "/responses"


def sample() -> Iterator[tuple[str, Path]]:
    """Yield files of every format: all of a rare one, some of a common one."""
    folder = corpus()
    if folder is None:
        pytest.skip("MOCKSERVER_CORPUS names no folder")
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    counts = Counter(row["format"] for row in rows)
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row["format"]] += 1
        if counts[row["format"]] <= COMMON or seen[row["format"]] % SAMPLED == 0:
            yield row["format"], folder / row["path"]


def wanted(interaction: Interaction) -> bytes:
    """Return the body that a client must get."""
    return b"".join(numbered(interaction.frames())) if interaction.is_stream else interaction.body


def test_each_recording_is_served_as_it_was_recorded() -> None:
    """Status and body of each exchange come back, in order, whatever tool wrote them."""
    served: Counter[str] = Counter()
    wrong = []
    for format_, path in sample():
        try:
            found = [each for each in read(path, warn=str) if CREATE in endpoint_of(each.path)]
        except CassetteError:
            continue
        if not found:
            continue
        with (
            MockServer(cassettes=(path,), strict=True) as server,
            httpx2.Client(base_url=server.url) as client,
        ):
            for each in found:
                target = endpoint_of(each.path).lstrip("/")
                if each.query:
                    target += f"?{each.query}"
                body = each.request_body or (b"{}" if each.method == "POST" else None)
                if each.is_stream and not each.request_body:
                    body = b'{"stream": true}'
                answer = client.request(each.method, target, content=body)
                if (answer.status_code, answer.content) != (each.status, wanted(each)):
                    wrong.append(f"{path.name} {each.number}: {answer.status_code}")
                served[format_] += 1
    assert wrong == []
    assert len(served) >= 17
    assert sum(served.values()) > 150


def test_the_sdk_reads_each_create_as_recorded() -> None:
    """JSON answers parse to the recorded id, streams to the recorded events, errors to errors."""
    parsed: Counter[str] = Counter()
    for _, path in sample():
        try:
            found = [each for each in read(path, warn=str) if _is_create(each)]
        except CassetteError:
            continue
        if not found:
            continue
        with (
            MockServer(cassettes=(path,), strict=True) as server,
            OpenAI(base_url=server.url, api_key="k", max_retries=0) as sdk,
        ):
            for each in found:
                parsed[_read(sdk, each)] += 1
    assert parsed["stream"] > 30
    assert parsed["response"] > 40
    assert parsed["error"] > 1


def _is_create(each: Interaction) -> bool:
    return each.method == "POST" and endpoint_of(each.path) == CREATE


def _read(sdk: OpenAI, each: Interaction) -> str:
    """Send the recorded request through the SDK and compare; return what kind of answer it was."""
    asked = json.loads(each.request_body or b"{}")
    if each.status >= 400:
        with pytest.raises(APIStatusError) as caught:
            sdk.post("/responses", body=asked, cast_to=Response)
        assert caught.value.status_code == each.status
        return "error"
    if each.is_stream:
        events = sdk.post(
            "/responses",
            body={**asked, "stream": True},
            cast_to=Response,
            stream=True,
            stream_cls=Stream[ResponseStreamEvent],
        )
        told = []
        try:
            told += [event.type for event in events]
        except APIError:
            return _failed(each)
        assert told == [event["type"] for event in each.events if "type" in event]
        return "stream"
    answer = sdk.post("/responses", body=asked, cast_to=Response)
    assert each.document is not None
    assert answer.id == each.document.get("id")
    return "response"


def _failed(each: Interaction) -> str:
    """A stream that the SDK raises at has an error event, or data that it takes for one."""
    assert any(event.get("error") for event in each.events)
    return "stream error"
