"""What a recording hides: keys wherever they stand, chosen fields and texts, and nothing else."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from mockserver.cassette import CassetteError, Library, PlayCounts, Request, read, redact, writer
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.recording import Recording
from mockserver.cassette.redact import Rules, clean

CANARY = "Zq7/kW+3vT9xB2mN5pL8rJ4hG6fD1sA0cY_uE-wQ"
KEY = "sk-proj-" + "aB3dE6gH9j" * 4
JSON = (("content-type", "application/json"),)
STREAM = (("content-type", "text/event-stream"),)
BOUNDARY = "----x7"


def exchange(**changes: Any) -> Exchange:
    """Return an ordinary exchange with some parts changed."""
    request = {"model": "gpt-5", "input": "hi"}
    plain = Exchange(
        "POST",
        "https://api.openai.com/v1/responses",
        JSON,
        json.dumps(request).encode(),
        200,
        "OK",
        JSON,
        b'{"id": "resp_1", "output": []}',
    )
    return replace(plain, **changes)


def event(**document: Any) -> str:
    """Return one event of a stream."""
    return f"event: {document['type']}\ndata: {json.dumps(document)}\n\n"


def deltas(*pieces: str) -> bytes:
    """Return a stream that tells a text in pieces and then as a whole."""
    told = [
        event(type="response.output_text.delta", item_id="msg_1", delta=piece, sequence_number=n)
        for n, piece in enumerate(pieces)
    ]
    whole = event(type="response.output_text.done", item_id="msg_1", text="".join(pieces))
    return "".join([*told, whole]).encode()


def form(name: str, content: str, filename: str = "a.txt") -> dict[str, Any]:
    """Return the request of an upload."""
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"\r\n{content}\r\n--{BOUNDARY}--\r\n"
    )
    return {
        "request_headers": (("content-type", f"multipart/form-data; boundary={BOUNDARY}"),),
        "request_body": body.encode(),
    }


def split(text: str) -> list[str]:
    """Cut a text into pieces of five characters."""
    return [text[start : start + 5] for start in range(0, len(text), 5)]


def spelt(text: str) -> str:
    """Write a text with every character escaped, as JSON may."""
    return "".join(f"\\u{ord(character):04x}" for character in text)


def b64(text: str) -> str:
    """Return a text in base64."""
    return base64.b64encode(text.encode()).decode()


def url64(text: str) -> str:
    """Return a text in the base64 of addresses, without padding."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def packed(pack: Callable[[bytes], bytes], name: str) -> Callable[[str], dict[str, Any]]:
    """Return a way to put a text into a compressed answer."""
    headers = (*JSON, ("content-encoding", name))
    return lambda c: {"headers": headers, "body": pack(json.dumps({"error": c}).encode())}


PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    **{
        f"request header {name}": lambda c, name=name: {"request_headers": (*JSON, (name, c))}
        for name in ("Api-Key", "x-custom", "Cookie", "X-Auth-Token", "OpenAI-Organization")
    },
    **{
        f"response header {name}": lambda c, name=name: {"headers": (*JSON, (name, c))}
        for name in ("x-echo", "location", "openai-organization", "www-authenticate")
    },
    "set-cookie": lambda c: {"headers": (*JSON, ("set-cookie", f"__cf_bm={c}; path=/"))},
    "header in base64": lambda c: {"request_headers": (*JSON, ("x-custom", b64(f"a:{c}")))},
    "header name": lambda c: {"headers": (*JSON, (re.sub(r"[^\w]", "-", f"x-{c}"), "1"))},
    "query value": lambda c: {"uri": f"https://h/v1/responses?q={quote(c, safe='')}"},
    "query value as it is": lambda c: {"uri": f"https://h/v1/responses?limit=1&q={c}"},
    "query name": lambda c: {"uri": f"https://h/v1/responses?{quote(c, safe='')}=1"},
    "query parameter that is a key": lambda c: {"uri": "https://h/v1/x?api-key=" + quote(c)},
    "path": lambda c: {"uri": f"https://h/v1/files/{quote(c, safe='')}"},
    "user of the address": lambda c: {"uri": f"https://u:{quote(c, safe='')}@h/v1/responses"},
    "json value": lambda c: {"body": json.dumps({"error": {"message": f"bad {c}!"}}).encode()},
    "json key": lambda c: {"body": json.dumps({c: 1}).encode()},
    "json in a string": lambda c: {"body": json.dumps({"a": json.dumps({"b": [c]})}).encode()},
    "json in json in a string": lambda c: {
        "body": json.dumps({"a": json.dumps({"b": json.dumps({"d": c})})}).encode()
    },
    "escaped json": lambda c: {"body": f'{{"error": "{spelt(c)}"}}'.encode()},
    "escaped slashes": lambda c: {"body": json.dumps({"e": c}).replace("/", "\\/").encode()},
    "base64 in json": lambda c: {"body": json.dumps({"blob": b64(f"key={c};")}).encode()},
    "base64 for addresses": lambda c: {"body": json.dumps({"blob": url64(f"k {c}")}).encode()},
    "base64 of json in base64": lambda c: {
        "body": json.dumps({"a": b64(json.dumps({"b": b64(c)}))}).encode()
    },
    "hex": lambda c: {"body": json.dumps({"blob": c.encode().hex()}).encode()},
    "gzip in base64": lambda c: {
        "body": json.dumps(
            {"a": base64.b64encode(gzip.compress(c.encode(), mtime=0)).decode()}
        ).encode()
    },
    "percent in json": lambda c: {"body": json.dumps({"a": quote(c, safe="")}).encode()},
    "json that is no object": lambda c: {"body": json.dumps(c).encode()},
    "json broken off": lambda c: {"body": b'{"error": "' + c.encode()},
    "json without a type": lambda c: {"body": json.dumps([c]).encode(), "headers": ()},
    "json with a charset": lambda c: {
        "request_headers": (("Content-Type", "application/json; charset=utf-8"),),
        "request_body": json.dumps({"api_key": c}).encode(),
    },
    "lines of json": lambda c: {"body": b'{"a": 1}\n' + json.dumps({"b": c}).encode() + b"\n"},
    "text": lambda c: {"headers": (("content-type", "text/plain"),), "body": f"a\n{c}\n".encode()},
    "html": lambda c: {
        "headers": (("content-type", "text/html"),),
        "body": f"<b title='{c}'>".encode(),
    },
    "binary": lambda c: {
        "headers": (("content-type", "application/pdf"),),
        "body": b"\xff\xfe\0" + c.encode() + b"\0\xff",
    },
    "form": lambda c: {
        "request_headers": (("content-type", "application/x-www-form-urlencoded"),),
        "request_body": f"a=1&assertion={quote(c, safe='')}".encode(),
    },
    "form without a type": lambda c: {
        "request_headers": (),
        "request_body": f"client_secret={quote(c, safe='')}&a=1".encode(),
    },
    "part of an upload": lambda c: form("purpose", c),
    "part that is a key": lambda c: form("api_key", c),
    "name of an uploaded file": lambda c: form("file", "x", filename=c),
    "uploaded json": lambda c: form("file", json.dumps({"a": {"b": c}})),
    "mcp authorization": lambda c: {
        "request_body": json.dumps(
            {"tools": [{"type": "mcp", "server_label": "s", "authorization": c}]}
        ).encode()
    },
    "mcp headers": lambda c: {
        "request_body": json.dumps(
            {"tools": [{"type": "mcp", "server_label": "s", "headers": {"X-Any": c}}]}
        ).encode()
    },
    "address in json": lambda c: {
        "request_body": json.dumps({"url": f"https://h/a.png?sig={quote(c, safe='')}"}).encode()
    },
    "event": lambda c: {
        "headers": STREAM,
        "body": event(type="error", message=f"bad {c}").encode(),
    },
    "event name": lambda c: {"headers": STREAM, "body": f"event: {c}\ndata: {{}}\n\n".encode()},
    "comment of a stream": lambda c: {"headers": STREAM, "body": f": {c}\n\n".encode()},
    "text cut into deltas": lambda c: {"headers": STREAM, "body": deltas("a ", *split(c), " b")},
    "chat text cut into deltas": lambda c: {
        "headers": STREAM,
        "body": "".join(
            "data: "
            + json.dumps({"id": "c", "choices": [{"index": 0, "delta": {"content": piece}}]})
            + "\n\n"
            for piece in split(c)
        ).encode()
        + b"data: [DONE]\n\n",
    },
    "arguments cut into deltas": lambda c: {
        "headers": STREAM,
        "body": "".join(
            event(type="response.function_call_arguments.delta", item_id="fc_1", delta=piece)
            for piece in split(json.dumps({"password": c}))
        ).encode(),
    },
    "log probabilities": lambda c: {
        "body": json.dumps(
            {"text": f"a {c}", "logprobs": [{"token": piece} for piece in split(c)]}
        ).encode()
    },
    "reason": lambda c: {"reason": c},
    "timings": lambda c: {"replay": {"t": "1", "events": 1, "by": c, "note": c}},
    "gzip": packed(lambda raw: gzip.compress(raw, mtime=0), "gzip"),
    "gzip twice": packed(lambda raw: gzip.compress(gzip.compress(raw)), "gzip, gzip"),
    "br": packed(brotli.compress, "br"),
    "zstd": packed(zstandard.compress, "zstd"),
    "gzip that no header tells of": lambda c: {
        "body": gzip.compress(json.dumps({"a": c}).encode(), mtime=0)
    },
    "content-encoding": lambda c: {"headers": (*JSON, ("content-encoding", c))},
    "content-type": lambda c: {"headers": (("content-type", f"text/{c}"),)},
    "compressed request": lambda c: {
        "request_headers": (*JSON, ("Content-Encoding", "gzip")),
        "request_body": gzip.compress(json.dumps({"input": c}).encode()),
    },
}


