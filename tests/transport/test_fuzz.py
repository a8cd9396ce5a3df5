"""Garbage of every sort: nothing but the API's errors comes back, and the server lives on."""

from __future__ import annotations

import gzip
import json
import logging
import re
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import pytest
from api import Api
from oracle import check_error, check_event, check_response, check_stream, check_wire, parse_sse
from samples import REQUESTS

from mockserver import MockServer, Settings, create_app
from mockserver.faults.registry import FAULTS
from mockserver.flags.registry import TABLE
from mockserver.schema.request import CreateResponse
from mockserver.schema.shape import keys

Answer = tuple[int, str, bytes]
"""Status, content type and body."""

BODIES: list[dict[str, Any]] = [
    json.loads(file.read_text(encoding="utf-8")) for file in sorted(REQUESTS.glob("*.json"))
]
QUICK: dict[str, Any] = {"queued_seconds": 0, "in_progress_seconds": 0, "max_body": 2**20}
CONTINUED = {"model": "gpt-4.1", "input": "hi"}

SCALARS: list[Any] = [
    *(None, True, False, 0, 1, -1, 16, 0.5, 1e308, 2**53, -(2**63), 2**64 - 1, "", " ", "0", "\0"),
    *("auto", "none", "required", "message", "function", "user", "msg_1", "💥\u202e", "x" * 5000),
    *("resp_" + "0" * 50, "%s%n{0}", "../../etc/passwd", "completed", "json_schema", "low"),
]
FRAGMENTS: list[Any] = [
    [],
    {},
    [[]],
    [{}],
    [None],
    {"": None},
    {"type": None},
    {"type": "message", "role": "user", "content": None},
    {"role": "assistant", "content": [{"type": "refusal"}]},
    {"type": "function_call", "call_id": [], "name": {}, "arguments": 5},
    {"type": "function_call_output", "call_id": {"a": 1}, "output": [None]},
    {"type": "custom_tool_call_output", "output": {}},
    {"type": "item_reference", "id": None},
    {"type": "reasoning", "summary": None},
    {"type": "local_shell_call_output"},
    {"type": "unheard_of", "id": 7, "status": []},
    {"id": "msg_none"},
    {"type": "input_image", "image_url": "data:image/png;base64,!!"},
    {"type": "input_file", "file_data": "x"},
    {"type": "function", "name": "f", "parameters": None},
    {"type": "function", "name": "f", "parameters": {"type": "nothing"}, "strict": True},
    {"type": "function", "name": "g", "parameters": {"$ref": "#"}},
    {"type": "custom", "name": "c", "format": {"type": "grammar", "syntax": "regex"}},
    {"type": "web_search", "filters": {"allowed_domains": [5]}, "user_location": "x"},
    {"type": "namespace", "tools": [{"type": "namespace"}]},
    {"type": "json_schema", "name": "n", "schema": {"allOf": [{"type": "string"}, {"minimum": 5}]}},
    {"type": "json_schema", "name": "n", "schema": {"type": "array", "minItems": 10**12}},
    {"type": "json_schema", "name": "n", "schema": {"type": "string", "pattern": "(a+)+$"}},
    {"type": "json_schema", "schema": {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}},
    {"type": "allowed_tools", "mode": "required", "tools": [None, {"type": 5}]},
    {"format": {"type": "json_object"}, "verbosity": "loud"},
    {"effort": "extreme", "summary": 1},
    {"mock_scenario": "fale,http:999"},
    {"mock_scenario": "incomplete:content_filter"},
]


