"""Recorded traffic of others, served back to a plain client and to the SDK."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import httpx2
import openai
import pytest
from openai import OpenAI
from oracle.recordings import corpus
from vcr.cassette import Cassette

from mockserver import MockServer

pytestmark = pytest.mark.corpus

ENDPOINTS = ("/responses", "/conversations")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """The cassettes that stock vcrpy loads."""
    folder = corpus()
    if folder is None:
        pytest.skip("MOCKSERVER_CORPUS names no folder")
    with (folder / "INDEX.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    return [folder / row["path"] for row in rows if row["vcrpy_load"] == "ok"]


def exchanges(path: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the Responses requests and responses of a cassette, as vcrpy itself loads them."""
    cassette = Cassette.load(path=str(path))
    for request, response in zip(cassette.requests, cassette.responses, strict=True):
        if any(name in urlsplit(request.uri).path for name in ENDPOINTS):
            yield request, response


def decoded(response: dict[str, Any]) -> bytes:
    """Return a recorded body without its content encoding, which may be a leftover."""
    body = response.get("body", {}).get("string", response.get("content", b""))
    raw: bytes = body.encode() if isinstance(body, str) else body
    headers = {name.lower(): value for name, value in response["headers"].items()}
    if raw[:2] == b"\x1f\x8b":
        return gzip.decompress(raw)
    if "br" in headers.get("content-encoding", ()) and raw[:1] not in (b"{", b"e"):
        return brotli.decompress(raw)
    return raw


def data(raw: bytes) -> list[Any]:
    """Return what a stream's events carry."""
    lines = (line[5:].strip() for line in raw.splitlines() if line.startswith(b"data:"))
    return [json.loads(line) for line in lines if line != b"[DONE]"]


def equal(recorded: bytes, served: bytes) -> bool:
    """Tell whether two bodies say the same: JSON by value, streams event by event."""
    if recorded[:1] in (b"{", b"["):
        return bool(json.loads(recorded) == json.loads(served))
    return recorded == served or (bool(data(recorded)) and data(recorded) == data(served))


def status(response: dict[str, Any]) -> int:
    code: int = response["status"]["code"] if "status" in response else response["status_code"]
    return code


def target(server: MockServer, uri: str) -> str:
    """Return the URL at the server for a recorded one, base path and query kept."""
    parts = urlsplit(uri)
    query = f"?{parts.query}" if parts.query else ""
    return server.url.removesuffix("/v1") + parts.path + query


def test_every_recorded_responses_interaction_is_served_as_it_was(files: list[Path]) -> None:
    """Status and body of each come back to a plain client, in the order of the recording."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for path in files:
        with MockServer(cassettes=(path,), strict=True) as server:
            with httpx2.Client(timeout=30) as client:
                for number, (request, response) in enumerate(exchanges(path)):
                    body = request.body
                    content = body.encode() if isinstance(body, str) else body
                    if isinstance(body, dict):
                        content = json.dumps(body).encode()
                    served = client.request(
                        request.method, target(server, request.uri), content=content
                    )
                    same = equal(decoded(response), served.content)
                    counts[f"{request.method} {served.status_code}"] += 1
                    if served.status_code != status(response) or not same:
                        wrong.append(f"{path.name} #{number}: {served.status_code}")
    sys.stdout.write(f"{dict(counts)}\n")
    assert sum(counts.values()) > 500
    assert not wrong


def test_the_sdk_gets_every_recorded_create(files: list[Path]) -> None:
    """The SDK parses each JSON answer and reads each stream to its end, or raises what was told."""
    counts: Counter[str] = Counter()
    for path in files:
        with MockServer(cassettes=(path,), strict=True) as server:
            client = OpenAI(base_url=server.url, api_key="x", max_retries=0)
            for request, response in exchanges(path):
                if request.method != "POST" or not request.path.endswith("/responses"):
                    continue
                counts[_by_sdk(client, request, response)] += 1
            client.close()
    sys.stdout.write(f"{dict(counts)}\n")
    assert counts["json"] + counts["stream"] + counts["error"] == sum(counts.values())


def _by_sdk(client: OpenAI, request: Any, response: dict[str, Any]) -> str:
    """Send a recorded body through the SDK; compare what it gives with what was recorded."""
    body = request.body if isinstance(request.body, dict) else json.loads(request.body)
    recorded = decoded(response)
    try:
        answer: Any = client.post(
            "/responses",
            body=body,
            cast_to=openai.types.responses.Response,
            stream=bool(body.get("stream")),
            stream_cls=openai.Stream[openai.types.responses.ResponseStreamEvent],
        )
    except openai.APIStatusError as problem:
        return "error" if problem.status_code == status(response) else problem.message
    if body.get("stream"):
        events = [event.to_dict(mode="json") for event in answer]
        assert [event["type"] for event in events] == [event["type"] for event in data(recorded)]
        return "stream"
    assert answer.id == json.loads(recorded)["id"]
    return "json"