def readings(raw: bytes) -> str:
    """Return all that a finished file says, decoded in the ways that a thief would try."""
    requests, responses = deserialize(raw.decode(), yamlserializer)
    found = [raw.decode()]
    for request, response in zip(requests, responses, strict=True):
        found += [request.uri, repr(request.headers), repr(response)]
        for body in (request.body, response["body"]["string"]):
            text = (body or b"").decode("latin-1")
            found += [text, json.dumps(text), unquote_plus(text)]
            found += re.findall(r'"delta": ?"([^"]*)"', text)
            found.append("".join(re.findall(r'"(?:delta|content|token)": ?"([^"]*)"', text)))
    for text in list(found):
        for word in re.findall(r"[A-Za-z0-9+/_-]{16,}", text):
            plain = word.replace("-", "+").replace("_", "/")
            plain += "=" * (-len(plain) % 4)
            try:
                found.append(base64.b64decode(plain).decode("latin-1"))
            except ValueError:
                continue
    return "\n".join([*found, *(text.replace("\\/", "/") for text in found)])


@pytest.mark.parametrize("secret", [CANARY, KEY], ids=["live value", "key"])
@pytest.mark.parametrize("place", PLACES)
async def test_a_planted_secret_is_in_no_file_log_or_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, place: str, secret: str
) -> None:
    """Wherever the value of the run's own key is echoed, it is hidden or nothing is written."""
    caplog.set_level(logging.DEBUG)
    planted = exchange(**PLACES[place](secret))
    bearer = (("Authorization", f"Bearer {secret}"),)
    planted = replace(planted, request_headers=(*planted.request_headers, *bearer))
    recording = Recording(tmp_path / "canary.yaml")
    told = ""
    try:
        await recording.add(planted)
    except CassetteError as error:
        told = str(error)
    told += str(recording.problems) + caplog.text
    for name in os.listdir(tmp_path):
        told += readings((tmp_path / name).read_bytes())
    for form in (secret, quote(secret, safe=""), spelt(secret)):
        assert form.lower() not in told.lower()


