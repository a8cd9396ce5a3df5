"""What an interaction offers a server: safe headers, a plain body, events, frames and timings."""

from __future__ import annotations

import gzip
import importlib
import zlib
from types import ModuleType
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mockserver.cassette import CassetteError, Interaction, encoding, sse
from mockserver.cassette.exchange import Exchange
from mockserver.cassette.normalise import interaction

PLAIN = b'{"id": "resp_1", "text": "' + "häuser".encode() * 50 + b'"}'
ZIPPED = gzip.compress(PLAIN, mtime=0)
STREAM = (
    b': keep-alive\n\nevent: a\ndata: {"n": 1}\n\ndata: {"n": 2}\n\n'
    b'event: b\r\ndata: {"n":\r\ndata: 3}\r\n\r\ndata: [DONE]\n\n'
)


def length(value: object) -> str | None:
    """Name a parameter of bytes by its length."""
    return f"{len(value)} bytes" if isinstance(value, bytes) else None


def deflated(body: bytes, wbits: int) -> bytes:
    """Compress with or without the zlib wrapper."""
    deflator = zlib.compressobj(wbits=wbits)
    return deflator.compress(body) + deflator.flush()


def served(
    body: bytes = PLAIN, *headers: tuple[str, str], status: int = 200, **rest: Any
) -> Interaction:
    """Return an exchange made fit to serve, with its warnings raised as a list in ``rest``."""
    warnings = rest.pop("warnings", [])
    reason = rest.pop("reason", "OK")
    exchange = Exchange("POST", "http://h/v1/responses", (), b"", status, reason, headers, body)
    if "replay" in rest:
        exchange = Exchange(
            "POST", "http://h/", (), b"", status, reason, headers, body, rest["replay"]
        )
    return interaction(exchange, "a.yaml", 1, warnings.append)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("gzip", ZIPPED),
        ("x-gzip", gzip.compress(PLAIN[:9], mtime=0) + gzip.compress(PLAIN[9:], mtime=0)),
        ("deflate", deflated(PLAIN, zlib.MAX_WBITS)),
        ("deflate", deflated(PLAIN, -zlib.MAX_WBITS)),
        ("br", brotli.compress(PLAIN)),
        ("zstd", zstandard.ZstdCompressor().compress(PLAIN)),
        ("gzip, br", brotli.compress(ZIPPED)),
        ("br", ZIPPED),
        ("identity", PLAIN),
        ("gzip", PLAIN),
        ("deflate", PLAIN),
        ("br", PLAIN),
        ("zstd", PLAIN),
        ("aws-chunked", PLAIN),
        ("**REDACTED**", ZIPPED),
        ("gzip", b""),
    ],
    ids=length,
)
def test_a_body_is_plain_whatever_its_header_claims(name: str, raw: bytes) -> None:
    """The bytes decide: compressed ones are decompressed, plain ones kept, the header is gone."""
    found = served(raw, ("Content-Encoding", name), ("content-type", "application/json"))
    assert found.body == (PLAIN if raw else b"")
    assert found.headers == (("content-type", "application/json"),)


def test_a_compressed_body_without_its_header_is_plain_when_it_was_text() -> None:
    """A scrubbed header does not hide gzip, but a recorded archive stays an archive."""
    raw = ZIPPED
    assert served(raw).body == PLAIN
    assert served(raw, ("content-type", "application/json")).body == PLAIN
    assert served(raw, ("content-type", "application/gzip")).body == raw


