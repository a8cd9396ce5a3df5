"""Hiding inside forms that are uploads: part by part, files as they are."""

from __future__ import annotations

import re
from typing import Final

from mockserver.cassette.redact import document, pseudonym
from mockserver.cassette.redact.rules import Rules
from mockserver.cassette.redact.shapes import PLACEHOLDER

_BOUNDARY: Final = re.compile(rb"--([^\r\n]{1,70})\r?\n")
_NAME: Final = re.compile(r'\bname="?([^";\r\n]*)"?', re.IGNORECASE)


def upload(body: bytes, known: Rules) -> bytes | None:
    """Hide what the parts of a multipart body hold; None when the body is no such form."""
    opening = _BOUNDARY.match(body)
    if opening is None:
        return None
    delimiter = b"\r\n--" + opening.group(1)
    pieces = (b"\r\n" + body).split(delimiter)
    return delimiter.join(_piece(piece, known) for piece in pieces)[2:]


def plain(body: bytes, known: Rules) -> bytes:
    """Hide what bytes of an unknown kind hold: JSON or text by meaning, others by value."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return known.raw(body)
    return document.string(text, known).encode()


def _piece(piece: bytes, known: Rules) -> bytes:
    head, blank, content = piece.partition(b"\r\n\r\n")
    if not blank:
        return plain(piece, known)
    name = _NAME.search(head.decode("utf-8", "replace"))
    return plain(head, known) + blank + _content(name.group(1) if name else "", content, known)


def _content(name: str, content: bytes, known: Rules) -> bytes:
    if known.hides((name,)) and content:
        return PLACEHOLDER.encode()
    if name and known.covers((name.partition("[")[0],)):
        return pseudonym.of_text(content.decode("utf-8", "replace")).encode()
    return plain(content, known)