@pytest.mark.parametrize("place", ["gzip in base64", "base64 of json in base64", "json key"])
async def test_what_cleaning_cannot_reach_is_refused(tmp_path: Path, place: str) -> None:
    """Nothing is written, and the error leads to the place."""
    recording = Recording(tmp_path / "a.yaml", rules=Rules().knowing([CANARY]))
    with pytest.raises(CassetteError, match=r"not recorded, because it holds .*: a value that"):
        await recording.add(exchange(**PLACES[place](CANARY)))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("place", sorted({*PLACES} - {"content-encoding"}))
def test_what_is_clean_stays_as_it_is(place: str) -> None:
    """Cleaning twice is cleaning once, so that both sides of a match agree."""
    rules = Rules.of(fields=["user", "metadata.*"], patterns=[r"cust-\d+"], secrets=[CANARY])
    once = clean(exchange(**PLACES[place](CANARY)), rules)
    assert clean(once, rules) == once


def test_an_exchange_without_secrets_keeps_its_bodies_byte_for_byte() -> None:
    """Odd spelling, numbers and blanks in JSON are no one's secret."""
    odd = b' {"a":1.0,  "b":1e400,"c":"\\u00e9\\/","a":2, "tokens":["token","key"] }\n'
    assert clean(exchange(body=odd, request_body=odd)).body == odd
    assert clean(exchange(body=odd, request_body=odd)).request_body == odd


def test_addresses_without_end_are_read_once_each() -> None:
    """Text of addresses in a row takes as long as any text, and the last one's key is hidden."""
    text = "http://a/," * 40_000 + " http://user:pass@b/?token=t0pSecret"
    started = time.process_time()
    body = clean(exchange(body=json.dumps({"a": text}).encode())).body
    assert time.process_time() - started < 5
    assert b"t0pSecret" not in body


def test_only_the_secret_changes_in_a_body() -> None:
    """All other bytes stay: order, blanks, spelling of numbers, repeated keys."""
    body = b'{"b": 1.0, "api_key":"x",\n "a": [1e5, "\\u00e9 ' + KEY.encode() + b'"], "b": 2}'
    hidden = body.replace(b'"x"', b'"[redacted]"').replace(KEY.encode(), b"[redacted]")
    assert clean(exchange(body=body)).body == hidden


def test_headers_are_put_on_a_diet() -> None:
    """Keys and noise go, the account gets a placeholder, what tells something stays."""
    headers = (
        ("content-type", "application/json"),
        ("Set-Cookie", "a=b"),
        ("X-Request-ID", "req_1"),
        ("Sec-WebSocket-Version", "13"),
        ("x-ratelimit-limit-requests", "5"),
        ("OpenAI-Organization", "acme"),
        ("openai-version", "2020-10-01"),
        ("retry-after", "2"),
    )
    assert clean(exchange(headers=headers)).headers == (
        ("content-type", "application/json"),
        ("OpenAI-Organization", "[redacted]"),
        ("openai-version", "2020-10-01"),
        ("retry-after", "2"),
    )


def test_kept_headers_stay_but_keys_in_them_do_not() -> None:
    """Limits can be recorded; a kept key shows only that there was one."""
    headers = (("X-RateLimit-Limit-Requests", "5"), ("Authorization", f"Bearer {KEY}"))
    rules = Rules.of(kept_headers=["x-ratelimit-limit-requests", "AUTHORIZATION"])
    assert clean(exchange(request_headers=headers), rules).request_headers == (
        ("X-RateLimit-Limit-Requests", "5"),
        ("Authorization", "Bearer [redacted]"),
    )