@pytest.mark.parametrize(
    ("name", "raw", "message"),
    [
        ("gzip", ZIPPED[:-9], "cut off"),
        ("gzip", ZIPPED[:-8] + bytes(8), "damaged"),
        ("zstd", zstandard.ZstdCompressor().compress(PLAIN)[:-5], "cut off"),
        ("zstd", b"\x28\xb5\x2f\xfd" + b"\xff" * 30, "damaged"),
        ("br", brotli.compress(PLAIN)[:-3], "claims content-encoding 'br'"),
        ("br", b"\xff\xfe\x00", "claims content-encoding 'br'"),
        ("deflate", b"\xff\xfe\x00", "claims content-encoding 'deflate'"),
        ("aws-chunked", b"\xff\xfe\x00", "'aws-chunked' is not known"),
    ],
    ids=length,
)
def test_a_body_that_cannot_be_decompressed_is_refused(name: str, raw: bytes, message: str) -> None:
    """A cut or garbled body is never served as if it were whole."""
    with pytest.raises(CassetteError, match=message):
        served(raw, ("content-encoding", name))


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "aws-chunked"])
def test_an_image_that_was_decoded_before_recording_is_kept(name: str) -> None:
    """Bytes that were never meant as text need not look like text to be plain."""
    image = b"\x89PNG\r\n\x1a\n\x00\xff"
    assert served(image, ("content-encoding", name), ("content-type", "image/png")).body == image


@pytest.mark.parametrize(
    ("name", "package", "raw"),
    [
        ("br", "brotli", brotli.compress(PLAIN)),
        ("zstd", "zstandard", zstandard.ZstdCompressor().compress(PLAIN)),
    ],
    ids=length,
)
def test_a_missing_library_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, package: str, raw: bytes
) -> None:
    """Without the library the error says what to install; plain text needs none."""

    def none(module: str) -> ModuleType:
        raise ImportError(module)

    monkeypatch.setattr(importlib, "import_module", none)
    with pytest.raises(CassetteError, match=f"install the package '{package}'"):
        served(raw, ("content-encoding", name))
    assert served(PLAIN, ("content-encoding", name)).body == PLAIN


def test_a_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No body grows past the limit, in any encoding."""
    monkeypatch.setattr(encoding, "MAX_BODY", 1000)
    zeros = bytes(2000)
    for name, raw in (
        ("gzip", gzip.compress(zeros)),
        ("deflate", zlib.compress(zeros)),
        ("br", brotli.compress(zeros)),
        ("zstd", zstandard.ZstdCompressor().compress(zeros)),
    ):
        with pytest.raises(CassetteError, match="larger than"):
            served(raw, ("content-encoding", name))


def test_headers_of_the_recorded_connection_are_dropped() -> None:
    """Hop-by-hop headers, and those that Connection lists, are not sent again."""
    found = served(
        PLAIN,
        ("Connection", "keep-alive, X-Hop"),
        ("x-hop", "1"),
        ("Transfer-Encoding", "chunked"),
        ("Keep-Alive", "5"),
        ("Content-Length", "9"),
        ("Content-Type", "application/json"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("X-Request-Id", "req_1"),
    )
    assert found.headers == (
        ("Content-Type", "application/json"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("X-Request-Id", "req_1"),
    )


@pytest.mark.parametrize(
    "header", [("x", "a\r\nb: c"), ("x", "a\0"), ("x\n", "a"), (":status", "200"), ("", "a")]
)
def test_a_header_that_could_inject_another_is_dropped_with_a_warning(
    header: tuple[str, str],
) -> None:
    """Line ends and NUL never reach the wire; the reader says what it left out."""
    warnings: list[str] = []
    found = served(PLAIN, header, ("content-type", "application/json"), warnings=warnings)
    assert found.headers == (("content-type", "application/json"),)
    assert len(warnings) == 1
    assert "cannot be sent safely" in warnings[0]


def test_a_reason_phrase_that_could_inject_a_header_is_replaced() -> None:
    """The standard phrase stands in for a phrase with a line end, and for none."""
    warnings: list[str] = []
    assert served(reason="OK\r\nx: y", warnings=warnings).reason == "OK"
    assert served(reason="", status=404, warnings=warnings).reason == "Not Found"
    assert served(reason="", status=599, warnings=warnings).reason == ""
    assert len(warnings) == 1


@pytest.mark.parametrize("recorded", [(), (("content-type", "**REDACTED**"),)])
@pytest.mark.parametrize(
    ("body", "inferred"),
    [
        (b"event: a\ndata: {}\n\n", "text/event-stream; charset=utf-8"),
        (b"data: {}\n\n", "text/event-stream; charset=utf-8"),
        (b": hello\n\n", "text/event-stream; charset=utf-8"),
        (b'\n  {"a": 1}', "application/json"),
        (b"[1]", "application/json"),
        ("schön".encode(), "text/plain; charset=utf-8"),
        (b"\xff\xd8\xff", "application/octet-stream"),
    ],
)
def test_a_lost_or_redacted_content_type_is_inferred(
    recorded: tuple[tuple[str, str], ...], body: bytes, inferred: str
) -> None:
    """The body's beginning tells streams, JSON, text and other bytes apart."""
    assert served(body, *recorded).headers == (("content-type", inferred),)


