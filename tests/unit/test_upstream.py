"""The upstream: its address, which headers pass, and what a capture says of the pace."""

from __future__ import annotations

import gzip

import pytest
from multidict import CIMultiDict

from mockserver.cassette import CassetteError, redact
from mockserver.cassette.shapes import Shape
from mockserver.cassette.shapes import _compare as compare
from mockserver.upstream import Address, Capture
from mockserver.upstream.headers import is_dummy, to_client, to_upstream


@pytest.mark.parametrize(
    ("url", "path", "expected"),
    [
        ("https://api.openai.com", "/v1/responses", "https://api.openai.com/v1/responses"),
        ("https://api.openai.com/", "/v1/responses", "https://api.openai.com/v1/responses"),
        ("https://api.openai.com/v1", "/v1/responses", "https://api.openai.com/v1/responses"),
        ("https://api.openai.com/v1/", "/ns/a/v1/models", "https://api.openai.com/v1/models"),
        ("https://a:8443/openai/v2", "/v1/x%2Fy", "https://a:8443/openai/v2/x%2Fy"),
        ("https://a/v1", "/v1", "https://a/v1"),
        ("https://a/v1", "/other", None),
        ("https://a/v1", "/v10/x", None),
        ("https://a", "/other", "https://a/other"),
        ("https://a", "//b/v1", "https://a//b/v1"),
        ("https://a", "@b/v1", None),
        ("https://a", "", None),
        ("http://[::1]:9", "/v1", "http://[::1]:9/v1"),
    ],
)
def test_a_target_is_always_at_the_address(url: str, path: str, expected: str | None) -> None:
    """Only the path is the request's; what has no place below a base URL has no target."""
    assert Address.parse(url).target(path) == expected


def test_a_target_keeps_the_query_as_it_was_written() -> None:
    """Nothing is quoted anew."""
    assert Address.parse("http://a").target("/v1", "b=%20&c[]=+") == "http://a/v1?b=%20&c[]=+"


@pytest.mark.parametrize(
    "url",
    ["", "a", "a.com/v1", "ftp://a", "https:///v1", "https://u:p@a", "https://a?x", "http://a:x"],
)
def test_what_is_no_address_is_refused_without_being_repeated(url: str) -> None:
    """A key that was put there by mistake is not in the error."""
    with pytest.raises(ValueError, match=r"^it must be an http or https address") as found:
        Address.parse(url)
    assert len(url) < 2 or url not in str(found.value)


@pytest.mark.parametrize(
    ("headers", "dummy"),
    [
        ({}, True),
        ({"Authorization": "Bearer test"}, True),
        ({"authorization": "bearer"}, True),
        ({"Authorization": "Bearer sk-proj-0123456789abcdef"}, False),
        ({"Api-Key": "0123456789abcdef0123456789abcdef"}, False),
        ({"Authorization": "Bearer x", "X-Api-Key": "0123456789abcdef0123"}, False),
    ],
)
def test_a_short_key_is_a_dummy(headers: dict[str, str], dummy: bool) -> None:
    """A key of twenty characters or more is taken for real, under any of its names."""
    assert is_dummy(CIMultiDict(headers)) is dummy


def test_a_real_key_is_never_replaced() -> None:
    """The environment's key stands in for a dummy only."""
    real = CIMultiDict({"Authorization": "Bearer sk-proj-0123456789abcdef"})
    assert to_upstream(real, key="other")["Authorization"] == real["Authorization"]
    assert to_upstream(CIMultiDict({"Api-Key": "x"}), key="other").getall("authorization") == [
        "Bearer other"
    ]


def test_names_that_a_connection_lists_stay_on_it() -> None:
    """Hop-by-hop headers go neither way, whatever case they are written in."""
    headers = CIMultiDict(
        [("CONNECTION", "Close, X-Hop"), ("x-hop", "1"), ("Set-Cookie", "a"), ("Set-Cookie", "b")]
    )
    assert list(to_client(headers).items()) == [("Set-Cookie", "a"), ("Set-Cookie", "b")]
    assert sorted(to_upstream(headers).items()) == [
        ("Accept-Encoding", "identity"),
        ("Set-Cookie", "a"),
        ("Set-Cookie", "b"),
    ]


def capture(*headers: tuple[str, str]) -> Capture:
    """Return a capture that began at second 10."""
    return Capture(
        method="POST",
        uri="http://a/v1/responses",
        request_headers=(),
        request_body=b"{}",
        sent=10.0,
        day="2026-01-02",
        status=200,
        reason="OK",
        headers=headers,
    )


