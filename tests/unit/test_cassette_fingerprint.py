"""Which requests count as equal, and which do not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.cassette import Request
from mockserver.cassette.fingerprint import fingerprint

BODY = b'{"model":"gpt-4.1","input":"Say hi","temperature":0.5,"tools":[{"type":"web_search"}]}'


def of(body: bytes, path: str = "/v1/responses", query: str = "", method: str = "POST") -> bytes:
    """Return the exact fingerprint of a request to create a response."""
    return fingerprint(method, path, query, body)


def loose(body: object) -> bytes:
    """Return the fingerprint that is blind to ids."""
    return Request("POST", "/v1/responses", "", json.dumps(body).encode()).loose


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"model":"m","input":"hi"}', '{ "input": "hi",\n "model": "m" }'),
        ('{"input":"h\\u00e9"}', '{"input":"hé"}'),
        ('{"input":"a\\/b"}', '{"input":"a/b"}'),
        ('{"temperature":1}', '{"temperature":1.0}'),
        ('{"temperature":10}', '{"temperature":1e1}'),
        ('{"input":"hi"}', '{"input":"hi","instructions":null}'),
        ('{"tools":[{"name":"f"}]}', '{"tools":[{"name":"f","strict":null}]}'),
        ('{"input":"hi"}', '{"input":"hi","stream":true}'),
        ('{"input":"hi"}', '{"input":"hi","stream":false}'),
        ('{"stream":true}', '{"stream":true,"stream_options":{"include_obfuscation":false}}'),
        (
            '{"input":"hi"}',
            '{"input":"hi","user":"u","metadata":{"a":"b"},"safety_identifier":"s"}',
        ),
        ('{"input":"hi"}', '{"input":"hi","prompt_cache_key":"k","service_tier":"flex"}'),
        ('{"input":"hi"}', '{"input":"hi","store":true,"background":false,"tools":[]}'),
        ('{"input":"hi"}', '{"input":"hi","text":{"format":{"type":"text"}},"tool_choice":"auto"}'),
        ("{}", ""),
        ("null", ""),
        ("not json", "not json"),
    ],
)
def test_requests_that_ask_for_the_same_are_equal(one: str, other: str) -> None:
    """Spelling, order, nulls, defaults, labels and the wish for a stream do not count."""
    assert of(one.encode()) == of(other.encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"input":"hi"}', '{"input":"hi "}'),
        ('{"input":"hi"}', '{"input":["hi"]}'),
        ('{"input":[1,2]}', '{"input":[2,1]}'),
        ('{"a":[1]}', '{"a":[1,null]}'),
        ('{"top_logprobs":1}', '{"top_logprobs":true}'),
        ('{"temperature":1}', '{"temperature":"1"}'),
        ('{"temperature":1}', '{"temperature":1.5}'),
        ('{"input":"hi"}', '{"input":"hi","store":false}'),
        ('{"input":"hi"}', '{"input":"hi","background":true}'),
        ('{"input":"é"}', '{"input":"e\\u0301"}'),
        ('{"input":[{"user":"a"}]}', '{"input":[{"user":"b"}]}'),
        ('{"tools":[{"name":"a"},{"name":"b"}]}', '{"tools":[{"name":"b"},{"name":"a"}]}'),
        ('{"previous_response_id":"resp_00000001"}', '{"previous_response_id":"resp_00000002"}'),
        ("not json", "not  json"),
        ('{"input":"\\ud800"}', '{"input":"\\ud801"}'),
        ("[1]", "1"),
    ],
)
def test_requests_that_ask_for_something_else_differ(one: str, other: str) -> None:
    """Values, types, list order and anything inside the input count."""
    assert of(one.encode()) != of(other.encode())


@pytest.mark.parametrize(
    "url",
    [
        "/v1/responses",
        "/responses",
        "/responses/",
        "/ns/abc/v1/responses",
        "/ns/responses/v1/responses",
        "/api/v1/responses",
        "/openai/responses?api-version=2025-03-01-preview",
        "/openai/v1/responses",
        "/openai/v1/responses?api-version=preview",
        "/proxy/openai/responses",
        "/router/v2/openai/v1/responses",
        "/backend-api/codex/responses",
        "//v1//responses",
        "/v1/%72esponses?beta=true",
    ],
)
def test_the_base_url_does_not_count(url: str) -> None:
    """A recording of any provider meets a client of any base URL."""
    path, _, query = url.partition("?")
    assert of(BODY, path, query) == of(BODY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/v1/responses", "/v1/responses/resp_1"),
        ("/v1/responses/resp_1", "/v1/responses/resp_2"),
        ("/v1/responses/resp_1", "/v1/responses/resp_1/cancel"),
        ("/v1/responses", "/v1/chat/completions"),
        ("/v1/models/a", "/v1/models/b"),
        ("/v1/messages", "/v1/messages/count_tokens"),
        ("/functions/hash/a", "/functions/hash/b"),
    ],
)
def test_the_endpoint_counts(one: str, other: str) -> None:
    """What follows the base URL tells requests apart, ids in it included."""
    assert of(b"", one) != of(b"", other)


def test_the_method_counts_but_not_its_case() -> None:
    """GET and DELETE of one path are two requests."""
    assert of(b"", method="GET") == of(b"", method="get")
    assert of(b"", method="GET") != of(b"", method="DELETE")


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("a=1&b=2", "b=2&a=1", True),
        ("include%5B%5D=a&include%5B%5D=b", "include=a,b", True),
        ("include[0]=a", "include=a", True),
        ("stream=true", "", True),
        ("api-version=1", "api-version=2", True),
        ("limit=1", "limit=2", False),
        ("after=", "", False),
        ("starting_after=1", "starting_after=2", False),
    ],
)
def test_the_query_counts_whatever_its_order_and_spelling(
    one: str, other: str, equal: bool
) -> None:
    """Lists may be spelt in every way that clients use; values count."""
    assert (of(b"", "/v1/responses/r", one) == of(b"", "/v1/responses/r", other)) is equal


def test_labels_count_where_they_are_what_is_asked() -> None:
    """Updating a conversation's metadata is no label, and a chat has no Responses defaults."""
    one, other = b'{"metadata":{"a":"1"}}', b'{"metadata":{"a":"2"}}'
    assert of(one, "/v1/conversations/conv_1") != of(other, "/v1/conversations/conv_1")
    assert of(one, "/v1/chat/completions") == of(other, "/v1/chat/completions")
    assert of(b'{"store":true}', "/v1/chat/completions") != of(b"", "/v1/chat/completions")


