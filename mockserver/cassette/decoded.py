"""Every form in which a value can be read: unescaped, unpacked, put together."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import unquote_plus

from mockserver.cassette import encoding, sse
from mockserver.cassette.errors import CassetteError

MAX_DEPTH: Final = 5
"""How many encodings within one another are undone."""

_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_WRAPPED: Final = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{40,}+\r?\n)++[A-Za-z0-9+/_-]*={0,2}"
)
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_BOUNDARY: Final = re.compile(rb"--[^\r\n]{1,70}(?=\r?\n)")
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\(/)")
_PLACE: Final = ("type", "item_id", "output_index", "content_index", "summary_index")
_SHORTEST_CODE: Final = 12
"""No secret is so short that fewer characters could encode it."""
_SHORTEST_LEAF: Final = 8
"""No secret is shorter; what is, counts only put together with others."""
_LONGEST_PIECE: Final = 200
_WIDEST: Final = 5
"""Text of which more than one byte in so many is zero has characters of two or four bytes."""
_COMPRESSED: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


def forms(value: str | bytes) -> Iterator[tuple[str, str]]:
    """Yield a value and all that it decodes to; the name of each form begins with a comma.

    The form of the value itself has an empty name. Bytes that are no text come as Latin-1.
    """
    seen: set[str] = set()
    waiting: list[tuple[str, str | bytes, int]] = [("", value, 0)]
    while waiting:
        name, found, depth = waiting.pop()
        text, whole = (found, True) if isinstance(found, str) else _text(found)
        if text in seen:
            continue
        seen.add(text)
        yield name, text
        if depth == MAX_DEPTH:
            continue
        plain = None if isinstance(found, str) else _unpacked(found)
        if plain is not None:
            waiting.append((f"{name}, decompressed", plain, depth + 1))
        elif whole:
            waiting += [(f"{name}{how}", inner, depth + 1) for how, inner in _inner(text)]
        if text.count("\0") * _WIDEST > len(text):
            waiting.append((f"{name}, in wide characters", text.replace("\0", ""), depth + 1))
        if not isinstance(found, str):
            waiting += [(f"{name}{how}", inner, depth + 1) for how, inner in _parts(found)]


def _inner(text: str) -> Iterator[tuple[str, str | bytes]]:
    if "%" in text or ("+" in text and "&" in text):
        yield ", percent-decoded", unquote_plus(text)
    if "\\" in text:
        yield ", unescaped", _ESCAPE.sub(_unescaped, text)
    if "&#" in text:
        yield ", unescaped from HTML", html.unescape(text)
    if text[:1] in ("{", "[", '"'):
        yield from _json(text)
    if "data:" in text:
        yield from _stream(text.encode("utf-8", "surrogatepass"))
    if len(text) >= _SHORTEST_CODE:
        for word in dict.fromkeys(_BASE64.findall(text)):
            yield from _base64(word)
        if "\n" in text:
            for lines in dict.fromkeys(_WRAPPED.findall(text)):
                yield from _base64("".join(lines.split()))
        for word in dict.fromkeys(_HEX.findall(text)):
            yield ", as hex", bytes.fromhex(word)


def _text(raw: bytes) -> tuple[str, bool]:
    """Return bytes as text, and whether they are text, which may be a code for something else."""
    try:
        return raw.decode(), True
    except UnicodeDecodeError:
        return raw.decode("latin-1"), False


def _parts(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the contents of an upload's parts."""
    boundary = _BOUNDARY.match(raw)
    if boundary is not None:
        for part in raw.split(boundary.group())[1:]:
            yield ", in a part", part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


def _unpacked(raw: bytes) -> bytes | None:
    """Undo a compression: one with a mark of its own, or one that no text could be mistaken for."""
    try:
        if raw.startswith(_COMPRESSED):
            return encoding.decode(raw, [], textual=True)
        if not raw.isascii():
            for name in ("deflate", "br"):
                plain = encoding.decode(raw, [name], textual=False)
                if plain != raw:
                    return plain
    except CassetteError:
        pass
    return None


def _unescaped(match: re.Match[str]) -> str:
    digits = match.group(1) or match.group(2)
    return chr(int(digits, 16)) if digits else "/"


def _json(text: str) -> Iterator[tuple[str, str]]:
    try:
        root = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from _told([root], ", in JSON")


def _stream(raw: bytes) -> Iterator[tuple[str, str]]:
    yield from _told(sse.events(raw), ", in an event")


def _told(documents: Iterable[Any], where: str) -> Iterator[tuple[str, str]]:
    """Yield every string of some JSON, and what short ones say when they are put together."""
    texts: dict[str, list[str]] = {}
    for document in documents:
        kind = ""
        if isinstance(document, dict):
            kind = " ".join(str(document.get(name)) for name in _PLACE)
        for path, leaf in _leaves(document):
            if len(leaf) >= _SHORTEST_LEAF:
                yield where, leaf
            if path and len(leaf) <= _LONGEST_PIECE:
                texts.setdefault(f"{kind} {path}", []).append(leaf)
    for pieces in texts.values():
        if len(pieces) > 1:
            yield f"{where}, put together", "".join(pieces)


def _leaves(root: Any) -> Iterator[tuple[str, str]]:
    """Yield every string with the keys that lead to it, and every key with no path."""
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        path, found = waiting.pop()
        if isinstance(found, dict):
            where = f"{path}#{found.get('index', '')}"
            for name, value in reversed(found.items()):
                waiting.append((f"{where}.{name}", value))
                yield "", name
        elif isinstance(found, list):
            waiting += [(path, value) for value in reversed(found)]
        elif isinstance(found, str):
            yield path or ".", found


def _base64(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield what base64 stands for, in both alphabets and wherever its groups of four begin."""
    standard = text.rstrip("=").replace("-", "+").replace("_", "/")
    for skipped in range(4):
        piece = standard[skipped : len(standard) - (len(standard) - skipped) % 4]
        rest = standard[skipped:]
        padded = rest + "=" * (-len(rest) % 4)
        try:
            yield ", as base64", base64.b64decode(padded if skipped == 0 else piece)
        except (binascii.Error, ValueError):
            continue
