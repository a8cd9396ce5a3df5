"""The scan finds what looks like a key in every form, and nothing in what does not."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mockserver.cassette import CassetteError, decoded, scan, writer
from mockserver.cassette.exchange import Exchange

SAMPLES = sorted((Path(__file__).parents[2] / "cassettes").glob("*.yaml"))
SECRETS = {
    "an API key": "sk-proj-" + "Ab3_" * 8,
    "a bearer token": "Bearer " + "aB3d" * 6,
    "a JSON web token": f"eyJ{'aB3d' * 4}.eyJ{'aB3d' * 4}.{'xY9-' * 4}",
    "a session cookie": "__cf_bm=aB3daB3daB3d",
    "a cloud key": "AKIAABCDEFGHIJ234567",
    "a repository token": "ghp_" + "aB3d" * 9,
    "a private key": "-----BEGIN RSA PRIVATE KEY-----",
    "a webhook secret": "whsec_" + "aB3d" * 6,
}


def b64(text: str) -> str:
    """Return a text in base64."""
    return base64.b64encode(text.encode()).decode()


FORMS: dict[str, tuple[Callable[[str], str], str]] = {
    "as it is": (lambda s: f"it is {s}, yes", ""),
    "in json": (lambda s: json.dumps({"a": [s]}), ", in JSON"),
    "escaped": (
        lambda s: '{"a": "' + "".join(f"\\u{ord(c):04x}" for c in s) + '"}',
        ", unescaped",
    ),
    "percent-encoded": (lambda s: "".join(f"%{ord(c):02x}" for c in s), ", percent-decoded"),
    "base64": (lambda s: b64(f"key: {s}"), ", as base64"),
    "base64 twice": (lambda s: b64(b64(f"key: {s}")), ", as base64, as base64"),
    "base64 in lines": (
        lambda s: base64.encodebytes(b"." * 45 + s.encode() + b"." * 45).decode(),
        ", as base64",
    ),
    "html": (lambda s: "".join(f"&#{ord(c)};" for c in s), ", unescaped from HTML"),
    "hex": (lambda s: f"key: {s}".encode().hex(), ", as hex"),
    "gzip in base64": (
        lambda s: base64.b64encode(gzip.compress(s.encode())).decode(),
        ", as base64, decompressed",
    ),
    "deltas": (
        lambda s: "".join(
            f'data: {{"type": "a.delta", "item_id": "x", "delta": {json.dumps(s[n : n + 4])}}}\n\n'
            for n in range(0, len(s), 4)
        ),
        ", in an event, put together",
    ),
    "tokens": (
        lambda s: json.dumps({"logprobs": [{"token": s[n : n + 4]} for n in range(0, len(s), 4)]}),
        ", in JSON, put together",
    ),
}


def cassette(body: bytes) -> bytes:
    """Return a cassette whose one answer has this body."""
    return writer.dump([Exchange("GET", "https://h/v1/x", (), b"", 200, "OK", (), body)])


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_found_in_every_form(kind: str, form: str) -> None:
    """The finding names the place, the form and the kind, and does not tell the secret."""
    write, told = FORMS[form]
    findings = scan.find(cassette(write(SECRETS[kind]).encode()))
    wanted = scan.Finding(f"interactions[0].response.body.string{told}", kind)
    assert wanted in findings
    assert SECRETS[kind][8:] not in str(findings)


@pytest.mark.parametrize("form", FORMS)
def test_a_value_of_the_run_is_found_in_every_form(form: str) -> None:
    """What does not look like a key is looked for by value."""
    value = "correct horse, battery"
    raw = cassette(FORMS[form][0](value).encode())
    assert scan.find(raw) == []
    assert {found.kind for found in scan.find(raw, [value])} == {"a value that was to be hidden"}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda s: json.dumps({"a": s}).encode("utf-16"), ", in wide characters"),
        (lambda s: json.dumps({"a": s}).encode("utf-32-be"), ", in wide characters"),
        (
            lambda s: b"--x\r\na: b\r\n\r\n" + gzip.compress(s.encode()) + b"\r\n--x--\r\n",
            ", in a part, decompressed",
        ),
    ],
    ids=["utf-16", "utf-32", "compressed upload"],
)
def test_a_secret_is_found_in_bytes(kind: str, write: Callable[[str], bytes], told: str) -> None:
    """Bodies that are no text are read as what they may be."""
    findings = scan.find(cassette(write(SECRETS[kind])))
    assert scan.Finding(f"interactions[0].response.body.string{told}", kind) in findings


def test_headers_addresses_and_names_are_scanned() -> None:
    """Every scalar of the file counts, and so does every key."""
    key = SECRETS["an API key"]
    exchange = Exchange(
        "GET", f"https://h/?k={key}", ((key, "1"),), b"", 200, "OK", (("x", key),), b""
    )
    assert [found.path for found in scan.find(writer.dump([exchange]))] == [
        "a name in interactions[0].request.headers",
        "interactions[0].request.uri",
        "interactions[0].response.headers.x[0]",
    ]


def test_a_comment_is_scanned() -> None:
    """A key that a person wrote beside the recording is told by its line."""
    raw = b"# " + SECRETS["an API key"].encode() + b"\n" + writer.dump([])
    assert [str(found) for found in scan.find(raw)] == ["line 1: an API key"]


def test_json_cassettes_are_scanned() -> None:
    """The other serialisation of a cassette has the same paths."""
    raw = cassette(SECRETS["a cloud key"].encode())
    again = json.dumps(yaml.safe_load(raw)).encode()
    assert scan.find(again) == scan.find(raw) != []


def test_what_is_no_cassette_is_refused() -> None:
    """A file that cannot be read cannot be called clean."""
    with pytest.raises(CassetteError, match="this is not YAML"):
        scan.find(b"interactions: [")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_ordinary_recordings_raise_no_alarm(path: Path) -> None:
    """The cassettes of this project hold no secret."""
    assert scan.find(path.read_bytes()) == []


@pytest.mark.parametrize(
    "text",
    [
        "the bearer of this letter and the authentication of bearer tokens",
        f"gAAAAAB{'x9' * 20}/sk-{'a1' * 20}",
        "sk-[redacted] and Bearer [redacted], __cf_bm=[redacted]",
        "task-management-and-other-long-words-with-dashes",
    ],
)
def test_words_raise_no_alarm(text: str) -> None:
    """Prose, placeholders, and blobs in which a key's first letters turn up by chance."""
    assert scan.find(cassette(text.encode())) == []


def test_deep_wrapping_is_bounded() -> None:
    """Codes within codes are undone so often and no more; a scan ends."""
    text = "x" * 40
    for _ in range(12):
        text = b64(text)
    assert len(list(decoded.forms(text))) < 200