@contextmanager
def nothing_goes_wrong(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail when anything was logged as an error, with a traceback or from a lost task."""
    with caplog.at_level(logging.WARNING):
        yield
    wrong = [r for r in caplog.records if r.levelno >= logging.ERROR or r.exc_info]
    assert not [(record.name, record.getMessage(), record.exc_text) for record in wrong]


@pytest.fixture(params=["strict", "lenient", "off"], scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """A server of each way to check requests."""
    with MockServer(validation=request.param, **QUICK) as running:
        yield running


ONE = pytest.mark.parametrize("server", ["strict"], indirect=True)
"""For what never gets as far as the checks of a request."""


class Client:
    """A connection that is kept open, and opened again when the server closes it."""

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self.host = urlsplit(server.url).netloc
        self._connection = HTTPConnection(self.host, timeout=10)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, bytes] | None = None,
    ) -> Answer:
        """Send a request as it is written, and judge the answer."""
        try:
            self._connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                self._connection.putheader(name, value)
            if body is not None:
                self._connection.putheader("content-length", str(len(body)))
            self._connection.endheaders(body)
            response = self._connection.getresponse()
            answer = (response.status, response.headers.get("content-type", ""), response.read())
        except (HTTPException, OSError) as problem:
            self._connection.close()
            raise AssertionError((method, path, body, headers)) from problem
        if response.will_close:
            self._connection.close()
        judge(answer, (method, path, body, headers))
        return answer

    def post(self, body: bytes, path: str = "/v1/responses", **headers: bytes) -> Answer:
        """Send a body to an endpoint."""
        return self.send("POST", path, body, headers)

    def is_alive(self) -> bool:
        """Tell whether an ordinary request gets its ordinary answer."""
        status, _, body = self.post(json.dumps(CONTINUED).encode())
        return status == 200 and json.loads(body)["status"] == "completed"

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@pytest.fixture
def client(server: MockServer) -> Iterator[Client]:
    """A connection to the server under test, which must still answer after the test."""
    connected = Client(server)
    yield connected
    assert connected.is_alive()
    connected.close()


def judge(answer: Answer, sent: object) -> None:
    """Fail for a 5xx and for an error that is not in the API's envelope.

    What aiohttp's parser cannot read, and an expectation that it does not know, never reach us;
    its plain answers to them are let pass.
    """
    status, kind, body = answer
    assert status < 500, (sent, body)
    if status in (400, 417) and kind.startswith("text/plain"):
        return
    if status >= 400 and body:
        assert kind == "application/json", (sent, answer)
        assert not check_error(json.loads(body)), (sent, body)


def pick(rng: Random, choices: list[Any]) -> Any:
    """Return a copy of one of the choices."""
    return json.loads(json.dumps(rng.choice(choices)))


def places(node: Any) -> list[tuple[Any, Any]]:
    """Return every container of a document with every key or index in it."""
    found: list[tuple[Any, Any]] = []
    if isinstance(node, dict):
        found = [(node, key) for key in node]
    elif isinstance(node, list):
        found = [(node, index) for index in range(len(node))]
    return found + [place for box, key in found for place in places(box[key])]


def mutate(rng: Random, document: dict[str, Any]) -> None:
    """Change one place of a document into something else."""
    if not document:
        document["model"] = None
    box, key = rng.choice(places(document))
    kind = rng.randrange(8)
    if kind == 0:
        del box[key]
    elif kind == 1:
        box[key] = [box[key]]
    elif kind == 2:
        box[key] = {"type": box[key]}
    elif kind == 3 and isinstance(box, dict):
        box[rng.choice([*keys(CreateResponse), "nonsense", ""])] = box[key]
    elif kind == 4 and isinstance(box, list):
        box.insert(key, pick(rng, [box[key], *FRAGMENTS]))
    elif kind == 5:
        document[rng.choice(list(keys(CreateResponse)))] = pick(rng, SCALARS + FRAGMENTS)
    else:
        box[key] = pick(rng, SCALARS if kind == 6 else FRAGMENTS)


class Known:
    """The latest ids that the server gave out, by prefix."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = {prefix: [f"{prefix}_none"] for prefix in PREFIXES}

    def note(self, answer: bytes) -> str | None:
        """Remember the first id of an answer."""
        match = re.search(rb'"id": ?"((' + "|".join(PREFIXES).encode() + rb')_\w+)"', answer)
        if match is None:
            return None
        prefix, id_ = match[2].decode(), match[1].decode()
        self.ids[prefix] = [*self.ids[prefix][-20:], id_]
        return id_

    def any(self, rng: Random, prefix: str) -> str:
        """Return one of the ids with a prefix."""
        return rng.choice(self.ids[prefix])


PREFIXES = ("resp", "conv", "msg", "whe")
LISTED = [body["input"] for body in BODIES if isinstance(body["input"], list)]
"""Input as conversations take it."""

OTHERS: dict[str, list[Any]] = {
    "/v1/responses/input_tokens": BODIES,
    "/v1/responses/compact": BODIES,
    "/v1/conversations": [{"items": items, "metadata": {"a": "b"}} for items in LISTED],
    "/v1/conversations/conv": [{"metadata": {"a": "b"}}],
    "/v1/conversations/conv/items": [{"items": items} for items in LISTED],
    "/v1/webhook_endpoints": [
        {"name": "n", "url": "http://127.0.0.1:9/", "event_types": ["response.completed"]}
    ],
    "/v1/webhook_endpoints/whe": [{"name": "n", "event_types": ["response.failed"]}],
}
"""Samples of the other endpoints that take a body; a prefix stands for an id."""


def create(rng: Random, known: Known) -> dict[str, Any]:
    """Return a sample request that may continue something."""
    document: dict[str, Any] = pick(rng, BODIES)
    if rng.random() < 0.2:
        document["previous_response_id"] = known.any(rng, "resp")
    elif rng.random() < 0.2:
        document["conversation"] = known.any(rng, "conv")
    if rng.random() < 0.3:
        document["stream"] = True
    if rng.random() < 0.1:
        document["input"] = [pick(rng, FRAGMENTS) for _ in range(rng.randrange(4))]
    return document


def mutated(rng: Random, known: Known) -> tuple[str, dict[str, Any]]:
    """Return an address and a sample for it with some places changed."""
    path, document = "/v1/responses", create(rng, known)
    if rng.random() < 0.25:
        path = rng.choice(list(OTHERS))
        document = pick(rng, OTHERS[path])
        path = re.sub(r"(?<=/)(conv|whe)\b", lambda prefix: known.any(rng, prefix[1]), path)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 4])):
        mutate(rng, document)
    return path, document


