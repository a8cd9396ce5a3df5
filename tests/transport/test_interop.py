"""Stock vcrpy and this server, each replaying what the other has, to clients of every kind."""

from __future__ import annotations

import asyncio
import gzip
import importlib.util
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import brotli
import httpx2
import openai
import pytest
import urllib3
import vcr
import zstandard
from openai import OpenAI
from samples import CASSETTES, SAMPLES

from mockserver import MockServer
from mockserver.cassette import Interaction, read

Answer = tuple[int, bytes]
Send = Callable[[str, str, bytes], Answer]

DOCUMENT = json.dumps({"id": "resp_1", "output": [], "note": "käse \u2028 a\r\nb"}).encode()
EVENTS = [
    {"type": "response.created", "sequence_number": 0, "response": {"id": "resp_1"}},
    {"type": "response.output_text.delta", "sequence_number": 1, "delta": "käse 🧀"},
]
STREAM = "".join(
    f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n" for event in EVENTS
).encode()
ERROR = json.dumps({"error": {"message": "Slow down.", "code": "rate_limit_exceeded"}}).encode()

KINDS: dict[str, tuple[int, str, str, bytes]] = {
    "json": (200, "application/json", "identity", DOCUMENT),
    "sse": (200, "text/event-stream; charset=utf-8", "identity", STREAM),
    "gzip": (200, "application/json", "gzip", DOCUMENT),
    "br": (200, "application/json", "br", DOCUMENT),
    "zstd": (200, "application/json", "zstd", DOCUMENT),
    "gzip-sse": (200, "text/event-stream; charset=utf-8", "gzip", STREAM),
    "binary": (200, "application/octet-stream", "identity", bytes(range(256)) * 5),
    "latin-1": (200, "text/plain; charset=iso-8859-1", "identity", "käse".encode("latin-1")),
    "empty": (200, "application/json", "identity", b""),
    "error": (429, "application/json", "identity", ERROR),
    "gzip-error": (400, "application/json", "gzip", ERROR),
    "page": (502, "text/html", "identity", b"<html>bad gateway</html>"),
}
"""What the recorded server answers: status, content type, content encoding, plain body."""

PACK: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": lambda raw: gzip.compress(raw, mtime=0),
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


class _Upstream(BaseHTTPRequestHandler):
    """Answers each kind that a request names as its input."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        status, media_type, encoding, body = KINDS[json.loads(raw)["input"]]
        packed = PACK[encoding](body)
        self.send_response(status)
        self.send_header("content-type", media_type)
        if encoding != "identity":
            self.send_header("content-encoding", encoding)
        self.send_header("content-length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)

    def log_message(self, *arguments: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    """The base URL of a server to record from."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Upstream) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def _headers(kept: dict[str, str] | None = None) -> dict[str, str]:
    return {"content-type": "application/json", **(kept or {})}


def by_httpx2(method: str, url: str, body: bytes) -> Answer:
    with httpx2.Client(timeout=30) as client:
        answer = client.request(method, url, content=body, headers=_headers())
        return answer.status_code, answer.content


def by_httpx(method: str, url: str, body: bytes) -> Answer:
    httpx = pytest.importorskip("httpx")
    with httpx.Client(timeout=30, trust_env=False) as client:
        answer = client.request(method, url, content=body, headers=_headers())
        return answer.status_code, answer.content


def by_requests(method: str, url: str, body: bytes) -> Answer:
    requests = pytest.importorskip("requests")
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(method, url, data=body, headers=_headers(), timeout=30)
        return answer.status_code, answer.content


def by_urllib3(method: str, url: str, body: bytes) -> Answer:
    with urllib3.PoolManager() as pool:
        answer = pool.request(
            method, url, body=body, headers=_headers(), retries=False, preload_content=True
        )
        return answer.status, answer.data


def by_aiohttp(method: str, url: str, body: bytes) -> Answer:
    async def send() -> Answer:
        async with aiohttp.ClientSession() as session:
            # Only ``json=`` makes vcrpy record the body as data, and so it is what must be read.
            sent: dict[str, Any] = {"json": json.loads(body)} if body else {}
            async with session.request(method, url, **sent) as answer:
                return answer.status, await answer.read()

    return asyncio.run(send())


CLIENTS: dict[str, Send] = {
    "httpx2": by_httpx2,
    "httpx": by_httpx,
    "requests": by_requests,
    "urllib3": by_urllib3,
    "aiohttp": by_aiohttp,
}


def asked(kind: str) -> bytes:
    return json.dumps({"model": "m", "input": kind}).encode()