def form(boundary: str, name: str = "a.txt", content: bytes = b"\xff\x00") -> bytes:
    """Return an upload of one field and one file."""
    return b"".join(
        [
            f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser'.encode(),
            f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="file"; '.encode(),
            f'filename="{name}"\r\nContent-Type: text/plain\r\n\r\n'.encode(),
            content,
            f"\r\n--{boundary}--\r\n".encode(),
        ]
    )


def test_uploads_compare_without_their_boundary() -> None:
    """The random boundary of a form does not count; its names, file names and contents do."""
    plain = of(form("abc"), "/v1/files")
    assert of(form("xyz-123"), "/v1/files") == plain
    assert of(form("abc", name="b.txt"), "/v1/files") != plain
    assert of(form("abc", content=b"\xff\x01"), "/v1/files") != plain


CALL = {"type": "function_call", "call_id": "call_AAAAAAAA", "name": "f", "arguments": "{}"}


def turn(first: str, second: str, answer: str) -> dict[str, object]:
    """Return a request that sends two calls back and answers one of them."""
    return {
        "previous_response_id": f"resp_{first}{second}0000",
        "input": [
            {**CALL, "call_id": first},
            {**CALL, "call_id": second},
            {"type": "function_call_output", "call_id": answer, "output": "1"},
            {"type": "reasoning", "id": f"rs_{first}00000000", "encrypted_content": first * 3},
        ],
    }


def test_the_loose_fingerprint_is_blind_to_ids() -> None:
    """Other ids in the same places are the same request; exactly they are not."""
    one, other = turn("call_A", "call_B", "call_A"), turn("uuid-1", "uuid-2", "uuid-1")
    assert loose(one) == loose(other)
    assert of(json.dumps(one).encode()) != of(json.dumps(other).encode())


def test_the_loose_fingerprint_keeps_which_id_is_which() -> None:
    """An answer to the second call is not an answer to the first."""
    assert loose(turn("call_A", "call_B", "call_A")) != loose(turn("call_A", "call_B", "call_B"))


def test_the_loose_fingerprint_is_blind_to_tool_order_but_not_to_text() -> None:
    """Tools registered in another order are the same tools; words still count."""
    tools = [{"type": "function", "name": "a"}, {"type": "function", "name": "b"}]
    chat = [{"type": "function", "function": {"name": name}} for name in "ab"]
    assert loose({"tools": tools}) == loose({"tools": tools[::-1]})
    assert loose({"tools": chat}) == loose({"tools": chat[::-1]})
    assert loose({"input": "one"}) != loose({"input": "two"})


def test_a_path_s_id_counts_even_loosely() -> None:
    """One response is never answered with another."""
    one, other = (Request("GET", f"/v1/responses/resp_{n}2345678") for n in "ab")
    assert one.loose != other.loose


@pytest.mark.parametrize("depth", [90, 300, 900, 5_000, 200_000])
def test_deep_bodies_have_a_fingerprint(depth: int) -> None:
    """Nesting beyond any parser's limit is compared as bytes and breaks nothing."""
    body = b"[" * depth + b"]" * depth
    assert of(body) == of(body)
    assert Request("POST", "/v1/responses", "", body).loose != loose([])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def shuffled(value: object) -> object:
    """Return the same JSON value with keys in reverse order and nulls added."""
    if isinstance(value, dict):
        return {"absent\0": None, **{key: shuffled(value[key]) for key in reversed(value)}}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_every_spelling_of_a_body_has_one_fingerprint(body: dict[str, object]) -> None:
    """Key order, escapes, blanks and nulls never tell two bodies apart."""
    spelt = json.dumps(shuffled(body), ensure_ascii=True, indent=1).encode()
    plain = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert of(spelt) == of(plain)
    assert Request("POST", "/v1/responses", "", spelt).loose == loose(body)


def test_the_wish_for_a_stream_is_told_by_body_and_by_query() -> None:
    """A create asks in its body, a resumed stream in its query."""
    asked = Request("POST", "/v1/responses", "", b'{"stream":true}')
    resumed = Request("GET", "/v1/responses/r", "stream=true&starting_after=3")
    assert asked.canonical.streamed
    assert resumed.canonical.streamed
    assert not Request("POST", "/v1/responses", "", b'{"stream":false}').canonical.streamed
