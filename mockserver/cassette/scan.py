"""Looking for secrets in a finished cassette, in every form in which a file can hide one.

This shares no list with the redaction, so that what one forgets the other finds (vcr §3.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from mockserver.cassette import decoded, json_document, yaml_document
from mockserver.cassette.errors import CassetteError

_SHAPES: Final[tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...]] = (
    (
        "an API key",
        ("sk-",),
        re.compile(r"(?<![A-Za-z0-9+/_-])sk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9_-]{20,}"),
    ),
    (
        "a bearer token",
        ("bearer", "Bearer", "BEARER"),
        re.compile(r"(?i)\bbearer\s+(?=[A-Za-z._~+/=-]*[0-9])[A-Za-z0-9._~+/=-]{20,}"),
    ),
    (
        "a JSON web token",
        ("eyJ",),
        re.compile(
            r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
        ),
    ),
    (
        "a session cookie",
        ("__cf_bm=", "_cfuvid="),
        re.compile(r"\b(?:__cf_bm|_cfuvid)=(?!\[redacted\])[^;\s\"']{8,}"),
    ),
    (
        "a cloud key",
        ("AKIA", "ASIA"),
        re.compile(r"(?<![A-Za-z0-9+/_-])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ),
    (
        "a repository token",
        ("gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_"),
        re.compile(
            r"(?<![A-Za-z0-9+/_-])(?:gh[oprsu]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})"
        ),
    ),
    ("a private key", ("-----BEGIN",), re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    (
        "a webhook secret",
        ("whsec_",),
        re.compile(r"(?<![A-Za-z0-9+/_-])whsec_[A-Za-z0-9+/]{20,}"),
    ),
)
"""Kinds of secrets: the words that one begins with, which are quick to look for, and its shape."""
_KNOWN: Final = "a value that was to be hidden"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A place that holds a secret, which is not told.

    ``path`` leads there, such as ``interactions[0].response.body.string, as base64``, or is
    ``line 7`` for text that is no value; ``kind`` says what it looks like.
    """

    path: str
    kind: str

    def __str__(self) -> str:
        return f"{self.path}: {self.kind}"


def find(raw: bytes, secrets: Iterable[str] = ()) -> list[Finding]:
    """Return the places of a cassette file that hold a secret, in order, each once.

    ``secrets`` are values to look for beside all that looks like a key. Raise CassetteError for a
    file that is neither YAML nor JSON: what it holds cannot be told.
    """
    needles = [secret for secret in secrets if secret]
    text = raw.decode("utf-8-sig", "replace")
    found: dict[Finding, None] = {}
    for path, value in _values(_parsed(text), ""):
        for form, plain in decoded.forms(value):
            for kind in _kinds(plain, needles):
                found[Finding(f"{path}{form}", kind)] = None
    if not found:  # what stands in a comment, or is cut by the file's own spelling
        for number, line in enumerate(text.split("\n"), 1):
            for kind in _kinds(line, needles):
                found[Finding(f"line {number}", kind)] = None
    return list(found)


def _parsed(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json_document.load(text).document
        except CassetteError:
            pass  # YAML in braces
    return yaml_document.load(text).document


def _values(node: Any, path: str) -> Iterator[tuple[str, str | bytes]]:
    """Yield every name and value of the file with its place."""
    if isinstance(node, dict):
        for name, value in node.items():
            inner = f"{path}.{name}" if path else str(name)
            yield f"a name in {path or 'the file'}", str(name)
            yield from _values(value, inner)
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _values(value, f"{path}[{position}]")
    elif isinstance(node, str | bytes):
        yield path, node
    elif node is not None:
        yield path, str(node)


def _kinds(text: str, needles: Iterable[str]) -> Iterator[str]:
    for needle in needles:
        if needle in text:
            yield _KNOWN
            break
    for kind, marks, shape in _SHAPES:
        if any(shape.match(text, at) for mark in marks for at in _places(mark, text)):
            yield kind


def _places(mark: str, text: str) -> Iterator[int]:
    """Yield where a text holds a mark, which is found far quicker than the shape it begins."""
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)