SSE = ("Content-Type", "text/event-stream")


def test_the_pace_tells_when_each_event_was_whole() -> None:
    """Chunks cut events anywhere: the time of an event is that of its last byte."""
    found = capture(SSE)
    for chunk, moment in (
        (b'data: {"a"', 10.1),
        (b": 1}\n\ndata: {", 10.2),
        (b"}\n\ndata: {}\n\n", 10.35),
    ):
        found.add(chunk, moment)
    replay = found.exchange().replay
    assert (replay["t"], replay["events"], replay["recorded"]) == ("200 150 0", 3, "2026-01-02")


def test_rounding_does_not_add_up() -> None:
    """The sum of the steps is the whole span, to the millisecond."""
    found = capture(SSE)
    for number in range(1000):
        found.add(b"data: {}\n\n", 10 + (number + 1) * 0.0014)
    steps = [int(word) for word in found.exchange().replay["t"].split()]
    assert len(steps) == 1000
    assert sum(steps) == 1400


@pytest.mark.parametrize("encoding", ["gzip", "identity, gzip", "GZIP"])
def test_a_compressed_body_is_kept_plain_and_without_a_pace(encoding: str) -> None:
    """When its events were whole cannot be told, so nothing is said."""
    found = capture(SSE, ("Content-Encoding", encoding), ("Content-Length", "30"))
    found.add(gzip.compress(b"data: {}\n\n"), 10.1)
    kept = found.exchange()
    assert (kept.body, kept.headers, kept.replay) == (b"data: {}\n\n", (SSE,), None)


def test_a_body_that_is_not_what_it_claims_is_kept_as_it_came() -> None:
    """Nothing is lost where an encoding cannot be undone."""
    found = capture(("Content-Encoding", "gzip"))
    found.add(gzip.compress(b"whole")[:-4], 10.1)
    kept = found.exchange()
    assert kept.body == gzip.compress(b"whole")[:-4]
    assert kept.headers == (("Content-Encoding", "gzip"),)


def test_a_body_in_an_unknown_encoding_is_not_recorded_as_if_it_were_plain() -> None:
    """The header that names the encoding stays, and so the recording is refused."""
    found = capture(("Content-Encoding", "compress, gzip"))
    found.add(b"\x1f\x9dabc", 10.1)
    exchange = found.exchange()
    assert (exchange.body, exchange.headers) == (b"\x1f\x9dabc", found.headers)
    with pytest.raises(CassetteError, match="content-encoding that is not known"):
        redact.clean(exchange)


def test_a_body_past_the_limit_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with what is not going to be kept."""
    monkeypatch.setattr("mockserver.upstream.capture.LIMIT", 10)
    found = capture()
    for _ in range(3):
        found.add(b"12345", 10.0)
    assert found.overflowed
    assert found.exchange().body == b""


@pytest.mark.parametrize(
    ("recorded", "now", "expected"),
    [
        ({"a": 1}, {"a": 2.5}, []),
        ({"a": 1}, {"a": None}, []),
        ({"a": None}, {"a": {"b": 1}}, []),
        ({"a": [1, 2]}, {"a": [3]}, []),
        ({"a": []}, {"a": [1]}, ["a[number]: new, not recorded"]),
        ({"a": "x"}, {}, ["a: recorded, now missing"]),
        (
            {"a": {"b": 1}},
            {"a": {"c": 1}},
            ["a.b: recorded, now missing", "a.c: new, not recorded"],
        ),
        ({"a": True}, {"a": 1}, ["a: recorded boolean, now number"]),
        ([1], {"a": 1}, ["body: recorded list, now object"]),
        (
            {"o": [{"type": "m", "x": 1}, {"type": "r"}]},
            {"o": [{"type": "r"}, {"type": "m"}]},
            ["o[m].x: recorded, now missing"],
        ),
        ({"o": [{"type": "m", "x": 1}, {"type": "m"}]}, {"o": [{"type": "m", "x": 2}]}, []),
    ],
)
def test_shapes_differ_in_keys_kinds_and_types(
    recorded: object, now: object, expected: list[str]
) -> None:
    """Values, order and number of entries are no differences; nor is what is null on a side."""
    one, other = Shape(), Shape()
    one.add(recorded)
    other.add(now)
    assert list(compare("", one, other)) == expected
