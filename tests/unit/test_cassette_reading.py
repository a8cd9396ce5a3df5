"""Reading cassettes: every form in which vcrpy and its relatives write an interaction."""

from __future__ import annotations

import base64
import gzip
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.cassette import CassetteError, Interaction, read
from mockserver.cassette.dialects import DIALECTS, Dialect, dialect
from mockserver.cassette.dialects.vcrpy import VcrPy
from mockserver.cassette.parsed import Parsed
from mockserver.cassette.yaml_document import load

STREAM = """\
interactions:
- request:
    body: '{"model":"gpt-4.1","stream":true,"input":"hi"}'
    headers: {content-type: [application/json]}
    method: POST
    uri: https://api.openai.com/v1/responses?beta=true
  response:
    body:
      string: 'event: response.created

        data: {"type":"response.created","sequence_number":0}


        '
    headers: {content-type: [text/event-stream; charset=utf-8], transfer-encoding: [chunked]}
    status: {code: 200, message: OK}
version: 1
"""

REQUEST = "request: {method: POST, uri: 'https://api.openai.com/v1/responses', body: '{}'}"


def cassette(path: Path, response: str, request: str = REQUEST, end: str = "version: 1") -> Path:
    """Write a cassette of one interaction, whose sides are given as YAML."""
    file = path / "cassette.yaml"
    file.write_text(f"interactions:\n- {request}\n  {response}\n{end}\n", encoding="utf-8")
    return file


def only(file: Path) -> Interaction:
    """Return the one interaction of a file."""
    (interaction,) = read(file, strict=True)
    return interaction


def test_a_stream_recorded_by_an_httpx_client_is_read(tmp_path: Path) -> None:
    """The request, the place in the file and the events come out as they were recorded."""
    file = tmp_path / "stream.yaml"
    file.write_text(STREAM, encoding="utf-8")
    found = only(file)
    assert (found.file, found.number) == (file.as_posix(), 1)
    assert (found.method, found.path, found.query) == ("POST", "/v1/responses", "beta=true")
    assert found.request_body == b'{"model":"gpt-4.1","stream":true,"input":"hi"}'
    assert (found.status, found.reason, found.is_stream) == (200, "OK", True)
    assert found.events == [{"type": "response.created", "sequence_number": 0}]
    assert found.headers == (("content-type", "text/event-stream; charset=utf-8"),)


@pytest.mark.parametrize("tag", ["!!binary", "!binary"])
def test_a_body_kept_compressed_is_decompressed(tmp_path: Path, tag: str) -> None:
    """Raw gzip bytes under either binary tag are served as the JSON they hold."""
    raw = base64.b64encode(gzip.compress(b'{"id": "resp_1"}')).decode()
    file = cassette(
        tmp_path,
        f"response: {{body: {{string: {tag} {raw}}}, headers: {{content-encoding: [gzip]}}, "
        "status: {code: 200, message: OK}}",
    )
    found = only(file)
    assert found.document == {"id": "resp_1"}
    assert found.headers == (("content-type", "application/json"),)


def test_a_body_decoded_before_recording_stays_as_it_is(tmp_path: Path) -> None:
    """A left-behind encoding header and the compressed length are dropped, the text is kept."""
    file = cassette(
        tmp_path,
        """response: {body: {string: '{"id":"resp_1"}'}, headers: {Content-Encoding: [gzip], """
        "Content-Length: ['212']}, status: {code: 200, message: OK}}",
    )
    found = only(file)
    assert found.body == b'{"id":"resp_1"}'
    assert found.headers == (("content-type", "application/json"),)