def test_an_empty_answer_gets_no_content_type() -> None:
    """Where there is no body there is no type to name."""
    assert served(b"", status=204).headers == ()


def test_events_are_read_from_every_spelling_of_a_stream() -> None:
    """Comments, missing event lines, CRLF, split data and the end mark of chats are all taken."""
    assert sse.events(STREAM) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_frames_are_the_bytes_of_the_stream() -> None:
    """Each frame ends in a blank line, comments are frames, and the join is the body."""
    frames = sse.frames(STREAM)
    assert frames[0] == b": keep-alive\n\n"
    assert frames[3] == b'event: b\r\ndata: {"n":\r\ndata: 3}\r\n\r\n'
    assert len(frames) == 5
    assert b"".join(frames) == STREAM


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r", b"\n\n"])
def test_a_stream_cut_off_in_its_last_line_still_ends_in_a_blank_line(end: bytes) -> None:
    """The last frame is completed, so that a client dispatches what is there."""
    last = sse.frames(b"data: 1\n\ndata: 2" + end)[-1]
    assert last.startswith(b"data: 2")
    assert len(sse.frames(last + b"data: 3\n\n")) == 2


@given(st.lists(st.sampled_from([b"data: {}", b"\n", b"\r\n", b"\r", b":", b"event: x", b"x"])))
def test_frames_lose_no_byte_of_any_stream(pieces: list[bytes]) -> None:
    """However lines end, the frames give the body back, up to the blank line that ends it."""
    body = b"".join(pieces)
    joined = b"".join(sse.frames(body))
    assert joined.startswith(body.rstrip(b"\r\n")) if body.strip(b"\r\n") else joined == b""
    assert len(joined) <= len(body) + 2


def test_recorded_timings_become_seconds_before_each_frame() -> None:
    """Milliseconds per event are taken when they fit the body's events."""
    replay = {"t": "180 21 0.5 22 20", "events": 5, "recorded": "2026-11-22"}
    found = served(STREAM, ("content-type", "text/event-stream"), replay=replay)
    assert found.timings == (0.18, 0.021, 0.0005, 0.022, 0.02)


@pytest.mark.parametrize(
    "replay",
    [
        {"t": "180 21", "events": 2},
        {"t": "1 2 3 4 5", "events": 4},
        {"t": "1 2 3 4 x", "events": 5},
        {"t": "1 2 3 4 -5", "events": 5},
        {"t": "1 2 3 4 nan", "events": 5},
        {"t": "1 2 3 4 inf", "events": 5},
        {"t": [1, 2, 3, 4, 5], "events": 5},
        {"events": 5},
        "1 2 3 4 5",
    ],
)
def test_timings_that_do_not_fit_the_body_are_ignored_with_a_warning(replay: object) -> None:
    """An edited body switches its timings off instead of misplacing them."""
    warnings: list[str] = []
    found = served(STREAM, ("content-type", "text/event-stream"), replay=replay, warnings=warnings)
    assert found.timings == ()
    assert len(warnings) == 1


def test_a_plain_answer_is_one_frame_and_may_have_a_timing() -> None:
    """The wait for a JSON answer is kept like the wait for a stream's first event."""
    found = served(PLAIN, replay={"t": 950, "events": 1})
    assert (found.frames(), found.timings) == ([PLAIN], (0.95,))
    assert (found.is_stream, found.events) == (False, [])