@pytest.mark.parametrize("serializer", ["yaml", "json"])
@pytest.mark.parametrize("client", CLIENTS)
def test_what_vcrpy_recorded_from_a_client_replays_here(
    client: str, serializer: str, upstream: str, tmp_path: Path
) -> None:
    """Status and plain body are those of the upstream, in whatever form vcrpy kept them."""
    send, kinds = CLIENTS[client], dict(KINDS)
    if serializer == "json":  # which holds text alone
        kinds = {kind: KINDS[kind] for kind in ("json", "sse", "empty", "error", "page")}
    if client == "aiohttp":  # which takes zstd only with a package that is not installed here
        kinds.pop("zstd", None)
    file = tmp_path / f"recorded.{serializer}"
    with vcr.use_cassette(str(file), record_mode="all", serializer=serializer):
        for kind in kinds:
            send("POST", f"{upstream}/responses", asked(kind))
    assert len(read(file, strict=True)) == len(kinds)
    with MockServer(cassettes=(file,), strict=True) as server:
        for kind, (status, _, _, body) in reversed(kinds.items()):
            answer = send("POST", f"{server.url}/responses", asked(kind))
            assert (kind, *answer) == (kind, status, body)
        server.assert_all_played()


def by_sdk(client: OpenAI, kind: str) -> Any:
    """Return what the SDK makes of an answer: an object, events, or an error."""
    try:
        if kind.endswith("sse"):
            body = json.loads(asked(kind))
            return [event.to_dict() for event in client.responses.create(**body, stream=True)]
        return client.responses.create(**json.loads(asked(kind))).to_dict()
    except openai.APIStatusError as problem:
        return problem.status_code, problem.body


def test_what_vcrpy_recorded_from_the_sdk_replays_here(upstream: str, tmp_path: Path) -> None:
    """The SDK gets the same objects, events and errors from us as from the upstream."""
    kinds = ("json", "sse", "gzip", "br", "gzip-sse", "error", "gzip-error", "page")
    file = tmp_path / "recorded.yaml"
    with OpenAI(base_url=upstream, api_key="x", max_retries=0) as client:
        with vcr.use_cassette(str(file), record_mode="all"):
            seen = {kind: by_sdk(client, kind) for kind in kinds}
    assert seen["sse"] == EVENTS
    with MockServer(cassettes=(file,), strict=True) as server:
        with OpenAI(base_url=server.url, api_key="x", max_retries=0) as client:
            assert {kind: by_sdk(client, kind) for kind in kinds} == seen
        server.assert_all_played()


def interactions() -> list[Interaction]:
    return [each for name in SAMPLES for each in read(CASSETTES / f"{name}.yaml", strict=True)]


@pytest.mark.parametrize("client", CLIENTS)
def test_our_cassettes_replay_in_stock_vcrpy(client: str) -> None:
    """Every sample comes out of plain vcrpy with the status and the body that we serve."""
    # To vcrpy, no body is another one than an empty one, and data another one than its JSON: it
    # matches bodies only of clients that send them as the one did that recorded.
    same = client in ("httpx", "httpx2")
    matched = ["method", "uri", "body"] if same else ["method", "uri"]
    for name in SAMPLES:
        file = CASSETTES / f"{name}.yaml"
        with vcr.use_cassette(str(file), record_mode="none", match_on=matched) as tape:
            for found in read(file, strict=True):
                answer = CLIENTS[client](found.method, found.uri, found.request_body)
                assert answer == (found.status, found.body)
            assert tape.all_played


def test_our_cassettes_replay_under_pytest_recording(pytester: pytest.Pytester) -> None:
    """Its ``vcr`` marker plays a sample to the SDK, with the network blocked."""
    if importlib.util.find_spec("pytest_recording") is None:
        pytest.skip("pytest-recording is not installed")
    folder = pytester.path / "cassettes" / "test_recorded"
    folder.mkdir(parents=True)
    for name in ("text", "stream"):
        shutil.copy(CASSETTES / f"{name}.yaml", folder / f"test_{name}.yaml")
    pytester.makepyfile(
        test_recorded=f"""
import sys

import pytest
from openai import OpenAI

sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from samples import SAMPLES

pytestmark = [pytest.mark.vcr(match_on=["method", "uri", "body"]), pytest.mark.block_network]


def play(name):
    with OpenAI(api_key="x", max_retries=0) as client:
        return SAMPLES[name](client)


def test_text():
    assert play("text")[0]["status"] == "completed"


def test_stream():
    assert play("stream")[-1]["type"] == "response.completed"
"""
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        # Both plugins at once: neither takes the other's options, marker or fixtures.
        plugins = ("-p", "pytest_recording.plugin", "-p", "mockserver.pytest_plugin")
        result = pytester.runpytest_subprocess(*plugins, "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)