def test_parsed_bodies_are_read_beside_plain_ones(tmp_path: Path) -> None:
    """pydantic-ai's data becomes JSON on both sides, and plain sides in the same file stay."""
    file = tmp_path / "mixed.yaml"
    file.write_text(
        "interactions:\n"
        "- request: {method: POST, uri: 'http://h/v1/responses', parsed_body: {model: é}}\n"
        "  response: {parsed_body: {id: resp_1}, status: {code: 200, message: OK}}\n"
        "- request: {method: GET, uri: 'http://h/v1/models', body: ''}\n"
        "  response: {body: {string: plain}, status: {code: 404, message: ''}}\n"
        "version: 1\n",
        encoding="utf-8",
    )
    parsed, plain = read(file, strict=True)
    assert parsed.request_body == '{"model":"é"}'.encode()
    assert parsed.body == b'{\n  "id": "resp_1"\n}'
    assert (plain.body, plain.reason, plain.document) == (b"plain", "Not Found", None)


def test_parsed_bodies_may_have_numbers_for_keys(tmp_path: Path) -> None:
    """YAML keys that are no text become text, as JSON wants them."""
    file = cassette(tmp_path, "response: {parsed_body: {1: a, b: 2}, status: {code: 200}}")
    assert only(file).document == {"1": "a", "b": 2}