def scenario(rng: Random) -> dict[str, bytes]:
    """Return a header that asks for a scenario that ends, now and then."""
    whole = [name for name, flag in TABLE.items() if name not in FAULTS and flag.value[:1] != ":"]
    names = [
        *whole,
        "items",
        "tps",
        "http:418",
        "failed:x",
        "incomplete:steered",
        "refusal:%00,seed:1",
        "ttft:1ms",
    ]
    text = rng.choice([name for name in names if name not in ("queued", "in_progress")])
    return {"x-mock-scenario": text.encode()} if rng.random() < 0.15 else {}


def look(rng: Random, id_: str) -> tuple[str, str]:
    """Return the method and address of another request for what has this id."""
    if id_.startswith("resp"):
        after = rng.choice(["", "/input_items", "/cancel"])
        return "POST" if after == "/cancel" else "GET", f"/v1/responses/{id_}{after}"
    if id_.startswith("conv"):
        after = rng.choice(["", "/items", "/items?order=asc&limit=1"])
        return "GET", f"/v1/conversations/{id_}{after}"
    if id_.startswith("whe"):
        return rng.choice(["GET", "DELETE"]), f"/v1/webhook_endpoints/{id_}"
    return "GET", f"/v1/responses/{id_}"


def test_mutated_requests_are_answered_or_refused(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Sample requests with some places changed never bring out a fault of ours."""
    rng, known = Random(1), Known()
    with nothing_goes_wrong(caplog):
        for _ in range(1000):
            path, document = mutated(rng, known)
            _, _, answer = client.post(json.dumps(document).encode(), path, **scenario(rng))
            if id_ := known.note(answer):
                client.send(*look(rng, id_))
        assert all(len(ids) > 5 for prefix, ids in known.ids.items() if prefix != "msg")


def test_a_lenient_server_refuses_no_mutated_request(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a request says, leniently its answer is a valid one, and so is what is kept of it.

    Only a wrong scenario flag is told, since it is no part of the request.
    """
    rng, known = Random(1), Known()
    with MockServer(lenient=True, **QUICK) as server, Api(server.url) as api:
        with nothing_goes_wrong(caplog):
            for _ in range(300):
                path, document = mutated(rng, known)
                answer = api.request("POST", path.removeprefix("/v1"), json=document)
                if answer.status_code != 200:
                    assert answer.json()["error"]["code"] == "unknown_scenario_flag", document
                    continue
                if path == "/v1/responses":
                    judge_response(answer, document)
                if id_ := known.note(answer.content):
                    method, look_at = look(rng, id_)
                    assert api.request(method, look_at.removeprefix("/v1")).status_code == 200


def judge_response(answer: httpx2.Response, document: dict[str, Any]) -> None:
    """Fail for a response, told as JSON or as a stream, that is not strictly valid."""
    if answer.headers["content-type"] == "application/json":
        assert not check_response(answer.json()), document
        assert not check_wire(answer.json()), document
        return
    events = parse_sse(answer.content)
    assert not [problem for event in events for problem in check_event(event)], document
    options = document.get("stream_options")
    padded = options.get("include_obfuscation") if isinstance(options, dict) else None
    assert not check_stream(events, obfuscation=padded is not False), document


def garbled(rng: Random, raw: bytes) -> bytes:
    """Return bytes with some of them flipped, lost, doubled or put in."""
    text = bytearray(raw)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            text[at : at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            del text[at : at + rng.randrange(20)]
        elif kind == 2:
            text[at:at] = text[: rng.randrange(40)]
        elif kind == 3:
            text[at:at] = rng.choice([b"\\ud800", b"\xff\xfe", b"\0", b"1e999", b",", b'"', b"}]"])
        else:
            del text[at:]
    return bytes(text)


def test_garbled_bytes_are_refused(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Bodies with bytes changed are invalid JSON or an ordinary request, nothing else."""
    rng = Random(2)
    with nothing_goes_wrong(caplog):
        for _ in range(250):
            answer = client.post(garbled(rng, json.dumps(pick(rng, BODIES)).encode()))
            assert answer[0] in (200, 400)


DEEP = 100_000
TEXTS: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "null": b"null",
    "text": b'"hi"',
    "list": b"[1]",
    "number": b"1" * 5000,
    "deep list": b"[" * DEEP,
    "deep list, closed": b"[" * DEEP + b"]" * DEEP,
    "deep object": b'{"input":' * DEEP,
    "deep input": b'{"model":"gpt-4.1","input":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep enough": b'{"model":"gpt-4.1","input":' + b"[" * 99 + b"]" * 99 + b"}",
    "huge integer": b'{"model":"gpt-4.1","input":"hi","max_output_tokens":' + b"9" * 4000 + b"}",
    "huge float": b'{"model":"gpt-4.1","input":"hi","temperature":1e400}',
    "not a number": b'{"model":"gpt-4.1","input":"hi","temperature":NaN}',
    "no utf-8": b'{"model":"gpt-4.1","input":"\xff\xfe"}',
    "utf-16": '{"model":"gpt-4.1","input":"hi"}'.encode("utf-16"),
    "lone surrogate": b'{"model":"gpt-4.1","input":"\\ud800"}',
    "surrogate pair": b'{"model":"gpt-4.1","input":"\\ud83d\\ude00"}',
    "encoded surrogate": b'{"model":"gpt-4.1","input":"\xed\xa0\x80"}',
    "nul": b'{"model":"gpt-4.1","input":"\\u0000"}',
    "raw nul": b'{"model":"gpt-4.1","input":"\0"}',
    "duplicate keys": b'{"model":5,"model":"gpt-4.1","input":7,"input":"hi"}',
    "trailing": b'{"model":"gpt-4.1","input":"hi"} x',
    "byte order mark": b'\xef\xbb\xbf{"model":"gpt-4.1","input":"hi"}',
    "many keys": json.dumps({f"k{n}": n for n in range(20_000)}).encode(),
    "many items": json.dumps({"model": "gpt-4.1", "input": [{}] * 20_000}).encode(),
    "long key": b'{"' + b"k" * 500_000 + b'":1}',
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_body_that_is_hard_to_read_is_read_or_refused(
    client: Client, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Depth, size, encodings and numbers past all bounds are no trouble on any endpoint."""
    with nothing_goes_wrong(caplog):
        for path in ("", "/input_tokens", "/compact", "/resp_none/cancel"):
            status, _, _ = client.post(TEXTS[name], f"/v1/responses{path}")
            assert status in (200, 400, 404)


def _bomb(size: int) -> bytes:
    return gzip.compress(b" " * size + json.dumps(CONTINUED).encode())


ENCODED: dict[str, tuple[bytes, bytes, tuple[int, ...]]] = {
    "gzip": (b"gzip", gzip.compress(json.dumps(CONTINUED).encode()), (200,)),
    "deflate": (b"deflate", zlib.compress(json.dumps(CONTINUED).encode()), (200,)),
    "gzip that is none": (b"gzip", json.dumps(CONTINUED).encode(), (400,)),
    "deflate that is none": (b"deflate", b"\xff" * 100, (400,)),
    "gzip that is cut": (b"gzip", gzip.compress(b"x" * 9999)[:20], (200, 400)),
    "gzip bomb": (b"gzip", _bomb(30 * 2**20), (413,)),
    "brotli that is none": (b"br", b"\xff" * 100, (400,)),
    "unknown": (b"rot13", json.dumps(CONTINUED).encode(), (200, 400)),
}


@ONE
@pytest.mark.parametrize("name", ENCODED)
def test_an_encoded_body_is_decoded_or_refused(
    client: Client, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A compressed body counts as what it holds; one that cannot be unpacked is refused."""
    coding, body, expected = ENCODED[name]
    with nothing_goes_wrong(caplog):
        status, _, _ = client.send("POST", "/v1/responses", body, {"content-encoding": coding})
    assert status in expected


def _routes() -> list[str]:
    resources = create_app(Settings()).router.resources()
    return sorted({resource.canonical for resource in resources})


IDS = [
    *("resp_none", "", ".", "..", "%2e%2e", "%00", "%FF%FE", "a%2Fb", "x" * 4000, "%", "%zz", "ü"),
    *("{id}", "resp_\u2028", "input_tokens", "cancel", "a b", "💥", "gpt-4.1", "%F0%9F%92%A5"),
]
QUERIES = [
    *("stream", "starting_after", "limit", "order", "after", "before", "include[]"),
    *("include_obfuscation", "", "x", "%00", "%FF"),
]
VALUES = ["", "true", "0", "-1", "9" * 30, "asc", "x", "%00", "%FF", "1e9", "٣", "a&b=c", "nan"]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO", "get"]
HEADERS: dict[str, list[bytes]] = {
    "x-mock-scenario": [b"\xff\xfe", b"refusal:\xff", b"fale:\xe9", b"", b"http:404:\xff", b","],
    "content-type": [
        b"text/plain",
        b"application/json; charset=utf-16",
        b"multipart/form-data",
        b"",
    ],
    "authorization": [b"", b"Bearer", b"Bearer \xff", b"Basic eA=="],
    "x-stainless-retry-count": [b"-1", b"\xb2", b"9" * 50, b"x"],
    "expect": [b"100-continue", b"tea"],
    "range": [b"bytes=0-5"],
    "if-none-match": [b"*"],
    "cookie": [b"a=b; c", b"\xff=\xff"],
    "accept": [b"text/event-stream", b"image/png"],
    "connection": [b"upgrade", b"close", b"keep-alive, x"],
    "upgrade": [b"websocket", b"h2c"],
    "content-encoding": [b"gzip", b"identity"],
    "x-long": [b"x" * 7000],
}


def _address(rng: Random, route: str) -> str:
    path = re.sub(r"\{[^}]*\}", lambda _: rng.choice(IDS), route)
    if rng.random() < 0.1:
        path = rng.choice(
            ["/", "//", "/v1", "/v2/responses", "/v1/responses/", path + "/", path[1:]]
        )
    if rng.random() < 0.4:
        pairs = [f"{rng.choice(QUERIES)}={rng.choice(VALUES)}" for _ in range(rng.randrange(1, 4))]
        path += "?" + "&".join(pairs)
    return quote(path, safe="/%?&=[]{}.:,")


def test_any_address_method_and_header_is_answered_or_refused(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Every route takes odd ids, queries, methods, headers and bodies without a fault."""
    rng, routes = Random(3), _routes()
    with nothing_goes_wrong(caplog):
        for _ in range(350):
            names = rng.sample(sorted(HEADERS), rng.randrange(4))
            headers = {name: rng.choice(HEADERS[name]) for name in names}
            body = None if rng.random() < 0.5 else rng.choice([b"", b"{}", b"{", b"\xff"])
            address = _address(rng, rng.choice(routes))
            client.send(rng.choice(METHODS), address, body, headers)


def exchange(host: str, payload: bytes, *, end: bool) -> bytes:
    """Send bytes over a connection of their own; return what comes back until it closes."""
    name, _, port = host.rpartition(":")
    received = b""
    with socket.create_connection((name, int(port)), timeout=3) as connection:
        try:
            connection.sendall(payload)
            if end:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
        except (ConnectionError, TimeoutError):
            pass
    return received


def read(received: bytes) -> Answer | None:
    """Return the first answer of what came back, if any."""
    match = re.match(rb"HTTP/[01]\.[019] (\d{3}) ", received)
    if match is None:
        assert not received
        return None
    head, _, body = received.partition(b"\r\n\r\n")
    kind = re.search(rb"(?i)\r\ncontent-type: ([^\r]*)", head)
    if b"chunked" in head:
        body = b""
    return int(match[1]), kind[1].decode() if kind else "", body


def http(*lines: bytes, body: bytes = b"") -> bytes:
    """Return a POST with these header lines, to be closed after its answer."""
    head = (b"POST /v1/responses HTTP/1.1", b"Host: x", b"Connection: close", *lines)
    return b"\r\n".join(head) + b"\r\n\r\n" + body


GOOD = json.dumps(CONTINUED).encode()
LENGTH = b"Content-Length: %d" % len(GOOD)
CHUNKED = b"Transfer-Encoding: chunked"

RAW: dict[str, bytes] = {
    "tls hello": bytes.fromhex("16030100c8010000c40303") + bytes(range(190)),
    "http/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "nothing": b"",
    "blank lines": b"\r\n" * 50,
    "no version": b"GET /\r\n\r\n",
    "odd version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "http/1.0": b"GET /v1/models HTTP/1.0\r\n\r\n",
    "no host": b"GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n",
    "absolute": b"GET http://x:99999/v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "bad authority": b"GET http://[::x]/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "connect": b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "path of bytes": b"GET /v1/\xff\xfe\x80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "path with blanks": b"GET /v1/a b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "path with a fragment": b"GET /v1/models#x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "long path": b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "long header": http(b"X: " + b"x" * 70_000),
    "many headers": http(*(b"X%d: 1" % n for n in range(5000))),
    "nul in a header": http(b"X: a\0b"),
    "bytes in a name": http(b"X\xff: a"),
    "no name": http(b": a"),
    "no colon": http(b"nonsense"),
    "folded header": http(b"X: a", b" b", LENGTH, body=GOOD),
    "bare line feeds": http(LENGTH, body=GOOD).replace(b"\r\n", b"\n"),
    "length that is no number": http(b"Content-Length: many", body=GOOD),
    "negative length": http(b"Content-Length: -5", body=GOOD),
    "huge length": http(b"Content-Length: " + b"9" * 40, body=GOOD),
    "two lengths": http(LENGTH, b"Content-Length: 5", body=GOOD),
    "length and chunks": http(LENGTH, CHUNKED, body=b"0\r\n\r\n"),
    "two codings": http(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "unknown coding": http(b"Transfer-Encoding: magic", body=GOOD),
    "bad chunk size": http(CHUNKED, body=b"zz\r\nx\r\n0\r\n\r\n"),
    "huge chunk size": http(CHUNKED, body=b"f" * 20 + b"\r\nx\r\n0\r\n\r\n"),
    "chunk without its end": http(CHUNKED, body=b"3\r\nabcde\r\n0\r\n\r\n"),
    "good chunks": http(CHUNKED, body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)),
    "unfinished chunk": http(CHUNKED, body=b"ff\r\nabc"),
    "short body": http(b"Content-Length: 999", body=GOOD),
    "half a head": http(LENGTH)[:40],
    "half a line": b"POST /v1/resp",
    "continue": http(LENGTH, b"Expect: 100-continue", body=GOOD),
    "unknown expectation": http(LENGTH, b"Expect: tea", body=GOOD),
    "two hosts": http(b"Host: y", LENGTH, body=GOOD),
    "pipelined": http(LENGTH, body=GOOD).replace(b"close", b"keep-alive") * 3,
}


@ONE
@pytest.mark.parametrize("name", RAW)
def test_what_is_hardly_http_is_refused_or_dropped(
    server: MockServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Bytes that break the rules of HTTP get an error or a closed connection."""
    host = urlsplit(server.url).netloc
    unfinished = name.startswith(
        ("short", "half", "unfinished", "huge", "nothing", "blank", "pipe")
    )
    unfinished |= not RAW[name].endswith(b"\r\n\r\n") and b"HTTP/1.1" not in RAW[name]
    with nothing_goes_wrong(caplog):
        answer = read(exchange(host, RAW[name], end=unfinished))
        if answer is not None and answer[0] != 100:
            judge(answer, name)
    client = Client(server)
    assert client.is_alive()
    client.close()


@ONE
def test_random_bytes_are_refused_or_dropped(
    server: MockServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Noise of any length, also behind the beginning of a request, does no harm."""
    rng, host = Random(4), urlsplit(server.url).netloc
    starts: list[Callable[[bytes], bytes]] = [
        lambda noise: noise,
        lambda noise: b"POST /v1/responses HTTP/1.1\r\n" + noise + b"\r\n\r\n",
        lambda noise: http(b"Content-Length: %d" % len(noise), body=noise),
        lambda noise: http(CHUNKED, body=noise),
    ]
    with nothing_goes_wrong(caplog):
        for number in range(60):
            noise = rng.randbytes(rng.randrange(1, 400))
            answer = read(exchange(host, starts[number % 4](noise), end=True))
            if answer is not None:
                judge(answer, noise)
    client = Client(server)
    assert client.is_alive()
    client.close()