def test_fields_become_pseudonyms_of_their_own_type_on_both_sides() -> None:
    """Equal values get equal names, in the request, the answer and every event of it."""
    request = {"user": "bob", "metadata": {"email": "b@x.y", "age": 42, "ok": True}, "input": "bob"}
    answer = {"response": {"user": "bob", "metadata": {"email": "b@x.y"}}, "type": "a"}
    rules = Rules.of(fields=["user", "metadata.*"])
    found = clean(
        exchange(
            request_body=json.dumps(request).encode(), headers=STREAM, body=event(**answer).encode()
        ),
        rules,
    )
    asked = json.loads(found.request_body)
    told = json.loads(found.body.partition(b"data: ")[2])["response"]
    assert re.fullmatch(r"redacted-[0-9a-f]{8}", asked["user"])
    assert told["user"] == asked["user"] != asked["metadata"]["email"]
    assert told["metadata"]["email"] == asked["metadata"]["email"]
    assert isinstance(asked["metadata"]["age"], int)
    assert asked["metadata"]["age"] != 42
    assert asked["metadata"]["ok"] is True
    assert asked["input"] == "bob"


def test_patterns_and_replacements_reach_every_text() -> None:
    """What a pattern covers gets a pseudonym; a replacement is written as it was given."""
    rules = Rules.of(patterns=[r"cust-\d+"], replacements=["Acme=Customer"])
    found = clean(
        exchange(
            uri="https://h/v1/files/cust-17?q=cust-17",
            request_body=b'{"input": "Acme wants cust-17"}',
            headers=STREAM,
            body=deltas("for cu", "st-1", "7 of Ac", "me"),
        ),
        rules,
    )
    name = re.search(r"redacted-[0-9a-f]{8}", found.uri)
    assert name is not None
    assert found.uri == f"https://h/v1/files/{name[0]}?q={name[0]}"
    assert found.request_body.decode() == f'{{"input": "Customer wants {name[0]}"}}'
    streamed = re.findall(r'"delta": "([^"]*)"', found.body.decode())
    assert "".join(streamed) == f"for {name[0]} of Customer"
    assert len(streamed) == 4


@pytest.mark.parametrize(
    "wrong", [{"patterns": ["("]}, {"patterns": ["a*"]}, {"replacements": ["a"]}]
)
def test_a_wrong_rule_is_refused(wrong: dict[str, list[str]]) -> None:
    """A pattern or replacement that cannot be meant is told."""
    with pytest.raises(ValueError, match=r"not a regular|matches the empty|OLD=NEW"):
        Rules.of(**wrong)  # type: ignore[arg-type]


def test_a_schema_is_not_taken_for_what_it_describes() -> None:
    """Names of secrets and of headers in a function's parameters are left alone."""
    tool = {
        "type": "function",
        "parameters": {"properties": {"password": {"type": "string"}, "headers": {"type": "x"}}},
    }
    body = json.dumps({"tools": [tool]}).encode()
    assert clean(exchange(request_body=body)).request_body == body


def test_what_a_model_hands_to_a_tool_is_kept_unless_it_is_a_key() -> None:
    """A password in a call's arguments is part of what the program does, and may be a riddle's."""
    call = {"type": "function_call", "arguments": '{"password":"mellon","api_key":"k"}'}
    body = json.dumps({"output": [call]}).encode()
    hidden = json.loads(clean(exchange(body=body)).body)["output"][0]["arguments"]
    assert hidden == '{"password":"mellon","api_key":"[redacted]"}'
    rules = Rules.of(kept_fields=["api_key"])
    assert clean(exchange(body=body), rules).body == body


def test_encrypted_reasoning_is_kept() -> None:
    """Its blobs look like keys in places and are needed for replay (vcr §3.2)."""
    blob = f"gAAAAAB{'x9' * 20}/sk-{'a1' * 20}"
    body = json.dumps({"encrypted_content": blob}).encode()
    assert clean(exchange(body=body)).body == body