def test_a_new_dialect_is_read_once_it_is_defined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subclass registers itself, and refines the dialect it derives from."""
    monkeypatch.setattr(dialect, "DIALECTS", dict(DIALECTS))

    class Shouting(VcrPy):
        name = "shouting"

        def claims(self, file: Parsed) -> bool:
            return super().claims(file) and file.document.get("style") == "shouting"

        def body(self, response: dict[str, Any]) -> bytes:
            return super().body(response).upper()

    response = "response: {body: {string: hello}, status: {code: 200}}"
    assert only(cassette(tmp_path, response)).body == b"hello"
    file = cassette(tmp_path, response, end="style: shouting\nversion: 1")
    assert only(file).body == b"HELLO"
    with pytest.raises(TypeError, match="'shouting' is registered already"):
        type("Other", (Dialect,), {"name": "shouting"})


def test_the_old_httpx_form_is_read(tmp_path: Path) -> None:
    """``content`` and ``status_code`` of vcrpy before version 6 make the same interaction."""
    file = cassette(
        tmp_path,
        """response: {content: '{"id": 1}', http_version: HTTP/1.1, status_code: 201, """
        "headers: {content-encoding: [gzip]}}",
    )
    found = only(file)
    assert (found.status, found.reason, found.document) == (201, "Created", {"id": 1})


def test_a_mapping_as_request_body_becomes_json(tmp_path: Path) -> None:
    """What aiohttp's ``json=`` left in the file is the JSON it was sent as."""
    request = (
        "request: {method: POST, uri: 'http://h/v1/responses', headers: {}, "
        "body: {input: hi, stream: true, n: null}}"
    )
    file = cassette(tmp_path, "response: {body: {string: ''}, status: {code: 200}}", request)
    assert json.loads(only(file).request_body) == {"input": "hi", "stream": True, "n": None}


@pytest.mark.parametrize("module", ["multidict._multidict", "multidict._istr"])
@pytest.mark.parametrize("maker", ["new", "apply"])
def test_header_names_of_aiohttp_s_own_type_are_text(
    tmp_path: Path, module: str, maker: str
) -> None:
    """The tag that stock vcrpy refuses is accepted as the plain string that it stands for."""
    response = (
        "response:\n    body: {string: '{}'}\n    status: {code: 200, message: OK}\n"
        f"    headers:\n      ? !!python/object/{maker}:{module}.istr\n      - X-Answer\n"
        "      : - one\n        - two"
    )
    found = only(cassette(tmp_path, response))
    assert found.headers[:2] == (("X-Answer", "one"), ("X-Answer", "two"))


@pytest.mark.parametrize(
    "body",
    [
        "!!python/object/new:_io.BytesIO {state: !!python/tuple [!!binary aGVsbG8=, 0, null]}",
        "!!python/object/apply:builtins.iter {args: [[!!binary aGVs, lo]], state: 0}",
        "!!python/unicode hello",
        "!!python/str hello",
    ],
)
def test_request_bodies_of_harmless_python_types_are_bytes(tmp_path: Path, body: str) -> None:
    """Files, iterators and strings that vcrpy tagged are read as their content."""
    request = f"request: {{method: POST, uri: 'http://h/v1/files', body: {body}}}"
    file = cassette(tmp_path, "response: {body: {string: ''}, status: {code: 200}}", request)
    assert only(file).request_body == b"hello"


def test_json_cassettes_are_read(tmp_path: Path) -> None:
    """vcrpy's JSON serializer is read by suffix, and by its brace under any other name."""
    text = json.dumps(
        {
            "version": 1,
            "interactions": [
                {
                    "request": {"method": "POST", "uri": "http://h/v1/responses", "body": "{}"},
                    "response": {
                        "status": {"code": 200, "message": "OK"},
                        "headers": {"Content-Type": ["application/json"]},
                        "body": {"string": '{"é": 1}'},
                    },
                }
            ],
        }
    )
    for name in ("a.json", "b.yaml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        assert only(file).document == {"é": 1}


def test_a_missing_version_is_a_warning_and_an_error_when_strict(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Without its last line a file may be cut off; strict reading refuses it."""
    file = cassette(tmp_path, "response: {body: {string: ''}, status: {code: 200}}", end="")
    with caplog.at_level(logging.WARNING):
        assert len(read(file)) == 1
    assert "may be cut off" in caplog.text
    with pytest.raises(CassetteError, match="may be cut off"):
        read(file, strict=True)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    """A file saved by a Windows editor reads like the original."""
    file = tmp_path / "windows.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + STREAM.replace("\n", "\r\n").encode())
    assert len(only(file).events) == 1


def test_an_empty_list_of_interactions_is_a_whole_cassette(tmp_path: Path) -> None:
    """A recording in which nothing was asked is no damage."""
    file = tmp_path / "nothing.yaml"
    file.write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    assert read(file, strict=True) == []


def test_unquoted_header_values_come_back_as_written(tmp_path: Path) -> None:
    """Numbers, booleans, dates and nothing are text in a header."""
    file = cassette(
        tmp_path,
        "response: {body: {string: ''}, status: {code: 200}, headers: "
        "{a: 12, b: true, c: 2026-01-02, d: null, e: [1.5, x]}}",
    )
    assert only(file).headers == (
        ("a", "12"),
        ("b", "true"),
        ("c", "2026-01-02"),
        ("d", ""),
        ("e", "1.5"),
        ("e", "x"),
    )


DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(DATA)
def test_yaml_is_read_as_pyyaml_reads_it(value: object) -> None:
    """For data of every kind the guarded reader and PyYAML's safe loader agree."""
    import yaml

    text = yaml.dump(value, Dumper=yaml.CSafeDumper, allow_unicode=True)
    assert load(text).document == yaml.load(text, Loader=yaml.CSafeLoader)


WORDS = """
- [~, null, Null, yes, No, on, OFF, y, n, true, False]
- [1, -0, +12, 1_000, 017, 0x1F, 0b11, 1:30, 00, 0o17, 0x]
- [1.5, .5, 1e3, 1.0e+3, 12e03, .inf, -.INF, 1.2.3, 1:30.5]
- [a<<b, 'x', "y", a=b, "", !!str 1, !!int '7', !!float 2, !!bool yes]
"""


def test_plain_words_resolve_as_in_pyyaml() -> None:
    """Unquoted words become the same nulls, booleans, numbers and texts."""
    import yaml

    assert repr(load(WORDS).document) == repr(yaml.safe_load(WORDS))


def test_yaml_is_read_alike_without_the_c_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where libyaml is missing, PyYAML's own parser gives the same data."""
    import yaml

    with_c = load(STREAM)
    monkeypatch.setattr("mockserver.cassette.yaml_document._LOADER", yaml.SafeLoader)
    assert load(STREAM).document == with_c.document