async def test_a_recording_with_hidden_values_still_answers_the_live_request(
    tmp_path: Path,
) -> None:
    """A request is found once what would have been hidden in it is hidden (vcr §5)."""
    live = json.dumps(
        {"model": "m", "input": f"say {KEY}", "user": "bob", "metadata": {"email": "b@x"}}
    ).encode()
    rules = Rules.of(fields=["email", "input"])
    recording = Recording(tmp_path / "a.yaml", rules=rules)
    await recording.add(exchange(uri="https://h/v1/responses?token=abc", request_body=live))
    library = Library.load([recording.path])
    asked = Request("POST", "/v1/responses", "token=abc", live, dict(JSON))
    assert library.find(asked, PlayCounts()) is None
    assert library.find(redact.asked(asked, rules), PlayCounts()) is not None
    (kept,) = read(recording.path)
    again = Request(kept.method, kept.path, kept.query, kept.request_body, dict(JSON))
    assert redact.asked(again, rules) is again


WORDS = st.sampled_from(
    (
        *(KEY, CANARY, '"', "\\", "{", "}", "api_key", ":", ",", "a", "é", "\\u0073k-", "Bearer "),
        *("https://u:p@h/?sig=1", "server_label", "headers", "[", "]", "\n", '{"secret": 1}'),
    )
)
VALUES = st.recursive(
    st.lists(WORDS, max_size=4).map("".join) | st.none() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["api_key", "text", "logprobs", "headers", "a"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(VALUES, st.booleans())
def test_cleaned_json_is_json_of_the_same_shape(value: Any, escaped: bool) -> None:
    """Whatever a body holds, it stays JSON, holds no secret, and stays when cleaned again."""
    body = json.dumps({"v": value}, ensure_ascii=escaped).encode()
    rules = Rules().knowing([CANARY, KEY])
    found = clean(exchange(body=body), rules)
    text = json.dumps(json.loads(found.body), ensure_ascii=False)
    assert CANARY not in text
    assert KEY not in text
    assert clean(found, rules) == found
    assert writer.dump([found])


@settings(max_examples=100, deadline=None)
@given(VALUES, st.booleans(), st.sampled_from([JSON, STREAM]))
def test_a_quick_look_overlooks_nothing(
    value: Any, escaped: bool, headers: tuple[tuple[str, str], ...]
) -> None:
    """Bodies that are passed over as harmless are those that a full look would not change."""
    text = json.dumps({"type": "a.delta", "delta": value}, ensure_ascii=escaped)
    body = (f"data: {text}\n\n" if headers is STREAM else text).encode()
    rules = Rules.of(secrets=[CANARY, KEY], replacements=["Acme=Customer"])
    quick = clean(exchange(headers=headers, body=body), rules)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rules, "may_touch", lambda *_: True)
        assert clean(exchange(headers=headers, body=body), rules) == quick


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, len(CANARY)), max_size=8), st.text(max_size=3), st.text(max_size=3))
def test_a_secret_cut_anywhere_is_found(cuts: list[int], before: str, behind: str) -> None:
    """However a stream cuts a text, the deltas say the same as the whole, without the secret."""
    ends = sorted({0, *cuts, len(CANARY)})
    pieces = [CANARY[a:b] for a, b in itertools.pairwise(ends)]
    body = deltas(before, *pieces, behind)
    found = clean(exchange(headers=STREAM, body=body), Rules().knowing([CANARY])).body
    documents = [json.loads(line[6:]) for line in found.split(b"\n") if line.startswith(b"data: ")]
    told = "".join(document.get("delta", "") for document in documents)
    assert told == documents[-1]["text"] == f"{before}[redacted]{behind}"
    assert found.count(b"event:") == body.count(b"event:")
